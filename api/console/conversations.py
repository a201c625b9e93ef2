"""Conversations: who is here, what waits for a person, and one conversation with all that came with it.

An open page hears of changes by its stream and fetches its moving part again; without JavaScript reloading does the
same. Either tells that the agent is still there. Opening a conversation reads a person's record and is put on record.
"""

import json
import re
import secrets
from typing import Any, Final

from starlette.responses import Response

from api import showing
from api.bell import board_key
from api.console import brought, live, rendering, replies, together
from api.console.desk import HOME, Desk, go
from api.console.handing import sheet
from core import canonical
from core.clock import MICROS, parse_rfc3339
from core.database import Reader, Tx
from core.errors import InvalidError
from handoff import presence, routing, store
from handoff.errors import HandoffNotFoundError
from handoff.presence import Here
from handoff.rows import HandoffRow
from handoff.service import OUTCOMES
from handoff.store import Agent
from oversight import looks

BOARD: Final = f"{HOME}/conversations"
FLAGS: Final = {
    "ai_fault": "The AI was at fault",
    "ai_idea": "An idea for the AI",
    "reasked": "It had to be asked again",
}
PRESENCES: Final = ("online", "busy", "away", "offline")
_ID = re.compile(r"hnd_[0-9a-f]{32}")
_MOST = 50
_MOST_EVENTS = 500
_START = -(10**17)
_WAITING = ("queued", "deferred")
_RENEW = 15 * MICROS


async def board(desk: Desk) -> Response:
    """Show what waits, what is mine, and whether I am here."""
    await _still_here(desk)
    facts = await desk.state.db.read(_board, desk)
    if desk.partial:
        return rendering.fragment(desk, "board.html", **facts)
    return rendering.page(desk, "conversations.html", **facts, live=live.of_board(desk))


async def _board(tx: Reader, desk: Desk) -> dict[str, Any]:
    me = await store.agent(tx, desk.tenant, desk.principal.id)
    waiting = await store.listed(tx, desk.tenant, _WAITING, (_START, ""), _MOST)
    mine = await store.of_agent(tx, desk.tenant, desk.principal.id, "offered", "active")
    return {
        "me": me,
        "here": me is not None and routing.is_here(me, desk.now),
        "languages": [] if me is None else json.loads(me.languages),
        "skills": [] if me is None else json.loads(me.skills),
        "waiting": waiting,
        "mine": mine,
        "load": sum(row.weight for row in mine),
    }


async def _still_here(desk: Desk) -> None:
    """Renew a presence that was said; nobody is told, for nothing has changed."""
    me: Agent | None = await desk.state.db.read(store.agent, desk.tenant, desk.principal.id)
    if me is not None and me.presence in {"online", "busy"} and desk.now - me.seen_at > _RENEW:
        said = Here(me.presence)
        await desk.state.db.transact(presence.say_here, desk.state.keyring, desk.principal, said, desk.now)


async def say_here(desk: Desk) -> Response:
    """Say whether one takes conversations, how many at once, about what, in which languages, and under which name."""
    form = await desk.form("presence", "alias")
    alias, capacity = form["alias"].strip(), form.get("capacity", "3")
    languages = form.get("languages", "").replace(",", " ").split()
    if form["presence"] not in PRESENCES:
        raise InvalidError.field("/presence", "online, busy, away or offline")
    if not 0 < len(alias) <= 40 or not alias.isprintable() or "<" in alias or ">" in alias:
        raise InvalidError.field("/alias", "a first name or an alias of 1 to 40 characters")
    if not (capacity.isascii() and capacity.isdigit() and 1 <= int(capacity) <= 50):
        raise InvalidError.field("/capacity", "how many at once: 1 to 50")
    if len(languages) > 20 or not all(replies.LANGUAGE.fullmatch(one) for one in languages):
        raise InvalidError.field("/languages", "such as: en, de")
    skills = form.get("skills", "").replace(",", " ").split()
    if len(skills) > 50 or not all(sheet.is_key(one) for one in skills):
        raise InvalidError.field("/skills", "such as: credit, refunds")
    said = Here(form["presence"], alias, skills=skills, languages=languages, capacity=int(capacity))
    await desk.state.db.transact(presence.say_here, desk.state.keyring, desk.principal, said, desk.now)
    desk.state.bell.ring(board_key(desk.tenant))
    return go(BOARD)


async def found(tx: Reader, desk: Desk) -> HandoffRow:
    """Return the conversation of the address. Raises ``HandoffNotFoundError``."""
    handoff = desk.params["handoff"]
    row = await store.handoff(tx, desk.tenant, handoff) if _ID.fullmatch(handoff) else None
    if row is None:
        raise HandoffNotFoundError
    return row


async def one(desk: Desk) -> Response:
    """Show one conversation: the thread, what is known, and what can be done."""
    row = await desk.state.db.read(found, desk)
    events, _ = await showing.events(desk.state, row, 0, _MOST_EVENTS, staff=True)
    await _still_here(desk)
    stand = f"{row.state}-{'mine' if row.assignee == desk.principal.id else 'other'}"
    moving = {"row": row, "events": [_event(event) for event in events], "stand": stand}
    if desk.partial:
        return rendering.fragment(desk, "thread.html", **moving, moved=desk.query("stand") != stand)
    await desk.state.db.transact(_looked, desk, row)
    others = await together.here(desk, desk.path)
    ready = await desk.state.db.read(replies.at_hand, desk.tenant, row.language)
    facts = {
        "pack": await desk.state.db.read(brought.pack, desk, row),
        "person": f"sub_{row.subject.hex()}",
        "mine": row.assignee == desk.principal.id,
        "because": canonical.loads(row.because),
        "queues": await desk.state.db.read(store.queues, desk.tenant),
        "key": secrets.token_hex(8),
        "outcomes": OUTCOMES,
        "flags": FLAGS,
        "others": others,
        "ready": ready,
        "draft": next((one.text for one in ready if one.id == desk.query("ready")), ""),
        "live": live.of_thing(desk),
    }
    return rendering.page(desk, "conversation.html", 200, **moving, **facts, moved=False)


async def _looked(tx: Tx, desk: Desk, row: HandoffRow) -> None:
    by, keyring = desk.principal, desk.state.keyring
    await looks.look(tx, keyring, by, row.subject, "conversation", "customer-asked", desk.now)


def _event(event: dict[str, Any]) -> dict[str, Any]:
    return {**event, "at": parse_rfc3339(event["at"])}
