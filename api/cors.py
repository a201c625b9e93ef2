"""Cross-origin requests of browsers: exact registered origins, never credentials (WHATWG Fetch, CORS protocol).

Only the customer-facing API is open to other origins; ``null`` is never an origin. An origin that is not registered
gets no permission, and its preflight a plain refusal.
"""

from collections.abc import Iterable
from typing import Protocol

from starlette.responses import Response

from api.headers import Fields
from api.problems import OriginRefusedError

OPEN_PATHS = ("/v1/", "/widget/")
PREFLIGHT_SECONDS = 600
_REQUEST_FIELDS = (
    "authorization, content-type, idempotency-key, if-match, if-none-match, last-event-id, x-candor-device,"
    " x-candor-site"
)
_ANSWER_FIELDS = b"etag, idempotency-replayed, location, ratelimit, ratelimit-policy, retry-after, x-request-id"
_VARY: Fields = [(b"vary", b"Origin")]
# the widget's files and configuration are the same for everybody and take no credential: one copy for all origins
_FOR_ALL = ("/v1/widget/", "/widget/")
ANY_ORIGIN: Fields = [(b"access-control-allow-origin", b"*"), (b"access-control-expose-headers", b"etag")]


class Origins(Protocol):
    """Who knows the origins that sites have registered."""

    def allows(self, origin: str) -> bool:
        """Tell whether ``origin`` (scheme, host and port, exactly) belongs to a site, as far as known now."""
        ...

    async def registered(self, origin: str) -> bool:
        """Tell the same from fresh records."""
        ...


def answer_fields(origin: str | None, path: str, origins: Origins) -> Fields:
    """Return the fields that let (or do not let) the page at ``origin`` read the answer."""
    if not path.startswith(OPEN_PATHS):
        return []
    if path.startswith(_FOR_ALL):
        return ANY_ORIGIN
    if origin is None or not _possible(origin) or not origins.allows(origin):
        return _VARY
    return [
        *_VARY,
        (b"access-control-allow-origin", origin.encode("latin-1")),
        (b"access-control-expose-headers", _ANSWER_FIELDS),
    ]


async def preflight(origin: str | None, path: str, methods: Iterable[str], origins: Origins) -> Response:
    """Answer a preflight. Raises ``OriginRefusedError`` for an origin or path that is not open."""
    if origin is None or not path.startswith(OPEN_PATHS) or not _possible(origin):
        raise OriginRefusedError
    if not await origins.registered(origin):
        raise OriginRefusedError
    return Response(
        status_code=204,
        headers={
            "Access-Control-Allow-Methods": ", ".join(methods),
            "Access-Control-Allow-Headers": _REQUEST_FIELDS,
            "Access-Control-Max-Age": str(PREFLIGHT_SECONDS),
        },
    )


def _possible(origin: str) -> bool:
    return origin != "null" and len(origin) <= 256
