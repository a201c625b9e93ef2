"""The board: answers owed, by when, under which law; and the figures of answers and reviews (DPO-07, GOV-06).

Lists go on from the last row shown (keyset), so the last page costs what the first does.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

from core.clock import DAY, LATEST
from core.database import Reader, Sql
from explanations.requests.store import CaseRow

_LIGHT = CaseRow._fields[:-2]  # without facts and sealed texts: the board shows neither
_COLUMNS = ", ".join(f"r.{name}" for name in _LIGHT)
_FIRST = (-1, "")
_EVER = -1


class Filter(NamedTuple):
    """What the board shows: open cases by due date unless told otherwise."""

    state: str | None = None
    law: str | None = None
    assignee: str | None = None
    overdue: bool = False
    open_only: bool = True
    nobodys: bool = False
    due_before: int | None = None  # microseconds


class Line(NamedTuple):
    """One line of the board; instants in microseconds."""

    id: str
    number: str
    tenant: str
    subject: bytes
    asker: bytes
    site: str | None
    kind: str
    state: str
    owed: bool
    law: str
    assignee: str | None
    system: str | None
    model: str | None
    received_at: int
    due_at: int
    overdue_at: int | None
    answered_at: int | None
    on_time: bool | None
    seq: int
    updated_at: int


class Owed(NamedTuple):
    """How many answers are owed, late, or due within a week, each counted up to ``MOST_COUNTED``."""

    open: int
    overdue: int
    due_within_week: int


class LawCount(NamedTuple):
    """Open cases under one law."""

    law: str
    open: int
    overdue: int
    due_within_week: int


class ReviewerFigures(NamedTuple):
    """How one person reviews: ``agreement`` is the share of upheld decisions; ``rubber_stamp`` is the alarm."""

    reviewer: str
    reviews: int
    agreement: float
    median_seconds: float
    rubber_stamp: bool


class ModelFigures(NamedTuple):
    """How a model's contested decisions ended."""

    model: str
    reviews: int
    overturned: int


class Share(NamedTuple):
    """How requests received since an instant, and before the next one, were answered."""

    since: int
    received: int
    answered: int
    on_time: int


class Figures(NamedTuple):
    """The key figures of a period."""

    received: int
    answered: int
    on_time: int
    median_days: float | None
    models: list[ModelFigures]
    reviewers: list[ReviewerFigures]


_queries: dict[tuple[bool, ...], Sql] = {}


def _query(wanted: Filter) -> Sql:
    """Return the statement of a combination of filters, prepared once."""
    shape = (
        wanted.state is not None,
        wanted.law is not None,
        wanted.assignee is not None,
        wanted.overdue,
        wanted.open_only,
        wanted.nobodys,
        wanted.due_before is not None,
    )
    ready = _queries.get(shape)
    if ready is None:
        conditions = ["r.tenant = :tenant"]
        owed = wanted.open_only or wanted.overdue or wanted.due_before is not None
        conditions += ["r.owed = TRUE"] if owed else []
        conditions += ["r.state = :state"] if wanted.state is not None else []
        conditions += ["r.law = :law"] if wanted.law is not None else []
        conditions += ["r.assignee = :assignee"] if wanted.assignee is not None else []
        conditions += ["r.assignee IS NULL"] if wanted.nobodys else []
        conditions += ["r.due_at < :now"] if wanted.overdue else []
        conditions += ["r.due_at < :due_before"] if wanted.due_before is not None else []
        conditions += ["(r.due_at, r.id) > (:due_at, :id)"]
        where = " AND ".join(conditions)
        text = f"SELECT {_COLUMNS} FROM explanation_request r WHERE {where} ORDER BY r.due_at, r.id LIMIT :most"  # noqa: S608 -- our own words; values are parameters
        ready = _queries[shape] = Sql(text)
    return ready


async def page(
    tx: Reader, tenant: str, wanted: Filter, after: tuple[int, str] | None, most: int, now: int
) -> list[Line]:
    """Return cases by due date, then id, after the last one shown."""
    due_at, last = after or _FIRST
    rows = await tx.rows(
        _query(wanted), tenant=tenant, state=wanted.state, law=wanted.law, assignee=wanted.assignee, now=now,
        due_before=wanted.due_before, due_at=due_at, id=last, most=most,
    )  # fmt: skip
    return [_line(row) for row in rows]


def _line(row: Sequence[Any]) -> Line:
    made = Line(*row)
    return made._replace(owed=bool(made.owed), on_time=None if made.on_time is None else bool(made.on_time))


MOST_COUNTED: Final = 10_000
_BETWEEN = Sql(
    "SELECT count(*) FROM (SELECT 1 FROM explanation_request WHERE tenant = :tenant AND owed = TRUE"
    " AND due_at >= :since AND due_at < :until LIMIT :most) counted"
)
# from law to law by the index, however many cases there are of each
_LAWS = Sql(
    "WITH RECURSIVE known(law) AS (SELECT min(law) FROM explanation_request WHERE tenant = :tenant AND owed = TRUE"
    " UNION ALL SELECT (SELECT min(law) FROM explanation_request WHERE tenant = :tenant AND owed = TRUE"
    " AND law > known.law) FROM known WHERE known.law IS NOT NULL) SELECT law FROM known WHERE law IS NOT NULL"
)
_COUNTS = Sql(
    "SELECT law, count(*), sum(CASE WHEN due_at < :now THEN 1 ELSE 0 END),"
    " sum(CASE WHEN due_at >= :now AND due_at < :week THEN 1 ELSE 0 END)"
    " FROM explanation_request WHERE tenant = :tenant AND owed = TRUE GROUP BY law ORDER BY law"
)
_RECEIVED = Sql(
    "SELECT count(*), count(answered_at), sum(CASE WHEN on_time THEN 1 ELSE 0 END) FROM explanation_request"
    " WHERE tenant = :tenant AND received_at >= :since AND received_at < :until"
)
_MEDIAN = Sql(
    "SELECT answered_at - received_at FROM explanation_request WHERE tenant = :tenant AND received_at >= :since"
    " AND received_at < :until AND answered_at IS NOT NULL ORDER BY 1 LIMIT 1 OFFSET :half"
)
_MODELS = Sql(
    "SELECT coalesce(model, ''), count(*), sum(CASE WHEN outcome <> 'upheld' THEN 1 ELSE 0 END) FROM human_review"
    " WHERE tenant = :tenant AND decided_at >= :since AND decided_at < :until GROUP BY model ORDER BY 1"
)
_REVIEWS = Sql(
    "SELECT reviewer, outcome, decided_at - opened_at FROM human_review"
    " WHERE tenant = :tenant AND decided_at >= :since AND decided_at < :until ORDER BY reviewer, 3 LIMIT 100000"
)


async def owed(tx: Reader, tenant: str, now: int) -> Owed:
    """Return how many answers are owed: bounded work, for pages; ``counts`` counts every one."""
    week = min(now + 7 * DAY, LATEST)
    spans = ((_EVER, LATEST + 1), (_EVER, now), (now, week))
    found = [await tx.row(_BETWEEN, tenant=tenant, since=a, until=b, most=MOST_COUNTED) for a, b in spans]
    return Owed(*(0 if row is None else int(row[0]) for row in found))


async def laws(tx: Reader, tenant: str) -> list[str]:
    """Return the laws under which answers are owed."""
    return [str(row[0]) for row in await tx.rows(_LAWS, tenant=tenant)]


async def counts(tx: Reader, tenant: str, now: int) -> list[LawCount]:
    """Return how many answers are owed, late, or due within a week, for each law."""
    rows = await tx.rows(_COUNTS, tenant=tenant, now=now, week=min(now + 7 * DAY, LATEST))
    return [LawCount(row[0], int(row[1]), int(row[2] or 0), int(row[3] or 0)) for row in rows]


async def shares(tx: Reader, tenant: str, instants: Sequence[int]) -> list[Share]:
    """Return how requests were answered in each of the periods between instants, oldest first."""
    found = []
    for since, until in pairwise(instants):
        row = await tx.row(_RECEIVED, tenant=tenant, since=since, until=until)
        received, answered, on_time = (0, 0, 0) if row is None else (int(row[0]), int(row[1]), int(row[2] or 0))
        found.append(Share(since, received, answered, on_time))
    return found


async def figures(tx: Reader, tenant: str, since: int, until: int, quick_seconds: int, least_reviews: int) -> Figures:
    """Return the key figures of cases received, and of reviews decided, in a period."""
    row = await tx.row(_RECEIVED, tenant=tenant, since=since, until=until)
    received, answered, on_time = (0, 0, 0) if row is None else (int(row[0]), int(row[1]), int(row[2] or 0))
    middle = await tx.row(_MEDIAN, tenant=tenant, since=since, until=until, half=max(0, (answered - 1) // 2))
    days = None if middle is None or not answered else round(int(middle[0]) / DAY, 2)
    models = [
        ModelFigures(one[0], int(one[1]), int(one[2] or 0))
        for one in await tx.rows(_MODELS, tenant=tenant, since=since, until=until)
    ]
    reviews: dict[str, list[tuple[str, int]]] = {}
    for one in await tx.rows(_REVIEWS, tenant=tenant, since=since, until=until):
        reviews.setdefault(one[0], []).append((one[1], int(one[2])))
    reviewers = [reviewer(name, found, quick_seconds, least_reviews) for name, found in sorted(reviews.items())]
    return Figures(received, answered, on_time, days, models, reviewers)


def reviewer(name: str, found: Sequence[tuple[str, int]], quick_seconds: int, least_reviews: int) -> ReviewerFigures:
    """Return how somebody reviews; who always agrees, and fast, may not be reviewing at all (AI Act Art. 14(4)(b))."""
    lasted = sorted(seconds / 1_000_000 for _, seconds in found)
    median = lasted[(len(lasted) - 1) // 2]
    agreement = sum(outcome == "upheld" for outcome, _ in found) / len(found)
    alarm = len(found) >= least_reviews and agreement == 1.0 and median < quick_seconds
    return ReviewerFigures(name, len(found), round(agreement, 3), round(median, 1), alarm)
