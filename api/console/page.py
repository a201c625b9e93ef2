"""What a page of the consoles is: an address, a method, the permission it takes and what answers it."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from starlette.responses import Response

from api.console.desk import Desk

Endpoint = Callable[[Desk], Awaitable[Response]]


class Page(NamedTuple):
    """One address with one method; without a permission it is for everybody; ``fresh`` takes a recent sign-in."""

    method: str
    pattern: str
    permission: str | None
    endpoint: Endpoint
    fresh: bool = False
