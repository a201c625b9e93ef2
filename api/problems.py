"""Errors on the wire: RFC 9457 problem documents, and the only place that knows status numbers.

A domain error carries its kind (``core/errors.py``); what is wrong with a request before any room sees it is
an ``EdgeError``. Both become ``application/problem+json`` with a stable ``type`` and echo no rejected value.
"""

from collections.abc import Iterable, MutableMapping
from typing import Any, ClassVar

import orjson
from starlette.responses import Response

from core import ids
from core.errors import DomainError, FieldError, Kind

TYPE_PREFIX = "https://candor.dev/problems/"
MEDIA_TYPE = "application/problem+json"
STATUS_OF_KIND = {
    Kind.NOT_FOUND: 404,
    Kind.FORBIDDEN: 403,
    Kind.CONFLICT: 409,
    Kind.INVALID: 422,
    Kind.UNAVAILABLE: 503,
}
ADVICE_OF_KIND = {
    Kind.NOT_FOUND: "Check the id and that your credential may reach it; things of others look absent.",
    Kind.FORBIDDEN: "Use a credential whose role may do this; docs/access.md lists who may do what.",
    Kind.CONFLICT: "Read the thing again and decide with its present state in view.",
    Kind.INVALID: "Correct what `errors` names and send the request again.",
    Kind.UNAVAILABLE: "Nothing was changed. Wait as long as `Retry-After` says and send the request again.",
}
MOST_FIELDS = 20


class EdgeError(Exception):
    """A request that is refused before it reaches a room; carries its own status."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad-request"
    title: ClassVar[str] = "The request can't be understood."
    advice: ClassVar[str] = "Correct the request; repeating it as it is will fail again."

    def __init__(
        self, detail: str = "", fields: tuple[FieldError, ...] = (), headers: dict[str, str] | None = None
    ) -> None:
        """Carry a sentence, the wrong places if any, and header fields for the answer."""
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.fields = fields
        self.headers = headers or {}


class BadRequestError(EdgeError):
    """The request is not well-formed."""


class MalformedJsonError(EdgeError):
    """The body is not one JSON document (RFC 8259)."""

    code = "malformed-json"
    title = "The body is not well-formed JSON."
    advice = "Send one JSON document in UTF-8, nested no deeper than 32 levels."


class UnauthenticatedError(EdgeError):
    """No credential, or one that does not hold."""

    status = 401
    code = "unauthenticated"
    title = "This needs a valid credential."
    advice = "Send a credential as docs/access.md says; get a fresh one if yours has expired."

    def __init__(
        self, detail: str = "", fields: tuple[FieldError, ...] = (), headers: dict[str, str] | None = None
    ) -> None:
        """Name the scheme, as RFC 9110 asks."""
        super().__init__(detail, fields, {"WWW-Authenticate": "Bearer", **(headers or {})})


class OriginRefusedError(EdgeError):
    """A browser on an origin that no site has registered."""

    status = 403
    code = "origin-not-registered"
    title = "This origin is not registered."
    advice = "Register the exact origin (scheme, host and port) with the site."


class NotFoundOnWireError(EdgeError):
    """No route has this path."""

    status = 404
    code = "not-found"
    title = "There is nothing here."
    advice = ADVICE_OF_KIND[Kind.NOT_FOUND]


class MethodNotAllowedError(EdgeError):
    """The path exists, the method does not."""

    status = 405
    code = "method-not-allowed"
    title = "This path does not have this method."
    advice = "Use one of the methods that `Allow` lists."


class TooSlowError(EdgeError):
    """The request did not arrive in time."""

    status = 408
    code = "request-timeout"
    title = "The request did not arrive in time."
    advice = "Send the whole request without pause."


class StaleError(EdgeError):
    """``If-Match`` names another version than the present one (RFC 9110, section 13.1.1)."""

    status = 412
    code = "stale-version"
    title = "The thing has changed since you read it."
    advice = "Read it again, apply your change to the new version and send its `ETag` as `If-Match`."


class TooLargeError(EdgeError):
    """The body is longer than the route takes."""

    status = 413
    code = "body-too-large"
    title = "The body is too large."
    advice = "Send less at once; bulk routes take more."


class PathTooLongError(EdgeError):
    """The path is longer than any of ours."""

    status = 414
    code = "path-too-long"
    title = "The path is too long."
    advice = "Send a path of at most 2 KiB."


class UnsupportedContentError(EdgeError):
    """The body's content type or encoding is not taken."""

    status = 415
    code = "unsupported-content"
    title = "The body's content type is not taken here."
    advice = "Send `Content-Type: application/json` in UTF-8 and no `Content-Encoding`."


class MisdirectedError(EdgeError):
    """The Host field names a host this service does not answer for."""

    status = 421
    code = "misdirected"
    title = "This service does not answer for that host."
    advice = "Use the public address, or list the host in `CANDOR__SERVE__ALLOWED_HOSTS`."


class PreconditionRequiredError(EdgeError):
    """A change without ``If-Match`` (RFC 6585)."""

    status = 428
    code = "version-required"
    title = "This change must say which version it applies to."
    advice = "Read the thing first and send its `ETag` as `If-Match`."


class TooManyRequestsError(EdgeError):
    """The caller's rate is used up."""

    status = 429
    code = "too-many-requests"
    title = "Too many requests."
    advice = "Wait as long as `Retry-After` says."


class HeadTooLargeError(EdgeError):
    """The request's header fields or path are too large (RFC 6585)."""

    status = 431
    code = "head-too-large"
    title = "The request's header fields are too large."
    advice = "Send at most 100 fields and 16 KiB of them."


class InternalError(EdgeError):
    """A fault of ours."""

    status = 500
    code = "internal-error"
    title = "Something went wrong on our side."
    advice = "Tell the operator the `instance`; the log names the fault under it."


def instance_of(scope: MutableMapping[str, Any]) -> str:
    """Return the request's id as ``urn:uuid:...``, making one if the request has none yet."""
    made = request_id(scope)[-32:]
    return f"urn:uuid:{made[:8]}-{made[8:12]}-{made[12:16]}-{made[16:20]}-{made[20:]}"


def request_id(scope: MutableMapping[str, Any]) -> str:
    """Return the request's id ``req_...``; it is in the log, in ``X-Request-Id`` and in every problem."""
    known = scope.get("candor.request")
    if known is None:
        known = scope["candor.request"] = ids.new("req", scope.get("candor.at", 0))
    return str(known)


def status_of(error: DomainError | EdgeError) -> int:
    """Return the HTTP status of an error."""
    return error.status if isinstance(error, EdgeError) else STATUS_OF_KIND[error.kind]


def document(error: DomainError | EdgeError, instance: str) -> dict[str, Any]:
    """Return the problem document of an error (RFC 9457, section 3.1)."""
    made: dict[str, Any] = {
        "type": TYPE_PREFIX + error.code,
        "title": error.title,
        "status": status_of(error),
        "detail": error.detail,
        "instance": instance,
    }
    if error.fields:
        made["errors"] = [{"pointer": f.pointer, "detail": f.detail} for f in error.fields[:MOST_FIELDS]]
    return made


def response(error: DomainError | EdgeError, scope: MutableMapping[str, Any]) -> Response:
    """Return the answer that tells the caller of ``error``; remembers its code in ``scope`` for the log."""
    scope["candor.problem"] = error.code
    headers = dict(error.headers) if isinstance(error, EdgeError) else {}
    if isinstance(error, DomainError) and error.kind is Kind.UNAVAILABLE:
        headers["Retry-After"] = "2"
    body = orjson.dumps(document(error, instance_of(scope)))
    return Response(body, status_of(error), headers, MEDIA_TYPE)


def of_status(status: int, headers: dict[str, str] | None = None) -> EdgeError:
    """Return the edge error for a bare status that a library raised."""
    kinds: list[type[EdgeError]] = [EdgeError, *EdgeError.__subclasses__()]
    for kind in kinds:
        if kind.status == status and kind is not OriginRefusedError:
            return kind(headers=headers)
    return InternalError() if status >= 500 else BadRequestError()


def subclasses(root: type) -> Iterable[Any]:
    """Yield every class derived from ``root`` that is loaded, each before its own heirs."""
    children: list[type] = root.__subclasses__()
    for child in children:
        yield child
        yield from subclasses(child)


def reference() -> str:
    """Return docs/errors.md's table: code, status, title and what to do, for every loaded error class."""
    rows: dict[str, tuple[int, str, str]] = {}
    for kind in (*subclasses(EdgeError), *subclasses(DomainError)):
        if not kind.__module__.startswith("tests"):
            status = kind.status if issubclass(kind, EdgeError) else STATUS_OF_KIND[kind.kind]
            advice = getattr(kind, "advice", None) or ADVICE_OF_KIND[kind.kind]
            rows.setdefault(kind.code, (status, kind.title, advice))
    lines = ["| `type` ends in | status | title | what to do |", "|---|---|---|---|"]
    ordered = sorted(rows.items(), key=lambda item: (item[1][0], item[0]))
    lines += [f"| `{code}` | {status} | {title} | {advice} |" for code, (status, title, advice) in ordered]
    return "\n".join(lines) + "\n"
