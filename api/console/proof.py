"""The inclusion proof of an entry, fetched and checked on the spot, step by step (RFC 9162; C2SP checkpoints)."""

from random import Random
from typing import NamedTuple

from api.state import AppState
from ledger import service as ledger
from ledger.checkpoints import Checkpoint, open_checkpoint
from ledger.errors import EntryNotFoundError, NotSealedYetError
from ledger.note import NoteError
from ledger.service import InclusionProof
from ledger.tree import ProofError, check_consistency, check_inclusion, leaf_hash

_SAMPLE = 25


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


async def log_checked(state: AppState, tenant: str, chance: Random) -> Checked:
    """Check the whole log's newest seal: signature, root, that it adds to the first seal; and entries taken by chance.

    Every single entry is re-hashed by ``candor verify``, which takes its time.
    """
    sealed = await state.db.read(ledger.latest_checkpoint)
    if sealed is None:
        return Checked(None, ("No checkpoint is signed yet. The first is signed within a second of the first entry.",))
    origin, known = state.settings.ledger.origin, ledger.verifiers(state.keyring, state.settings.ledger.origin)
    steps: list[str] = []
    try:
        newest = open_checkpoint(sealed.note, origin, known)
        steps.append(f"The newest checkpoint, of {newest.size:,} entries, is signed by this log's key.")
        await _leads_to(state, newest)
        steps.append(f"The stored tree leads to the signed root {newest.root.hex()[:16]}…")
        first = (await state.db.read(ledger.checkpoints, 0, 1))[0]
        oldest = open_checkpoint(first.note, origin, known)
        hashes = await state.db.read(ledger.consistency, oldest.size, newest.size)
        check_consistency(oldest.size, newest.size, hashes, oldest.root, newest.root)
        steps.append(f"It adds to the first checkpoint, of {oldest.size:,} entries, and takes nothing away from it.")
        number = await _sampled(state, tenant, newest.size, chance)
        steps.append(f"{number:,} of your entries, taken by chance, hash to leaves that lead to a signed root.")
    except (NoteError, ProofError, ValueError) as error:
        return Checked(False, (*steps, f"It does not hold: {error}."))
    return Checked(True, tuple(steps), "", newest.root.hex(), newest.size)


async def _leads_to(state: AppState, signed: Checkpoint) -> None:
    """Raise ``ProofError`` unless the stored tree has the root that was signed."""
    if await state.db.read(ledger.root, signed.size) != signed.root:
        raise ProofError("the stored tree has another root")


async def _sampled(state: AppState, tenant: str, size: int, chance: Random) -> int:
    """Prove entries taken by chance; another tenant's are passed over. Raises ``ProofError``."""
    number = 0
    for seq in sorted(chance.sample(range(size), min(size, _SAMPLE))):
        try:
            found = await checked(state, tenant, seq)
        except EntryNotFoundError:
            continue
        if found.good is False:
            raise ProofError(f"entry {seq:,} is not in the tree")
        number += 1
    return number
