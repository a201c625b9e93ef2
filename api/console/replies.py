"""Replies at hand: words that agents use again, in one language each, and what sending them does besides.

Whoever serves customers keeps and deletes them for everybody. A reply is copied when it is used: what customers were
told stays as it was.
"""

import re
from typing import Final

from starlette.responses import Response

from api.console import rendering, store, undo
from api.console.desk import HOME, Desk, go
from api.console.tables import ReadyReply
from core import ids
from core.database import Reader, Tx
from core.errors import ConflictError, InvalidError, NotFoundError
from handoff import store as handoffs
from handoff.service import OUTCOMES

REPLIES: Final = f"{HOME}/replies"
LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})?")
_MOST: Final = 200
_LONGEST: Final = 4000


class ReplyNotFoundError(NotFoundError):
    """There is no such reply at hand."""

    code = "ready-reply-not-found"
    title = "There is no such reply at hand."


class TooManyRepliesError(ConflictError):
    """Nobody finds the right one among more."""

    code = "too-many-ready-replies"
    title = "There are 200 replies at hand. Delete some first."


async def listed(desk: Desk) -> Response:
    """Show every reply at hand, and the form for another."""

    async def work(tx: Reader) -> tuple[list[ReadyReply], list[str]]:
        queues = [key for key, _, _ in await handoffs.queues(tx, desk.tenant)]
        return await store.replies(tx, desk.tenant, _MOST), queues or ["main"]

    rows, queues = await desk.state.db.read(work)
    return rendering.page(desk, "replies.html", rows=rows, queues=queues, outcomes=OUTCOMES)


async def keep(desk: Desk) -> Response:
    """Keep another reply at hand."""
    form = await desk.form("title", "language", "text", "then")
    title, language, text = (form[name].strip() for name in ("title", "language", "text"))
    if not 0 < len(title) <= 60 or not title.isprintable():
        raise InvalidError.field("/title", "a name of 1 to 60 characters")
    if LANGUAGE.fullmatch(language) is None:
        raise InvalidError.field("/language", "such as en or pt-BR")
    if not 0 < len(text) <= _LONGEST:
        raise InvalidError.field("/text", f"1 to {_LONGEST:,} characters")
    outcome, queue = _then(form["then"])
    made = ReadyReply(
        id=ids.new("rdy", desk.now),
        tenant=desk.tenant,
        title=title,
        language=language,
        text=text,
        outcome=outcome,
        queue=queue,
        made_by=desk.principal.id,
        made_at=desk.now,
    )

    async def work(tx: Tx) -> None:
        if len(await store.replies(tx, desk.tenant, _MOST)) >= _MOST:
            raise TooManyRepliesError
        store.keep_reply(tx, made)

    await desk.state.db.transact(work)
    return go(REPLIES)


def _then(said: str) -> tuple[str | None, str | None]:
    """Return the outcome that sending ends with, or the queue it passes on to: ``end:answered``, ``pass:main``."""
    act, _, name = said.partition(":")
    if act == "end" and name in OUTCOMES:
        return name, None
    if act == "pass" and 0 < len(name) <= 64:
        return None, name
    if said:
        raise InvalidError.field("/then", "choose what follows")
    return None, None


async def delete(desk: Desk) -> Response:
    """Delete a reply; what was said with it stays said."""
    await desk.form()

    async def work(tx: Tx) -> ReadyReply:
        gone = await one(tx, desk.tenant, desk.params["reply"])
        await store.drop_reply(tx, desk.tenant, gone.id)
        return gone

    gone = await desk.state.db.transact(work)
    then = f"end:{gone.outcome}" if gone.outcome else f"pass:{gone.queue}" if gone.queue else ""
    fields = {"title": gone.title, "language": gone.language, "text": gone.text, "then": then}
    return undo.offer(desk, go(REPLIES), undo.Undo(f"Deleted the reply {gone.title}.", REPLIES, fields))


async def at_hand(tx: Reader, tenant: str, language: str) -> list[ReadyReply]:
    """Return the replies for a customer's language, and those of its main language."""
    near = {language, language.partition("-")[0]}
    return [one for one in await store.replies(tx, tenant, _MOST) if one.language in near]


async def one(tx: Reader, tenant: str, reply_id: str) -> ReadyReply:
    """Return a reply at hand. Raises ``ReplyNotFoundError``."""
    found = await store.reply(tx, tenant, reply_id)
    if found is None:
        raise ReplyNotFoundError
    return found
