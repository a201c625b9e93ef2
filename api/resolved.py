"""What is due at a touchpoint, as the wire says it: each disclosure with its rules, their sources and reasons."""

from collections.abc import Iterable

from api.schemas.disclosures import (
    AppliedOut,
    CadenceOut,
    ClockOut,
    DisclosureOut,
    LanguageDueOut,
    NotDueOut,
    NowOut,
    PlacementOut,
    ReasonOut,
    ResolutionOut,
    RightDueOut,
    RuleDueOut,
)
from core.clock import rfc3339
from disclosures import cadence
from disclosures.cadence import Seen
from disclosures.packs.applicability import Reason
from disclosures.resolution import Due, Question, Resolution, RuleDue, Shortest


def _reasons(reasons: Iterable[Reason]) -> list[ReasonOut]:
    return [ReasonOut.model_validate({"code": reason.code, "about": reason.about}) for reason in reasons]


def _clock(found: Shortest | None) -> ClockOut | None:
    if found is None:
        return None
    clock = found.clock
    return ClockOut(clock=clock.id, length=clock.len, starts=clock.starts, rule=found.rule, citation=clock.cite)


def rule_out(one: RuleDue) -> RuleDueOut:
    """Return a rule that is due, with its source."""
    rule, verified = one.rule, one.pack.verified(one.rule)
    return RuleDueOut(
        rule=rule.id,
        pack=one.pack.id,
        citation=rule.cite,
        confidence=rule.conf,
        verified_on=None if verified is None else verified.isoformat(),
        effective_from=None if rule.effective == "in_force" else rule.effective.isoformat(),
        advisory=one.pack.advisory(rule),
        contested=rule.contested,
        doubt=rule.date_conflict or rule.note,
        actor=rule.actor,
        effect=rule.effect,
        must_convey=list(rule.must_convey),
        reasons=_reasons(one.reasons),
        overridden_by=list(one.overridden_by),
    )


def _now(due: Due, question: Question, seen: Seen | None, at: int) -> NowOut | None:
    if seen is None:
        return None
    because = cadence.due(
        due.cadence,
        seen,
        at,
        minor=question.minor,
        key_step=question.moment == "key_step",
        asked=question.moment == "asked",
    )
    told = Seen(seen.session_started_at, at) if because else seen
    next_at = cadence.elapses_at(due.cadence, told, minor=question.minor)
    return NowOut(
        due=because is not None,
        because=None if because is None else because.value,
        next_at=None if next_at is None else rfc3339(next_at),
    )


def due_out(due: Due, question: Question, seen: Seen | None, at: int) -> DisclosureOut:
    """Return one disclosure; ``at`` is the instant asked about, in microseconds."""
    placement, rhythm = due.placement, due.cadence
    return DisclosureOut(
        topic=due.topic,
        must_convey=list(due.must_convey),
        insufficient_alone=list(due.insufficient_alone),
        fixed_texts=list(due.fixed_texts),
        placement=PlacementOut(
            places=list(placement.places),
            manner="spoken_first" if placement.manner == "spoken_first" else "written",
            separate=placement.separate,
            accessible=placement.accessible,
            public=placement.public,
        ),
        cadence=CadenceOut(
            every_session=rhythm.every_session,
            key_steps=rhythm.key_steps,
            throughout=rhythm.throughout,
            on_request=rhythm.on_request,
            repeat_minutes=rhythm.interval(minor=question.minor),
            gap_days=rhythm.gap_days,
            starts_per_day=rhythm.starts_per_day,
            set_by=list(due.cadence_by),
        ),
        clock=_clock(due.clock),
        now=_now(due, question, seen, at),
        rules=[rule_out(one) for one in due.rules],
    )


def resolution_out(found: Resolution, question: Question, at: int, seen: Seen | None) -> ResolutionOut:
    """Return the whole answer."""
    return ResolutionOut(
        at=rfc3339(at),
        day=question.on.isoformat(),
        packs=[AppliedOut(pack=one.pack.id, name=one.pack.name, reasons=_reasons(one.reasons)) for one in found.packs],
        disclosures=[due_out(due, question, seen, at) for due in found.due],
        not_due=[
            NotDueOut.model_validate(
                {
                    "rule": one.rule.id,
                    "pack": one.pack.id,
                    "citation": one.rule.cite,
                    "because": one.because,
                    "about": one.about,
                }
            )
            for one in found.omitted
        ],
        rights=[
            RightDueOut(
                right=one.right.id,
                pack=one.pack.id,
                citation=one.right.cite,
                confidence=one.right.conf,
                advisory=one.pack.advisory(one.right),
                contested=one.right.contested,
                scope=one.right.scope,
                clock=one.right.clock,
                proactive=one.right.proactive,
            )
            for one in found.rights
        ],
        answer_within=_clock(found.answer_within),
        languages=[
            LanguageDueOut(rule=one.duty.id, citation=one.duty.cite, missing=list(one.missing))
            for one in found.languages
        ],
    )
