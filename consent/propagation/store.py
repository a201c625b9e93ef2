"""Every statement on what recipients are told: notices, attempts, and how far the log was looked at."""

from functools import cache
from typing import Any, NamedTuple

from consent.propagation.tables import PropagationMark, RecipientDelivery, RecipientNotice
from core.database import Insert, Reader, Sql, Tx

NEWEST = 2**62  # before this entry stands every other


class NoticeRow(NamedTuple):
    """One row of ``recipient_notice``, in the table's order."""

    id: str
    tenant: str
    recipient: str
    seq: int
    choice: str
    subject: bytes
    purpose: str
    system: str
    state: str
    chosen_at: int
    due_at: int
    stage: str
    attempts: int
    next_at: int
    busy_until: int | None
    told_at: int | None
    scopes: str
    applied_at: int | None
    closed_at: int | None
    alarm_at: int | None
    warned_at: int | None
    overdue_at: int | None


class DeliveryRow(NamedTuple):
    """One row of ``recipient_delivery``, in the table's order."""

    id: str
    tenant: str
    recipient: str
    notice: str | None
    at: int
    millis: int
    status: int | None
    outcome: str


class Standing(NamedTuple):
    """How many notices of a tenant are where; ``late`` ones (and of these the overdue) are among the others too."""

    waiting: int
    told: int
    given_up: int
    late: int
    overdue: int


_NOTICE = ", ".join(f"n.{name}" for name in NoticeRow._fields)
_DELIVERY = ", ".join(f"d.{name}" for name in DeliveryRow._fields)
_PUT_NOTICE = Insert(RecipientNotice, key=("id",), replace=True)
_PUT_DELIVERY = Insert(RecipientDelivery)
_PUT_MARK = Insert(PropagationMark, key=("id",), replace=True)
_MARK = Sql("SELECT seq FROM propagation_mark WHERE id = 1")
_ONE = Sql(f"SELECT {_NOTICE} FROM recipient_notice n WHERE n.tenant = :tenant AND n.id = :id")  # noqa: S608 -- our own column list
_OF_CHOICE = Sql("SELECT 1 FROM recipient_notice WHERE recipient = :recipient AND seq = :seq")
_EVER_YES = Sql(
    "SELECT 1 FROM choice_event e WHERE e.subject = :subject AND e.tenant = :tenant AND e.purpose = :purpose"
    " AND e.system = :system AND e.seq < :seq AND e.state IN ('given', 'explicitly_given', 'renewed') LIMIT 1"
)
_BUSY_RECIPIENTS = Sql(
    "SELECT r.tenant, r.id FROM recipient r WHERE r.active AND r.retired_at IS NULL AND EXISTS"
    " (SELECT 1 FROM recipient_notice n WHERE n.recipient = r.id AND n.stage = 'waiting' AND n.next_at <= :now)"
)
# of one person the earliest is told first: what comes after it waits, however long that takes
_FIRST = (
    "NOT EXISTS (SELECT 1 FROM recipient_notice e WHERE e.subject = n.subject AND e.tenant = n.tenant"
    " AND e.recipient = n.recipient AND e.stage = 'waiting' AND e.seq < n.seq)"
)
_DUE = Sql(
    "SELECT n.id FROM recipient_notice n WHERE n.recipient = :recipient AND n.stage = 'waiting' AND n.next_at <= :now"  # noqa: S608 -- our own words
    f" AND (n.busy_until IS NULL OR n.busy_until <= :now) AND {_FIRST} ORDER BY n.next_at, n.seq LIMIT :most"
)
_CLAIMABLE = Sql(
    f"SELECT {_NOTICE} FROM recipient_notice n WHERE n.id = :id AND n.stage = 'waiting' AND n.next_at <= :now"  # noqa: S608 -- our own column list
    f" AND (n.busy_until IS NULL OR n.busy_until <= :now) AND {_FIRST}"
)
_ALARMS = Sql(
    f"SELECT {_NOTICE} FROM recipient_notice n WHERE n.alarm_at <= :now ORDER BY n.alarm_at LIMIT :most"  # noqa: S608 -- our own column list
)
_OF_ENTRY = Sql(f"SELECT {_NOTICE} FROM recipient_notice n WHERE n.tenant = :tenant AND n.seq = :seq ORDER BY n.id")  # noqa: S608 -- our own column list
_PAGE = Sql(f"SELECT {_NOTICE} FROM recipient_notice n WHERE n.id > :after ORDER BY n.id LIMIT :most")  # noqa: S608 -- our own column list
_COUNTED = (
    "stage = 'waiting'",
    "stage = 'told'",
    "stage = 'given_up'",
    "warned_at IS NOT NULL AND closed_at IS NULL",
    "warned_at IS NOT NULL AND closed_at IS NULL AND overdue_at IS NOT NULL",
)
_STANDING = Sql(
    "SELECT "  # noqa: S608 -- our own conditions
    + ", ".join(
        "(SELECT count(*) FROM (SELECT 1 AS one FROM recipient_notice"  # noqa: S608 -- our own conditions
        f" WHERE tenant = :tenant AND {where} LIMIT :most) AS found)"
        for where in _COUNTED
    )
)
_GIVE_UP_ALL = Sql(
    "UPDATE recipient_notice SET stage = 'given_up', busy_until = NULL WHERE recipient = :recipient"
    " AND stage = 'waiting'"
)
_DELIVERIES = Sql(
    f"SELECT {_DELIVERY} FROM recipient_delivery d WHERE d.tenant = :tenant AND d.recipient = :recipient"  # noqa: S608 -- our own column list
    " AND d.id < :before ORDER BY d.id DESC LIMIT :most"
)
_PURGE = Sql("DELETE FROM recipient_delivery WHERE id < :before")


async def mark(tx: Reader) -> int:
    """Return up to which entry choices were looked at; -1 before the first."""
    row = await tx.row(_MARK)
    return -1 if row is None else int(row[0])


def move_mark(tx: Tx, seq: int) -> None:
    """Say up to which entry choices were looked at."""
    tx.insert(_PUT_MARK, (1, seq))


def put(tx: Tx, row: NoticeRow) -> None:
    """Write a notice, new or changed."""
    tx.insert(_PUT_NOTICE, row)


async def notice(tx: Reader, tenant: str, notice_id: str) -> NoticeRow | None:
    """Return one notice of a tenant."""
    row = await tx.row(_ONE, tenant=tenant, id=notice_id)
    return None if row is None else NoticeRow(*row)


async def is_noted(tx: Reader, recipient: str, seq: int) -> bool:
    """Tell whether a recipient has its notice of a choice."""
    return await tx.row(_OF_CHOICE, recipient=recipient, seq=seq) is not None


async def said_yes_before(tx: Reader, tenant: str, subject: bytes, purpose: str, system: str, seq: int) -> bool:
    """Tell whether a person ever consented to the same before an entry."""
    said = {"tenant": tenant, "subject": subject, "purpose": purpose, "system": system, "seq": seq}
    return await tx.row(_EVER_YES, **said) is not None


async def with_something_due(tx: Reader, now: int) -> list[tuple[str, str]]:
    """Return tenant and id of the active recipients that are to be told something now."""
    return [(row[0], row[1]) for row in await tx.rows(_BUSY_RECIPIENTS, now=now)]


async def due(tx: Reader, recipient: str, now: int, most: int) -> list[str]:
    """Return the notices to tell a recipient of now: of each person the earliest alone."""
    return [row[0] for row in await tx.rows(_DUE, recipient=recipient, now=now, most=most)]


async def claimable(tx: Reader, notice_id: str, now: int) -> NoticeRow | None:
    """Return a notice that is to be told now and that nobody is telling."""
    row = await tx.row(_CLAIMABLE, id=notice_id, now=now)
    return None if row is None else NoticeRow(*row)


async def alarms(tx: Reader, now: int, most: int) -> list[NoticeRow]:
    """Return the notices of all tenants to warn of, or to call overdue, by now."""
    return [NoticeRow(*row) for row in await tx.rows(_ALARMS, now=now, most=most)]


async def of_entry(tx: Reader, tenant: str, seq: int) -> list[NoticeRow]:
    """Return every recipient's notice of one choice."""
    return [NoticeRow(*row) for row in await tx.rows(_OF_ENTRY, tenant=tenant, seq=seq)]


async def page(tx: Reader, after: str, most: int) -> list[NoticeRow]:
    """Return the next notices of all tenants, by id."""
    return [NoticeRow(*row) for row in await tx.rows(_PAGE, after=after, most=most)]


async def standing(tx: Reader, tenant: str, most: int) -> Standing:
    """Return how many notices are where, each counted up to ``most``."""
    row = await tx.row(_STANDING, tenant=tenant, most=most)
    return Standing(0, 0, 0, 0, 0) if row is None else Standing(*row)


@cache
def _narrowed(names: frozenset[str]) -> Sql:
    wheres = ["n.tenant = :tenant", "n.seq <= :seq AND (n.seq < :seq OR n.recipient > :after)"]
    wheres += [f"n.{name} = :{name}" for name in ("stage", "recipient", "subject") if name in names]
    if "overdue" in names:
        wheres.append("n.warned_at IS NOT NULL AND n.closed_at IS NULL AND n.overdue_at IS NOT NULL")
    return Sql(
        f"SELECT {_NOTICE} FROM recipient_notice n WHERE {' AND '.join(wheres)}"  # noqa: S608 -- our own columns
        " ORDER BY n.seq DESC, n.recipient LIMIT :most"
    )


def narrowing(state: str | None, recipient: str | None, subject: bytes | None) -> dict[str, Any]:
    """Return what ``listed`` is to be narrowed by; ``state`` is a stage or ``overdue``."""
    by_state = {"overdue": True} if state == "overdue" else {"stage": state}
    wanted = {**by_state, "recipient": recipient, "subject": subject}
    return {name: value for name, value in wanted.items() if value is not None}


async def listed(
    tx: Reader, tenant: str, narrowing: dict[str, Any], place: tuple[int, str], most: int
) -> list[NoticeRow]:
    """Return notices, newest choice first, after a place (entry, recipient).

    Narrowed by ``stage``, ``recipient``, ``subject`` (pseudonym), or to those that are ``overdue``.
    """
    values = {name: value for name, value in narrowing.items() if name != "overdue"}
    sql = _narrowed(frozenset(narrowing))
    rows = await tx.rows(sql, tenant=tenant, seq=place[0], after=place[1], most=most, **values)
    return [NoticeRow(*row) for row in rows]


async def give_up_all(tx: Tx, recipient: str) -> int:
    """Give up what a recipient has not been told; return how many notices."""
    return await tx.execute(_GIVE_UP_ALL, recipient=recipient)


def add_delivery(tx: Tx, row: DeliveryRow) -> None:
    """Keep an attempt."""
    tx.insert(_PUT_DELIVERY, row)


async def deliveries(tx: Reader, tenant: str, recipient: str, before: str, most: int) -> list[DeliveryRow]:
    """Return attempts to tell a recipient, newest first, from before an id."""
    rows = await tx.rows(_DELIVERIES, tenant=tenant, recipient=recipient, before=before, most=most)
    return [DeliveryRow(*row) for row in rows]


async def purge(tx: Tx, before: str) -> int:
    """Forget attempts whose id is lower; return how many."""
    return await tx.execute(_PURGE, before=before)
