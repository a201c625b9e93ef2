"""Whether a draft is ready: gaps that keep it back, and warnings somebody has to sign (EXP-05, EXP-10). Pure."""

from collections.abc import Iterable
from typing import Final

from explanations.reasons.generic import is_generic
from explanations.requests.drafting import OPTIONAL, SECTIONS, Section
from explanations.requests.material import Material, narrative_of

_SPECIFIC: Final = frozenset({"result", "short_answer"})


def gaps(sections: Iterable[Section], ours: Iterable[Section] = ()) -> list[str]:
    """Return what keeps a draft from being ready: empty sections, sentences without a source, reasons that are none.

    ``ours`` are the sections as the record alone gives them: its sentences that are no reasons are not taken for one.
    """
    plain = {sentence["text"] for section in ours for sentence in section["sentences"]}
    found = []
    by_name = {section["id"]: section for section in sections}
    for name in SECTIONS:
        section = by_name.get(name)
        if section is None:
            if name not in OPTIONAL:
                found.append(name)
            continue
        sentences = section["sentences"]
        bare = any(not sentence.get("source") for sentence in sentences)
        said_nothing = not sentences and not (section.get("absent") or "").strip()
        written = [sentence["text"] for sentence in sentences if sentence["text"] not in plain]
        general = name in _SPECIFIC and any(is_generic(text) for text in written)
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
    told = narrative_of(made_of)
    if told is not None and told.generator == "llm":
        found.append("worded_by_a_language_model")
    if told is not None and told.needs_review:
        found.append("language_not_reviewed")
    return found


def unknown_sections(sections: Iterable[Section]) -> list[str]:
    """Return names that are no sections, or stand twice."""
    names = [section["id"] for section in sections]
    return sorted({name for name in names if name not in SECTIONS or names.count(name) > 1})
