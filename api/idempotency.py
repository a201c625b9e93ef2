"""Requests that may be sent again: Idempotency-Key (draft-ietf-httpapi-idempotency-key-header-07).

A key belongs to tenant, credential, subject and route. The answer is kept in the transaction of its effect, sealed,
and given again byte for byte with ``Idempotency-Replayed: true``. The same key with another request is refused
(422), and so is a repetition while the first is still being worked on (409). Refusals change nothing and are not
kept: a repetition is judged anew. Without a key this costs one look into the header fields.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, NamedTuple

from cryptography.exceptions import InvalidTag
from fastapi import Header, Request
from starlette.responses import Response

from api import store
from api.problems import BadRequestError
from api.state import AppState, state_of
from core import canonical, crypto
from core.clock import DAY
from core.database import Tx
from core.database.lane import Prefetch
from core.errors import ConflictError, InvalidError
from core.principal import Principal

LONGEST_KEY = 255
KEEP_SHORT = DAY
KEEP_CHOICE = 30 * DAY

IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=LONGEST_KEY,
        pattern=r"^[\x21-\x7e]+$",
        description="A fresh value for each new request; repeat it to repeat the request safely.",
    ),
]


class KeyReusedError(InvalidError):
    """The Idempotency-Key was used for another request before."""

    code = "idempotency-key-reused"
    title = "This Idempotency-Key was used for a different request."
    advice = "Make a fresh key for each new request; repeat a key only with the same request."


class StillRunningError(ConflictError):
    """The first request with this key is still being worked on."""

    code = "idempotency-key-in-use"
    title = "A request with this Idempotency-Key is still being worked on."
    advice = "Wait a moment and repeat the request with the same key."


class AnswerGoneError(ConflictError):
    """The request was answered, and the answer has since been erased with its subject."""

    code = "kept-answer-erased"
    title = "This request was answered before; its answer has been erased."
    advice = "Read the present state; repeating the request is not safe any more."


class Answer(NamedTuple):
    """An answer made inside the transaction: ``body`` is UTF-8 JSON, ``headers`` what the route adds."""

    status: int
    body: bytes
    headers: tuple[tuple[str, str], ...] = ()

    def response(self, *, replayed: bool = False) -> Response:
        """Return the response to send once the transaction is committed."""
        headers = dict(self.headers)
        if replayed:
            headers["Idempotency-Replayed"] = "true"
        return Response(self.body, self.status, headers, "application/json")


Work = Callable[[Tx], Awaitable[Answer]]
KeyOf = Callable[[Tx], Awaitable[bytes | None]]


@dataclass(frozen=True, slots=True)
class Ticket:
    """One request's claim on its key."""

    id: bytes
    fingerprint: bytes
    now: int
    expires_at: int

    @property
    def place(self) -> str:
        """Return where the sealed answer belongs, so that it opens nowhere else."""
        return f"kept_answer|{self.id.hex()}"


async def answer(
    request: Request,
    principal: Principal,
    work: Work,
    *,
    key_of: KeyOf | None = None,
    lifetime: int = KEEP_SHORT,
    prefetch: Prefetch = (),
) -> Response:
    """Run ``work`` in a transaction, at most once for each Idempotency-Key, and return its answer.

    ``key_of`` returns the data key of the subject the answer is about (``None`` once erased); without it the answer
    is sealed under the installation's own key. ``lifetime`` in microseconds. Raises what the work raises,
    ``KeyReusedError``, ``StillRunningError`` and ``AnswerGoneError``.
    """
    state = state_of(request)
    key = request.headers.get("idempotency-key")
    if key is None:
        return (await state.db.transact_prefetched(prefetch, work)).response()
    ticket = await ticket_of(request, principal, key, lifetime)
    if ticket.id in state.in_flight:
        raise StillRunningError
    state.in_flight.add(ticket.id)
    try:
        wanted = (*prefetch, (store.KEPT, ticket.id))
        made, replayed = await state.db.transact_prefetched(wanted, once, state, ticket, work, key_of)
    finally:
        state.in_flight.discard(ticket.id)
    if replayed and state.permissions is not None:
        await state.permissions.settle()  # whoever did the work may have died before the others were told
    return made.response(replayed=replayed)


async def ticket_of(request: Request, principal: Principal, key: str, lifetime: int) -> Ticket:
    """Return the claim of ``request``. Raises ``BadRequestError`` for a key that can't be one."""
    if key.startswith('"') and key.endswith('"') and len(key) > 2:
        key = key[1:-1]  # the draft writes a string of structured fields (RFC 8941); most clients write it bare
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise BadRequestError(f"The Idempotency-Key must have 1 to {LONGEST_KEY} printable ASCII characters.")
    scope = request.scope
    now: int = scope["candor.at"]
    subject = principal.subject.pseudonym.hex() if principal.subject else ""
    whose = [principal.tenant, principal.role, principal.id, principal.site or "", subject]
    route = [scope["method"], scope["candor.route"]]
    body = await request.body()
    asked = [scope["method"], scope["path"], canonical.loads(body) if body else None]
    return Ticket(
        sha256(canonical.dumps([*whose, *route, key])).digest(),
        sha256(canonical.dumps(asked)).digest(),
        now,
        now + lifetime,
    )


async def once(tx: Tx, state: AppState, ticket: Ticket, work: Work, key_of: KeyOf | None) -> tuple[Answer, bool]:
    """Return the kept answer of ``ticket``, or run ``work`` and keep its answer; and whether it is a repetition."""
    kept = await store.kept(tx, ticket.id, ticket.now)
    if kept is not None:
        if kept.fingerprint != ticket.fingerprint:
            raise KeyReusedError
        return _opened(kept.sealed, await _key(tx, state, key_of), ticket), True
    made = await work(tx)
    key = await _key(tx, state, key_of)
    if key is not None:
        content = {"status": made.status, "body": made.body.decode(), "headers": [list(h) for h in made.headers]}
        sealed = crypto.seal(key, canonical.dumps(content), ticket.place)
        store.keep(tx, ticket.id, store.Kept(ticket.fingerprint, sealed, ticket.expires_at))
    return made, False


async def _key(tx: Tx, state: AppState, key_of: KeyOf | None) -> bytes | None:
    return state.kept_answer_key if key_of is None else await key_of(tx)


def _opened(sealed: bytes, key: bytes | None, ticket: Ticket) -> Answer:
    if key is None:
        raise AnswerGoneError
    try:
        content = canonical.loads(crypto.unseal(key, sealed, ticket.place))
    except InvalidTag as error:
        raise AnswerGoneError from error
    headers = tuple((name, value) for name, value in content["headers"])
    return Answer(content["status"], content["body"].encode(), headers)
