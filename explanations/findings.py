"""What each way of the chain found, with its quality. Pure."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from explanations import gates
from explanations.ablation import Altered
from explanations.blackbox import Estimate, Plan
from explanations.evidence import Evidence
from explanations.parts import Flag, Influence, Llm, Method, Quality, Rule, Source, Space
from explanations.port import Native
from explanations.recourse import Tried

_SOFTWARE = "candor/1"
RECORDED = "recorded_evidence"


class Tally(NamedTuple):
    """What was asked so far, and what it showed of the model."""

    calls: int
    rows: int
    version: str | None
    replayed: bool | None
    flags: tuple[Flag, ...]


class Checks(NamedTuple):
    """What asking again with reasons changed showed: the signs, the part of the gap closed, whether that is enough."""

    direction: bool | None
    closed: float | None
    enough: bool | None


class Found(NamedTuple):
    """What one way of the chain found: numbers, how they were got, and what was checked."""

    attributions: Mapping[str, float]
    base: float | None
    output: float | None
    method: Method
    quality: Quality
    errors: Mapping[str, float] = {}
    qualitative: Mapping[str, str] = {}
    rules: tuple[Rule, ...] = ()
    counterfactuals: Sequence[Tried] = ()
    sources: tuple[Source, ...] = ()
    llm: Llm | None = None
    version: str | None = None
    space_differs: bool = False


def from_native(
    native: Native,
    tally: Tally,
    origin: Literal["native", "pushed", "rule"],
    output: float | None,
    grade: gates.Grade,
    *,
    direction: bool | None = None,
    space: Space = "unknown",
) -> Found:
    """Return what somebody else said, with a flag for everything it leaves open."""
    flags: list[Flag] = [flag for flag in native.flags if flag != "output_unknown" or output is None]
    flags += ["order_uncertain", *tally.flags]
    flags += ["class_unknown"] if native.class_name is None else []
    flags += ["base_unknown"] if native.base is None else []
    flags += ["stated_by_producer"] if origin == "pushed" else []
    quality = Quality(
        replay_match=tally.replayed,
        additivity_error=gates.additivity_error(native.base, native.output, native.attributions),
        direction_checked=direction,
        approximation_error=native.approximation_error,
        grade=grade,
        flags=tuple(dict.fromkeys(flags)),
    )
    return Found(
        native.attributions,
        native.base,
        output,
        Method(name=native.method or "unknown", origin=origin, calls=tally.calls, rows=tally.rows),
        quality,
        native.errors,
        native.qualitative,
        native.rules,
        version=native.version or tally.version,
        space_differs=native.space == "log_odds" != space,
    )


def from_estimate(
    made: Estimate,
    tally: Tally,
    plan: Plan,
    checks: Checks,
    tried: Sequence[Tried],
) -> Found:
    """Return what the black box worked out."""
    error = gates.additivity_error(made.base, made.output, made.values)
    grade = gates.grade(
        replayed=tally.replayed,
        separated=made.separated,
        direction=checks.direction,
        additivity=error or 0.0,
        enough=checks.enough,
    )
    flags: list[Flag] = ["sampled", *tally.flags]
    flags += [] if made.separated else ["order_uncertain"]
    flags += ["reasons_incomplete"] if checks.enough is False else []
    quality = Quality(
        replay_match=tally.replayed,
        additivity_error=error,
        additivity_by_construction=True,
        separated_at_k=made.separated,
        direction_checked=checks.direction,
        sufficiency_gap_closed=checks.closed,
        recourse_verified=True if tried else None,
        grade=grade,
        flags=tuple(dict.fromkeys(flags)),
    )
    method = Method(
        name="permutation_shapley",
        origin="blackbox",
        params={"walks": made.walks, "seed": plan.seed, "top": plan.top},
        software=_SOFTWARE,
        calls=tally.calls,
        rows=tally.rows,
    )
    return Found(
        made.values, made.base, made.output, method, quality, made.errors, counterfactuals=tried, version=tally.version
    )


def from_altered(
    altered: Sequence[Altered], output: float, tally: Tally, seed: int, evidence: Evidence | None = None
) -> Found:
    """Return what changed the outcome of a model that answers words: counts, no figures."""
    sources = tuple(
        Source(kind="record", ref=one.name, influence=Influence(test="alteration", runs=one.runs, flips=one.flips))
        for one in altered
    )
    flags: tuple[Flag, ...] = ("sampled", "order_uncertain", *tally.flags)
    quality = Quality(replay_match=tally.replayed, grade="B" if tally.replayed else "C", flags=flags)
    method = Method(
        name="ablation",
        origin="llm_evidence",
        params={"seed": seed},
        software=_SOFTWARE,
        calls=tally.calls,
        rows=tally.rows,
    )
    found = Found({}, None, output, method, quality, sources=sources, version=tally.version)
    return found if evidence is None else found._replace(sources=(*sources, *evidence.sources), llm=evidence.llm)


def from_evidence(evidence: Evidence, tally: Tally) -> Found:
    """Return what was on record when a language model decided: stated, and only its quotes were checked."""
    quality = Quality(replay_match=tally.replayed, grade="C", flags=("stated_by_producer", *tally.flags))
    method = Method(name=RECORDED, origin="llm_evidence", calls=tally.calls, rows=tally.rows)
    return Found({}, None, None, method, quality, sources=evidence.sources, llm=evidence.llm)


def nothing(tally: Tally, rejected: Sequence[Flag]) -> Found:
    """Return the honest statement that nothing reliable can be said."""
    flags: tuple[Flag, ...] = (*dict.fromkeys((*tally.flags, *rejected)), "unreliable")
    quality = Quality(replay_match=tally.replayed, grade="fail", flags=flags)
    method = Method(name="none", origin="none", calls=tally.calls, rows=tally.rows)
    return Found({}, None, None, method, quality, version=tally.version)


def with_flags(quality: Quality, *flags: Flag) -> Quality:
    """Return the quality with more flags, each once."""
    return quality.model_copy(update={"flags": tuple(dict.fromkeys((*quality.flags, *flags)))})
