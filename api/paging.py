"""Pages: keyset cursors that only this service can write.

A cursor holds the sort key of the last row shown and an expiry, sealed with AES-256-GCM under a key of its own and
bound to the tenant and the filters it was made for. Bent, foreign or expired, it is refused without saying which.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Annotated, Any, Generic, NamedTuple, TypeVar

from cryptography.exceptions import InvalidTag
from fastapi import Query

from api.problems import EdgeError
from core import canonical, crypto
from core.clock import MICROS
from core.keys import KeyRing

LIFETIME = 3600 * MICROS
MOST = 200
T = TypeVar("T")

Limit = Annotated[int, Query(ge=1, le=MOST, description="Most items on one page.")]
CursorText = Annotated[
    str | None,
    Query(min_length=1, max_length=1024, description="`next_cursor` of the page before; valid for an hour."),
]


class CursorRefusedError(EdgeError):
    """A cursor that is bent, expired or was made for another list."""

    code = "cursor-refused"
    title = "This cursor can't be used."
    advice = "Begin again without a cursor; use a cursor within an hour and with the same filters."


class Page(NamedTuple, Generic[T]):
    """One page: its items and the cursor of the next, if there is one."""

    items: list[T]
    next_cursor: str | None


class Cursors:
    """Seals and opens cursors."""

    def __init__(self, keyring: KeyRing) -> None:
        """Derive the cursors' own key, the same on every replica with this key file."""
        self._key = crypto.derived_key(keyring.pepper, "cursor/1")

    def seal(self, sort_key: Sequence[str | int], tenant: str, filters: Mapping[str, Any], at: int) -> str:
        """Return the cursor that goes on after ``sort_key``."""
        content = canonical.dumps({"expires": at + LIFETIME, "key": list(sort_key)})
        sealed = crypto.seal(self._key, content, _place(tenant, filters))
        return urlsafe_b64encode(sealed).rstrip(b"=").decode()

    def open(self, cursor: str, tenant: str, filters: Mapping[str, Any], at: int) -> list[Any]:
        """Return the sort key in ``cursor``. Raises ``CursorRefusedError``."""
        try:
            sealed = urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4))
            content = canonical.loads(crypto.unseal(self._key, sealed, _place(tenant, filters)))
        except (InvalidTag, ValueError) as error:
            raise CursorRefusedError from error
        if content["expires"] <= at:
            raise CursorRefusedError
        key: list[Any] = content["key"]
        return key

    def page(
        self,
        found: Sequence[T],
        limit: int,
        key_of: Callable[[T], Sequence[str | int]],
        tenant: str,
        filters: Mapping[str, Any],
        at: int,
    ) -> Page[T]:
        """Return the page of ``found``, which was asked with ``limit + 1`` to learn whether there is more."""
        shown = list(found[:limit])
        more = len(found) > limit
        return Page(shown, self.seal(key_of(shown[-1]), tenant, filters, at) if more else None)


def _place(tenant: str, filters: Mapping[str, Any]) -> str:
    digest = sha256(canonical.dumps({"filters": dict(filters), "tenant": tenant})).hexdigest()
    return f"cursor|{digest}"
