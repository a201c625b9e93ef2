"""A demo company with a crowd: a million choices and log entries, a hundred thousand cases, written by the engine."""

import asyncio
import sqlite3
from collections.abc import Mapping
from typing import Final

import asyncpg

MANY: Final = 1_000_000
CASES: Final = 100_000
DECISIONS: Final = 200_000
PEOPLE: Final = 200_000
STEP: Final = 10_000_000  # one choice every ten seconds: 116 days
DAY: Final = 86_400_000_000
_SPELLED: Final[dict[str, dict[str, str]]] = {
    "sqlite": {
        "series": "WITH RECURSIVE series(i) AS (SELECT {start} UNION ALL SELECT i + 1 FROM series WHERE i + 1 < {end})",
        "from": "series",
        "subject": "CAST(printf('%016d', i % {people}) AS BLOB)",
        "hex": "printf('%032x', i)",
        "blob": "zeroblob(32)",
        "day": "strftime('%Y-%m-%d', recorded_at / 1000000, 'unixepoch')",
        "no": "0",
        "yes": "1",
    },
    "postgresql": {
        "series": "",
        "from": "generate_series({start}::bigint, {end} - 1) AS i",
        "subject": "convert_to(lpad((i % {people})::text, 16, '0'), 'UTF8')",
        "hex": "lpad(to_hex(i), 32, '0')",
        "blob": "decode(repeat('00', 32), 'hex')",
        "day": "to_char(to_timestamp(recorded_at / 1000000) AT TIME ZONE 'UTC', 'YYYY-MM-DD')",
        "no": "false",
        "yes": "true",
    },
}
_CYCLE = "CASE i % {} {} END"


def _one_of(*values: str) -> str:
    branches = " ".join(f"WHEN {place} THEN '{value}'" for place, value in enumerate(values))
    return _CYCLE.format(len(values), branches)


_AT = "({now} - ({end} - i) * {step})"
_BODY = """'{{"public":{{"by":"oidc_' || (i % 40) || '","by_role":"dpo","reason":"audit","what":"consent record"}}}}'"""
_EVENTS: Final = {
    "seq": "i",
    "id": "'chc_' || {hex}",
    "tenant": "'default'",
    "subject": "{subject}",
    "purpose": _one_of("ai-training", "product-suggestions", "ad-sharing"),
    "purpose_version": "1",
    "system": "'*'",
    "state": _one_of("given", "refused", "withdrawn", "opted_out", "renewed"),
    "explicit": "{no}",
    "actor": _one_of("subject", "subject", "subject", "signal", "staff", "subject", "subject"),
    "method": "'button'",
    "channel": _one_of("web", "web", "api"),
    "notice_version": "'first.' || (i % 5)",
    "locale": "'en'",
    "gpc": "{no}",
    "occurred_at": _AT,
    "recorded_at": _AT,
}
_STATES: Final = {
    "subject": "{subject}",
    "tenant": "'default'",
    "purpose": "'ai-training'",
    "system": "'*'",
    "state": "'given'",
    "explicit": "{no}",
    "actor": "'subject'",
    "gpc": "{no}",
    "choice": "'chc_' || {hex}",
    "seq": "i",
    "purpose_version": "1",
    "recorded_at": _AT,
    "valid_until": "{now} + (i % 400) * {day_long}",
}
_ENTRIES: Final = {
    "seq": "i",
    "id": "'ent_' || {hex}",
    "tenant": "'default'",
    "kind": _one_of("choice.given", "choice.withdrawn", "choice.given", "record.viewed", "decision.recorded"),
    "subject": "{subject}",
    "at": _AT,
    "restrictive": "{no}",
    "body": _BODY,
    "leaf": "{blob}",
}
_DECISIONS: Final = {
    "seq": "i * 5 + 4",
    "id": "'dec_' || {hex}",
    "tenant": "'default'",
    "subject": "{subject}",
    "system": _one_of("support-chatbot", "credit-scorer"),
    "reference": "'case-' || i",
    "model": "'scorer'",
    "model_version": _one_of("1", "2", "3"),
    "purpose": "'credit-decision'",
    "effect": "'legal'",
    "ai_role": "'supported'",
    "outcome": _one_of("declined", "accepted", "accepted"),
    "adverse": "{yes}",
    "permission": """'{{"decision":"allow"}}'""",
    "occurred_at": _AT,
    "recorded_at": _AT,
    "recorded_by": "'key_x'",
    "fingerprint": "{blob}",
    "sealed": "{blob}",
}
_LAST = "({now} - (i % 40) * {day_long} - i)"
_REQUESTS: Final = {
    "id": "'exr_' || {hex}",
    "number": "'N' || i",
    "tenant": "'default'",
    "subject": "{subject}",
    "asker": "{subject}",
    "kind": _one_of("explanation", "explanation", "explanation", "complaint"),
    "state": _one_of("acknowledged", "scoped", "drafting", "in_review", "approved"),
    "owed": "{yes}",
    "law": _one_of("eu.gdpr15-1h", "ca.7222", "gb.15", "us.regb"),
    "assignee": "'oidc_' || (i % 40)",
    "system": "'credit-scorer'",
    "model": "'scorer'",
    "received_at": _LAST,
    "due_at": _LAST + " + (i % 60) * {day_long}",
    "seq": "i",
    "updated_at": _LAST,
    "facts": """'{{"started_on":"2026-11-23"}}'""",
}
_HANDOFFS: Final = {
    "id": "'hnd_' || {hex}",
    "tenant": "'default'",
    "reference": "'H' || i",
    "subject": "{subject}",
    "space": "'customer'",
    "conversation": "''",
    "mode": "'chat'",
    "channel": "'chat'",
    "touchpoint": "''",
    "language": "'en'",
    "rule": "'explicit'",
    "trigger": "'explicit'",
    "because": "'{{}}'",
    "queue": "'main'",
    "skills": "'[]'",
    "weight": "0",
    "priority": "0",
    "rank": "i",
    "state": "'resolved'",
    "declined": "'[]'",
    "opened_at": _LAST,
    "clock_at": _LAST,
    "queued_at": _LAST + " + 1000000",
    "accepted_at": _LAST + " + 60000000",
    "replied_at": _LAST + " + 90000000",
    "ended_at": _LAST + " + 600000000",
    "end_reason": "'resolved'",
    "outcome": "'explained'",
    "desk": "'builtin'",
    "chain_at": "0",
    "delivery": "'none'",
    "hops": "0",
    "violations": "0",
    "reasked": "0",
    "last_seq": "0",
    "head": "{blob}",
}
_TALLIES = """INSERT INTO choice_tally (tenant, day, purpose, system, notice_version, locale, channel, actor, state,
 number) SELECT tenant, {day}, purpose, system, notice_version, locale, channel, actor, state, count(*)
 FROM choice_event GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9"""
_FIRST = ("choice_event", "choice_state", "ledger_entry", "tally_mark", "choice_tally", "decision")


def _insert(table: str, columns: Mapping[str, str]) -> str:
    return f"INSERT INTO {table} ({', '.join(columns)}) {{series}} SELECT {', '.join(columns.values())} FROM {{from}}"


def statements(engine: str, now: int) -> list[str]:
    """Return what makes the demo company's own first rows way for a crowd that ends at ``now``."""
    made = [f"DELETE FROM {table}" for table in _FIRST]
    for table, columns, end in (
        ("choice_event", _EVENTS, MANY),
        ("choice_state", _STATES, PEOPLE),
        ("ledger_entry", _ENTRIES, MANY),
        ("decision", _DECISIONS, DECISIONS),
        ("explanation_request", _REQUESTS, CASES),
        ("handoff", _HANDOFFS, CASES),
    ):
        numbers = {"start": 0, "end": end, "people": PEOPLE, "now": now, "step": STEP, "day_long": DAY}
        parts = {name: text.format(**numbers) for name, text in _SPELLED[engine].items()}
        made.append(_insert(table, columns).format(**parts, **numbers))
    made += [
        _TALLIES.format(**_SPELLED[engine]),
        f"INSERT INTO tally_mark (id, seq) VALUES (1, {MANY - 1})",
    ]
    return [*made, "ANALYZE" if engine == "sqlite" else "VACUUM ANALYZE"]


def fill(url: str, now: int) -> None:
    """Write the crowd beside an open, seeded database; nothing can be recorded in it afterwards."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        for statement in ("PRAGMA synchronous=OFF", "PRAGMA cache_size=-400000", *statements("sqlite", now)):
            connection.execute(statement).fetchall()
        connection.close()
    else:
        asyncio.run(_fill_postgres(url, statements("postgresql", now)))


async def _fill_postgres(url: str, wanted: list[str]) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("SET maintenance_work_mem = '512MB'; SET synchronous_commit = off")
    for statement in wanted:
        await connection.execute(statement)
    await connection.close()
