"""The outermost of our code on a request's way: what holds for every route alike.

In: the head is checked (``headers``), preflights are answered (``cors``), the route is found (``dispatch``).
Out: every exception is a problem document, every answer carries the standing fields, every request is counted.
A fault of ours is logged by its places, never by its message, and answered with an id that finds it in the log.
"""

from time import perf_counter
from typing import Any

from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.types import Message, Receive, Scope, Send

from api import cors, headers, problems, validation
from api.cors import Origins
from api.dispatch import Dispatch
from api.headers import Fields
from api.problems import EdgeError, InternalError
from api.state import AppState
from core.errors import DomainError
from core.telemetry import logger, told

UNKNOWN_ROUTE = "unknown"
_security = logger("security")


class BrokenOffError(Exception):
    """An answer that had begun could not be finished; the server closes the connection."""


class Edge:
    """The ASGI application around all routes."""

    def __init__(self, dispatch: Dispatch, state: AppState) -> None:
        """Stand before ``dispatch``."""
        self._dispatch = dispatch
        self._state = state
        self._hosts = headers.Hosts(state.settings.serve)
        self._standing = headers.defaults(state.settings.serve)
        self._log = logger("api")
        self._access = state.settings.telemetry.log_level == "debug"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one HTTP request; anything else is refused."""
        if scope["type"] != "http":
            await send({"type": "websocket.close", "code": 1008})
            return
        started = perf_counter()
        answer = _Answer(scope, send, self._standing, self._state.directory)
        scope["candor.state"] = self._state
        scope["candor.at"] = self._state.clock.now()
        try:
            await self._serve(scope, receive, answer)
        except ClientDisconnect:
            answer.status = answer.status or 499
        except Exception as error:  # noqa: BLE001 -- the one boundary where every exception becomes an answer
            await self._refuse(error, scope, receive, answer)
        seconds = perf_counter() - started
        route = scope.get("candor.route", UNKNOWN_ROUTE)
        self._state.metrics.observe(route, scope["method"], answer.status, seconds)
        if self._state.traces is not None:
            self._state.traces.record(scope["method"], route, answer.status, scope["candor.at"], seconds)
        if self._access:
            self._log.debug("request", **_access_fields(scope, answer.status, seconds))

    async def _serve(self, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        head = headers.check_head(scope, self._hosts)
        answer.origin = head.origin
        if head.preflight:
            methods = self._dispatch.methods(scope["path"])
            permission = await cors.preflight(head.origin, scope["path"], methods, self._state.directory)
            await permission(scope, receive, answer)
            return
        await self._dispatch(scope, receive, answer)

    async def _refuse(self, error: Exception, scope: Scope, receive: Receive, answer: "_Answer") -> None:
        known = as_known(error)
        if known is None:
            self._log.error(
                "request-failed", **_access_fields(scope, 500), request=problems.request_id(scope), **told(error)
            )
            known = InternalError()
        if isinstance(known, problems.TooLargeError):
            _security.warning("body-refused", route=scope.get("candor.route", UNKNOWN_ROUTE), status=known.status)
        if answer.status:
            raise BrokenOffError from None
        await problems.response(known, scope)(scope, receive, answer)


def as_known(error: Exception) -> DomainError | EdgeError | None:
    """Return the error to tell the caller of, or nothing if ``error`` is a fault of ours."""
    if isinstance(error, (DomainError, EdgeError)):
        return error
    if isinstance(error, RequestValidationError):
        return validation.domain_error(error.errors(), error.body)
    if isinstance(error, HTTPException):
        return problems.of_status(error.status_code, dict(error.headers or {}))
    return None


def _access_fields(scope: Scope, status: int, seconds: float = 0.0) -> dict[str, Any]:
    return {
        "route": scope.get("candor.route", UNKNOWN_ROUTE),
        "method": scope["method"],
        "status": status,
        "millis": round(seconds * 1000, 3),
        "problem": scope.get("candor.problem"),
    }


class _Answer:
    """The ``send`` given to routes: completes the header fields and remembers the status."""

    __slots__ = ("_origins", "_scope", "_send", "_standing", "origin", "status")

    def __init__(self, scope: Scope, send: Send, standing: Fields, origins: Origins) -> None:
        self._scope = scope
        self._send = send
        self._standing = standing
        self._origins = origins
        self.origin: str | None = None
        self.status = 0

    async def __call__(self, message: Message) -> None:
        """Pass one ASGI message on."""
        if message["type"] == "http.response.start":
            scope = self._scope
            self.status = message["status"]
            extra = cors.answer_fields(self.origin, scope["path"], self._origins)
            extra = [*extra, (b"x-request-id", problems.request_id(scope).encode()), *scope.get("candor.rate", ())]
            message["headers"] = headers.dressed(message.get("headers", ()), self._standing, extra)
        await self._send(message)
