"""``/v1/disclosures``: what people have to be told about AI at a touchpoint, with citation and reason (DIS-03)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from api.access import requires
from api.resolved import due_out, resolution_out, rule_out
from api.schemas.disclosures import CompareIn, ComparisonOut, QuestionIn, ResolutionOut, ResolveIn, SeenIn
from api.state import state_of
from core.clock import LATEST, parse_rfc3339, rfc3339
from core.errors import InvalidError
from core.principal import Principal
from disclosures.cadence import Seen
from disclosures.packs import service
from disclosures.packs.applicability import Whereabouts
from disclosures.resolution import Question, legal_day, resolve

router = APIRouter(prefix="/v1/disclosures", tags=["disclosures"])
Asking = Annotated[Principal, Depends(requires("disclosures.resolve"))]
_MINOR = {"minor": True, "adult": False, "unknown": None}


def instant_of(text: str, pointer: str) -> int:
    """Return an instant of a request (microseconds). Raises ``InvalidError`` naming it."""
    try:
        found = parse_rfc3339(text)
    except ValueError as error:
        raise InvalidError.field(pointer, str(error)) from error
    if not 0 <= found <= LATEST - _MARGIN:
        raise InvalidError.field(pointer, "lies outside the years 1970 to 9999")
    return found


_MARGIN = 86_400_000_000  # the day of an instant may be the next one


def question_of(body: QuestionIn, at: int) -> Question:
    """Return the question of a request, asked for the instant ``at`` (microseconds)."""
    return Question(
        kind=body.kind,
        on=legal_day(at),
        where=Whereabouts(
            body.residence,
            body.location,
            body.establishment,
            None if body.sectors is None else frozenset(body.sectors),
            body.contract,
        ),
        facts=frozenset(body.facts),
        channel=body.channel,
        minor=_MINOR[body.audience],
        moment=body.moment,
        locale=body.locale,
    )


def seen_of(body: SeenIn | None) -> Seen | None:
    """Return what the person has been told. Raises ``InvalidError`` for an instant that is none."""
    if body is None:
        return None
    started = instant_of(body.session_started_at, "/seen/session_started_at")
    shown = None if body.last_shown_at is None else instant_of(body.last_shown_at, "/seen/last_shown_at")
    active = None if body.last_active_at is None else instant_of(body.last_active_at, "/seen/last_active_at")
    return Seen(started, shown, active)


@router.post("/resolve", summary="Ask what is due at a touchpoint")
async def resolve_due(request: Request, caller: Asking, body: ResolveIn) -> ResolutionOut:
    """Say what has to be told to whom, where, how often, and by which rule; changes nothing.

    Jurisdictions are united and the strictest rule wins. Engineering input, not legal advice.
    """
    state = state_of(request)
    now: int = request.scope["candor.at"]
    at = now if body.at is None else instant_of(body.at, "/at")
    seen = seen_of(body.seen)
    service.check_words(state.packs, body.facts, body.sectors, body.contract)
    overrides = await state.db.read(service.in_force, caller.tenant, at)
    question = question_of(body, at)
    return resolution_out(resolve(state.packs, question, overrides), question, at, seen)


@router.post("/compare", summary="Ask what differs between two instants")
async def compare(request: Request, caller: Asking, body: CompareIn) -> ComparisonOut:
    """Say which rules ask for something at one instant and not at the other; changes nothing."""
    state = state_of(request)
    service.check_words(state.packs, body.facts, body.sectors, body.contract)
    sides = []
    for name in ("before", "after"):
        at = instant_of(getattr(body, name), f"/{name}")
        overrides = await state.db.read(service.in_force, caller.tenant, at)
        question = question_of(body, at)
        sides.append((at, question, resolve(state.packs, question, overrides)))
    (first, _, old), (last, _, new) = sides
    rules = [{one.rule.id: rule_out(one) for due in side.due for one in due.rules} for side in (old, new)]
    told = [{due.topic: due_out(due, question, None, at) for due in side.due} for at, question, side in sides]
    return ComparisonOut(
        before=rfc3339(first),
        after=rfc3339(last),
        begins=[rule for name, rule in rules[1].items() if name not in rules[0]],
        ends=[rule for name, rule in rules[0].items() if name not in rules[1]],
        changed=[topic for topic in told[0] if topic in told[1] and told[0][topic] != told[1][topic]],
    )
