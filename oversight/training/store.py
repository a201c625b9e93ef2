"""Every statement on training of staff."""

from typing import Final, NamedTuple

from core.database import Insert, Reader, Sql, Tx
from oversight.training.tables import TrainingRecord


class TrainingRow(NamedTuple):
    """One row of ``training_record``, in the table's order; days as ISO 8601 text."""

    seq: int
    id: str
    tenant: str
    person: str
    course: str
    cohort: str
    completed_on: str
    expires_on: str
    recorded_by: str
    recorded_at: int


NEWEST: Final = 2**62  # before this entry stands every other
_INSERT = Insert(TrainingRecord)
_COLUMNS = ", ".join(TrainingRow._fields)
_LISTED = Sql(
    f"SELECT {_COLUMNS} FROM training_record WHERE tenant = :tenant AND seq < :before"  # noqa: S608 -- our own words; values are parameters
    " ORDER BY seq DESC LIMIT :most"
)
_OF_PERSON = Sql(
    f"SELECT {_COLUMNS} FROM training_record WHERE tenant = :tenant AND person = :person AND seq < :before"  # noqa: S608 -- our own words; values are parameters
    " ORDER BY seq DESC LIMIT :most"
)
_LAST_ENDING = Sql(
    f"SELECT {_COLUMNS} FROM training_record WHERE tenant = :tenant AND person = :person AND completed_on <= :day"  # noqa: S608 -- our own words; values are parameters
    " ORDER BY expires_on DESC, seq DESC LIMIT 1"
)
_ENDINGS = Sql(
    "SELECT person, max(expires_on) FROM training_record WHERE tenant = :tenant GROUP BY person"
    " ORDER BY 2, 1 LIMIT :most"
)
_REVIEWS = Sql(
    "SELECT reviewer, outcome, decided_at FROM human_review"
    " WHERE tenant = :tenant AND decided_at >= :since AND decided_at < :until ORDER BY decided_at LIMIT 100000"
)
_OF_REVIEWERS = Sql(
    "SELECT person, completed_on, cohort FROM training_record WHERE tenant = :tenant AND person IN"
    " (SELECT reviewer FROM human_review WHERE tenant = :tenant AND decided_at >= :since AND decided_at < :until)"
    " ORDER BY completed_on, seq"
)


def add(tx: Tx, row: TrainingRow) -> None:
    """Keep a record."""
    tx.insert(_INSERT, row)


async def listed(tx: Reader, tenant: str, person: str | None, before: int, most: int) -> list[TrainingRow]:
    """Return records, newest first, from before an entry; of one person if named."""
    if person is None:
        rows = await tx.rows(_LISTED, tenant=tenant, before=before, most=most)
    else:
        rows = await tx.rows(_OF_PERSON, tenant=tenant, person=person, before=before, most=most)
    return [TrainingRow(*row) for row in rows]


async def last_ending(tx: Reader, tenant: str, person: str, day: str) -> TrainingRow | None:
    """Return somebody's record that ends last, of those completed by a day."""
    row = await tx.row(_LAST_ENDING, tenant=tenant, person=person, day=day)
    return None if row is None else TrainingRow(*row)


async def endings(tx: Reader, tenant: str, most: int) -> list[tuple[str, str]]:
    """Return the last day on which anything of somebody's counts, of everybody with a record, the earliest first."""
    return [(str(row[0]), str(row[1])) for row in await tx.rows(_ENDINGS, tenant=tenant, most=most)]


async def reviews(tx: Reader, tenant: str, since: int, until: int) -> list[tuple[str, str, int]]:
    """Return reviewer, outcome and instant of reviews decided in a period (microseconds)."""
    rows = await tx.rows(_REVIEWS, tenant=tenant, since=since, until=until)
    return [(str(row[0]), str(row[1]), int(row[2])) for row in rows]


async def of_reviewers(tx: Reader, tenant: str, since: int, until: int) -> list[tuple[str, str, str]]:
    """Return person, day of completion and cohort of everybody who decided a review in a period, oldest first."""
    rows = await tx.rows(_OF_REVIEWERS, tenant=tenant, since=since, until=until)
    return [(str(row[0]), str(row[1]), str(row[2])) for row in rows]
