"""The canonical explanation ``explanation/1``: one document over attributions, rules, counterfactuals and evidence.

What is unknown is ``null`` or ``unknown`` and has a flag; nothing is guessed. The JSON Schema is published beside this
file (``explanation-1.schema.json``). ``hash`` covers the document without ``hash`` and ``narrative``, so that the words
may be written again but never the facts; a recomputation is a new document that ``supersedes`` the old one
(GDPR Art. 15(1)(h), AI Act Art. 86, Reg B 1002.9).
"""

from hashlib import sha256
from typing import Any, Literal

from pydantic import Field

from core import canonical
from explanations.parts import (
    AiRole,
    Attribution,
    Counterfactual,
    Example,
    Human,
    Input,
    Legal,
    Llm,
    Method,
    Model,
    Narrative,
    Number,
    Outcome,
    Part,
    Quality,
    ReasonCode,
    Reference,
    Rule,
    Source,
    Target,
)

SCHEMA = "explanation/1"


class Explanation(Part):
    """The whole document."""

    schema_: Literal["explanation/1"] = Field("explanation/1", alias="schema")
    id: str = Field(pattern=r"^exp_[0-9a-f]{32}$")
    decision_id: str = Field(pattern=r"^dec_[0-9a-f]{32}$")
    subject_id: str = Field(pattern=r"^sub_[0-9a-f]{32}$")
    created_at: str
    computed_at_decision_time: bool
    model: Model
    ai_role: AiRole
    human: Human
    outcome: Outcome
    target: Target
    output_value: Number | None
    base_value: Number | None
    link: Literal["identity", "logit", "unknown"] = "identity"
    reference: Reference
    inputs: tuple[Input, ...] = ()
    attributions: tuple[Attribution, ...] = ()
    interactions: tuple[Attribution, ...] = ()
    reason_codes: tuple[ReasonCode, ...] = ()
    rules: tuple[Rule, ...] = ()
    counterfactuals: tuple[Counterfactual, ...] = ()
    examples: tuple[Example, ...] = ()
    sources: tuple[Source, ...] = ()
    llm: Llm | None = None
    method: Method
    quality: Quality
    narrative: Narrative | None = None
    legal: Legal = Legal()
    raw_ref: str | None = None
    hash: str | None = Field(None, pattern=r"^sha256:[0-9a-f]{64}$")
    supersedes: str | None = Field(None, pattern=r"^exp_[0-9a-f]{32}$")

    def document(self) -> dict[str, Any]:
        """Return the document as JSON values."""
        return self.model_dump(mode="json", by_alias=True)

    def digest(self) -> str:
        """Return ``sha256:`` and the hash of the canonical bytes without ``hash`` and ``narrative``."""
        facts = {name: value for name, value in self.document().items() if name not in {"hash", "narrative"}}
        return "sha256:" + sha256(canonical.dumps(facts)).hexdigest()

    def hashed(self) -> "Explanation":
        """Return the same explanation with its hash."""
        return self.model_copy(update={"hash": self.digest()})


def read(raw: bytes) -> Explanation:
    """Read a stored document. Raises ``ValueError`` for one that is none, or whose hash does not fit."""
    found = Explanation.model_validate(canonical.loads(raw))
    if found.hash is not None and found.hash != found.digest():
        raise ValueError("the explanation does not have the hash it says")
    return found


def json_schema() -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of the document, as published."""
    made = Explanation.model_json_schema(by_alias=True)
    address = "https://candor.dev/schemas/explanation-1.schema.json"
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": address, **made}
