"""What a language model is told of an explanation, and nothing more: the facts of the sentences it may rephrase. Pure.

Only the main reasons and the tested changes are rephrased; decision, data, limits, rights and reference stay in
approved words. A value goes out only if it is a number or one the operator has words for: what a person typed freely
never reaches a prompt, and neither does who the person is, which decision it was or any other input.
"""

from typing import Literal, NamedTuple

from explanations.narratives.display import Names
from explanations.narratives.grounds import certain, may_be_told
from explanations.narratives.letter import Told
from explanations.narratives.words import whole
from explanations.reasons.ranking import adverse

Direction = Literal["adverse", "favourable"]


class Change(NamedTuple):
    """One input of a tested change, in words."""

    label: str
    before: str
    after: str


class Fact(NamedTuple):
    """One thing that may be said. ``rank`` is 0 for a tested change; ``approved`` is quoted whole or left out."""

    id: str
    kind: Literal["reason", "change"]
    pointer: str
    code: str
    labels: tuple[str, ...]
    values: tuple[str, ...] = ()
    direction: Direction = "adverse"
    rank: int = 0
    approved: str | None = None
    changes: tuple[Change, ...] = ()


class Brief(NamedTuple):
    """Everything a rephrasing may say, in one language; the first ``certain`` ranks are sure."""

    language: str
    facts: tuple[Fact, ...]
    certain: int
    strangers: tuple[str, ...]  # what other inputs and reasons are called: never to be named
    room: int  # characters of the template's own sentences


def brief(told: Told, names: Names, room: int) -> Brief:
    """Return what may be rephrased of an explanation; nothing where a reason has no approved words."""
    facts = (*_reasons(told, names), *_changes(told, names))
    own = {label.casefold() for fact in facts for label in fact.labels}
    others = {names.label(one.feature) for one in told.explanation.inputs}
    if told.approved is not None:
        others |= {names.reason_label(one.code) for one in told.approved.table.reasons}
    strangers = tuple(sorted(label for label in others if label.casefold() not in own))
    return Brief(names.locale.words.language, facts, certain(told), strangers, room)


def _reasons(told: Told, names: Names) -> list[Fact]:
    explanation = told.explanation
    side: Direction = "adverse" if adverse(explanation) else "favourable"
    found = []
    for place, code in enumerate(explanation.reason_codes):
        text = names.reason(code, adverse=side == "adverse")
        shown = names.shown(code, explanation.inputs)
        values = tuple(
            names.value(one.feature, whole(one.value)) for _, one in shown if names.known_value(one.feature, one.value)
        )
        labels = dict.fromkeys([names.named(code), *(names.label(one.feature) for _, one in shown)])
        found.append(
            Fact(
                id=f"reason-{place + 1}",
                kind="reason",
                pointer=f"/reason_codes/{place}",
                code=code.code,
                labels=tuple(labels),
                values=values,
                direction=side,
                rank=code.rank,
                approved=None if text is None else text.text,
            )
        )
    return found


def _changes(told: Told, names: Names) -> list[Fact]:
    explanation = told.explanation
    if told.ranked.stopped or not adverse(explanation):
        return []
    found: list[Fact] = []
    for place, one in enumerate(explanation.counterfactuals):
        known = all(
            names.known_value(change.feature, value) for change in one.changes for value in (change.from_, change.to)
        )
        if not known or not may_be_told(one, explanation):
            continue
        changes = tuple(
            Change(
                names.label(change.feature),
                names.value(change.feature, whole(change.from_)),
                names.value(change.feature, whole(change.to)),
            )
            for change in one.changes
        )
        found.append(
            Fact(
                id=f"change-{len(found) + 1}",
                kind="change",
                pointer=f"/counterfactuals/{place}",
                code=", ".join(change.feature for change in one.changes),
                labels=tuple(change.label for change in changes),
                values=tuple(value for change in changes for value in (change.after, change.before)),
                direction="adverse",
                changes=changes,
            )
        )
    return found
