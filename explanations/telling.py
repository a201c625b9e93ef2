"""From an explanation to one that can be read: whose approved words speak for a decision, and the letter around it."""

from collections.abc import Mapping
from typing import NamedTuple

from core.database import Reader
from explanations.canonical import Explanation
from explanations.narratives.letter import Letter, RightKey
from explanations.narratives.service import Narrated, Narrator
from explanations.reasons import service as reasons
from explanations.reasons.service import Approved
from explanations.service import DecisionView

_STAKES = frozenset({"legal", "significant"})
_AFTER_STAKES: tuple[RightKey, ...] = ("human_review", "view", "contest", "correct")
_ALWAYS: tuple[RightKey, ...] = ("view", "correct")


class Sender(NamedTuple):
    """Who answers for a tenant's decisions, as letters name them."""

    name: str
    contact: str


class Teller:
    """Writes the words of one process's explanations."""

    def __init__(self, narrator: Narrator | None = None, senders: Mapping[str, Sender] | None = None) -> None:
        """Write by ``narrator``; ``senders`` by tenant."""
        self._narrator = narrator or Narrator()
        self._senders = senders or {}

    async def approved(self, tx: Reader, view: DecisionView, jurisdiction: str | None) -> Approved | None:
        """Return the reason table that speaks for a decision's system, if one is approved."""
        return await reasons.in_force(tx, view.row.tenant, view.row.system, jurisdiction)

    async def told(
        self,
        explanation: Explanation,
        view: DecisionView,
        approved: Approved | None,
        language: str,
        *,
        plain: bool = False,
    ) -> Narrated:
        """Rank the reasons and write the words. Asks a language model unless ``plain``: in no transaction."""
        letter = self._letter(explanation, view)
        return await self._narrator.narrated(explanation, approved, letter, language, plain=plain)

    async def rehearsed(self, explanation: Explanation, system: str, approved: Approved | None) -> Narrated:
        """Write the words of a made-up decision in English, by the template."""
        letter = Letter(reference=explanation.id, system=system, rights=_ALWAYS)
        return await self._narrator.narrated(explanation, approved, letter, "en", plain=True)

    async def retold(
        self, explanation: Explanation, view: DecisionView, approved: Approved | None, language: str
    ) -> Narrated:
        """Write the words of a stored explanation in another language; its facts stay as they are."""
        return await self._narrator.retold(explanation, approved, self._letter(explanation, view), language)

    def _letter(self, explanation: Explanation, view: DecisionView) -> Letter:
        sender = self._senders.get(view.row.tenant)
        return Letter(
            reference=explanation.id,
            system=view.row.system,
            decided_at=view.row.occurred_at,
            controller=None if sender is None else sender.name,
            contact=None if sender is None else sender.contact,
            rights=_AFTER_STAKES if view.row.effect in _STAKES else _ALWAYS,
        )
