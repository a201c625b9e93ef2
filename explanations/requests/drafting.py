"""Drafts: the structured answer, put together from the decision, its explanation and approved words (EXP-05).

Every sentence names its source; a section is filled or says why it can't be. What the model server could not give is
left for a person to write: the case waits for nobody's machine. Pure.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from core.clock import parse_rfc3339
from explanations.canonical import Explanation
from explanations.requests import quality
from explanations.requests.facts import Facts
from explanations.requests.store import CaseRow
from explanations.requests.terms import Terms
from explanations.requests.wording import Said, Wording
from explanations.service import DecisionView

SECTIONS: Final = (
    "header", "short_answer", "decision", "role", "information", "result", "change", "consequences", "certainty",
    "left_out", "aggregate", "rights", "human", "law", "evidence",
)  # fmt: skip
MOST_SENTENCES: Final = 60
_OPTIONAL: Final = frozenset({"aggregate"})
_SPECIFIC: Final = frozenset({"result", "short_answer"})
_REASONS: Final = 4
Section = dict[str, Any]


class Average(NamedTuple):
    """All decisions of one system about a person within a year."""

    decisions: int
    adverse: int
    output: float | None


class Material(NamedTuple):
    """What a draft is made from."""

    row: CaseRow
    facts: Facts
    terms: Terms
    views: Sequence[DecisionView]
    explanation: Explanation | None = None
    average: Average | None = None
    contest_until: int | None = None


class _Writer:
    """Collects the sentences of a section."""

    def __init__(self, words: Wording) -> None:
        self.words = words
        self.sentences: list[dict[str, str]] = []

    def say(self, key: str, source: str, **fields: object) -> None:
        said: Said = self.words(key, **fields)
        self.sentences.append({"text": said.text, "source": source, "language": said.language})


def assemble(made_of: Material) -> dict[str, Any]:
    """Return the draft's document: language and sections, each with its sentences or the reason why it has none."""
    words = Wording(made_of.facts.language)
    sections = []
    for name in SECTIONS:
        writer = _Writer(words)
        absent = _WRITERS[name](made_of, writer) if made_of.views or name in _WITHOUT_DECISION else None
        if name not in _OPTIONAL or writer.sentences:
            sections.append({"id": name, "sentences": writer.sentences, "absent": absent})
    return {"schema": "answer/1", "language": words.language, "sections": sections}


def _header(m: Material, out: _Writer) -> str | None:
    out.say("header.number", "request:/number", number=m.row.number)
    out.say("header.received", "request:/received_at", date=out.words.date(m.row.received_at))
    out.say("header.controller", "settings:/controller/name", controller=m.terms.controller)
    if m.terms.contact:
        out.say("header.language", "settings:/controller/contact", contact=m.terms.contact)
    return None


def _short(m: Material, out: _Writer) -> str | None:
    row = m.views[0].row
    out.say("short.outcome", f"decision:{row.id}/outcome/label", outcome=row.outcome)
    out.say(f"short.{row.ai_role}", f"decision:{row.id}/ai_role", system=row.system)
    named = [feature for feature, _, _ in _ranked(m)][:_REASONS]
    if named:
        out.say("short.reasons", _reasons_source(m), reasons=", ".join(_plain(one) for one in named))
    out.say("short.do_now", "words:short.do_now")
    return None


def _decision(m: Material, out: _Writer) -> str | None:
    for view in m.views:
        source = f"decision:{view.row.id}"
        out.say("short.outcome", f"{source}/outcome/label", outcome=view.row.outcome)
        out.say("decision.when", f"{source}/occurred_at", date=out.words.date(view.row.occurred_at))
        out.say("decision.purpose", f"{source}/purpose", purpose=view.row.purpose)
    return None


def _role(m: Material, out: _Writer) -> str | None:
    row = m.views[0].row
    source = f"decision:{row.id}"
    out.say("role.system", f"{source}/model", system=row.system, model=row.model, version=row.model_version)
    out.say(f"short.{row.ai_role}", f"{source}/ai_role", system=row.system)
    out.say(f"role.human_{row.human_role or 'none'}", f"{source}/human/role")
    return None


def _information(m: Material, out: _Writer) -> str | None:
    row, told = m.views[0]
    inputs: Mapping[str, Any] = (told or {}).get("inputs") or {}
    for feature, value in list(inputs.items())[: MOST_SENTENCES - 2]:
        source = f"decision:{row.id}/inputs/{feature}"
        out.say("information.value", source, feature=_plain(feature), value=value)
    reference = (told or {}).get("inputs_reference")
    if reference:
        out.say("information.elsewhere", f"decision:{row.id}/inputs_reference", reference=reference)
    if out.sentences:
        out.say("information.correct", "words:information.correct")
    return None


def pushes(m: Material) -> list[tuple[str, Any, float]]:
    """Return each input that has one: its value, and how far it pushed the result against the person (negative: for).

    The reasons in words come from this list alone, so that whoever reads it beside them reads the same.
    """
    told = m.views[0].personal or {} if m.views else {}
    inputs = told.get("inputs") or {}
    if m.explanation is not None and m.explanation.attributions:
        higher = m.explanation.target.direction != "higher_is_favourable"
        pairs = [(one.feature, one.value if higher else -one.value) for one in m.explanation.attributions]
    else:
        pairs = list(((told.get("explanation") or {}).get("shap_values") or {}).items())
        output, threshold = told.get("output"), told.get("threshold")
        if not isinstance(output, int | float) or not isinstance(threshold, int | float):
            output = threshold = 0.0
        if m.views[0].row.adverse and output < threshold:  # a low output was to the person's disadvantage
            pairs = [(feature, -value) for feature, value in pairs]
    ordered = sorted(pairs, key=lambda pair: -pair[1])
    return [(feature, inputs.get(feature), value) for feature, value in ordered]


def _ranked(m: Material) -> list[tuple[str, Any, bool]]:
    """Return input, value, and whether it spoke against the person, by weight; what speaks against comes first."""
    found = pushes(m)
    against = [(feature, value, True) for feature, value, push in found if push > 0]
    return against + [(feature, value, False) for feature, value, push in reversed(found) if push < 0]


def _reasons_source(m: Material) -> str:
    if m.explanation is not None and m.explanation.attributions:
        return f"explanation:{m.explanation.id}/attributions"
    return f"decision:{m.views[0].row.id}/explanation/shap_values"


def _result(m: Material, out: _Writer) -> str | None:
    row, personal = m.views[0]
    told = personal or {}
    ranked = _ranked(m)
    against = [one for one in ranked if one[2]][:_REASONS]
    in_favour = [one for one in ranked if not one[2]][: _REASONS if not against else 2]
    for feature, value, adverse in (*against, *in_favour):
        key = "result.against" if adverse else "result.for"
        out.say(key, f"{_reasons_source(m)}/{feature}", feature=_plain(feature), value=value)
    for number, factor in enumerate(told.get("factors") or ()):
        if not quality.is_generic(str(factor)):
            out.say("result.factor", f"decision:{row.id}/factors/{number}", factor=factor)
    if out.sentences and isinstance(told.get("output"), int | float):
        key = "result.output" if told.get("threshold") is None else "result.threshold"
        threshold = told.get("threshold")
        out.say(key, f"decision:{row.id}/output", output=_rounded(told["output"]), threshold=threshold)
    return None


def _rounded(number: float) -> float:
    """Return a number with as many digits as a person reads."""
    return round(number, 3)


def _change(m: Material, out: _Writer) -> str | None:
    found = m.explanation.counterfactuals if m.explanation is not None else ()
    for number, one in enumerate(found[:3]):
        if not one.verified or one.verified_at is None or m.explanation is None:
            continue
        changes = ", ".join(
            out.words.plain("change.one", feature=_plain(change.feature), to=change.to, **{"from": change.from_})
            for change in one.changes
        )
        date = out.words.date(parse_rfc3339(one.verified_at))
        source = f"explanation:{m.explanation.id}/counterfactuals/{number}"
        out.say("change.tested", source, changes=changes, date=date)
    return None if out.sentences else out.words.plain("change.not_tested")


def _consequences(m: Material, out: _Writer) -> str | None:
    row = m.views[0].row
    out.say(f"consequences.{row.effect}", f"decision:{row.id}/effect")
    return None


def _certainty(m: Material, out: _Writer) -> str | None:
    row, told = m.views[0]
    made = m.explanation
    if made is None:
        if (told or {}).get("explanation"):
            out.say("certainty.pushed", f"decision:{row.id}/explanation")
        else:
            out.say("certainty.unreliable", "request:/draft")
        return None
    source = f"explanation:{made.id}/quality"
    if made.quality.grade == "fail":
        out.say("certainty.unreliable", source)
    elif made.method.origin == "pushed":
        out.say("certainty.pushed", source)
    else:
        out.say("certainty.checked", source, grade=made.quality.grade)
    if "order_uncertain" in made.quality.flags:
        out.say("certainty.uncertain_order", f"{source}/flags")
    return None


def _left_out(m: Material, out: _Writer) -> str | None:
    for number, one in enumerate(m.facts.redactions):
        section = out.words.plain(f"title.{one['section']}")
        out.say(f"left_out.{one['ground']}", f"request:/redactions/{number}", section=section)
    if not m.facts.redactions:
        out.say("left_out.nothing", "request:/redactions")
    return None


def _aggregate(m: Material, out: _Writer) -> str | None:
    if m.average is not None and m.average.decisions >= 5:
        source = f"decisions:system={m.views[0].row.system}"
        out.say("aggregate.count", source, count=m.average.decisions, adverse=m.average.adverse)
        if m.average.output is not None:
            out.say("aggregate.average", source, average=round(m.average.output, 3))
    return None


def _rights(m: Material, out: _Writer) -> str | None:
    out.say("rights.review", "words:rights.review")
    if m.contest_until is not None:
        out.say("rights.until", "request:/contest_until", date=out.words.date(m.contest_until))
    out.say("rights.correct", "words:rights.correct")
    out.say("rights.object", "words:rights.object")
    if m.terms.authority:
        out.say("rights.complain", "settings:/requests/authority", authority=m.terms.authority)
    else:
        out.say("rights.complain_unnamed", "words:rights.complain_unnamed")
    out.say("rights.court", "words:rights.court")
    return None


def _human(m: Material, out: _Writer) -> str | None:
    if m.terms.contact:
        out.say("human.contact", "settings:/controller/contact", contact=m.terms.contact, number=m.row.number)
    else:
        out.say("human.ask", "words:human.ask", number=m.row.number)
    return None


def _law(m: Material, out: _Writer) -> str | None:
    for law in m.facts.laws:
        out.say("law.cite", f"pack:{law['pack']}/{law['right']}", cite=law["cite"])
    return None


def _evidence(m: Material, out: _Writer) -> str | None:
    for view in m.views:
        out.say("evidence.decision", f"decision:{view.row.id}/seq", decision=view.row.id, seq=view.row.seq)
    if m.explanation is not None:
        name = m.explanation.hash or m.explanation.id
        out.say("evidence.explanation", f"explanation:{m.explanation.id}/hash", explanation=name)
    out.say("evidence.reviewed", "request:/approval")
    return None


_WRITERS: Final[dict[str, Callable[[Material, _Writer], str | None]]] = {
    "header": _header, "short_answer": _short, "decision": _decision, "role": _role, "information": _information,
    "result": _result, "change": _change, "consequences": _consequences, "certainty": _certainty,
    "left_out": _left_out, "aggregate": _aggregate, "rights": _rights, "human": _human, "law": _law,
    "evidence": _evidence,
}  # fmt: skip
_WITHOUT_DECISION: Final = frozenset({"header", "left_out", "rights", "human", "law"})


def _plain(feature: str) -> str:
    return feature.replace("_", " ")


def gaps(sections: Iterable[Section]) -> list[str]:
    """Return what keeps a draft from being ready: empty sections, sentences without a source, reasons that are none."""
    found = []
    by_name = {section["id"]: section for section in sections}
    for name in SECTIONS:
        section = by_name.get(name)
        if section is None:
            if name not in _OPTIONAL:
                found.append(name)
            continue
        sentences = section["sentences"]
        bare = any(not sentence.get("source") for sentence in sentences)
        said_nothing = not sentences and not (section.get("absent") or "").strip()
        general = name in _SPECIFIC and any(quality.is_generic(sentence["text"]) for sentence in sentences)
        if bare or said_nothing or general:
            found.append(name)
    return found


def warnings(made_of: Material) -> list[str]:
    """Return what a reviewer has to sign: reasons nobody checked, an explanation that failed its gates."""
    found = []
    if made_of.explanation is None or made_of.explanation.quality.grade in {"C", "fail"}:
        found.append("reasons_not_checked")
    if made_of.explanation is not None and "prohibited_in_topk" in made_of.explanation.quality.flags:
        found.append("protected_feature_among_reasons")
    return found


def unknown_sections(sections: Iterable[Section]) -> list[str]:
    """Return names that are no sections, or stand twice."""
    names = [section["id"] for section in sections]
    return sorted({name for name in names if name not in SECTIONS or names.count(name) > 1})
