"""Conversations: what waits for a person, taken by exactly one; the thread, notes for colleagues, and how it ends.

The page fetches its parts again every few seconds, which also tells that the agent is still there; without JavaScript
reloading does the same. Opening a conversation reads a person's record and is put on record as such.
"""

import re
import secrets
from collections.abc import Awaitable, Callable
from typing import Any, Final

from starlette.responses import Response

from api import showing
from api.bell import board_key
from api.console import rendering
from api.console.desk import HOME, Desk, go
from core import canonical, crypto, subjects
from core.clock import parse_rfc3339
from core.database import Reader, Tx
from core.errors import InvalidError
from handoff import cases, presence, service, store
from handoff.cases import Case
from handoff.errors import HandoffNotFoundError
from handoff.presence import Here
from handoff.rows import HandoffRow
from handoff.service import Words
from handoff.store import Agent
from oversight import looks

_ID = re.compile(r"hnd_[0-9a-f]{32}")
_MOST = 50
_MOST_EVENTS = 500
_START = -(10**17)
_WAITING = ("queued", "deferred")
_LONGEST: Final = 4000
OUTCOMES: Final = (
    "explained",
    "answered",
    "changed",
    "upheld",
    "corrected",
    "refunded",
    "referred",
    "unreachable",
)
FLAGS: Final = {
    "ai_fault": "The AI was at fault",
    "ai_idea": "An idea for the AI",
    "reasked": "It had to be asked again",
}


async def board(desk: Desk) -> Response:
    """Show what waits, what is mine, and whether I am here."""
    if desk.partial:
        await _still_here(desk)
    facts = await desk.state.db.read(_board, desk)
    if desk.partial:
        return rendering.fragment(desk, "board.html", **facts)
    return rendering.page(desk, "conversations.html", **facts)


async def _board(tx: Reader, desk: Desk) -> dict[str, Any]:
    me = await store.agent(tx, desk.tenant, desk.principal.id)
    waiting = await store.listed(tx, desk.tenant, _WAITING, (_START, ""), _MOST)
    mine = await store.of_agent(tx, desk.tenant, desk.principal.id, "offered", "active")
    return {"me": me, "waiting": waiting, "mine": mine}


async def _still_here(desk: Desk) -> None:
    me: Agent | None = await desk.state.db.read(store.agent, desk.tenant, desk.principal.id)
    if me is not None and me.presence in {"online", "busy"}:
        await _say(desk, Here(me.presence))


async def _say(desk: Desk, said: Here) -> None:
    await desk.state.db.transact(presence.say_here, desk.state.keyring, desk.principal, said, desk.now)
    desk.state.bell.ring(board_key(desk.tenant))


async def say_here(desk: Desk) -> Response:
    """Say whether one takes conversations, and under which name customers see one."""
    form = await desk.form("presence", "alias")
    alias = form["alias"].strip()
    if form["presence"] not in {"online", "busy", "away", "offline"}:
        raise InvalidError.field("/presence", "online, busy, away or offline")
    if not 0 < len(alias) <= 40 or not alias.isprintable() or "<" in alias or ">" in alias:
        raise InvalidError.field("/alias", "a first name or an alias of 1 to 40 characters")
    await _say(desk, Here(form["presence"], alias))
    return go(f"{HOME}/conversations")


async def _row(tx: Reader, desk: Desk) -> HandoffRow:
    handoff = desk.params["handoff"]
    row = await store.handoff(tx, desk.tenant, handoff) if _ID.fullmatch(handoff) else None
    if row is None:
        raise HandoffNotFoundError
    return row


async def one(desk: Desk) -> Response:
    """Show one conversation: the thread, what is known, and what can be done."""
    row = await desk.state.db.read(_row, desk)
    events, _ = await showing.events(desk.state, row, 0, _MOST_EVENTS, staff=True)
    if desk.partial:
        await _still_here(desk)
        return rendering.fragment(desk, "thread.html", row=row, events=[_event(event) for event in events])

    async def work(tx: Tx) -> None:
        await looks.look(
            tx, desk.state.keyring, desk.principal, row.subject, "conversation", "customer-asked", desk.now
        )

    await desk.state.db.transact(work)
    facts = {
        "row": row,
        "events": [_event(event) for event in events],
        "pack": await desk.state.db.read(_pack, desk, row),
        "person": f"sub_{row.subject.hex()}",
        "mine": row.assignee == desk.principal.id,
        "because": canonical.loads(row.because),
        "queues": await desk.state.db.read(store.queues, desk.tenant),
        "key": secrets.token_hex(8),
        "outcomes": OUTCOMES,
        "flags": FLAGS,
    }
    return rendering.page(desk, "conversation.html", 200, **facts)


def _event(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "at": parse_rfc3339(event["at"])}


async def _pack(tx: Reader, desk: Desk, row: HandoffRow) -> dict[str, Any] | None:
    dek = await subjects.data_key(tx, desk.state.keyring, row.tenant, row.subject)
    if row.pack is None or dek is None:
        return None
    found: dict[str, Any] = canonical.loads(crypto.unseal(dek, row.pack, cases.pack_place(row)))
    return found


async def _do(desk: Desk, act: Callable[[Tx], Awaitable[Any]], after: str | None = None) -> Response:
    handoff = desk.params["handoff"]
    await desk.state.db.read(_row, desk)
    await desk.state.db.transact(act)
    desk.state.bell.ring(handoff)
    desk.state.bell.ring(board_key(desk.tenant))
    return go(after or f"{HOME}/conversations/{handoff}")


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

    return await _do(desk, act, f"{HOME}/conversations")


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


async def resolve(desk: Desk) -> Response:
    """End a conversation with its outcome."""
    form = await desk.form("outcome", "note")
    if form["outcome"] not in OUTCOMES:
        raise InvalidError.field("/outcome", "choose one of the outcomes")
    told, handoff = form["note"].strip()[:_LONGEST] or None, desk.params["handoff"]

    async def act(tx: Tx) -> Case:
        keyring, by = desk.state.keyring, desk.principal
        return await service.resolve(tx, keyring, by, handoff, form["outcome"], desk.now, told)

    return await _do(desk, act, f"{HOME}/conversations")


async def pass_on(desk: Desk) -> Response:
    """Pass a conversation on to a queue; the customer keeps the place and is told."""
    form = await desk.form("queue", "reason")
    why, handoff = _text(form, "reason"), desk.params["handoff"]

    async def act(tx: Tx) -> Case:
        return await service.transfer(tx, desk.state.keyring, desk.principal, handoff, form["queue"], why, desk.now)

    return await _do(desk, act, f"{HOME}/conversations")


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
