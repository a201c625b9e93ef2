"""Every statement on conversations and their turns."""

from dataclasses import dataclass
from typing import NamedTuple

from core.database import Insert, Reader, Sql, Tx
from handoff.tables import Conversation


@dataclass(slots=True, kw_only=True)
class Talk:
    """One row of ``conversation``, in the table's order; the counters are turns in a row."""

    id: str
    tenant: str
    subject: bytes
    ref: str
    touchpoint: str
    system: str | None
    language: str
    opened_at: int
    last_at: int
    last_seq: int = 0
    low: int = 0
    failed: int = 0
    sour: int = 0
    hops: int = 0
    human_only: bool = False


class TurnRow(NamedTuple):
    """One row of ``conversation_turn``."""

    seq: int
    kind: str
    speaker: str
    at: int
    public: str
    sealed: bytes | None


_COLUMNS = tuple(Talk.__slots__)
_INSERT = Insert(Conversation)
_FIND = Sql(
    f"SELECT {', '.join(_COLUMNS)} FROM conversation WHERE tenant = :tenant AND subject = :subject AND ref = :ref"  # noqa: S608 -- our own column list
)
_SAVE = Sql(
    "UPDATE conversation SET last_at = :last_at, last_seq = :last_seq, low = :low, failed = :failed, sour = :sour,"
    " hops = :hops, human_only = :human_only WHERE id = :id"
)
_TURNS = Sql(
    "SELECT seq, kind, speaker, at, public, sealed FROM conversation_turn WHERE conversation = :id"
    " ORDER BY seq DESC LIMIT :most"
)
_COUNTS = Sql(
    "SELECT t.kind, t.speaker, count(*) FROM conversation_turn t JOIN conversation c ON c.id = t.conversation"
    " WHERE c.tenant = :tenant AND t.at >= :start AND t.at < :end GROUP BY t.kind, t.speaker"
)
_TOTAL = Sql("SELECT count(*) FROM conversation WHERE tenant = :tenant AND opened_at >= :start AND opened_at < :end")
_RECONTACTS = Sql(
    "SELECT count(*) FROM conversation c WHERE c.tenant = :tenant AND c.opened_at >= :start AND c.opened_at < :end"
    " AND EXISTS (SELECT 1 FROM conversation d WHERE d.tenant = c.tenant AND d.subject = c.subject"
    " AND d.opened_at > c.last_at AND d.opened_at < c.last_at + :within)"
)


def add(tx: Tx, talk: Talk) -> None:
    """Insert a conversation."""
    tx.insert(_INSERT, tuple(getattr(talk, name) for name in _COLUMNS))


async def save(tx: Tx, talk: Talk) -> None:
    """Write the counters of a conversation."""
    names = ("id", "last_at", "last_seq", "low", "failed", "sour", "hops", "human_only")
    await tx.execute(_SAVE, **{name: getattr(talk, name) for name in names})


async def find(tx: Reader, tenant: str, subject: bytes, ref: str) -> Talk | None:
    """Return a conversation of a person by the site's own reference."""
    row = await tx.row(_FIND, tenant=tenant, subject=subject, ref=ref)
    if row is None:
        return None
    made = Talk(**dict(zip(_COLUMNS, row, strict=True)))
    made.human_only = bool(made.human_only)
    return made


async def turns(tx: Reader, talk: str, most: int) -> list[TurnRow]:
    """Return the last turns of a conversation in order."""
    return [TurnRow(*row) for row in reversed(await tx.rows(_TURNS, id=talk, most=most))]


async def counts(tx: Reader, tenant: str, start: int, end: int) -> dict[tuple[str, str], int]:
    """Return how many turns of each kind by each speaker there were in a period."""
    return {(row[0], row[1]): int(row[2]) for row in await tx.rows(_COUNTS, tenant=tenant, start=start, end=end)}


async def totals(tx: Reader, tenant: str, start: int, end: int, within: int) -> tuple[int, int]:
    """Return how many conversations began in a period, and after how many the person came again ``within`` micros."""
    total = await tx.row(_TOTAL, tenant=tenant, start=start, end=end)
    again = await tx.row(_RECONTACTS, tenant=tenant, start=start, end=end, within=within)
    return int(total[0]) if total else 0, int(again[0]) if again else 0
