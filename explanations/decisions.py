"""What a producer says of one decision, and when that is complete. Pure.

A decision with a legal or similarly significant effect (GDPR Art. 22) says what part a human had, and why it came
out so; every decision names its model's version and what the model was given (EXP-01).
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from core.clock import MICROS
from core.errors import FieldError
from core.principal import Subject

HIGH_STAKES: Final = frozenset({"legal", "significant"})
MOST = 1000
CLOCK_SKEW = 60 * MICROS  # a producer's clock may be ahead of ours by this much


class Permission(NamedTuple):
    """What the gate said at the time of the decision, ``at`` in microseconds."""

    decision: str
    reasons: tuple[str, ...]
    purpose_version: int | None
    choice: str | None
    at: int

    def document(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return dict(zip(self._fields, self, strict=True))


class Sheet(NamedTuple):
    """One decision as its producer tells it; ``personal`` is what gets sealed. Instants in microseconds."""

    subject: Subject
    reference: str
    system: str
    model: str
    model_version: str
    purpose: str
    effect: str
    ai_role: str
    human_role: str | None
    human_ref: str | None
    outcome: str
    adverse: bool | None
    occurred_at: int | None
    personal: Mapping[str, Any]
    place: str = ""  # where it stands in the request, as a JSON pointer

    def said(self) -> dict[str, Any]:
        """Return all that the producer said: a repetition says the same."""
        names = self._fields
        said: dict[str, Any] = dict(zip(names[1:-1], self[1:-1], strict=True))  # not the subject, not the place
        said["subject"], said["space"] = self.subject.reference, self.subject.space
        return said


def omissions(sheet: Sheet, now: int) -> list[FieldError]:
    """Return what is missing or contradicts itself, each with its place in the request."""
    found = []
    if not sheet.model_version.strip():
        found.append(FieldError(f"{sheet.place}/model/version", "a decision names the version of its model"))
    if not sheet.personal.get("inputs") and not sheet.personal.get("inputs_reference"):
        found.append(FieldError(f"{sheet.place}/inputs", "send the inputs, or inputs_reference to where you keep them"))
    if sheet.effect in HIGH_STAKES and sheet.human_role is None:
        found.append(
            FieldError(f"{sheet.place}/human", "a decision with this effect says what part a human had, even if none")
        )
    if sheet.effect in HIGH_STAKES and not sheet.personal.get("rationale"):
        found.append(FieldError(f"{sheet.place}/rationale", "a decision with this effect says why it came out so"))
    if sheet.occurred_at is not None and sheet.occurred_at > now + CLOCK_SKEW:
        found.append(FieldError(f"{sheet.place}/occurred_at", "lies in the future"))
    return found
