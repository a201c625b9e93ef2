"""How handing over goes, computed from rows and events: the friction criteria F1 to F14, waits, causes, processors.

Each criterion says what was measured, its target and whether it was met; a period without cases meets nothing and says
so with no value. Containment is only ever shown beside how many came back within a week. Groups of fewer than five are
not shown (GOV-07).
"""

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from core.clock import MICROS
from handoff.lifecycle import ENDED, OPEN, steps
from handoff.rows import HandoffRow

FEWEST: Final = 5
LABELS: Final = frozenset({"customer", "ai", "agent", "system", "remote"})


class Told(NamedTuple):
    """What events of a period say: how many of each (kind, actor), and per handoff where it matters."""

    counts: Mapping[tuple[str, str], int]
    events_of: Mapping[str, int]  # events by handoff
    placed_after: Sequence[int]  # microseconds from each request to its first place
    asked_again: int
    unlabelled: int
    closed_with_opening: int
    closed: int
    erasures: Mapping[tuple[str, str], int] = {}  # deletions asked of desks, and what came of them, by (desk, kind)


class Target(NamedTuple):
    """What a queue promises and the law in force asks for."""

    seconds: int = 180
    share: float = 0.95


def percentile(values: Iterable[int], share: float) -> int | None:
    """Return the value below which a share of them lies; nothing of nothing."""
    ordered = sorted(values)
    if not ordered:
        return None
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def waits(rows: Iterable[HandoffRow]) -> list[int]:
    """Return the waits for a human in opening hours, microseconds."""
    return [
        max(0, row.accepted_at - row.clock_at) for row in rows if row.accepted_at is not None and row.mode == "live"
    ]


def _share(part: int, whole: int) -> float | None:
    return None if whole == 0 else round(part / whole, 4)


def _seconds(value: int | None) -> float | None:
    return None if value is None else round(value / MICROS, 3)


def _criterion(name: str, measure: str, value: float | None, target: float, *, most: bool = False) -> dict[str, Any]:
    met = None if value is None else (value <= target if most else value >= target)
    return {"id": name, "measure": measure, "value": value, "target": target, "met": met}


def friction(rows: Sequence[HandoffRow], told: Told, target: Target) -> list[dict[str, Any]]:
    """Return F1 to F14. F12 is proven by tests of the release, not by events, and says so."""
    total = len(rows)
    accepted = [row for row in rows if row.accepted_at is not None]
    explicit = sum(row.trigger == "explicit" for row in rows)
    messages = sum(number for (kind, _), number in told.counts.items() if kind == "message")
    wait = waits(rows)
    reach = None if not explicit else round(1 + told.asked_again / explicit, 4)
    ended = [row for row in rows if row.state in ENDED]
    by_customer = sum(row.end_reason == "customer_left" for row in ended)
    return [
        _criterion("F1", "actions to an accepted request", reach, 1, most=True),
        _criterion("F2", "request to reply, p95, ms", _millis(told.placed_after), 200, most=True),
        _criterion(
            "F3", "AI turns after the request", _count(total, sum(row.violations for row in rows)), 0, most=True
        ),
        _criterion("F4", "time to a human, p95, s", _seconds(percentile(wait, 0.95)), target.seconds, most=True),
        _criterion("F5", "cases without a next step", _count(total, sum(map(_stuck, rows))), 0, most=True),
        _criterion("F6", "ended without a human or a choice", _count(total, sum(map(_silently, ended))), 0, most=True),
        _criterion("F7", "out of hours: told the opening", _share(told.closed_with_opening, told.closed), 1),
        _criterion("F8", "context there before a human", _share(sum(map(_with_pack, accepted)), len(accepted)), 1),
        _criterion("F9", "language match known", _share(sum(map(_language, accepted)), len(accepted)), 1),
        _criterion("F10", "messages labelled", _share(messages - told.unlabelled, messages), 1),
        _criterion("F11", "gaps in events", _count(total, sum(_gap(row, told) for row in rows)), 0, most=True),
        {"id": "F12", "measure": "keyboard, screen reader, no scripts", "value": None, "target": 1, "met": None},
        _criterion("F13", "cases with a reference", _share(sum(bool(row.reference) for row in rows), total), 1),
        _criterion("F14", "actions to leave", 1.0 if by_customer else None, 1, most=True),
    ]


def _count(total: int, value: int) -> float | None:
    return None if total == 0 else float(value)


def _millis(values: Sequence[int]) -> float | None:
    found = percentile(values, 0.95)
    return None if found is None else round(found / 1000, 3)


def _stuck(row: HandoffRow) -> bool:
    """An open case that nothing will move: nobody has it, no timer runs, and it is no ticket that waits to be read."""
    if not steps(row.state, due_at=row.due_at):
        return True
    waits_alone = row.state in OPEN and row.assignee is None and row.next_at is None
    return waits_alone and not (row.state == "queued" and row.mode == "ticket")


def _silently(row: HandoffRow) -> bool:
    return row.accepted_at is None and row.end_reason not in {"customer_left", "erased"}


def _with_pack(row: HandoffRow) -> bool:
    return row.pack_hash is not None


def _language(row: HandoffRow) -> bool:
    return row.agent_language is not None or row.desk != "builtin"


def _gap(row: HandoffRow, told: Told) -> bool:
    return told.events_of.get(row.id, 0) != row.last_seq


def touchpoints(rows: Sequence[HandoffRow], targets: Mapping[str, Target]) -> list[dict[str, Any]]:
    """Return waits and abandonment of each touchpoint against its queue's threshold, with an alert if it is missed."""
    found = []
    for name in sorted({row.touchpoint for row in rows}):
        here = [row for row in rows if row.touchpoint == name]
        target = targets.get(here[0].queue, Target())
        wait = waits(here)
        under = _share(sum(one <= target.seconds * MICROS for one in wait), len(wait))
        left = [row for row in here if row.state == "cancelled" and row.accepted_at is None]
        found.append(
            {
                "touchpoint": name,
                "requests": len(here),
                "wait_p50_seconds": _seconds(percentile(wait, 0.5)),
                "wait_p95_seconds": _seconds(percentile(wait, 0.95)),
                "threshold_seconds": target.seconds,
                "threshold_share": target.share,
                "under_threshold": under,
                "alert": under is not None and under < target.share,
                "abandoned": len(left),
                "abandoned_after_p50_seconds": _seconds(
                    percentile([(row.ended_at or row.opened_at) - row.opened_at for row in left], 0.5)
                ),
            }
        )
    return found


def causes(rows: Sequence[HandoffRow]) -> dict[str, int]:
    """Return how many cases each trigger made."""
    return dict(sorted(Counter(row.trigger for row in rows).items()))


def quality(rows: Sequence[HandoffRow]) -> dict[str, Any]:
    """Return what came of cases: transfers, outcomes, what people thought of the human part and of the AI part."""
    total = len(rows)
    ended = [row for row in rows if row.state == "resolved"]
    human = [row.score for row in rows if row.score is not None]
    ai = [row.ai_score for row in rows if row.ai_score is not None]
    return {
        "requests": total,
        "honoured": _share(total, total),  # an explicit request can't be refused
        "transfers_per_case": _share(sum(row.hops for row in rows), total),
        "reasked_per_case": _share(sum(row.reasked for row in rows), total),
        "returned_to_ai": sum(row.end_reason == "returned_to_ai" for row in rows),
        "outcomes": dict(sorted(Counter(row.outcome for row in ended if row.outcome).items())),
        "overturned": _share(sum(row.outcome == "changed" for row in ended), len(ended)),
        "csat_human": None if not human else round(sum(human) / len(human), 2),
        "csat_ai": None if not ai else round(sum(ai) / len(ai), 2),
    }


def containment(conversations: int, handoffs: int, again: int) -> dict[str, Any]:
    """Return how many conversations ended with the AI, never without how many of the people came back in a week."""
    if conversations == 0:
        return {"conversations": 0, "contained": None, "came_back_within_7_days": None}
    return {
        "conversations": conversations,
        "contained": _share(max(0, conversations - handoffs), conversations),
        "came_back_within_7_days": _share(again, conversations),
    }


def segments(rows: Sequence[HandoffRow], by: Callable[[HandoffRow], str]) -> list[dict[str, Any]]:
    """Return waits and outcomes of each group; groups of fewer than five are not shown."""
    found: list[dict[str, Any]] = []
    for name in sorted({by(row) for row in rows}):
        here = [row for row in rows if by(row) == name]
        if len(here) < FEWEST:
            found.append({"segment": name, "requests": None, "wait_p95_seconds": None, "changed": None})
            continue
        changed = _share(sum(row.outcome == "changed" for row in here), len(here))
        wait = _seconds(percentile(waits(here), 0.95))
        found.append({"segment": name, "requests": len(here), "wait_p95_seconds": wait, "changed": changed})
    return found


def processors(given: Iterable[tuple[str, str, int]], told: Told) -> list[dict[str, Any]]:
    """Return which desk received which parts, how often and when: of each case its desk, parts (JSON) and instant.

    Beside it how many deletions were asked for there, confirmed, and left to people.
    """
    by_desk: dict[str, list[tuple[str, int]]] = {}
    for desk, parts, at in given:
        by_desk.setdefault(desk, []).append((parts, at))
    found = []
    for desk in sorted(by_desk):
        counted = Counter(part for parts, _ in by_desk[desk] for part in json.loads(parts))
        instants = [at for _, at in by_desk[desk]]
        fields = dict(sorted(counted.items()))
        found.append(
            {
                "desk": desk,
                "cases": len(instants),
                "fields": fields,
                "first_at": min(instants),
                "last_at": max(instants),
                "erasures": {
                    "asked": told.erasures.get((desk, "erasure_asked"), 0),
                    "confirmed": told.erasures.get((desk, "erased_there"), 0),
                    "by_hand": told.erasures.get((desk, "erase_by_hand"), 0),
                },
            }
        )
    return found
