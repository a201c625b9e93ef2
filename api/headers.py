"""Header fields: what a request's head may be, and what every answer carries.

Limits: path 2 KiB, 100 fields, 16 KiB together. Exactly one Host, of the allowed ones (RFC 9110, section 7.4).
Framing that two readers could take differently is refused (RFC 9112, section 6.3).
"""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from api.problems import (
    BadRequestError,
    HeadTooLargeError,
    MisdirectedError,
    NotFoundOnWireError,
    PathTooLongError,
)
from core.settings import ServeSettings

MOST_FIELDS = 100
MOST_BYTES = 16_384
LONGEST_PATH = 2048
_SINGLE = frozenset(
    (
        *(b"host", b"origin", b"access-control-request-method", b"authorization"),
        *(b"content-length", b"content-type", b"idempotency-key", b"if-match"),
    )
)

Fields = list[tuple[bytes, bytes]]


class Head(NamedTuple):
    """What the edge needs of a request's head."""

    origin: str | None
    preflight: bool


class Hosts:
    """The hosts this service answers for; ``*`` as a setting allows any."""

    def __init__(self, settings: ServeSettings) -> None:
        """Take the allowed hosts and the public address's own."""
        own = urlsplit(settings.public_url).hostname or ""
        self._names = {name.lower() for name in (*settings.allowed_hosts, own)}
        self._known: set[bytes] = set()

    def check(self, host: bytes) -> None:
        """Raise ``MisdirectedError`` unless ``host`` (with or without port) is allowed."""
        if host in self._known:
            return
        text = host.decode("latin-1").lower()
        try:
            name = urlsplit(f"//{text}").hostname or ""
        except ValueError:
            name = ""
        plain = text in {name, f"[{name}]"} or text.rpartition(":")[0] in {name, f"[{name}]"}
        if not plain or not name or ("*" not in self._names and name not in self._names):
            raise MisdirectedError
        if len(self._known) < 64:
            self._known.add(host)


def check_head(scope: Mapping[str, Any], hosts: Hosts) -> Head:
    """Return what matters of the head. Raises the ``EdgeError`` of the first thing that is wrong with it."""
    fields: Fields = scope["headers"]
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    if len(raw_path) > LONGEST_PATH:
        raise PathTooLongError
    size, chunked = len(scope["query_string"]), False
    single: dict[bytes, bytes] = {}
    for name, value in fields:
        size += len(name) + len(value)
        if name in _SINGLE:
            if name in single:
                raise BadRequestError(f"The header field {name.decode()} may appear only once.")
            single[name] = value
        elif name == b"transfer-encoding":
            chunked = True
    if size > MOST_BYTES or len(fields) > MOST_FIELDS:
        raise HeadTooLargeError
    if chunked and b"content-length" in single:
        raise BadRequestError("A request has either a Content-Length or a Transfer-Encoding.")
    if b"host" not in single:
        raise BadRequestError("The Host header field is missing.")
    hosts.check(single[b"host"])
    _refuse_nul(scope)
    origin = single.get(b"origin")
    asks = scope["method"] == "OPTIONS" and b"access-control-request-method" in single
    return Head(origin.decode("latin-1") if origin is not None else None, asks)


def _refuse_nul(scope: Mapping[str, Any]) -> None:
    if "\0" in scope["path"]:
        raise NotFoundOnWireError
    if b"%00" in scope["query_string"]:
        raise BadRequestError("A query parameter must not contain the NUL character.")


def defaults(settings: ServeSettings) -> Fields:
    """Return the fields every answer carries unless a route sets its own."""
    made = [
        (b"cache-control", b"no-store"),
        (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
        (b"cross-origin-opener-policy", b"same-origin"),
        (b"cross-origin-resource-policy", b"same-origin"),
        (b"referrer-policy", b"no-referrer"),
        (b"x-content-type-options", b"nosniff"),
    ]
    if settings.public_url.startswith("https:"):
        made.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
    return made


def dressed(given: Iterable[tuple[bytes, bytes]], standing: Fields, extra: Fields) -> Fields:
    """Return an answer's fields: its own, then the standing ones it does not set, then ``extra``."""
    own = list(given)
    names = {name for name, _ in own}
    own += [field for field in standing if field[0] not in names]
    own += extra
    return own
