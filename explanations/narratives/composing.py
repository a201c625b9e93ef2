"""The template: from an explanation to sections of sentences, each with the places of the facts it stands on. Pure.

The contents list is fixed: decision, role of the AI, data, reasons, what would have changed it, what did not count,
limits, consequences, rights, reference (GDPR Art. 15(1)(h) with C-203/22, AI Act Art. 86, Reg B 1002.9). A fact is a
JSON pointer into the document (``/reason_codes/0``), ``letter:name`` or ``table:key@version#code``. What no fact
stands behind is not said.
"""

from collections.abc import Iterator

from explanations.narratives.display import Names
from explanations.narratives.grounds import changes, reasons
from explanations.narratives.letter import Told, in_table, other
from explanations.narratives.words import Locale, whole
from explanations.parts import Section, Sentence
from explanations.reasons.documents import said
from explanations.reasons.ranking import adverse

SECTIONS = (
    "decision",
    "role",
    "data",
    "reasons",
    "changes",
    "not_counted",
    "limits",
    "consequences",
    "rights",
    "reference",
)


def composed(told: Told, locale: Locale) -> tuple[Section, ...]:
    """Return the sections that have something to say, in the order of the contents list."""
    names = Names(told.approved, locale)
    makers = {
        "decision": decision,
        "role": role,
        "data": details,
        "reasons": reasons,
        "changes": changes,
        "not_counted": not_counted,
        "limits": limits,
        "consequences": consequences,
        "rights": rights,
        "reference": reference,
    }
    made = [(key, tuple(makers[key](told, names))) for key in SECTIONS]
    return tuple(
        Section(key=key, title=locale.phrase(f"title.{key}"), sentences=sentences)
        for key, sentences in made
        if sentences
    )


def decision(told: Told, names: Names) -> Iterator[Sentence]:
    """Say what was decided, when, and who is responsible."""
    say, letter = names.locale.say, told.letter
    if names.locale.fell_back:
        yield Sentence(text=say("fallback.notice"), facts=("letter:language",))
    outcome = names.outcome(told.explanation.outcome.label)
    if outcome is None:
        yield Sentence(text=say("decision.outcome", outcome=told.explanation.outcome.label), facts=("/outcome/label",))
    else:
        yield Sentence(
            text=outcome.text,
            facts=("/outcome/label", in_table(told, "outcomes")),
            lang=other(outcome.lang, names.locale),
        )
    if letter.decided_at is not None:
        yield Sentence(
            text=say("decision.made_on", date=names.locale.date(letter.decided_at)), facts=("letter:decided_at",)
        )
    if letter.controller:
        yield Sentence(text=say("decision.responsible", controller=letter.controller), facts=("letter:controller",))
    if letter.controller and letter.contact:
        contact = say("decision.contact", controller=letter.controller, contact=letter.contact)
        yield Sentence(text=contact, facts=("letter:controller", "letter:contact"))


def role(told: Told, names: Names) -> Iterator[Sentence]:
    """Say what the AI did and what a human did (AI Act Art. 86)."""
    explanation = told.explanation
    text = names.locale.say(f"role.{explanation.ai_role}", system=told.letter.system)
    yield Sentence(text=text, facts=("/ai_role", "letter:system"))
    yield Sentence(
        text=names.locale.say("role.human" if explanation.human.involved else "role.no_human"), facts=("/human",)
    )


def details(told: Told, names: Names) -> Iterator[Sentence]:
    """Say which details were used, with their source where it is known, and that they can be corrected."""
    shown = [(place, one) for place, one in enumerate(told.explanation.inputs) if one.sensitivity != "secret"]
    if not shown:
        return
    yield Sentence(text=names.locale.say("data.intro"), facts=("/inputs",))
    for place, one in shown:
        label, value = names.label(one.feature), names.value(one.feature, whole(one.value), one.display)
        source = names.source(one)
        if source is None:
            text = names.locale.say("data.item", label=label, value=value)
        else:
            text = names.locale.say("data.sourced", label=label, value=value, source=source)
        yield Sentence(text=text, facts=(f"/inputs/{place}",), item=True)
    if "correct" in told.letter.rights:
        yield Sentence(text=names.locale.say("data.correct"), facts=("letter:rights/correct",))


def not_counted(told: Told, names: Names) -> Iterator[Sentence]:
    """Say what the model is not given: only what is neither an input nor credited with anything."""
    if told.approved is None or told.explanation.quality.grade == "fail":
        return
    given = {one.feature for one in told.explanation.inputs} | {one.feature for one in told.explanation.attributions}
    for feature, texts in told.approved.table.not_inputs.items():
        found = said(texts, names.locale.language)
        if feature not in given and found is not None and told.explanation.inputs:
            text = names.locale.say("not_counted.item", label=found[0])
            yield Sentence(
                text=text,
                facts=("/inputs", in_table(told, f"not_inputs/{feature}")),
                lang=other(found[1], names.locale),
            )


def limits(told: Told, names: Names) -> Iterator[Sentence]:
    """Say how the explanation came about and what it leaves open."""
    explanation, say = told.explanation, names.locale.say
    origin, quality = explanation.method.origin, explanation.quality
    if origin != "none" and not told.ranked.stopped and (origin != "native" or quality.direction_checked is True):
        yield Sentence(text=say(f"limits.{origin}"), facts=("/method/origin", "/quality"))
    if origin != "none":
        yield Sentence(text=say("limits.version", version=explanation.model.version), facts=("/model/version",))
    if quality.grade == "C" or (origin == "native" and quality.direction_checked is not True):
        yield Sentence(text=say("limits.unchecked"), facts=("/quality/grade",))
    for place, part in enumerate(explanation.legal.withheld):
        ground = names.locale.phrase(f"ground.{part.ground}")
        yield Sentence(text=say("limits.withheld", ground=ground), facts=(f"/legal/withheld/{place}",))
    if names.locale.needs_review:
        yield Sentence(text=say("limits.unread"), facts=("letter:language",))


def consequences(told: Told, names: Names) -> Iterator[Sentence]:
    """Say what follows, in the operator's approved words."""
    texts = None if told.approved is None else told.approved.table.consequences
    found = said(texts, names.locale.language)
    if found is not None and adverse(told.explanation):
        yield Sentence(text=found[0], facts=(in_table(told, "consequences"),), lang=other(found[1], names.locale))


def rights(told: Told, names: Names) -> Iterator[Sentence]:
    """Say what the person can do now (GDPR Art. 15(1)(e), 16, 21, 22(3))."""
    letter, say = told.letter, names.locale.say
    for key in letter.rights:
        yield Sentence(text=say(f"rights.{key}"), facts=(f"letter:rights/{key}",), item=True)
    if letter.authority:
        yield Sentence(text=say("rights.complain", authority=letter.authority), facts=("letter:authority",), item=True)
    if letter.deadline is not None:
        yield Sentence(text=say("rights.deadline", date=names.locale.date(letter.deadline)), facts=("letter:deadline",))


def reference(told: Told, names: Names) -> Iterator[Sentence]:
    """Say under which number all this is kept."""
    yield Sentence(text=names.locale.say("reference.number", number=told.letter.reference), facts=("letter:reference",))
