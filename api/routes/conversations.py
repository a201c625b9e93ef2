"""``/v1/conversations``: what an AI's operator reports of conversations, and who answers; see docs/handoff.md."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from api import acting, handing, showing, speaking
from api.access import requires
from api.routes.handoffs import rung
from api.schemas.conversations import HandlerOut, HeardOut, TurnsIn, WhereIn
from api.state import state_of
from core.database import Tx
from core.principal import Principal
from handoff import asking, lifecycle, store, words
from handoff.asking import Asking
from handoff.rows import HandoffRow
from handoff.talks import service as talks
from handoff.talks.service import Heard, Turn, Where, Wishes
from handoff.triggers import Verdict

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
    known = await handing.known(state, _asking(by, body, where, None))

    async def work(tx: Tx) -> tuple[Heard, HandoffRow | None, dict[str, Any] | None]:
        """Record the turns, and open the handoff they ask for: both or neither."""
        now = state.clock.now()
        voices = [one.speaker for one in said]
        await speaking.heard(tx, by.tenant, where.ref, where.touchpoint, voices, by.id, now)
        heard = await talks.hear(tx, state.keyring, where, said, wishes, known.rules, now)
        handoff = heard.handoff
        if heard.verdict is not None and heard.verdict.action == "transfer":
            wanted = _asking(by, body, where, heard.verdict)
            pack = await handing.composed(tx, state, wanted, {}, known)
            case, _ = await asking.ask(tx, state.keyring, wanted, pack, now)
            handoff = case.row.id
        row = None if handoff is None else await store.handoff(tx, by.tenant, handoff)
        return heard, row, None if row is None else await showing.view(tx, state, row, staff=False)

    heard, row, seen = await state.db.transact(work)
    if row is not None:
        rung(state, by.tenant, row.id)
    return Response(showing.dumped(_told(where, heard, row, seen)), media_type="application/json")


def _asking(by: Principal, body: TurnsIn, where: Where, verdict: Verdict | None) -> Asking:
    """Return the request for a human that a verdict makes of a conversation."""
    why = verdict or Verdict("asked/1", "explicit", "transfer", {})
    return Asking(
        by.tenant,
        where.subject,
        actor="customer" if why.trigger == "explicit" else "system",
        actor_ref=by.id,
        conversation=where.ref,
        touchpoint=where.touchpoint,
        language=where.language,
        jurisdiction=body.jurisdiction,
        site=by.site,
        system=where.system,
        rule=why.rule,
        trigger=why.trigger,
        because=why.because,
        queue=body.queue,
        priority=why.priority,
    )


def _told(where: Where, heard: Heard, row: HandoffRow | None, seen: dict[str, Any] | None) -> dict[str, Any]:
    verdict = heard.verdict
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
