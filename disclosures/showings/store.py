"""Every statement on showings, on who speaks in a conversation, and on gaps."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from core.database import Reader, Sql, Tx
from disclosures.tables import DisclosureGap, Showing, Speaker

_SHOWING = (
    "seq, id, tenant, site, notice, version, sha256, lang, surface, build, touchpoint, session, conversation, decision,"
    " subject, position, before_first_turn, shown_at, recorded_at, experiment"
)
_SPEAKER = "tenant, conversation, touchpoint, who, since, first_ai_at, judged_at"
_GAP = "seq, tenant, conversation, touchpoint, first_ai_at, shown_at, found_at"
FILTERS: Final = ("conversation", "session", "decision", "notice")
_BY = {
    name: Sql(
        f"SELECT {_SHOWING} FROM showing WHERE tenant = :tenant AND {name} = :value AND seq < :before"  # noqa: S608 -- our own column names
        " ORDER BY seq DESC LIMIT :limit"
    )
    for name in (*FILTERS, "subject")
}
_BETWEEN = Sql(f"SELECT {_SHOWING} FROM showing WHERE seq >= :first AND seq <= :last ORDER BY seq")  # noqa: S608 -- our own column list
_COUNT = Sql("SELECT count(*) FROM showing")
_SPEAKS = Sql(f"SELECT {_SPEAKER} FROM speaker WHERE tenant = :tenant AND conversation = :conversation")  # noqa: S608 -- our own column list
_SPEAK = Sql(
    "UPDATE speaker SET who = :who, since = :since, first_ai_at = :first_ai_at"
    " WHERE tenant = :tenant AND conversation = :conversation"
)
_UNJUDGED = Sql(
    f"SELECT {_SPEAKER} FROM speaker WHERE judged_at IS NULL AND first_ai_at IS NOT NULL AND first_ai_at <= :until"  # noqa: S608 -- our own column list
    " ORDER BY first_ai_at LIMIT :limit"
)
_JUDGE = Sql(
    "UPDATE speaker SET judged_at = :at WHERE tenant = :tenant AND conversation = :conversation AND judged_at IS NULL"
)
_GAPS = Sql(
    f"SELECT {_GAP} FROM disclosure_gap WHERE tenant = :tenant AND seq < :before ORDER BY seq DESC LIMIT :limit"  # noqa: S608 -- our own column list
)
_EVERY_GAP = Sql(f"SELECT {_GAP} FROM disclosure_gap ORDER BY seq")  # noqa: S608 -- our own column list
_AFFECTED = Sql(
    "SELECT count(*), count(DISTINCT subject), count(DISTINCT session) FROM showing"
    " WHERE tenant = :tenant AND notice = :notice"
)
_SHOWN_FROM = Sql(f"SELECT {_SHOWING} FROM showing WHERE seq > :mark ORDER BY seq LIMIT :limit")  # noqa: S608 -- our own column list
_GAPS_FROM = Sql(f"SELECT {_GAP} FROM disclosure_gap WHERE seq > :mark ORDER BY seq LIMIT :limit")  # noqa: S608 -- our own column list
_SORT = "tenant, day, event, notice, version, lang, surface, touchpoint"
_TALLY = Sql(
    f"INSERT INTO showing_tally ({_SORT}, number) VALUES (:tenant, :day, :event, :notice, :version, :lang, :surface,"  # noqa: S608 -- our own column list
    f" :touchpoint, :number) ON CONFLICT ({_SORT}) DO UPDATE SET number = showing_tally.number + excluded.number"
)
_GROUPS: Final = {
    "day": "day",
    "notice": "notice || ' ' || version",
    "lang": "lang",
    "surface": "surface",
    "touchpoint": "touchpoint",
}
_TALLIES = {
    name: Sql(
        f"SELECT {group}, event, sum(number) FROM showing_tally WHERE tenant = :tenant AND day >= :first"  # noqa: S608 -- our own column names
        f" AND day <= :last GROUP BY {group}, event ORDER BY 1, 2"
    )
    for name, group in _GROUPS.items()
}
_TRIED = Sql(
    "SELECT version, count(*) FROM showing WHERE tenant = :tenant AND experiment = :experiment GROUP BY version"
)
_TRIED_ON = Sql(
    "SELECT version, subject, min(seq) FROM showing WHERE tenant = :tenant AND experiment = :experiment"
    " AND subject IS NOT NULL GROUP BY version, subject ORDER BY 3 LIMIT :limit"
)
_MARK = Sql("SELECT seq FROM showing_tally_mark WHERE event = :event")
_MOVE_MARK = Sql(
    "INSERT INTO showing_tally_mark (event, seq) VALUES (:event, :seq) ON CONFLICT (event) DO UPDATE SET seq = :seq"
)
END: Final = (1 << 63) - 1


class Sort(NamedTuple):
    """What showings and gaps are counted by."""

    tenant: str
    day: str
    event: str
    notice: str
    version: int
    lang: str
    surface: str
    touchpoint: str


def _showing(row: Sequence[Any]) -> Showing:
    names = _SHOWING.replace(" ", "").split(",")
    made = Showing(**dict(zip(names, row, strict=True)))
    made.before_first_turn = None if row[16] is None else bool(row[16])
    return made


def _speaker(row: Sequence[Any]) -> Speaker:
    return Speaker(
        tenant=row[0],
        conversation=row[1],
        touchpoint=row[2],
        who=row[3],
        since=row[4],
        first_ai_at=row[5],
        judged_at=row[6],
    )


def _gap(row: Sequence[Any]) -> DisclosureGap:
    return DisclosureGap(
        seq=row[0],
        tenant=row[1],
        conversation=row[2],
        touchpoint=row[3],
        first_ai_at=row[4],
        shown_at=row[5],
        found_at=row[6],
    )


def add(tx: Tx, made: Showing | Speaker | DisclosureGap) -> None:
    """Add a row."""
    tx.add(made)


async def showings(
    tx: Reader, tenant: str, by: str, value: str | bytes, before: int = END, limit: int = 200
) -> list[Showing]:
    """Return showings of one conversation, session, decision, notice or person (a pseudonym), newest first."""
    rows = await tx.rows(_BY[by], tenant=tenant, value=value, before=before, limit=limit)
    return [_showing(row) for row in rows]


async def between(tx: Reader, first: int, last: int) -> list[Showing]:
    """Return the showings of all tenants in a range of the log, for the comparison with it."""
    return [_showing(row) for row in await tx.rows(_BETWEEN, first=first, last=last)]


async def count(tx: Reader) -> int:
    """Return how many showings there are."""
    row = await tx.row(_COUNT)
    return 0 if row is None else int(row[0])


async def affected(tx: Reader, tenant: str, notice: str) -> tuple[int, int, int]:
    """Return how often a notice was shown, to how many known people, in how many sessions."""
    row = await tx.row(_AFFECTED, tenant=tenant, notice=notice)
    return (0, 0, 0) if row is None else (int(row[0]), int(row[1]), int(row[2]))


async def of_experiment(tx: Reader, tenant: str, experiment: str) -> dict[int, int]:
    """Return how often each version was shown in an experiment."""
    return {int(row[0]): int(row[1]) for row in await tx.rows(_TRIED, tenant=tenant, experiment=experiment)}


async def people_of_experiment(tx: Reader, tenant: str, experiment: str, limit: int) -> list[tuple[int, bytes, int]]:
    """Return version, pseudonym and number of the first showing of up to ``limit`` people, the first to come first."""
    rows = await tx.rows(_TRIED_ON, tenant=tenant, experiment=experiment, limit=limit)
    return [(int(row[0]), bytes(row[1]), int(row[2])) for row in rows]


async def speaker(tx: Reader, tenant: str, conversation: str) -> Speaker | None:
    """Return who speaks in a conversation."""
    row = await tx.row(_SPEAKS, tenant=tenant, conversation=conversation)
    return None if row is None else _speaker(row)


async def speaks(tx: Tx, row: Speaker) -> None:
    """Write who speaks now."""
    await tx.execute(
        _SPEAK,
        tenant=row.tenant,
        conversation=row.conversation,
        who=row.who,
        since=row.since,
        first_ai_at=row.first_ai_at,
    )


async def unjudged(tx: Reader, until: int, limit: int) -> list[Speaker]:
    """Return conversations of all tenants in which the AI spoke by ``until`` and nobody has looked yet."""
    return [_speaker(row) for row in await tx.rows(_UNJUDGED, until=until, limit=limit)]


async def judge(tx: Tx, tenant: str, conversation: str, at: int) -> bool:
    """Note that a conversation was looked at; tell whether it had not been before."""
    return await tx.execute(_JUDGE, tenant=tenant, conversation=conversation, at=at) == 1


async def gaps(tx: Reader, tenant: str, before: int, limit: int) -> list[DisclosureGap]:
    """Return gaps of a tenant, newest first."""
    return [_gap(row) for row in await tx.rows(_GAPS, tenant=tenant, before=before, limit=limit)]


async def every_gap(tx: Reader) -> list[DisclosureGap]:
    """Return the gaps of all tenants, for the comparison with the ledger."""
    return [_gap(row) for row in await tx.rows(_EVERY_GAP)]


async def showings_from(tx: Reader, mark: int, limit: int) -> list[Showing]:
    """Return the next showings of all tenants after a ledger entry, for counting."""
    return [_showing(row) for row in await tx.rows(_SHOWN_FROM, mark=mark, limit=limit)]


async def gaps_from(tx: Reader, mark: int, limit: int) -> list[DisclosureGap]:
    """Return the next gaps of all tenants after a ledger entry, for counting."""
    return [_gap(row) for row in await tx.rows(_GAPS_FROM, mark=mark, limit=limit)]


async def tally_mark(tx: Reader, event: str) -> int:
    """Return the ledger entry up to which showings or gaps are counted, -1 before the first."""
    row = await tx.row(_MARK, event=event)
    return -1 if row is None else int(row[0])


async def move_tally_mark(tx: Tx, event: str, seq: int) -> None:
    """Note up to which ledger entry showings or gaps are counted."""
    await tx.execute(_MOVE_MARK, event=event, seq=seq)


async def add_tallies(tx: Tx, sorts: Mapping[Sort, int]) -> None:
    """Add to the counts of sorts."""
    for sort, number in sorts.items():
        await tx.execute(_TALLY, number=number, **sort._asdict())


async def tallies_by(tx: Reader, tenant: str, column: str, first: str, last: str) -> list[tuple[str, str, int]]:
    """Return (group, event, number) of the days ``first`` to ``last``, grouped by one column."""
    rows = await tx.rows(_TALLIES[column], tenant=tenant, first=first, last=last)
    return [(str(row[0]), str(row[1]), int(row[2])) for row in rows]
