"""Marks on AI-made content: words for people, and what machines read: IPTC source types and C2PA (Art. 50(2), (4)).

Candor makes no watermark and signs no manifest: it hands through the marker the generator made, and says in the
terms of IPTC and schema.org what the content is. "Checked by a person" needs that person and the time.
"""

import json
from functools import cache
from importlib.resources import files
from typing import Any, Final, Literal, NamedTuple

Making = Literal["generated", "modified", "assisted"]
# IPTC NewsCodes, digital source types (https://cv.iptc.org/newscodes/digitalsourcetype/)
_IPTC: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_SOURCE: Final = {
    "generated": "trainedAlgorithmicMedia",
    "modified": "compositeWithTrainedAlgorithmicMedia",
    "assisted": "compositeWithTrainedAlgorithmicMedia",
}
_ACTION: Final = {"generated": "c2pa.created", "modified": "c2pa.edited", "assisted": "c2pa.edited"}


@cache
def _words() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(files(__package__).joinpath("labels.json").read_text(encoding="utf-8"))
    return found


class Label(NamedTuple):
    """A mark: the words, their language, and what machines read."""

    text: str
    lang: str
    metadata: dict[str, Any]


def label(
    making: Making, language: str, system: str, made_at: str, reviewed_at: str | None, manifest: dict[str, Any] | None
) -> Label:
    """Return the mark of a content item; ``manifest`` is the generator's own marker, handed through as it is."""
    known = _words()["words"]
    spoken = next((one for one in (language, language.partition("-")[0]) if one in known), "en")
    words = known[spoken][making]
    source = f"{_IPTC}{_SOURCE[making]}"
    action = {"action": _ACTION[making], "softwareAgent": system, "when": made_at, "digitalSourceType": source}
    metadata: dict[str, Any] = {
        "iptc": {"Iptc4xmpExt:DigitalSourceType": source},
        "c2pa": {"label": "c2pa.actions.v2", "data": {"actions": [action]}},
        "json_ld": {"@context": "https://schema.org", "@type": "CreativeWork", "digitalSourceType": source},
        "human_reviewed": reviewed_at is not None,
        "reviewed_at": reviewed_at,
        "manifest": manifest,
    }
    return Label(words if reviewed_at is None else f"{words}, {_words()['checked'][spoken]}", spoken, metadata)
