"""What an agent does with a conversation: take it, speak, note, pass it on, end it. Every act is a form of its own."""

from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.responses import Response

from api.console import replies
from api.console.conversations import BOARD, FLAGS, found
from api.console.desk import Desk, go
from core.database import Tx
from core.errors import InvalidError
from handoff import service
from handoff.cases import Case
from handoff.service import OUTCOMES, Words

_LONGEST: Final = 4000


async def _do(desk: Desk, act: Callable[[Tx], Awaitable[Any]], after: str | None = None) -> Response:
    handoff = desk.params["handoff"]
    await desk.state.db.read(found, desk)
    await desk.state.db.transact(act)
    desk.state.bell.changed(desk.tenant, handoff)
    return go(after or f"{BOARD}/{handoff}")


async def take(desk: Desk) -> Response:
    """Take a conversation; of all who try, exactly one has it."""
    await desk.form()

    async def act(tx: Tx) -> Case:
        return await service.accept(tx, desk.state.keyring, desk.principal, desk.params["handoff"], desk.now)

    return await _do(desk, act)


async def decline(desk: Desk) -> Response:
    """Give an offer back; it goes to the next."""
    await desk.form()

    async def act(tx: Tx) -> Case:
        return await service.decline(tx, desk.state.keyring, desk.principal, desk.params["handoff"], desk.now)

    return await _do(desk, act, BOARD)


def _text(form: dict[str, str], name: str) -> str:
    text = form[name].strip()
    if not 0 < len(text) <= _LONGEST:
        raise InvalidError.field(f"/{name}", f"1 to {_LONGEST:,} characters")
    return text


async def reply(desk: Desk) -> Response:
    """Say something to the customer, once however often the form is sent."""
    return await _speak(desk, internal=False)


async def note(desk: Desk) -> Response:
    """Write a note that only colleagues see: a form, an address and a look of its own."""
    return await _speak(desk, internal=True)


async def _speak(desk: Desk, *, internal: bool) -> Response:
    form = await desk.form("text", "key")
    words = Words("agent", desk.principal.id, _text(form, "text"), form["key"][:64] or None, internal)

    async def act(tx: Tx) -> Any:
        return await service.say(tx, desk.state.keyring, desk.tenant, desk.params["handoff"], words, desk.now)

    return await _do(desk, act)


async def send_ready(desk: Desk) -> Response:
    """Send a reply at hand and do what follows from it, all or nothing."""
    form = await desk.form("reply", "key")
    state, by, handoff = desk.state, desk.principal, desk.params["handoff"]

    async def act(tx: Tx) -> bool:
        ready = await replies.one(tx, desk.tenant, form["reply"])
        words = Words("agent", by.id, ready.text, form["key"][:64] or None)
        await service.say(tx, state.keyring, desk.tenant, handoff, words, desk.now)
        if ready.outcome is not None:
            await service.resolve(tx, state.keyring, by, handoff, ready.outcome, desk.now)
        elif ready.queue is not None:
            await service.transfer(tx, state.keyring, by, handoff, ready.queue, ready.title, desk.now)
        return ready.outcome is not None or ready.queue is not None

    await state.db.read(found, desk)
    left = await state.db.transact(act)
    state.bell.changed(desk.tenant, handoff)
    return go(BOARD if left else f"{BOARD}/{handoff}")


async def typing(desk: Desk) -> Response:
    """Pass on to the customer that the agent types; nothing is stored."""
    await desk.form()
    row = await desk.state.db.read(found, desk)
    if row.assignee == desk.principal.id and row.state == "active":
        desk.state.bell.type(row.id, {"actor": "agent", "typing": True})
    return Response(status_code=204)


async def resolve(desk: Desk) -> Response:
    """End a conversation with its outcome."""
    form = await desk.form("outcome", "note")
    if form["outcome"] not in OUTCOMES:
        raise InvalidError.field("/outcome", "choose one of the outcomes")
    told, handoff = form["note"].strip()[:_LONGEST] or None, desk.params["handoff"]

    async def act(tx: Tx) -> Case:
        keyring, by = desk.state.keyring, desk.principal
        return await service.resolve(tx, keyring, by, handoff, form["outcome"], desk.now, told)

    return await _do(desk, act, BOARD)


async def pass_on(desk: Desk) -> Response:
    """Pass a conversation on to a queue; the customer keeps the place and is told."""
    form = await desk.form("queue", "reason")
    why, handoff = _text(form, "reason"), desk.params["handoff"]

    async def act(tx: Tx) -> Case:
        return await service.transfer(tx, desk.state.keyring, desk.principal, handoff, form["queue"], why, desk.now)

    return await _do(desk, act, BOARD)


async def propose_return(desk: Desk) -> Response:
    """Ask the customer whether the AI may go on; only a yes ends it."""
    await desk.form()

    async def act(tx: Tx) -> Case:
        return await service.propose_return(tx, desk.state.keyring, desk.principal, desk.params["handoff"], desk.now)

    return await _do(desk, act)


async def flag(desk: Desk) -> Response:
    """Report a fault of the AI, or an idea about it (AGT-05)."""
    form = await desk.form("kind", "text")
    if form["kind"] not in FLAGS:
        raise InvalidError.field("/kind", "choose what it was")
    text, handoff = form["text"].strip()[:_LONGEST] or None, desk.params["handoff"]
    if form["kind"] != "reasked" and text is None:
        raise InvalidError.field("/text", "say what it was")

    async def act(tx: Tx) -> Case:
        return await service.flag(tx, desk.state.keyring, desk.principal, handoff, form["kind"], text, desk.now)

    return await _do(desk, act)
