"""How long records of a sort are kept: nothing is deleted until somebody says so and somebody else agrees.

Deny by default: without a schedule records stay. A version that may delete earlier than the one in force takes a
second person; one that keeps longer holds at once. None may be shorter than a rule in force asks, and a rule that
comes into force later is kept to by the run itself (``deleting.py``).
"""

from typing import Any, NamedTuple

from core import canonical
from core.database import Reader, Tx
from core.errors import FieldError, InvalidError
from core.principal import Principal
from disclosures.packs.loading import PackSet
from disclosures.resolution import legal_day
from ledger import service as ledger
from ledger.entries import Entry
from oversight.errors import SecondPersonNeededError
from oversight.retention import minimums, periods, store
from oversight.retention.errors import NoScheduleToApproveError, RecordTypeNotFoundError, RetentionTooShortError
from oversight.retention.minimums import Minimum, Where
from oversight.retention.sorts import SORTS, Sort
from oversight.retention.store import ScheduleRow


class Wish(NamedTuple):
    """How long somebody wants records kept: an ISO 8601 period, or nothing to keep them for good.

    ``set_aside`` names rules that are advice only and not followed; ``starts_at`` is when deleting may begin.
    """

    period: str | None
    reason: str
    where: Where = Where()
    set_aside: tuple[str, ...] = ()
    starts_at: int | None = None

    def document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        sectors = None if self.where.sectors is None else list(self.where.sectors)
        return {
            "period": self.period, "reason": self.reason, "places": list(self.where.places), "sectors": sectors,
            "set_aside": list(self.set_aside), "starts_at": self.starts_at,
        }  # fmt: skip


class Standing(NamedTuple):
    """A sort of records with its schedule in force, the version that waits, what laws ask, and the change's tag."""

    sort: Sort
    current: ScheduleRow | None
    waiting: ScheduleRow | None
    minimums: list[Minimum]

    @property
    def wish(self) -> Wish | None:
        """Return what holds now."""
        return None if self.current is None else wish_of(self.current)

    @property
    def tag(self) -> str:
        """Return what changes with every change of the schedule."""
        return str(max((row.seq for row in (self.current, self.waiting) if row is not None), default=-1) + 1)

    def suggested(self, now: int) -> str | None:
        """Return the longest period that a rule in force asks for."""
        asked = [one.period for one in self.minimums if one.in_force(legal_day(now))]
        return asked[0] if asked else None


def sort_of(record_type: str) -> Sort:
    """Return a sort of records. Raises ``RecordTypeNotFoundError``."""
    found = SORTS.get(record_type)
    if found is None:
        raise RecordTypeNotFoundError
    return found


def wish_of(row: ScheduleRow) -> Wish:
    """Return what a version of a schedule says."""
    said = canonical.loads(row.document)
    sectors = None if said["sectors"] is None else tuple(said["sectors"])
    where = Where(tuple(said["places"]), sectors)
    return Wish(said["period"], said["reason"], where, tuple(said["set_aside"]), said["starts_at"])


async def standing(tx: Reader, tenant: str, packs: PackSet, record_type: str) -> Standing:
    """Return how a sort of records stands. Raises ``RecordTypeNotFoundError``."""
    sort = sort_of(record_type)
    current = await store.schedule_in_force(tx, tenant, record_type)
    newest = await store.newest_schedules(tx, tenant, record_type)
    proposed = newest[0] if newest and newest[0].approved_at is None else None
    shown = proposed or current
    where = Where() if shown is None else wish_of(shown).where
    return Standing(sort, current, proposed, minimums.minimums(packs, sort, where))


async def every(tx: Reader, tenant: str, packs: PackSet) -> list[Standing]:
    """Return how every sort of records stands."""
    return [await standing(tx, tenant, packs, key) for key in SORTS]


async def waiting(tx: Reader, tenant: str) -> list[ScheduleRow]:
    """Return the versions that wait for a second person."""
    newest = [row for key in SORTS for row in await store.newest_schedules(tx, tenant, key)]
    return [row for row in newest if row.approved_at is None]


def check(packs: PackSet, record_type: str, wish: Wish, now: int) -> None:
    """Refuse what can't be kept to, or is shorter than a rule in force asks.

    Raises ``InvalidError``, ``RetentionTooShortError`` (its ``fields`` name each rule), ``RecordTypeNotFoundError``.
    """
    asked = minimums.minimums(packs, sort_of(record_type), _known(packs, wish.where))
    if not wish.reason.strip():
        raise InvalidError.field("/reason", "say why the records are kept for so long and no longer")
    advice = {one.rule for one in asked if one.advisory}
    if binding := [rule for rule in wish.set_aside if rule not in advice]:
        raise InvalidError.field("/set_aside", f"{binding[0]} is no advice about these records that could be set aside")
    if wish.period is None:
        return
    try:
        periods.read(wish.period)
    except ValueError as error:
        raise InvalidError.field("/period", str(error)) from error
    if short := minimums.unmet(wish.period, asked, legal_day(now), wish.set_aside):
        raise RetentionTooShortError(fields=tuple(FieldError("/period", told(one)) for one in short))


def considered(view: Standing, period: str | None) -> Wish:
    """Return what a preview is about: a period that is only considered, else what waits, what holds, what is advised.

    Raises ``InvalidError`` for a period that can't be kept to, or where there is nothing to look for.
    """
    shown = view.waiting or view.current
    wish = Wish(None, "") if shown is None else wish_of(shown)
    wanted = period or wish.period or next((one.period for one in view.minimums), None)
    if wanted is None:
        raise InvalidError.field("?period", "these records are kept for good: name a period to look for")
    try:
        return wish._replace(period=periods.read(wanted))
    except ValueError as error:
        raise InvalidError.field("?period", str(error)) from error


def _known(packs: PackSet, where: Where) -> Where:
    if unknown := set(where.sectors or ()) - packs.sectors():
        known = ", ".join(sorted(packs.sectors()))
        raise InvalidError.field("/sectors", f"no pack knows {min(unknown)}; known are: {known}")
    return where


def told(one: Minimum) -> str:
    """Return in words what a rule asks, with its source."""
    grade = f"advice, graded {one.confidence}" if one.advisory else f"graded {one.confidence}"
    return f"{one.rule} asks for {one.period} ({one.asks.replace('_', ' ')}; {one.cite}; {grade})"


def _may_delete_earlier(wish: Wish, before: Wish | None) -> bool:
    """Tell whether something may go under ``wish`` that would still be there under the schedule ``before``."""
    if wish.period is None:
        return False
    if before is None or before.period is None:
        return True
    begins_earlier = (wish.starts_at or 0) < (before.starts_at or 0)
    same = (wish.where, wish.set_aside) == (before.where, before.set_aside)
    return begins_earlier or not same or not periods.at_least(wish.period, before.period)


async def propose(tx: Tx, by: Principal, packs: PackSet, record_type: str, wish: Wish, now: int) -> ScheduleRow:
    """Change a schedule: at once if nothing goes earlier by it, else once a second person approves.

    Raises what ``check`` raises.
    """
    check(packs, record_type, wish, now)
    there = await standing(tx, by.tenant, packs, record_type)
    newest = await store.newest_schedules(tx, by.tenant, record_type)
    version = newest[0].version + 1 if newest else 1
    waits = _may_delete_earlier(wish, there.wish)
    kind = "retention-schedule.proposed" if waits else "retention-schedule.changed"
    seq = _entry(tx, by, kind, record_type, version, wish.document(), now)
    document = canonical.dumps(wish.document()).decode()
    row = ScheduleRow(by.tenant, record_type, version, document, by.id, now, None, None, seq)
    if not waits:
        row = row._replace(approved_by=by.id, approved_at=now)
    store.add_schedule(tx, row)
    return row


async def approve(tx: Tx, by: Principal, packs: PackSet, record_type: str, now: int) -> ScheduleRow:
    """Let a schedule hold that somebody else proposed.

    Raises ``NoScheduleToApproveError``, ``SecondPersonNeededError``, ``RetentionTooShortError``.
    """
    proposed = (await standing(tx, by.tenant, packs, record_type)).waiting
    if proposed is None:
        raise NoScheduleToApproveError
    if proposed.proposed_by == by.id:
        raise SecondPersonNeededError
    check(packs, record_type, wish_of(proposed), now)
    document = canonical.loads(proposed.document)
    seq = _entry(tx, by, "retention-schedule.approved", record_type, proposed.version, document, now)
    row = proposed._replace(approved_by=by.id, approved_at=now, seq=seq)
    await store.approve_schedule(tx, row)
    return row


def _entry(tx: Tx, by: Principal, kind: str, record_type: str, version: int, document: dict[str, Any], now: int) -> int:
    public = {"record_type": record_type, "version": version, **document, "by": by.id, "by_role": by.role.value}
    return ledger.append(tx, Entry(kind, by.tenant, now, public))
