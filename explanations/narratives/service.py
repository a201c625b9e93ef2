"""The one call that turns an explanation into one that can be read: ranked reasons, words, and their check.

The engine's document goes in; the same document comes out with reason codes, what is withheld, the narrative and a
new hash. With no language model the words are the template's; with one, its rephrasing of the reasons is taken only
if the checker finds nothing, and the result of that check is a part of the quality. No transaction may be open.
"""

from typing import Any, NamedTuple

from explanations.canonical import Explanation
from explanations.narratives.composing import composed
from explanations.narratives.letter import Letter, Told
from explanations.narratives.rendering import as_text
from explanations.narratives.rephrasing import Outcome, Rephraser, rephrased
from explanations.narratives.sources import unsourced
from explanations.narratives.words import Locale
from explanations.parts import Claim, Fidelity, Flag, Legal, Narrative
from explanations.reasons.ranking import NOTHING, Ranked, again, ranked
from explanations.reasons.service import Approved

TEMPLATE = "explanation@1"


class Narrated(NamedTuple):
    """An explanation with its words; ``ranked`` says what was stopped, for ``kept.guard.alert``."""

    explanation: Explanation
    ranked: Ranked

    @property
    def sendable(self) -> bool:
        """Tell whether the words may go to the person as they are."""
        narrative = self.explanation.narrative
        return narrative is not None and not narrative.blocks

    def noted(self) -> dict[str, Any]:
        """Return what the explanation's ledger entry says of its words: who wrote them, and hashes, never the words."""
        return noted(self.explanation)


def noted(explanation: Explanation) -> dict[str, Any]:
    """Return what the ledger says of an explanation's words; empty without any."""
    narrative = explanation.narrative
    if narrative is None:
        return {}
    return {
        "language": narrative.lang,
        "template": narrative.template,
        "generator": narrative.generator,
        "fidelity": narrative.fidelity.ok,
        "blocks": list(narrative.blocks),
        "prompt_hash": narrative.prompt_hash,
        "output_hash": narrative.output_hash,
    }


class Narrator:
    """Writes the words of one process's explanations; ``rephraser`` is nothing where no language model is set up."""

    def __init__(self, rephraser: Rephraser | None = None) -> None:
        """Write with templates, and let ``rephraser`` put the reasons into other words."""
        self._rephraser = rephraser

    async def narrated(
        self, explanation: Explanation, approved: Approved | None, letter: Letter, language: str, *, plain: bool = False
    ) -> Narrated:
        """Rank the reasons and write the words in a language (BCP 47), anew; the document gets a new hash.

        ``plain``: by the template, without asking a language model.
        """
        found = NOTHING if explanation.quality.grade == "fail" else ranked(explanation, approved)
        facts = _with_reasons(explanation, found)
        return await self._written(Told(facts, found, approved, letter), language, fresh=True, plain=plain)

    async def retold(
        self, explanation: Explanation, approved: Approved | None, letter: Letter, language: str
    ) -> Narrated:
        """Write other words for the same facts: the reasons stand as they are, the hash does not change.

        Always the template's words, so that reading costs nothing and says the same each time.
        ``approved`` must be the version the reasons name (``reasons.service.of_explanation``).
        """
        told = Told(explanation, again(explanation), approved, letter)
        return await self._written(told, language, fresh=False, plain=True)

    async def _written(self, told: Told, language: str, *, fresh: bool, plain: bool) -> Narrated:
        locale = Locale(language)
        sections, outcome = composed(told, locale), Outcome()
        if not plain and self._rephraser is not None and not told.ranked.blocks:
            sections, outcome = await rephrased(sections, told, locale, self._rephraser)
        narrative = Narrative(
            lang=locale.language,
            template=f"{TEMPLATE}/{locale.words.language}",
            text=as_text(sections),
            generator="llm" if outcome.used else "template",
            claims=outcome.claims or _claims(told),
            fidelity=Fidelity(ok=outcome.used or not outcome.asked, errors=outcome.errors),
            sections=sections,
            needs_review=locale.needs_review,
            blocks=_blocks(told, unsourced(sections, told.explanation, told.approved)),
            prompt_hash=outcome.prompt_hash,
            output_hash=outcome.output_hash,
        )
        facts = _judged(told.explanation, outcome) if fresh else told.explanation
        return Narrated(facts.model_copy(update={"narrative": narrative}), told.ranked)


def _with_reasons(explanation: Explanation, found: Ranked) -> Explanation:
    flags: tuple[Flag, ...] = tuple(dict.fromkeys((*explanation.quality.flags, *found.flags)))
    legal = Legal(basis=explanation.legal.basis, withheld=(*explanation.legal.withheld, *found.withheld))
    quality = explanation.quality.model_copy(update={"flags": flags})
    changed = {"reason_codes": found.codes, "legal": legal, "quality": quality}
    return explanation.model_copy(update=changed).hashed()


def _judged(explanation: Explanation, outcome: Outcome) -> Explanation:
    """Record whether a language model's words were true to the record (Q8)."""
    if not outcome.asked:
        return explanation
    flags = explanation.quality.flags if outcome.used else (*explanation.quality.flags, "narrative_fidelity")
    quality = explanation.quality.model_copy(
        update={"narrative_fidelity": outcome.used, "flags": tuple(dict.fromkeys(flags))}
    )
    return explanation.model_copy(update={"quality": quality}).hashed()


def _claims(told: Told) -> tuple[Claim, ...]:
    """Return what the template claims: the reasons as they are ranked."""
    higher = told.explanation.target.direction == "higher_is_adverse"
    return tuple(
        Claim(
            feature=one.code,
            direction="adverse" if (one.contribution > 0) == higher else "favourable",
            rank=one.rank,
        )
        for one in told.explanation.reason_codes
    )


def _blocks(told: Told, loose: list[str]) -> tuple[str, ...]:
    found: list[str] = list(told.ranked.blocks)
    found += ["unreliable"] if told.explanation.quality.grade == "fail" else []
    found += ["sentence-without-source"] if loose else []
    return tuple(found)
