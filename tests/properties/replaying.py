"""Current rows worked out from events alone, and held against those that are stored."""

from typing import Any

from core.clock import DAY
from core.database import Database, Sql
from tests.properties.oracle import REFUSING, Happening, a_year_later

_EVENTS = Sql(
    "SELECT e.seq, e.subject, e.purpose, e.system, e.state, e.explicit, e.purpose_version, e.valid_until, e.gpc,"
    " e.actor, e.notice_version, e.recorded_at, e.id, e.receipt, coalesce(k.erased_seq, -1)"
    " FROM choice_event e LEFT JOIN subject_key k ON k.tenant = e.tenant AND k.subject = e.subject"
    " WHERE e.tenant = :tenant ORDER BY e.seq"
)
_ROWS = Sql(
    "SELECT subject, purpose, system, state, explicit, actor, gpc, choice, seq, purpose_version, notice_version,"
    " recorded_at, valid_until, ask_after, receipt FROM choice_state WHERE tenant = :tenant"
)
_ASK_AGAIN_DAYS = 365


async def happenings(db: Database, tenant: str) -> list[tuple[bytes, Happening]]:
    """Return every event of a tenant, in order."""
    return [
        (e[1], Happening(e[2], e[3], e[4], bool(e[5]), e[6], e[7], bool(e[8]), e[9], e[10], e[11], e[12]))
        for e in await db.fetch(_EVENTS, tenant=tenant)
    ]


async def differences(db: Database, tenant: str) -> list[str]:
    """Replay a tenant's events and return in what the current rows differ from that; nothing if they agree."""

    async def both(tx: Any) -> tuple[Any, Any]:
        return await tx.rows(_EVENTS, tenant=tenant), await tx.rows(_ROWS, tenant=tenant)

    events, rows = await db.read(both)
    expected: dict[tuple[bytes, str, str], tuple[Any, ...]] = {}
    for e in events:
        erased = e[0] <= e[14]  # of what was erased with the person only her last word stays, if it is a no
        ask_after = None
        if e[4] == "refused":
            ask_after = e[11] + _ASK_AGAIN_DAYS * DAY
        elif e[4] in {"withdrawn", "opted_out"}:
            ask_after = a_year_later(e[11])
        if erased and e[4] not in REFUSING:
            expected.pop((e[1], e[2], e[3]), None)
            continue
        gpc, notice, receipt = (False, None, None) if erased else (bool(e[8]), e[10], e[13])
        expected[e[1], e[2], e[3]] = (
            e[4], bool(e[5]), e[9], gpc, e[12], e[0], e[6], notice, e[11], e[7], ask_after, receipt,
        )  # fmt: skip
    stored = {(r[0], r[1], r[2]): (r[3], bool(r[4]), r[5], bool(r[6]), *r[7:]) for r in rows}
    return [
        f"{place}: stored {stored.get(place)}, replayed {expected.get(place)}"
        for place in sorted(expected.keys() | stored.keys())
        if stored.get(place) != expected.get(place)
    ]
