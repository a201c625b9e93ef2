"""Narratives of the credit model's explanations, for tests."""

from typing import Any

from core.clock import parse_rfc3339
from explanations.canonical import Explanation
from explanations.narratives.letter import Letter
from explanations.narratives.rephrasing import Rephraser
from explanations.narratives.service import Narrated, Narrator
from explanations.parts import Narrative
from explanations.reasons.service import Approved
from tests.explanations.reasons.explaining import explained
from tests.explanations.reasons.tabling import approved

LETTER = Letter(
    reference="exp-2026-17",
    system="Credit scorer",
    decided_at=parse_rfc3339("2026-11-20T10:00:00Z"),
    controller="Example Bank",
    contact="privacy@bank.example",
    authority="the data protection authority",
    deadline=parse_rfc3339("2026-12-20T00:00:00Z"),
)


async def narrated(
    explanation: Explanation | None = None,
    table: Approved | None = None,
    language: str = "en",
    rephraser: Rephraser | None = None,
    **changes: Any,
) -> Narrated:
    """Tell an explanation of the credit model."""
    made = explained(**changes) if explanation is None else explanation
    return await Narrator(rephraser).narrated(made, table or approved(), LETTER, language)


def words(told: Narrated) -> Narrative:
    """Return the narrative, which is there."""
    assert told.explanation.narrative is not None
    return told.explanation.narrative


def part(told: Narrated, key: str) -> list[str]:
    """Return the sentences of one section."""
    return [one.text for section in words(told).sections if section.key == key for one in section.sentences]
