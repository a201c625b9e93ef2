"""The context pack: what the human needs to know so that nobody asks the customer again (WCAG 2.2, 3.3.7).

It is composed where all rooms can be read and comes here as data. Each part stands under a purpose; a part whose
purpose is not permitted is left out and listed as withheld, so that the agent knows. The whole is hashed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from core import canonical

# names of the parts, in the order agents read them
PARTS: Final = ("transcript", "decisions", "disclosures", "choices", "needs", "answered", "earlier", "promises")
VERSION: Final = 1
LONGEST_TRANSCRIPT: Final = 200


@dataclass(frozen=True)
class Pack:
    """A composed pack: ``parts`` by name, ``withheld`` with the reason for each part that is missing."""

    reason: Mapping[str, Any]
    language: str
    parts: Mapping[str, Any] = field(default_factory=dict)
    withheld: Mapping[str, str] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the pack as JSON values, in one fixed shape."""
        return {
            "v": VERSION,
            "reason": dict(self.reason),
            "language": self.language,
            **{name: self.parts.get(name, []) for name in PARTS},
            "withheld": dict(self.withheld),
        }

    @property
    def hash(self) -> str:
        """Return the SHA-256 of the canonical document, in hex."""
        return hashlib.sha256(canonical.dumps(self.document())).hexdigest()

    @property
    def fields(self) -> list[str]:
        """Return the names of the parts that carry anything: what a desk receives, for the processor map."""
        return [name for name in PARTS if self.parts.get(name)]


def minimised(
    parts: Mapping[str, Any], lawful: Mapping[str, str], permitted: Mapping[str, bool]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the parts that may be shown, and why each other one is withheld.

    ``lawful`` names each part's purpose; a part without one is shown: the request itself is its basis. ``permitted``
    is the gate's answer for each purpose; unknown is not permitted.
    """
    shown: dict[str, Any] = {}
    withheld: dict[str, str] = {}
    for name, content in parts.items():
        purpose = lawful.get(name)
        if not content:
            continue
        if purpose is None or permitted.get(purpose, False):
            shown[name] = content
        else:
            withheld[name] = f"not-permitted:{purpose}"
    return shown, withheld


def plain(document: Mapping[str, Any], most: int) -> str:
    """Return a pack as plain text for desks that take no entries, at most ``most`` characters.

    It begins with a sentence: help desks fold away what begins with dashes or angle brackets (RT 5).
    """
    reason = document["reason"]
    lines = [
        f"A customer asked for a person. Reason: {reason.get('trigger', '')} ({reason.get('rule', '')}).",
        f"Language: {document['language']}.",
    ]
    lines += [f"Decision {one.get('id')}: {one.get('outcome')} by {one.get('model')}." for one in document["decisions"]]
    lines += [f"Withheld: {part} ({why})." for part, why in document["withheld"].items()]
    if document["transcript"]:
        lines.append("What was said so far:")
    lines += [f"[{turn['speaker']}] {_tame(turn['text'])}" for turn in document["transcript"]]
    return shortened("\n".join(lines), most)


def _tame(text: str) -> str:
    return " ".join(part.lstrip("-> ") for part in text.splitlines())


def shortened(text: str, most: int) -> str:
    """Return the beginning of a text with a mark where it was cut."""
    return text if len(text) <= most else text[: most - 2].rstrip() + " …"


def transcript(turns: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the last turns of a conversation, as many as a pack carries."""
    return list(turns[-LONGEST_TRANSCRIPT:])
