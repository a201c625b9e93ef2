"""Writes the manifest and the golden file of each bundled pack again: what every rule asks for, when, and when not.

Run ``uv run python -m tests.disclosures.goldens`` after a rule was changed on purpose, and read the difference
against the law before it is committed.
"""

import json
from dataclasses import asdict
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from disclosures.packs.applicability import Whereabouts
from disclosures.packs.documents import Disclosure, Pack, Rule
from disclosures.packs.loading import BUNDLED, MANIFEST, PackSet, bundled, manifest
from disclosures.packs.vocabulary import LEGACY
from disclosures.resolution import Question, Resolution, RuleDue, resolve

FOLDER = Path(__file__).parent / "golden"
DAYS = (date(2026, 11, 21), date(2027, 1, 1), date(2028, 1, 1))


def source(pack: Pack, rule: Rule) -> dict[str, Any]:
    """Return what every rule has to say of itself, and on which days it is in force."""
    verified = pack.verified(rule)
    return {
        "rule": rule.id,
        "citation": rule.cite,
        "confidence": rule.conf,
        "advisory": pack.advisory(rule),
        "verified_on": None if verified is None else verified.isoformat(),
        "in_force": {day.isoformat(): rule.in_force(day) for day in DAYS},
        "says": rule.model_dump(mode="json", by_alias=True, exclude={"id", "cite", "conf"}, exclude_defaults=True),
    }


def asked(packs: PackSet, pack: Pack, rule: Disclosure, on: date, *more: str) -> Question:
    """Return the question whose answer has to hold the rule: its touchpoint, at a place the pack is for."""
    trigger = packs.vocabulary.triggers[rule.trigger]
    case = trigger.any[0]
    wanted = pack.applies
    return Question(
        kind=case.kinds[0] if case.kinds else "other",
        on=on,
        where=Whereabouts(
            residence=wanted.places[0] if wanted.places else None,
            sectors=frozenset(wanted.sectors[:1] or ("other",)),
            contract=wanted.contracts[0] if wanted.contracts else "other",
        ),
        facts=frozenset((*case.facts, *more)),
        channel=trigger.channels[0] if trigger.channels else "web",
        minor=True,
    )


def due_of(found: Resolution, rule_id: str) -> tuple[str, RuleDue] | None:
    """Return the topic and the rule where an answer holds it."""
    return next(((due.topic, one) for due in found.due for one in due.rules if one.rule.id == rule_id), None)


def why_not(found: Resolution, rule_id: str) -> list[str]:
    """Return why an answer leaves a rule out."""
    return [f"{one.because} {one.about}" for one in found.omitted if one.rule.id == rule_id]


def disclosed(packs: PackSet, pack: Pack, rule: Disclosure) -> dict[str, Any]:
    """Return what a disclosure rule leads to: due on its first day, not before, not where it exempts."""
    first = DAYS[0] if rule.effective == "in_force" else max(DAYS[0], rule.effective)
    found = due_of(resolve(packs, asked(packs, pack, rule, first)), rule.id)
    refused: dict[str, list[str]] = {}
    if rule.effective != "in_force":
        before = rule.effective - timedelta(days=1)
        refused[before.isoformat()] = why_not(resolve(packs, asked(packs, pack, rule, before)), rule.id)
    for fact in (*rule.exempt, *((rule.unless,) if rule.unless else ()), *((LEGACY,) if rule.legacy_until else ())):
        refused[fact] = why_not(resolve(packs, asked(packs, pack, rule, first, fact)), rule.id)
    assert found is not None, rule.id
    topic, one = found
    rhythm = {name: value for name, value in asdict(one.cadence).items() if value}
    return {
        "asked": {"kind": asked(packs, pack, rule, first).kind, "on": first.isoformat()},
        "topic": topic,
        "moments": sorted(one.moments),
        "cadence": rhythm,
        "because": [f"{reason.code} {reason.about}".strip() for reason in one.reasons],
        "not_due": refused,
    }


def golden(packs: PackSet, pack: Pack) -> dict[str, Any]:
    """Return what the golden file of a pack has to hold."""
    rules = [
        source(pack, rule) | ({"due": disclosed(packs, pack, rule)} if isinstance(rule, Disclosure) else {})
        for rule in pack.rules
    ]
    applies = {name: value for name, value in pack.applies.model_dump(mode="json").items() if value}
    return {"pack": pack.id, "applies": applies, "inherits": list(pack.inherits), "rules": rules}


def written(value: dict[str, Any]) -> str:
    """Return the text of a golden file: one rule after the other, readable in a review."""
    return json.dumps(value, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    (BUNDLED / MANIFEST).write_text(manifest(), encoding="ascii")
    FOLDER.mkdir(exist_ok=True)
    for stale in FOLDER.glob("*.json"):
        stale.unlink()
    for known in bundled().packs.values():
        (FOLDER / f"{known.id}.json").write_text(written(golden(bundled(), known)), encoding="utf-8")
