"""Errors on hosted pages, in plain words: what happened, what was kept, what to do. The status stays what it is.

The problem's code is kept for the log; nothing of it is shown.
"""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, Concatenate, ParamSpec, cast

from starlette.requests import Request
from starlette.responses import Response

from api import problems
from api.pages import rendering
from api.pages.visitors import directory_of
from api.pages.words import FALLBACK, Words
from api.problems import EdgeError
from api.state import state_of
from core.errors import DomainError, Kind, NotFoundError

P = ParamSpec("P")
Endpoint = Callable[Concatenate[Request, P], Coroutine[Any, Any, Response]]

_WORDS = {
    "foreign-form": "foreign",
    "origin-not-registered": "foreign",
    "stale-form": "stale",
    "text-changed": "changed",
    "confirmation-lapsed": "confirm_lapsed",
    "no-subject": "no_anonymous",
    "unauthenticated": "signed_out",
    "too-many-requests": "too_many",
}
_WORDS_OF_KIND = {
    Kind.NOT_FOUND: "not_here",
    Kind.FORBIDDEN: "no_anonymous",
    Kind.CONFLICT: "not_possible",
    Kind.INVALID: "unclear",
    Kind.UNAVAILABLE: "unavailable",
}


class NoSuchPageError(NotFoundError):
    """No site has this address."""

    code = "no-such-page"
    title = "There is no such page."


def words_for(error: DomainError | EdgeError) -> str:
    """Return the key of the words that tell a visitor of ``error``."""
    known = _WORDS.get(error.code)
    if known is None and isinstance(error, DomainError):
        known = _WORDS_OF_KIND[error.kind]
    return known or "unclear"


def in_plain_words(endpoint: Endpoint[P]) -> Endpoint[P]:
    """Answer the errors of an endpoint with a page in the visitor's language instead of a problem document."""

    @wraps(endpoint)
    async def told(request: Request, *args: P.args, **kwargs: P.kwargs) -> Response:
        try:
            return await endpoint(request, *args, **kwargs)
        except (DomainError, EdgeError) as error:
            return await _page(request, error)

    return cast("Endpoint[P]", told)  # wraps keeps the signature that FastAPI reads


async def _page(request: Request, error: DomainError | EdgeError) -> Response:
    request.scope["candor.problem"] = error.code
    language = str(request.path_params.get("language", FALLBACK))
    back = None
    try:
        site = await directory_of(state_of(request)).site_by_slug(str(request.path_params.get("site", "")))
    except DomainError:
        site = None
    if site is not None:
        language = language if language in site.languages else site.languages[0]
        back = f"/t/{site.slug}/{language}/choices"
    trouble = words_for(error)
    answer = rendering.page("trouble.html", Words(language), problems.status_of(error), trouble=trouble, back=back)
    if isinstance(error, EdgeError):
        answer.headers.update(error.headers)
    return answer
