"""Reading what figures are made of, for one tenant and period: rows, events, conversations, what desks were given."""

from typing import Any

from core import canonical
from core.clock import DAY
from core.database import Reader
from handoff import cases, figures, store
from handoff.delivery import store as desks
from handoff.figures import Target, Told
from handoff.talks import store as talks

_ERASURES = frozenset({"erasure_asked", "erased_there", "erase_by_hand"})


async def report(tx: Reader, tenant: str, start: int, end: int) -> dict[str, Any]:
    """Return all figures of a period; instants in microseconds."""
    rows = await store.between(tx, tenant, start, end)
    told = await _told(tx, tenant, start, end)
    targets = {}
    for key in {row.queue for row in rows}:
        rules = await cases.rules_for(tx, tenant, key)
        targets[key] = Target(rules.threshold_seconds, rules.threshold_share)
    strictest = min(targets.values(), default=Target())
    total, again = await talks.totals(tx, tenant, start, end, 7 * DAY)
    spoken = await talks.counts(tx, tenant, start, end)
    given = await desks.given_between(tx, tenant, start, end)
    in_talks = sum(row.conversation != "" for row in rows)
    return {
        "friction": figures.friction(rows, told, strictest),
        "touchpoints": figures.touchpoints(rows, targets),
        "causes": figures.causes(rows),
        "quality": figures.quality(rows),
        "containment": figures.containment(total, in_talks, again),
        "turns": {f"{speaker}:{kind}": number for (kind, speaker), number in sorted(spoken.items())},
        "by_language": figures.segments(rows, lambda row: row.language),
        "by_ai_choice": figures.segments(rows, lambda row: "opted-out" if row.trigger == "opt_out" else "others"),
        "processors": figures.processors(((row.desk, row.fields, row.opened_at or 0) for row in given), told),
    }


async def _told(tx: Reader, tenant: str, start: int, end: int) -> Told:
    counts: dict[tuple[str, str], int] = {}
    events_of: dict[str, int] = {}
    requested: dict[str, int] = {}
    erasures: dict[tuple[str, str], int] = {}
    placed: list[int] = []
    asked_again = unlabelled = closed = closed_with_opening = 0
    for one in await store.happened_between(tx, tenant, start, end):
        counts[one.kind, one.actor] = counts.get((one.kind, one.actor), 0) + 1
        events_of[one.handoff] = events_of.get(one.handoff, 0) + 1
        unlabelled += one.actor not in figures.LABELS
        if one.kind == "requested":
            requested[one.handoff] = one.at
        elif one.kind in {"queued", "deferred"} and one.handoff in requested:
            placed.append(one.at - requested.pop(one.handoff))
        facts = canonical.loads(one.public)
        if one.kind in _ERASURES:
            erasures[facts["desk"], one.kind] = erasures.get((facts["desk"], one.kind), 0) + 1
        asked_again += one.kind == "asked_again" and one.actor == "customer" and facts.get("rule") == "asked/1"
        if one.kind == "deferred" and facts.get("reason") == "closed":
            closed += 1
            closed_with_opening += facts.get("due_at") is not None
    return Told(counts, events_of, placed, asked_again, unlabelled, closed_with_opening, closed, erasures)
