"""Who looked at whose record, and why: every reading of a person's record is an entry of the log (EVI-05; GDPR 32)."""

from typing import Final

from core import subjects
from core.database import Tx
from core.errors import InvalidError
from core.keys import KeyRing
from core.principal import Principal
from ledger import service as ledger
from ledger.entries import Entry

REASONS: Final = {
    "customer-asked": "The person asked us something",
    "rights-request": "A request about the person's rights",
    "complaint": "A complaint",
    "evidence": "Proof for a regulator or a court",
    "audit": "An audit",
    "incident": "An incident",
}


async def look(
    tx: Tx, keyring: KeyRing, by: Principal, subject: bytes, what: str, reason: str, now: int, seq: int | None = None
) -> int:
    """Record that somebody reads a person's record and return the entry's number.

    ``what`` is a word for the page, ``seq`` the entry it is about. An erased person is named by nothing any more.
    Raises ``InvalidError`` for a reason that is not in the list.
    """
    if reason not in REASONS:
        raise InvalidError.field("/reason", "choose one of the reasons")
    public = {"by": by.id, "by_role": by.role.value, "what": what, "reason": reason, "entry": seq}
    dek = await subjects.data_key(tx, keyring, by.tenant, subject)
    if dek is None:
        return ledger.append(tx, Entry("record.viewed", by.tenant, now, public))
    return ledger.append(tx, Entry("record.viewed", by.tenant, now, public, subject), dek)


def exported(tx: Tx, by: Principal, what: str, narrowed: str, rows: int, sha256: str, now: int) -> int:
    """Record that somebody took a list away: of what, narrowed how, how many rows, and the file's digest."""
    public = {"by": by.id, "by_role": by.role.value, "what": what, "narrowed": narrowed, "rows": rows, "sha256": sha256}
    return ledger.append(tx, Entry("records.exported", by.tenant, now, public))
