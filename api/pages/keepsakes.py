"""A receipt as a file to keep: with its proof and the keys, all that ``candor_verify.py`` checks without us."""

from base64 import b64encode
from typing import Any

from api.pages.arrival import Arrival
from consent import status, store
from core.database import Reader
from ledger.export import public_keys
from ledger.service import InclusionProof


async def receipt_file(arrival: Arrival, receipt: str) -> dict[str, Any] | None:
    """Return one of the visitor's own receipts, or nothing if there is no such one.

    Raises ``NotSealedYetError`` in the moment before its first checkpoint.
    """
    subject = arrival.subject

    async def work(tx: Reader) -> tuple[str, InclusionProof] | None:
        row = await store.receipt(tx, receipt)
        if row is None or subject is None or (row.tenant, row.subject) != (arrival.tenant, subject.pseudonym):
            return None
        return await status.proof(tx, receipt)

    found = await arrival.state.db.read(work)
    if found is None:
        return None
    token, proof = found
    keys = public_keys(arrival.state.keyring, arrival.state.settings.ledger.origin)
    return {
        "receipt": token,
        "proof": {**proof._asdict(), "hashes": [b64encode(one).decode() for one in proof.hashes]},
        "keys": {"keys": keys["keys"]},
        "vkey": keys["vkeys"][-1],
    }
