"""The parts of a canonical explanation: what each may say, each exactly the members that are declared."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Number = Annotated[float, Field(allow_inf_nan=False)]
Scalar = Annotated[str, Field(max_length=1000)] | bool | int | Number | None
Name = Annotated[str, Field(min_length=1, max_length=200)]
Space = Literal["probability", "log_odds", "score", "label", "unknown"]
Direction = Literal["higher_is_adverse", "higher_is_favourable", "unknown"]
AiRole = Literal["decided", "recommended", "informed", "worded_only"]
ReferenceKind = Literal["all_applicants", "near_cutoff", "approved", "baseline_row", "training_mean", "unknown"]
Flag = Literal[
    "base_unknown",
    "output_unknown",
    "class_unknown",
    "space_unknown",
    "names_from_config",
    "version_unknown",
    "version_changed",
    "replay_mismatch",
    "order_uncertain",
    "sampled",
    "stated_by_producer",
    "upstream_free_form",
    "prohibited_in_topk",
    "withheld_parts",
    "class_mismatch",
    "additivity_failed",
    "direction_failed",
    "unreliable",
    "reasons_unmapped",
    "reasons_incomplete",
    "narrative_fidelity",
]


class Part(BaseModel):
    """A part of the document: exactly the declared members, and immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Model(Part):
    """Which model it is about: the customer's AI model, never a class of ours."""

    name: Name
    version: Name
    version_source: Literal["response", "config", "header", "decision", "unknown"]
    provider: Name
    endpoint_ref: str | None = None
    fingerprint: str | None = None


class Human(Part):
    """What part a human had; ``actor_ref`` is the controller's own reference, never a name."""

    involved: bool
    actor_ref: str | None = None


class Outcome(Part):
    """What was decided."""

    label: Name
    adverse: bool | None
    threshold: Number | None = None


class Target(Part):
    """What the numbers are about: one fixed output and class, in one space, with its direction."""

    output: str | None = None
    class_: str | None = Field(None, alias="class")
    space: Space = "unknown"
    direction: Direction = "unknown"


class Reference(Part):
    """The group the person is compared with: a recorded policy choice."""

    kind: ReferenceKind
    size: int | None = Field(None, ge=1)
    ref: str | None = None


class Input(Part):
    """One value the model was given."""

    feature: Name
    value: Scalar
    display: str | None = None
    source: str | None = None
    as_of: str | None = None
    sensitivity: Literal["normal", "protected", "secret"] = "normal"


class Attribution(Part):
    """How much one input moved the output away from the base value."""

    feature: Name
    value: Number
    stderr: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    ci: tuple[Number, Number] | None = None
    unit: str | None = None
    qualitative: str | None = None
    span: tuple[int, int] | None = None


class ReasonCode(Part):
    """A ranked reason: inputs of one meaning taken together."""

    rank: int = Field(ge=1)
    code: Name
    group: tuple[Name, ...]
    contribution: Number
    share: Number
    order_certain: bool
    text_id: str | None = None
    framework: str | None = None


class Predicate(Part):
    """One condition of a rule."""

    feature: Name
    op: Literal["=", "!=", "<", "<=", ">", ">=", "in", "between"]
    value: Scalar | tuple[Scalar, ...]


class Rule(Part):
    """A rule that held for this case."""

    kind: Literal["anchor", "tree_path", "policy_rule"]
    predicates: tuple[Predicate, ...]
    precision: Annotated[float, Field(ge=0, le=1)] | None = None
    coverage: Annotated[float, Field(ge=0, le=1)] | None = None


class Change(Part):
    """One input as it was and as it was tried."""

    feature: Name
    from_: Scalar = Field(alias="from")
    to: Scalar
    actionable: bool = True


class Counterfactual(Part):
    """Changes with which the model was asked again; ``verified`` only if it really was."""

    changes: tuple[Change, ...] = Field(min_length=1)
    output_value: Number | None
    outcome: str | None
    verified: bool
    verified_at: str | None = None
    distance: Number | None = None


class Example(Part):
    """A pointer to a similar case, never its row."""

    kind: Literal["neighbor", "prototype"]
    ref: Name
    distance: Number | None = None


class Influence(Part):
    """What happened to the decision when a source was left out."""

    test: Literal["ablation", "alteration"]
    runs: int = Field(ge=1)
    flips: int = Field(ge=0)


class Source(Part):
    """Something that was looked up."""

    kind: Literal["document", "tool_call", "record", "web"]
    ref: Name
    title: str | None = None
    quote: str | None = None
    quote_verified: bool = False
    hash: str | None = None
    influence: Influence | None = None


class Llm(Part):
    """Evidence of a language model's decision; its own rationale is quoted, never believed."""

    request_id: str | None = None
    prompt_ref: str | None = None
    stated_rationale: str | None = None
    rationale_verified: Literal[False] = False
    decision_logprob: Number | None = None
    reasoning_summary_ref: str | None = None


class Method(Part):
    """How it was computed, so that the same can be computed again (ADP-03)."""

    name: Name
    origin: Literal["native", "blackbox", "pushed", "rule", "llm_evidence", "none"]
    params: dict[str, Scalar] = Field(default_factory=dict)
    software: str | None = None
    calls: int | None = Field(None, ge=0)
    rows: int | None = Field(None, ge=0)
    elapsed_ms: int | None = Field(None, ge=0)


class Quality(Part):
    """What was checked: ``null`` means that it could not be (ADP-05: 'unmeasured')."""

    replay_match: bool | None = None
    additivity_error: Number | None = None
    additivity_by_construction: bool = False
    separated_at_k: bool | None = None
    stability: Number | None = None
    direction_checked: bool | None = None
    sufficiency_gap_closed: Number | None = None
    recourse_verified: bool | None = None
    approximation_error: Number | None = None
    narrative_fidelity: bool | None = None  # false: a language model's words were refused and the template used
    grade: Literal["A", "B", "C", "fail"]
    flags: tuple[Flag, ...] = ()


class Claim(Part):
    """One statement of the narrative, checked against the document."""

    feature: Name
    direction: Literal["adverse", "favourable"]
    rank: int
    value: str | None = None


class Fidelity(Part):
    """Whether the words say what the document says; ``errors`` are those of refused words of a language model."""

    ok: bool
    errors: tuple[str, ...] = ()


class Sentence(Part):
    """One sentence and the ids of the facts it stands on; ``lang`` where it is not the narrative's."""

    text: str
    facts: tuple[str, ...] = Field(min_length=1)
    item: bool = False  # of a list
    lang: str | None = None


class Section(Part):
    """One section of the contents list, with its heading."""

    key: Name
    title: str
    sentences: tuple[Sentence, ...]


class Narrative(Part):
    """The words: sections of sentences, each with its facts; ``text`` is the same as plain text."""

    lang: str
    template: str
    text: str
    generator: Literal["template", "llm"]
    claims: tuple[Claim, ...] = ()
    fidelity: Fidelity
    sections: tuple[Section, ...] = ()
    needs_review: bool = False  # the language's templates were not read by a native speaker yet
    blocks: tuple[Name, ...] = ()  # why it may not be sent: prohibited-basis, unmapped-feature ...
    prompt_hash: str | None = Field(None, pattern=r"^sha256:[0-9a-f]{64}$")
    output_hash: str | None = Field(None, pattern=r"^sha256:[0-9a-f]{64}$")


class Withheld(Part):
    """A part that is not shown, with its ground (C-203/22)."""

    what: str
    ground: Literal["trade_secret", "third_party", "security"]
    authority_copy_ref: str | None = None


class Legal(Part):
    """Under which duty, and what is withheld."""

    basis: tuple[str, ...] = ()
    withheld: tuple[Withheld, ...] = ()
