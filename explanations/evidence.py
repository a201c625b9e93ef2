"""What is on record of a language model's decision: what it looked up, and what it said of itself. Pure.

That a passage was there is no proof that it was used; that it was quoted word for word is checked here, against the
text the producer sends along, of which only the hash is kept. The model's own rationale is quoted, never believed.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from explanations.parts import Llm, Source


class Evidence(NamedTuple):
    """Sources and the model's own account, as an explanation holds them."""

    sources: tuple[Source, ...]
    llm: Llm


def sealed(told: Mapping[str, Any]) -> dict[str, Any]:
    """Return what is kept of a producer's evidence: the text of a source is compared with its quote and dropped."""
    return {**told, "sources": [_source(one) for one in told.get("sources") or ()]}


def _source(told: Mapping[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in told.items() if name != "text"}
    text, quote = told.get("text"), told.get("quote")
    found = bool(text and quote) and _plain(quote) in _plain(text)
    digest = None if text is None else "sha256:" + sha256(text.encode()).hexdigest()
    return {**kept, "quote_verified": found, "hash": digest}


def _plain(text: object) -> str:
    """Return a text with its line breaks and other gaps made alike."""
    return " ".join(str(text).split())


def of(kept: Mapping[str, Any] | None) -> Evidence | None:
    """Return kept evidence as an explanation holds it."""
    if not kept:
        return None
    llm = Llm(
        request_id=kept.get("request_id"),
        prompt_ref=kept.get("prompt_hash"),
        stated_rationale=kept.get("rationale"),
        decision_logprob=kept.get("decision_logprob"),
    )
    return Evidence(tuple(Source.model_validate(one) for one in kept.get("sources") or ()), llm)
