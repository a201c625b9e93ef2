"""Every statement on showings, on who speaks in a conversation, and on gaps."""

from collections.abc import Sequence
from typing import Any, Final

from core.database import Reader, Sql, Tx
from disclosures.tables import DisclosureGap, Showing, Speaker

_SHOWING = (
    "seq, id, tenant, site, notice, version, sha256, lang, surface, build, touchpoint, session, conversation, decision,"
    " subject, position, before_first_turn, shown_at, recorded_at"
)
_SPEAKER = "tenant, conversation, touchpoint, who, since, first_ai_at, judged_at"
_GAP = "seq, tenant, conversation, touchpoint, first_ai_at, shown_at, found_at"
FILTERS: Final = ("conversation", "session", "decision", "notice")
_BY = {
    name: Sql(
        f"SELECT {_SHOWING} FROM showing WHERE tenant = :tenant AND {name} = :value AND seq < :before"  # noqa: S608 -- our own column names
        " ORDER BY seq DESC LIMIT :limit"
    )
    for name in FILTERS
}
_OF_SUBJECT = Sql(
    f"SELECT {_SHOWING} FROM showing WHERE tenant = :tenant AND subject = :subject ORDER BY seq DESC LIMIT :limit"  # noqa: S608 -- our own column list
)
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
END: Final = (1 << 63) - 1


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


async def showings(tx: Reader, tenant: str, by: str, value: str, before: int = END, limit: int = 200) -> list[Showing]:
    """Return showings of one conversation, session, decision or notice (``by``), newest first."""
    rows = await tx.rows(_BY[by], tenant=tenant, value=value, before=before, limit=limit)
    return [_showing(row) for row in rows]


async def showings_of(tx: Reader, tenant: str, subject: bytes, limit: int) -> list[Showing]:
    """Return what a person was shown, newest first."""
    return [_showing(row) for row in await tx.rows(_OF_SUBJECT, tenant=tenant, subject=subject, limit=limit)]


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
