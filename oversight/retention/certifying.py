"""The look at everything a run went through, and the certificate it ends with (EVI-03).

The look is the same before anything is switched on: then it is the preview. A certificate says what was deleted, by
which version of a schedule, as of when, what holds kept, and whether anything was left; the ledger holds the same.
"""

from collections import Counter
from typing import Any, NamedTuple

from core import canonical
from core.database import Reader, Tx
from ledger import service as ledger
from ledger.entries import Entry
from oversight.retention import holds, store
from oversight.retention.deleting import LOOK, is_due, under_way
from oversight.retention.emptying import store as emptying
from oversight.retention.errors import CertificateNotFoundError
from oversight.retention.periods import Terms
from oversight.retention.store import DeletedRow, RunRow


class Seen(NamedTuple):
    """What was found up to ``position``: records due and not held, and how many each hold keeps.

    Up to ``clear_to`` nothing stands any more; ``oldest`` is from when the oldest record that is due counts.
    """

    position: str = ""
    due: int = 0
    held: tuple[tuple[str, int], ...] = ()
    clear_to: str = ""
    clear: bool = True
    oldest: int | None = None

    @property
    def held_by(self) -> dict[str, int]:
        """Return how many records each hold keeps."""
        return dict(self.held)

    @property
    def kept_back(self) -> int:
        """Return how many records are held."""
        return sum(number for _, number in self.held)


async def look(tx: Reader, tenant: str, sort: str, terms: Terms, seen: Seen, end: str) -> tuple[Seen, bool]:
    """Look at the next records before the id ``end``; tell whether there are more."""
    standing = await holds.standing(tx, tenant)
    found = await emptying.page(tx, sort, seen.position, end, LOOK)
    held = Counter(seen.held_by)
    for one in found:
        stands = one.tenant == tenant and one.kept
        clear = seen.clear and not stands
        seen = seen._replace(clear=clear, clear_to=one.id if clear else seen.clear_to, position=one.id)
        if not is_due(one, tenant, terms) or one.at is None:
            continue
        hold = standing.on(sort, one.id, one.subject)
        if hold is not None:
            held[hold] += 1
        else:
            oldest = one.at if seen.oldest is None else min(seen.oldest, one.at)
            seen = seen._replace(due=seen.due + 1, oldest=oldest)
    return seen._replace(held=tuple(sorted(held.items()))), len(found) == LOOK


async def certify(tx: Tx, tenant: str, run_id: str, seen: Seen, now: int) -> RunRow | None:
    """End a run with its certificate; nothing where it deleted nothing and holds keep what they kept before."""
    run = await under_way(tx, tenant, run_id)
    held = canonical.dumps(seen.held_by).decode()
    last = await store.last_run(tx, tenant, run.record_type)
    if not run.deleted and held == ("{}" if last is None else last.held):
        await store.drop_run(tx, run)
        return None
    run = run._replace(held=held, clear_to=seen.clear_to or run.begins, verified_at=now if not seen.due else None)
    said = {**document(run), "left": seen.due}
    run = run._replace(seq=ledger.append(tx, Entry("deletion.certified", tenant, now, said)))
    store.put_run(tx, run)
    return run


def document(run: RunRow) -> dict[str, Any]:
    """Return what a certificate says, as its ledger entry says it; instants in microseconds."""
    return {
        "certificate": run.id,
        "record_type": run.record_type,
        "schedule_version": run.schedule_version,
        "periods": canonical.loads(run.periods),
        "as_of": run.as_of,
        "cut_off": run.cut_off,
        "after": run.begins,
        "up_to": run.position,
        "deleted": run.deleted,
        "first": run.first,
        "last": run.last,
        "sha256": run.digest.hex(),
        "held": canonical.loads(run.held),
        "verified_at": run.verified_at,
    }


async def certificate(tx: Reader, tenant: str, run_id: str) -> RunRow:
    """Return a certificate. Raises ``CertificateNotFoundError``."""
    run = await store.run(tx, tenant, run_id)
    if run is None or run.seq is None:
        raise CertificateNotFoundError
    return run


async def remains(tx: Reader, tenant: str, sort: str, record: str) -> list[DeletedRow]:
    """Return what remains of a record, each deletion with its ledger entry."""
    return await store.remains(tx, tenant, sort, record)


def digests_of(row: DeletedRow) -> dict[str, str]:
    """Return the SHA-256 of what stood in a record, by the names of its parts."""
    found: dict[str, str] = canonical.loads(row.remains)
    return found
