"""HOT PATH, budget 4 us. ``GET /v1/permissions`` answered in front of FastAPI (docs/decisions/0009).

Only the plain question is answered here: a known API key, then ``subject``, ``purpose`` and perhaps ``system`` in
this order. A person in memory is answered at once, another after one read. Everything else, and every refusal, goes
on to the route in ``api/routes/permissions.py``, which gives the same answers; a test compares the two.
"""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from starlette.types import ASGIApp, Receive, Scope, Send

from api import access, headers
from api.auth.directory import Directory
from api.problems import EdgeError
from api.state import AppState
from consent.cache import Question, TenantCache
from consent.gate import wire
from consent.permissions import Gate
from core import crypto
from core.clock import MICROS
from core.database import Change
from core.database.coherence import EVERYTHING
from core.errors import DomainError

PATH = "/v1/permissions"
_TAIL = re.compile(rb"purpose=([a-z0-9._-]{1,64})(?:&system=([a-z0-9._-]{1,64}))?")
_CALLER_KINDS = ("tenant.", "site.", "key.")
_ELSEWHERE = frozenset({b"origin", b"x-candor-role"})  # header fields that the route has to weigh
_MOST_CALLERS = 10_000
_MOST_QUESTIONS = 10_000
_LONGEST_BODY = 16_384
_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._:~-"
_CALLER_LIVES = MICROS  # after this a key's expiry is looked at again


class Caller(NamedTuple):
    """A machine that may ask: what is remembered of its tenant, and the keyed hash of its customers' references."""

    cache: TenantCache
    tenant: str
    pseudonymiser: Any  # a blake2b state; typeshed calls it only hashlib.blake2b
    until: int


def _presented(scope: Scope) -> tuple[bytes, bytes] | None:
    """Return the Authorization and Host fields; nothing where the edge has to weigh or refuse the head."""
    authorization = host = b""
    for name, value in scope["headers"]:
        if name == b"authorization":
            if authorization:
                return None
            authorization = value
        elif name == b"host":
            if host:
                return None
            host = value
        elif name in _ELSEWHERE:
            return None
    return authorization, host


class FastLane:
    """The ASGI application in front of everything else."""

    def __init__(self, app: ASGIApp, state: AppState, gate: Gate, directory: Directory) -> None:
        """Stand before ``app``."""
        self._app = app
        self._state = state
        self._gate = gate
        self._directory = directory
        self._clock = state.clock
        self._hosts = headers.Hosts(state.settings.serve)
        self._standing = headers.defaults(state.settings.serve)
        self._callers: dict[bytes, Caller] = {}
        self._questions: dict[bytes, Question] = {}
        self._starts: dict[int, dict[str, Any]] = {}
        self.served = 0
        gate.listen(self._forget_callers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer here if it is the plain question, else pass it on."""
        if scope["type"] == "http" and scope["path"] == PATH and scope["method"] == "GET":
            asked = self._asked(scope)
            if asked is not None:
                caller, subject, question, now = asked
                answer = caller.cache.answer
                body = answer(subject, question, now)
                if body is None:
                    known = caller.cache.catalogue is not None and self._gate.look_up(caller.tenant, subject)
                    body = answer(subject, question, now) if known else None
                    body = body or await self._read(caller, subject, question)
                if body is not None:
                    self.served += 1
                    await send(self._starts.get(len(body)) or self._start(len(body)))
                    await send({"type": "http.response.body", "body": body})
                    return
        await self._app(scope, receive, send)

    async def _read(self, caller: Caller, subject: bytes, question: Question) -> bytes | None:
        """Answer after reading the records; what can't be read is refused by the route."""
        try:
            return wire(await self._gate.check(caller.tenant, subject, question))
        except DomainError:
            return None

    def _asked(self, scope: Scope) -> tuple[Caller, bytes, Question, int] | None:
        if not self._gate.current():
            return None
        presented = _presented(scope)
        if presented is None:
            return None
        authorization, host = presented
        now = self._clock.now()
        caller = self._callers.get(authorization)
        if caller is None or caller.until <= now:
            caller = self._known(authorization, now)
            if caller is None:
                return None
        subject, _, tail = scope["query_string"].partition(b"&")
        question = self._questions.get(tail) or self._question(tail)
        if question is None or not self._answers_for(host):
            return None
        reference = subject[8:]
        if subject[:8] != b"subject=" or reference.translate(None, _LETTERS) or not 0 < len(reference) <= 128:
            return None
        if reference[:4] == b"sub_":
            return None
        state = caller.pseudonymiser.copy()
        state.update(reference)
        return caller, state.digest(), question, now

    def _answers_for(self, host: bytes) -> bool:
        try:
            self._hosts.check(host)
        except EdgeError:
            return False
        return True

    def _known(self, authorization: bytes, now: int) -> Caller | None:
        """Take a caller in if the directory knows the key here and now, and it may ask."""
        principal = self._directory.machine(authorization)
        if principal is None or not access.allowed(principal, "permissions.check"):
            return None
        if len(self._callers) >= _MOST_CALLERS:
            self._callers.clear()
        pseudonymiser = crypto.pseudonymiser(self._state.keyring.pepper, principal.tenant, "customer")
        caller = Caller(self._gate.tenant(principal.tenant), principal.tenant, pseudonymiser, now + _CALLER_LIVES)
        self._callers[authorization] = caller
        return caller

    def _question(self, tail: bytes) -> Question | None:
        found = _TAIL.fullmatch(tail)
        if found is None or len(self._questions) >= _MOST_QUESTIONS:
            return None
        purpose, system = found.groups()
        question = Question(purpose.decode(), system.decode() if system is not None else None)
        self._questions[tail] = question
        return question

    def _start(self, length: int) -> dict[str, Any]:
        fields = [(b"content-type", b"application/json"), (b"content-length", str(length).encode())]
        message = {
            "type": "http.response.start",
            "status": 200,
            "headers": headers.dressed(fields, self._standing, [(b"vary", b"Origin")]),
        }
        if length <= _LONGEST_BODY:
            self._starts[length] = message
        return message

    def _forget_callers(self, changes: Sequence[Change]) -> None:
        if any(change.kind == EVERYTHING or change.kind.startswith(_CALLER_KINDS) for change in changes):
            self._callers.clear()
