"""What the page about reaching a person says: the widget's own words, in every language it has.

Who said a line, and how the case stands, is told as the widget tells it (``disclosures/widget/source/candor-chat.js``).
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from disclosures.widget import words

_LINES: Final = {
    "accepted": "joined",
    "transferred": "passed",
    "passed_on": "passed",
    "resolved": "ended",
    "returned_to_ai": "returned",
    "reopened": "reopened",
    "callback_missed": "missed",
}
_MACHINES: Final = frozenset({"ai", "system"})


class Line(NamedTuple):
    """One line of a conversation: ``kind`` is own, human, machine or event; ``who`` is nobody for an event."""

    kind: str
    who: str | None
    text: str


class Tongue:
    """The words of one language."""

    def __init__(self, language: str) -> None:
        """Speak ``language``, or the nearest there is."""
        self.language = words.nearest(language)
        self.direction = words.direction_of(language)
        self._words = words.catalogue(self.language)

    def __call__(self, key: str, **fields: object) -> str:
        """Return one text with its fields filled in."""
        text = self._words[key]
        if not isinstance(text, str):
            raise TypeError(f"{key} has plural forms")
        for name, value in fields.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    def line(self, event: Mapping[str, Any]) -> Line | None:
        """Return how an event is told, if it is one that is."""
        name, actor = event["name"] or "", event["actor"]
        if event["kind"] in _LINES:
            return Line("event", None, self(f"talk_{_LINES[event['kind']]}", name=name))
        if event["kind"] != "message" or event["text"] is None:
            return None
        if actor == "customer":
            return Line("own", self("talk_you"), event["text"])
        if actor in _MACHINES:
            return Line("machine", self(f"talk_{actor}"), event["text"])
        return Line("human", self("talk_person", name=name), event["text"])

    def standing(self, case: Mapping[str, Any], due: str) -> str:
        """Return how a case stands; ``due`` is when a deferred one goes on."""
        state = case["state"]
        if state == "active":
            return self("talk_human", name=case["name"] or "")
        if state == "cancelled":
            return self("talk_left")
        if state == "resolved":
            return self("talk_returned" if case["end_reason"] == "returned_to_ai" else "talk_ended")
        if state == "deferred":
            return self("talk_called" if case["choice"] == "callback" else "talk_later", time=due)
        if case["mode"] == "ticket":
            return self("talk_written")
        nobody = self("talk_nobody") if case["wait_seconds"] is None else ""
        return " ".join(filter(None, (self("talk_waiting"), self("talk_place", n=case["position"]), nobody)))
