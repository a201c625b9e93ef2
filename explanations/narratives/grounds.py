"""The heart of a narrative: the main reasons, and what would have changed the result. Pure.

Reasons are said in approved words and in their order only as far as it is certain. A change is only told where the
model was really asked, and never as advice or promise; what was looked up counts as relied on only where the quote
was found in its source, and a system's own rationale is quoted as unchecked.
"""

from collections.abc import Iterator

from core.clock import parse_rfc3339
from explanations.canonical import Explanation
from explanations.narratives.display import Names
from explanations.narratives.letter import Told, in_table, other
from explanations.narratives.words import whole
from explanations.parts import Counterfactual, Predicate, Sentence
from explanations.reasons.ranking import adverse

_OPS = {"=": "eq", "!=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "in": "in", "between": "between"}


def reasons(told: Told, names: Names) -> Iterator[Sentence]:
    """Say the main reasons, or honestly why there are none to be had here."""
    explanation, say = told.explanation, names.locale.say
    if told.ranked.stopped:
        yield Sentence(text=say("reasons.stopped"), facts=("/quality/flags",))
        return
    if explanation.quality.grade == "fail":
        if {"version_changed", "replay_mismatch"} & set(explanation.quality.flags):
            yield Sentence(text=say("reasons.changed"), facts=("/quality/flags",))
        yield Sentence(text=say("reasons.unreliable"), facts=("/quality/grade",))
        return
    codes = explanation.reason_codes
    if codes:
        yield from _codes(told, names)
    yield from _rules(told, names)
    yield from _sources(told, names)
    if not codes and not explanation.rules and not explanation.sources:
        key = "reasons.pending" if told.ranked.blocks else "reasons.none"
        yield Sentence(text=say(key), facts=("/reason_codes",))


def _codes(told: Told, names: Names) -> Iterator[Sentence]:
    explanation, say, against = told.explanation, names.locale.say, adverse(told.explanation)
    codes = explanation.reason_codes
    yield Sentence(text=say(f"reasons.{order(told)}"), facts=("/reason_codes", "/quality/separated_at_k"))
    for place in range(len(codes)):
        yield reason_item(told, names, place, against=against)
    sure = certain(told)
    if 0 < sure < len(codes) - 1:
        facts = tuple(f"/reason_codes/{place}/order_certain" for place in range(len(codes)))
        tail = say("reasons.tail_one") if sure == 1 else say("reasons.tail", count=names.locale.number(sure))
        yield Sentence(text=tail, facts=facts)
    if "reasons_incomplete" in explanation.quality.flags:
        yield Sentence(text=say("reasons.incomplete"), facts=("/quality/flags",))
    if explanation.reference.kind != "unknown":
        group = names.locale.phrase(f"group.{explanation.reference.kind}")
        yield Sentence(text=say("reasons.compared", group=group), facts=("/reference",))


def certain(told: Told) -> int:
    """Return how many of the first reasons surely stand where they stand."""
    found = 0
    for one in told.explanation.reason_codes:
        if not one.order_certain:
            break
        found += 1
    return found


def order(told: Told) -> str:
    """Return which opening fits what is known of the order."""
    side = "adverse" if adverse(told.explanation) else "favourable"
    if len(told.explanation.reason_codes) == 1:
        return f"{side}_one"
    return f"{side}_ranked" if certain(told) else f"{side}_open"


def reason_item(told: Told, names: Names, place: int, *, against: bool) -> Sentence:
    """Return one reason: the approved sentence, and the value it is about."""
    code = told.explanation.reason_codes[place]
    text, facts = names.reason(code, adverse=against), [f"/reason_codes/{place}"]
    parts = [] if text is None else [text.text]
    if text is not None:
        facts.append(in_table(told, code.code))
    for where, one in names.shown(code, told.explanation.inputs):
        label = names.label(one.feature)
        value = names.value(one.feature, whole(one.value), one.display)
        parts.append(names.locale.say("reasons.value", label=label, value=value))
        facts.append(f"/inputs/{where}")
    if not parts:
        parts.append(names.locale.say("reasons.named", label=names.named(code)))
    return Sentence(
        text=" ".join(parts),
        facts=tuple(facts),
        item=True,
        lang=None if text is None else other(text.lang, names.locale),
    )


def _rules(told: Told, names: Names) -> Iterator[Sentence]:
    for place, rule in enumerate(told.explanation.rules):
        said_rule = names.locale.joined([_predicate(one, names) for one in rule.predicates])
        yield Sentence(text=names.locale.say("reasons.rule", rule=said_rule), facts=(f"/rules/{place}",))


def _predicate(one: Predicate, names: Names) -> str:
    values = one.value if isinstance(one.value, tuple) else (one.value,)
    written = names.locale.joined([names.value(one.feature, whole(value)) for value in values])
    return names.locale.phrase(f"op.{_OPS[one.op]}", label=names.label(one.feature), value=written)


def _sources(told: Told, names: Names) -> Iterator[Sentence]:
    """Say what was looked up; that it was relied on only if the quote was found in it."""
    say, number = names.locale.say, names.locale.number
    for place, one in enumerate(told.explanation.sources):
        at = f"/sources/{place}"
        yield Sentence(text=say("reasons.looked_up", title=names.locale.value(one.title or one.ref)), facts=(at,))
        if one.quote and one.quote_verified:
            yield Sentence(text=say("reasons.relied", quote=one.quote), facts=(f"{at}/quote", f"{at}/quote_verified"))
        if one.influence is not None:
            flips, runs = number(one.influence.flips), number(one.influence.runs)
            yield Sentence(text=say("reasons.influence", flips=flips, runs=runs), facts=(f"{at}/influence",))
    llm = told.explanation.llm
    if llm is not None and llm.stated_rationale:
        text = say("reasons.own_words", words=names.locale.value(llm.stated_rationale))
        yield Sentence(text=text, facts=("/llm/stated_rationale",))


def changes(told: Told, names: Names) -> Iterator[Sentence]:
    """Say what would have changed the result: only what was really tried, and never as a promise (C-203/22)."""
    explanation, locale = told.explanation, names.locale
    if told.ranked.stopped or explanation.quality.grade == "fail" or not adverse(explanation):
        return
    places = [place for place, one in enumerate(explanation.counterfactuals) if may_be_told(one, explanation)]
    for place in places:
        yield change_item(told, names, place)
    tested = [explanation.counterfactuals[place].verified_at for place in places]
    days = sorted({locale.date(parse_rfc3339(at)) for at in tested if at is not None})
    if places:
        facts = tuple(f"/counterfactuals/{place}/verified_at" for place in places)
        yield Sentence(text=locale.say("changes.tested", date=locale.joined(days)), facts=facts)
        yield Sentence(text=locale.say("changes.promise"), facts=("/counterfactuals",))
    elif explanation.attributions:
        yield Sentence(text=locale.say("changes.none"), facts=("/counterfactuals",))


def may_be_told(one: Counterfactual, explanation: Explanation) -> bool:
    """Tell whether a change was asked, is dated, and touches nothing protected or not actionable."""
    never = {given.feature for given in explanation.inputs if given.sensitivity != "normal"}
    return (
        one.verified
        and one.verified_at is not None
        and all(change.actionable and change.feature not in never for change in one.changes)
    )


def change_item(told: Told, names: Names, place: int) -> Sentence:
    """Return one tested change."""
    one = told.explanation.counterfactuals[place]
    text = names.locale.say(
        "changes.item", changes=names.locale.joined([names.change(change) for change in one.changes])
    )
    return Sentence(text=text, facts=(f"/counterfactuals/{place}",), item=True)
