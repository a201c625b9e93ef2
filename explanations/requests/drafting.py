"""Drafts: the structured answer, put together from the decision, its explanation and approved words (EXP-05).

Every sentence names its source; a section is filled or says why it can't be. What the model server could not give is
left for a person to write: the case waits for nobody's machine. Pure.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from core.clock import parse_rfc3339
from explanations.reasons.generic import is_generic
from explanations.requests import authorities, fallbacks
from explanations.requests.material import Material, narrative_of, ranked
from explanations.requests.wording import Said, Wording

SECTIONS: Final = (
    "header", "short_answer", "decision", "role", "information", "result", "change", "consequences", "certainty",
    "left_out", "aggregate", "rights", "human", "law", "evidence",
)  # fmt: skip
MOST_SENTENCES: Final = 60
OPTIONAL: Final = frozenset({"aggregate"})
_REASONS: Final = 4
Section = dict[str, Any]


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
        if name not in OPTIONAL or writer.sentences:
            sections.append({"id": name, "sentences": writer.sentences, "absent": absent})
    return {"schema": "answer/1", "language": words.language, "sections": sections}


def _header(m: Material, out: _Writer) -> str | None:
    out.say("header.number", "request:/number", number=m.row.number)
    out.say("header.received", "request:/received_at", date=out.words.date(m.row.received_at))
    if asked_in := fallbacks.notice(m.facts.language):
        out.sentences.insert(0, {"text": asked_in, "source": "words:fallback", "language": m.facts.language})
    out.say("header.controller", "settings:/controller/name", controller=m.terms.controller)
    if m.terms.contact:
        out.say("header.language", "settings:/controller/contact", contact=m.terms.contact)
    return None


def _short(m: Material, out: _Writer) -> str | None:
    row = m.views[0].row
    out.say("short.outcome", f"decision:{row.id}/outcome/label", outcome=row.outcome)
    out.say(f"short.{row.ai_role}", f"decision:{row.id}/ai_role", system=m.named(row.system))
    named = [feature for feature, _, _ in ranked(m)][:_REASONS]
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
    out.say("role.system", f"{source}/model", system=m.named(row.system), model=row.model, version=row.model_version)
    out.say(f"short.{row.ai_role}", f"{source}/ai_role", system=m.named(row.system))
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


def _reasons_source(m: Material) -> str:
    if m.explanation is not None and m.explanation.attributions:
        return f"explanation:{m.explanation.id}/attributions"
    return f"decision:{m.views[0].row.id}/explanation/shap_values"


def _narrated(m: Material, out: _Writer) -> bool:
    """Say the reasons in the words of the explanation: talk, page and letter then say the same (AGT-02)."""
    found = narrative_of(m)
    sections = [] if found is None else [one for one in found.sections if one.key == "reasons"]
    for sentence in (one for section in sections for one in section.sentences):
        language = sentence.lang or out.words.language
        source = f"explanation:{sentence.facts[0]}"
        out.sentences.append({"text": sentence.text, "source": source, "language": language})
    return bool(sections)


def _result(m: Material, out: _Writer) -> str | None:
    if not _narrated(m, out):
        _reasoned(m, out)
    row, personal = m.views[0]
    told = personal or {}
    for number, factor in enumerate(told.get("factors") or ()):
        if not is_generic(str(factor)):
            out.say("result.factor", f"decision:{row.id}/factors/{number}", factor=factor)
    if out.sentences and isinstance(told.get("output"), int | float):
        key = "result.output" if told.get("threshold") is None else "result.threshold"
        threshold = told.get("threshold")
        out.say(key, f"decision:{row.id}/output", output=_rounded(told["output"]), threshold=threshold)
    return None


def _reasoned(m: Material, out: _Writer) -> None:
    found = ranked(m)
    against = [one for one in found if one[2]][:_REASONS]
    in_favour = [one for one in found if not one[2]][: _REASONS if not against else 2]
    for feature, value, adverse in (*against, *in_favour):
        key = "result.against" if adverse else "result.for"
        out.say(key, f"{_reasons_source(m)}/{feature}", feature=_plain(feature), value=value)


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
    if authority := authorities.of(m.terms, m.facts.place):
        out.say("rights.complain", "authorities:/authority", authority=authority)
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
