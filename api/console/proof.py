"""The inclusion proof of an entry, fetched and checked on the spot, step by step (RFC 9162; C2SP checkpoints)."""

from typing import NamedTuple

from api.state import AppState
from ledger import service as ledger
from ledger.checkpoints import open_checkpoint
from ledger.errors import NotSealedYetError
from ledger.note import NoteError
from ledger.service import InclusionProof
from ledger.tree import ProofError, check_inclusion, leaf_hash


class Checked(NamedTuple):
    """What checking a proof came to; ``good`` is nothing while the entry waits for its first checkpoint."""

    good: bool | None
    steps: tuple[str, ...]
    leaf: str = ""
    root: str = ""
    size: int = 0
    body: str = ""


async def checked(state: AppState, tenant: str, seq: int) -> Checked:
    """Fetch and check the proof of a tenant's entry. Raises ``EntryNotFoundError``."""
    try:
        found = await state.db.read(ledger.prove, tenant, seq)
    except NotSealedYetError:
        return Checked(None, ("The entry is written. Its first checkpoint is signed within a second.",))
    return _check(state, found)


def _check(state: AppState, found: InclusionProof) -> Checked:
    leaf = leaf_hash(found.entry.encode())
    steps = [f"The entry's text hashes to the leaf {leaf.hex()[:16]}…"]
    known = ledger.verifiers(state.keyring, state.settings.ledger.origin)
    try:
        checkpoint = open_checkpoint(found.checkpoint, state.settings.ledger.origin, known)
        steps.append(f"The checkpoint of {checkpoint.size:,} entries is signed by this log's key.")
        check_inclusion(found.leaf_index, checkpoint.size, leaf, found.hashes, checkpoint.root)
        steps.append(f"{len(found.hashes)} hashes lead from the leaf to the signed root {checkpoint.root.hex()[:16]}…")
    except (NoteError, ProofError, ValueError) as error:
        return Checked(False, (*steps, f"It does not hold: {error}."), leaf.hex(), "", 0, found.entry)
    return Checked(True, tuple(steps), leaf.hex(), checkpoint.root.hex(), checkpoint.size, found.entry)
