"""Whether every sentence has its source: a narrative with one that stands on nothing is not ready (EXP-05). Pure."""

from collections.abc import Sequence
from typing import Any

from explanations.canonical import Explanation
from explanations.parts import Section
from explanations.reasons.service import Approved

_LETTER = "letter:"
_TABLE = "table:"


def unsourced(sections: Sequence[Section], explanation: Explanation, approved: Approved | None) -> list[str]:
    """Return the sentences that name no fact, or one that is not there."""
    document = explanation.document()
    ref = "" if approved is None else f"{_TABLE}{approved.ref}#"
    return [
        one.text
        for section in sections
        for one in section.sentences
        if not one.facts or not all(_stands(fact, document, ref) for fact in one.facts)
    ]


def _stands(fact: str, document: dict[str, Any], ref: str) -> bool:
    if fact.startswith("/"):
        return found_at(document, fact)
    if fact.startswith(_TABLE):
        return bool(ref) and fact.startswith(ref)
    return fact.startswith(_LETTER) and len(fact) > len(_LETTER)


def found_at(document: Any, pointer: str) -> bool:
    """Tell whether a JSON pointer (RFC 6901) leads to a member of a document."""
    place = document
    for part in pointer.split("/")[1:]:
        name = part.replace("~1", "/").replace("~0", "~")
        if isinstance(place, dict) and name in place:
            place = place[name]
        elif isinstance(place, list) and name.isdigit() and int(name) < len(place):
            place = place[int(name)]
        else:
            return False
    return True
