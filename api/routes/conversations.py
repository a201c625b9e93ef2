"""``/v1/conversations``: what an AI's operator reports of conversations, and who answers; see docs/handoff.md."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api import acting, handing, showing, speaking
from api.access import requires
from api.routes.handoffs import rung
from api.schemas.conversations import HandlerOut, HeardOut, TurnsIn, WhereIn
from api.state import AppState, state_of
from core.database import Tx
from core.principal import Principal
from handoff import asking, cases, lifecycle, store, words
from handoff.asking import Asking
from handoff.talks import service as talks
from handoff.talks.service import Heard, Turn, Where, Wishes

router = APIRouter(prefix="/v1/conversations", tags=["conversations"])
Reports = Annotated[Principal, Depends(requires("conversations.write"))]


def _where(request: Request, by: Principal, body: WhereIn) -> Where:
    subject = acting.named(request, by.tenant, body.space, body.subject)
    return Where(by.tenant, subject, body.conversation, body.touchpoint, body.system, body.language)


@router.post("/turns", response_model=HeardOut, summary="Report turns of a conversation")
async def turns(request: Request, by: Reports, body: TurnsIn) -> Response:
    """Report what was said. A request for a human, a duty or a broken AI hands over at once; a doubt makes an offer.

    Once a human was asked for, `ai_may_speak` is false, and what the AI says all the same is a violation on record.
    """
    state = state_of(request)
    where = _where(request, by, body)
    said = [Turn(**one.model_dump()) for one in body.turns]
    wishes = Wishes(await handing.opted_out(state, by.tenant, where.subject), body.human_only)

    async def hear(tx: Tx) -> Heard:
        rules = await cases.rules_for(tx, by.tenant, body.queue)
        voices = [one.speaker for one in said]
        await speaking.heard(tx, by.tenant, where.ref, where.touchpoint, voices, by.id, state.clock.now())
        return await talks.hear(tx, state.keyring, where, said, wishes, rules, state.clock.now())

    heard = await state.db.transact(hear)
    made = await _opened(state, by, body, where, heard)
    return Response(showing.dumped(made), media_type="application/json")


async def _opened(state: AppState, by: Principal, body: TurnsIn, where: Where, heard: Heard) -> dict[str, Any]:
    """Open the handoff a verdict asks for, with the conversation just recorded as its context."""
    verdict = heard.verdict
    handoff = heard.handoff
    if verdict is not None and verdict.action == "transfer":
        wanted = Asking(
            by.tenant,
            where.subject,
            actor="customer" if verdict.trigger == "explicit" else "system",
            actor_ref=by.id,
            conversation=where.ref,
            touchpoint=where.touchpoint,
            language=where.language,
            jurisdiction=body.jurisdiction,
            site=by.site,
            system=where.system,
            rule=verdict.rule,
            trigger=verdict.trigger,
            because=verdict.because,
            queue=body.queue,
            priority=verdict.priority,
        )
        pack = await handing.pack_of(state, wanted, {})
        case, _ = await state.db.transact(asking.ask, state.keyring, wanted, pack, state.clock.now())
        handoff = case.row.id
        rung(state, by.tenant, handoff)
    row = None if handoff is None else await state.db.read(store.handoff, by.tenant, handoff)
    seen = None if row is None else await state.db.read(showing.view, state, row, staff=False)
    if row is None:
        handler = "ai" if heard.ai_may_speak else "waiting"
    else:
        handler = lifecycle.handler(row.state, ever_accepted=row.accepted_at is not None)
    return {
        "conversation": where.ref,
        "ai_may_speak": heard.ai_may_speak and row is None,
        "handler": handler,
        "verdict": None
        if verdict is None
        else {
            "rule": verdict.rule,
            "trigger": verdict.trigger,
            "action": verdict.action,
            "because": dict(verdict.because),
        },
        "offer_human": verdict is not None and verdict.action == "offer",
        "violations": heard.violations,
        "handoff": seen,
    }


@router.post("/handler", response_model=HandlerOut, summary="Who answers, truthfully?")
async def handler(request: Request, by: Reports, body: WhereIn) -> Response:
    """Tell whether an AI or a human answers, with a sentence to say; the question is logged.

    For a person who opted out of AI the answer is never `ai` (CCPA 7221).
    """
    state = state_of(request)
    where = _where(request, by, body)
    out = await handing.opted_out(state, by.tenant, where.subject)

    async def work(tx: Tx) -> tuple[str, bool]:
        return await talks.who_answers(tx, state.keyring, where, state.clock.now(), opted_out=out)

    who, may = await state.db.transact(work)
    made = {"handler": who, "ai_may_speak": may, "say": words.who_answers(who, body.language)}
    return Response(showing.dumped(made), media_type="application/json")
