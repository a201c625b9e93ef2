"""HOT. ``POST /v1/choices``: up to 50 choices, all or none, with one signed receipt (GDPR Art. 7, 21; CCPA 7221).

A browser brings back the offer it answers, which says what was shown; a back-end says so itself, or has evidence.
"""

from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api import acting, recorded
from api.access import requires
from api.idempotency import KEEP_CHOICE, Answer, IdempotencyKey, answer
from api.schemas.choices import ChoiceIn, ChoicesIn, Recorded
from api.state import AppState, state_of
from api.widget import answering
from consent import choices
from consent.asked import Asked, Circumstances
from core import subjects
from core.clock import parse_rfc3339
from core.database import Tx
from core.errors import FieldError, InvalidError
from core.principal import Principal

router = APIRouter(prefix="/v1/choices", tags=["choices"])
Recording = Annotated[Principal, Depends(requires("choices.record"))]
_ONLY_FOR_OTHERS = ("subject", "space", "actor", "evidence", "note")
_IN_THE_OFFER = ("notice_version", "notice_hash", "locale")


def asked_of(number: int, one: ChoiceIn) -> Asked:
    """Return a requested choice. Raises ``InvalidError`` for an instant that is none."""
    occurred_at = None
    if one.occurred_at is not None:
        try:
            occurred_at = parse_rfc3339(one.occurred_at)
        except ValueError as error:
            raise InvalidError.field(f"/choices/{number}/occurred_at", str(error)) from error
    return Asked(
        one.purpose,
        one.state,
        one.system,
        one.confirms,
        one.notice_version,
        one.notice_hash,
        one.locale,
        one.jurisdiction,
        occurred_at,
        one.reason,
    )


def circumstances(request: Request, caller: Principal, body: ChoicesIn) -> Circumstances:
    """Return who acts for whom. Raises ``InvalidError`` where the body says what this caller can't."""
    if acting.is_browser(caller):
        given = [name for name in _ONLY_FOR_OTHERS if name in body.model_fields_set]
        if given:
            said = "a browser acts for itself: leave it out"
            raise InvalidError(fields=tuple(FieldError(f"/{name}", said) for name in given))
        _leave_to_the_offer(body)
        how = acting.own(request, caller, body.method or "button")
        return how if body.channel is None else how._replace(channel=body.channel)
    if body.offer is not None:
        raise InvalidError.field("/offer", "only browsers answer offers: bring evidence, or say what was shown")
    if body.subject is None:
        raise InvalidError.field("/subject", "whose choices?")
    return acting.somebody(
        caller,
        acting.named(request, caller.tenant, body.space or "customer", body.subject),
        actor=body.actor,
        method=body.method,
        channel=body.channel,
        evidence=tuple(body.evidence),
        note=body.note,
    )


def _leave_to_the_offer(body: ChoicesIn) -> None:
    faults = [
        FieldError(f"/choices/{number}/{name}", "the offer says what was shown: leave it out")
        for number, one in enumerate(body.choices)
        for name in _IN_THE_OFFER
        if name in one.model_fields_set
    ]
    if faults:
        raise InvalidError(fields=tuple(faults))


async def key_of(tx: Tx, state: AppState, how: Circumstances) -> bytes | None:
    """Return the key under which an answer about this person is kept; nothing once it was destroyed."""
    return await subjects.known_key(tx, state.keyring, how.tenant, how.subject.pseudonym)


@router.post("", status_code=201, response_model=Recorded, summary="Make choices")
async def choose(request: Request, caller: Recording, body: ChoicesIn, _: IdempotencyKey = None) -> Response:
    """Record choices, all or none. A browser needs an `offer`; its `Sec-GPC: 1` is honoured in the same act."""
    state = state_of(request)
    how = circumstances(request, caller, body)
    asked = [asked_of(number, one) for number, one in enumerate(body.choices)]

    taken = await answering.taken(state, how, body.offer) if acting.is_browser(caller) else None

    async def work(tx: Tx) -> Answer:
        on_offer = asked if taken is None else await taken.back(tx, asked)
        made = await choices.choose(tx, state.notary, how, on_offer, state.clock)
        following = None if taken is None else taken.following()
        return Answer(201, recorded.recorded(how.subject.public_id, made, gpc=how.gpc, offer=following))

    response = await answer(
        request,
        caller,
        work,
        key_of=partial(key_of, state=state, how=how),
        lifetime=KEEP_CHOICE,
        prefetch=choices.prefetch(state.notary, how, asked),
    )
    if taken is not None:
        taken.kept()
    return response
