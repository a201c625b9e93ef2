"""Deleting what has run its course, in small steps, and the certificate of it (EVI-03; GDPR Art. 5(1)(e), (2)).

A run is fixed to one instant and one version of a schedule. Each step looks at holds and empties a few records in one
transaction with its ledger entry ``records.deleted``, so a killed run goes on where it stood. In the end every record
of the range is looked at again; only then a certificate is written, and the ledger says so.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final

from core import canonical, ids
from core.database import Reader, Tx
from disclosures.packs.loading import PackSet
from disclosures.resolution import legal_day
from ledger import service as ledger
from ledger.entries import Entry
from oversight.retention import holds, minimums, schedules, store
from oversight.retention.emptying import store as emptying
from oversight.retention.emptying.store import Candidate, Part
from oversight.retention.errors import CertificateNotFoundError
from oversight.retention.periods import Terms
from oversight.retention.schedules import Wish
from oversight.retention.sorts import SORTS
from oversight.retention.store import DeletedRow, RunRow

STEP: Final = 50  # records in a transaction: it holds up writers for milliseconds
LOOK: Final = 500  # records looked at in one go
_MILLISECOND = 1000


def terms_of(packs: PackSet, record_type: str, wish: Wish, as_of: int) -> Terms:
    """Return the schedule's period with those of laws in force that are longer, which were not set aside."""
    period = wish.period or ""
    asked = minimums.minimums(packs, SORTS[record_type], wish.where)
    longer = minimums.unmet(period, asked, legal_day(as_of), wish.set_aside)
    return Terms((period, *dict.fromkeys(one.period for one in longer)), as_of)


async def begin(tx: Tx, packs: PackSet, tenant: str, record_type: str, now: int) -> RunRow | None:
    """Return the run under way, or a new one; nothing where no schedule is in force that deletes."""
    begun = await store.open_run(tx, tenant, record_type)
    if begun is not None:
        return begun
    current = await store.schedule_in_force(tx, tenant, record_type)
    wish = None if current is None else schedules.wish_of(current)
    if current is None or wish is None or wish.period is None or (wish.starts_at or 0) > now:
        return None
    terms = terms_of(packs, record_type, wish, now)
    last = None if SORTS[record_type].revives else await store.last_run(tx, tenant, record_type)
    begins = "" if last is None else last.clear_to
    said = canonical.dumps(list(terms.periods)).decode()
    run = RunRow(
        tenant, ids.new("rtr", now), record_type, current.version, said, now, terms.cut_off, begins, begins, begins,
        0, None, None, sha256().digest(), "{}", None, None,
    )  # fmt: skip
    store.add_run(tx, run)
    return run


def terms_in(run: RunRow) -> Terms:
    """Return what is due in a run."""
    return Terms(tuple(canonical.loads(run.periods)), run.as_of)


def end_of(sort: str, cut_off: int) -> str:
    """Return an id that sorts after every record that can be due: ids are as old as their records, or older."""
    return ids.lowest(SORTS[sort].prefix, cut_off + _MILLISECOND)


async def step(tx: Tx, tenant: str, run_id: str, now: int) -> bool:
    """Delete the next few records of a run; tell whether there may be more.

    A run ends where its schedule was changed meanwhile: what it did is certified, and the next keeps to the new one.
    """
    run = await under_way(tx, tenant, run_id)
    if not await _is_still_so(tx, run):
        return False
    terms, end = terms_in(run), end_of(run.record_type, run.cut_off)
    found = await emptying.page(tx, run.record_type, run.position, end, LOOK)
    standing, going, position = await holds.standing(tx, tenant), list[Candidate](), run.position
    for one in found:
        if len(going) == STEP:
            break
        position = one.id
        if is_due(one, tenant, terms) and standing.on(run.record_type, one.id, one.subject) is None:
            going.append(one)
    if going:
        run = await _delete(tx, run, going, now)
    store.put_run(tx, run._replace(position=position))
    return len(going) == STEP or len(found) == LOOK


async def under_way(tx: Reader, tenant: str, run_id: str) -> RunRow:
    """Return a run that has no certificate yet. Raises ``CertificateNotFoundError``."""
    run = await store.run(tx, tenant, run_id)
    if run is None or run.seq is not None:
        raise CertificateNotFoundError("This run is not under way.")
    return run


async def _is_still_so(tx: Reader, run: RunRow) -> bool:
    """Tell whether the version of the schedule that a run keeps to is still in force."""
    current = await store.schedule_in_force(tx, run.tenant, run.record_type)
    return current is not None and current.version == run.schedule_version


async def again(tx: Tx, tenant: str, run_id: str) -> bool:
    """Have a run begin anew, because a hold was released behind it; tell whether it may."""
    run = await under_way(tx, tenant, run_id)
    if not await _is_still_so(tx, run):
        return False
    store.put_run(tx, run._replace(position=run.begins))
    return True


def is_due(one: Candidate, tenant: str, terms: Terms) -> bool:
    """Tell whether a record is a tenant's, has something to delete, and has run its course."""
    return one.tenant == tenant and one.kept and one.at is not None and terms.due(one.at)


async def _delete(tx: Tx, run: RunRow, going: Sequence[Candidate], now: int) -> RunRow:
    names = [one.id for one in going]
    remains = remains_of(names, await emptying.parts(tx, run.record_type, names))
    digest = digest_of(remains)
    public = {
        "certificate": run.id, "record_type": run.record_type, "count": len(names), "first": names[0],
        "last": names[-1], "sha256": digest.hex(),
    }  # fmt: skip
    seq = ledger.append(tx, Entry("records.deleted", run.tenant, now, public))
    await emptying.empty(tx, run.record_type, names)
    for name, left in remains:
        store.add_deleted(tx, DeletedRow(run.tenant, run.record_type, name, seq, run.id, left))
    return run._replace(
        deleted=run.deleted + len(names),
        first=min(run.first or names[0], names[0]),
        last=max(run.last or "", names[-1]),
        digest=sha256(run.digest + digest).digest(),
    )


def remains_of(names: Sequence[str], parts: Sequence[Part]) -> list[tuple[str, str]]:
    """Return for each record, by id, the SHA-256 of every sealed part that stood in it, as canonical JSON."""
    digests: dict[str, dict[str, str]] = {name: {} for name in sorted(names)}
    for part in parts:
        digests[part.record][part.name] = sha256(part.sealed).hexdigest()
    return [(name, canonical.dumps(left).decode()) for name, left in digests.items()]


def digest_of(remains: Sequence[tuple[str, str]]) -> bytes:
    """Return the SHA-256 over records by id, each with what remains of it, a line each."""
    return sha256("".join(f"{name} {left}\n" for name, left in remains).encode()).digest()
