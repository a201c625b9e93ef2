"""People: found by the company's own reference, shown by pseudonym, read for a stated reason that is put on record."""

from collections.abc import Awaitable, Callable
from typing import Any

from starlette.responses import Response

from api import acting
from api.auth import sessions
from api.console import lists, moments, rendering
from api.console.desk import HOME, Desk, go
from consent import standing, store
from core import subjects
from core.database import Reader, Tx
from core.errors import InvalidError
from explanations import listing as decisions
from oversight import erasure, looks
from oversight import store as oversight
from oversight.looks import REASONS

_HISTORY = 30
ERASURE_REASONS = (
    "request-of-the-person",
    "no-longer-needed",
    "consent-withdrawn",
    "objection",
    "unlawful",
    "legal-obligation",
)
_REFERENCE_MOST = 128


async def search(desk: Desk) -> Response:
    """Show the way to one person."""
    return rendering.page(desk, "people.html", reasons=REASONS)


async def find(desk: Desk) -> Response:
    """Find a person by the company's own reference; the reference stays out of addresses and logs."""
    form = await desk.form("reference", "reason")
    text = form["reference"].strip()
    if form["reason"] not in REASONS:
        raise InvalidError.field("/reason", "choose one of the reasons")
    if not text or len(text) > _REFERENCE_MOST or not text.isprintable():
        raise InvalidError.field("/reference", "write your own reference of the person, or sub_ and 32 digits")
    if lists.SUBJECT.fullmatch(text):
        pseudonym = bytes.fromhex(text[4:])
    else:
        pseudonym = acting.named(desk.request, desk.tenant, "customer", text).pseudonym
    await desk.state.db.read(standing.must_be_known, desk.tenant, pseudonym)
    await desk.state.db.transact(sessions.give_reason, desk.signed_in, pseudonym, form["reason"], desk.now)
    return go(f"{HOME}/people/sub_{pseudonym.hex()}")


async def give_reason(desk: Desk) -> Response:
    """Note why a person's record is read, and go there."""
    form = await desk.form("reason", "after")
    if form["reason"] not in REASONS:
        raise InvalidError.field("/reason", "choose one of the reasons")
    pseudonym = lists.subject_of(desk.params["subject"]) or b""
    await desk.state.db.transact(sessions.give_reason, desk.signed_in, pseudonym, form["reason"], desk.now)
    after = form["after"]
    return go(after if after.startswith(f"{HOME}/") and "//" not in after else HOME)


async def reading(
    desk: Desk, subject: bytes, what: str, show: Callable[[str], Awaitable[Response]], seq: int | None = None
) -> Response:
    """Show a record about a person once it is said why, and put every reading on record."""
    reason = desk.signed_in.reason(subject, desk.now)
    if reason is None:
        after = desk.path + (f"?{desk.request.url.query}" if desk.request.url.query else "")
        person = f"sub_{subject.hex()}"
        return rendering.page(desk, "why.html", person=person, what=what, reasons=REASONS, after=after)

    async def work(tx: Tx) -> int:
        return await looks.look(tx, desk.state.keyring, desk.principal, subject, what, reason, desk.now, seq)

    await desk.state.db.transact(work)
    return await show(REASONS[reason])


async def one(desk: Desk) -> Response:
    """Show how a person's choices stand, or stood, with her history, receipts and decisions."""
    pseudonym = lists.subject_of(desk.params["subject"]) or b""
    at = moments.read(desk.query("at"), desk.zone, "at")
    before = lists.place(desk)

    async def show(reason: str) -> Response:
        async def work(tx: Reader) -> dict[str, Any]:
            return await _facts(tx, desk, pseudonym, at, before)

        facts = await desk.state.db.read(work)
        person = f"sub_{pseudonym.hex()}"
        return rendering.page(desk, "person.html", person=person, reason=reason, at=at, before=before, **facts)

    known = await desk.state.db.read(subjects.find, desk.tenant, pseudonym)
    if known is None:
        await desk.state.db.read(standing.must_be_known, desk.tenant, pseudonym)
    return await reading(desk, pseudonym, "person", show)


async def _facts(tx: Reader, desk: Desk, subject: bytes, at: int | None, before: int | None) -> dict[str, Any]:
    notary, tenant = desk.state.notary, desk.tenant
    known = await subjects.find(tx, tenant, subject)
    if at is None:
        stands = await standing.now_of(tx, notary, tenant, subject, desk.now)
    else:
        stands = await standing.at_instant(tx, notary, tenant, subject, min(at, desk.now), desk.now)
    history = await store.history(tx, tenant, subject, before, _HISTORY + 1)
    made = await decisions.page(tx, tenant, {"subject": subject}, 20) if desk.may("decisions.read") else None
    return {
        "space": "" if known is None else known.space,
        "erased_at": None if known is None or known.wrapped is not None else known.erased_at,
        "stands": stands,
        "history": history[:_HISTORY],
        "older": history[_HISTORY - 1].seq if len(history) > _HISTORY else None,
        "receipts": await store.receipts(tx, tenant, subject, None, 10),
        "decisions": [] if made is None else made.decisions,
        "erasing": await oversight.open_request(tx, tenant, subject) if desk.may("subjects.erase") else None,
        "erasure_reasons": ERASURE_REASONS,
    }


async def ask_erasure(desk: Desk) -> Response:
    """Ask to erase a person; somebody else has to approve it."""
    form = await desk.form("reason", "number")
    if form["number"].strip() != desk.params["subject"][-4:]:
        raise InvalidError.field("/number", "type the last four digits of the pseudonym: nothing undoes an erasure")
    if form["reason"] not in ERASURE_REASONS:
        raise InvalidError.field("/reason", "choose one of the reasons")
    pseudonym = lists.subject_of(desk.params["subject"]) or b""

    async def work(tx: Tx) -> None:
        await erasure.request(tx, desk.state.keyring, desk.principal, pseudonym, form["reason"], desk.now)

    await desk.state.db.transact(work)
    return go(f"{HOME}/approvals")


async def approve_erasure(desk: Desk) -> Response:
    """Erase a person whose erasure somebody else asked for: her key is destroyed, for good."""
    form = await desk.form("number")
    if form["number"].strip() != desk.params["subject"][-4:]:
        raise InvalidError.field("/number", "type the last four digits of the pseudonym: nothing undoes an erasure")
    pseudonym = lists.subject_of(desk.params["subject"]) or b""

    async def work(tx: Tx) -> None:
        await erasure.approve(tx, desk.state.keyring, desk.principal, pseudonym, desk.now)

    await desk.state.db.transact(work)
    return go(f"{HOME}/approvals")
