"""The instant answer to "why am I seeing this?": said from what is stored, without asking any model (DSA Art. 27).

No figures: which inputs weighed most, which way each spoke where that is known, and whether their order is certain.
The same decision can be asked about formally (GDPR Art. 15(1)(h), AI Act Art. 86).
"""

from typing import Any, Literal

from core.clock import rfc3339
from explanations import gates
from explanations.canonical import Explanation
from explanations.explaining import Why
from explanations.narratives.rendering import as_text

Status = Literal["explained", "stated", "person", "none"]
_MOST = 4
_ANSWERING = frozenset({"reasons", "changes"})


def status_of(why: Why) -> Status:
    """Tell what the answer rests on: checked values, the producer's own word, a person who looks at it, or nothing."""
    if why.document is None:
        return "none" if why.stored is None else "person"
    stopped = "prohibited_in_topk" in why.document.quality.flags
    if why.document.quality.grade == "fail" or stopped:
        return "person"
    return "stated" if "stated_by_producer" in why.document.quality.flags else "explained"


def answer(why: Why) -> dict[str, Any]:
    """Return the answer as JSON values."""
    row, status, document = why.view.row, status_of(why), why.document
    shown = document if status in {"explained", "stated"} else None
    return {
        "decision": row.id,
        "system": row.system,
        "model": {"name": row.model, "version": row.model_version},
        "occurred_at": rfc3339(row.occurred_at),
        "ai_role": row.ai_role,
        "outcome": {"label": row.outcome, "adverse": row.adverse},
        "status": status,
        "factors": [] if shown is None else _factors(shown, adverse=row.adverse),
        "order_certain": bool(shown is not None and shown.quality.separated_at_k),
        "changes": [] if shown is None else _changes(shown),
        "text": None if shown is None else _text(shown),
        "explanation": None if why.stored is None else why.stored.row.id,
    }


def _text(document: Explanation) -> str | None:
    """Return the sections that answer the question, where the words may be sent."""
    if document.narrative is None or document.narrative.blocks:
        return None
    return as_text(section for section in document.narrative.sections if section.key in _ANSWERING) or None


def _factors(document: Explanation, *, adverse: bool | None) -> list[dict[str, Any]]:
    if document.sources:
        return _altered(document, adverse=adverse)
    values = {one.feature: one.value for one in document.attributions}
    direction = document.target.direction
    higher = direction != "higher_is_favourable"
    if adverse and direction != "unknown":
        ranking = gates.adverse_first(values, higher_is_adverse=higher)
        told = gates.reasons(ranking, values, _MOST, higher_is_adverse=higher)
    else:
        told = [name for name in sorted(values, key=lambda name: (-abs(values[name]), name)) if values[name]][:_MOST]
    secret = {one.feature for one in document.inputs if one.sensitivity == "secret"}
    return [
        {"rank": rank, "feature": name, "speaks": _speaks(values[name], direction)}
        for rank, name in enumerate(told, 1)
        if name not in secret
    ]


def _altered(document: Explanation, *, adverse: bool | None) -> list[dict[str, Any]]:
    """Return what changed the outcome when it was changed: it held up what came out."""
    secret = {one.feature for one in document.inputs if one.sensitivity == "secret"}
    speaks = None if adverse is None else "against" if adverse else "for"
    counted = [one for one in document.sources if one.influence is not None and one.ref not in secret][:_MOST]
    return [{"rank": rank, "feature": one.ref, "speaks": speaks} for rank, one in enumerate(counted, 1)]


def _speaks(value: float, direction: str) -> str | None:
    if direction == "unknown":
        return None
    return "against" if (value > 0) == (direction == "higher_is_adverse") else "for"


def _changes(document: Explanation) -> list[list[dict[str, Any]]]:
    """Return what was really tried and turned the answer, each a set of changes."""
    return [
        [{"feature": change.feature, "from": change.from_, "to": change.to} for change in one.changes]
        for one in document.counterfactuals
        if one.verified
    ]
