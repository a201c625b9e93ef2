"""Versions of things on the wire: ``ETag``, ``If-Match`` and ``If-None-Match`` (RFC 9110, section 13)."""

import re
from typing import Annotated

from fastapi import Header

from api.problems import BadRequestError, PreconditionRequiredError, StaleError
from core.errors import InvalidError

_TAG = re.compile(r'(W/)?"([\x21\x23-\x7e]*)"')
_LONGEST = 1024

IfMatch = Annotated[str | None, Header(max_length=_LONGEST, description="The `ETag` this change applies to.")]
IfNoneMatch = Annotated[str | None, Header(max_length=_LONGEST, description="`ETag`s you already have.")]


def of(version: int | str) -> str:
    """Return the strong entity tag of a version."""
    return f'"{version}"'


def require(if_match: str | None, present: str) -> None:
    """Let a change pass that applies to the ``present`` tag (strong comparison).

    Raises ``PreconditionRequiredError`` (428) without a condition and ``StaleError`` (412) for another version.
    """
    if if_match is None:
        raise PreconditionRequiredError
    if if_match.strip() != "*" and present not in [tag for weak, tag in _tags(if_match, "If-Match") if not weak]:
        raise StaleError


def matched(if_match: str | None, revision: int) -> int:
    """Return the present revision if the change applies to it. Raises like ``require``."""
    require(if_match, of(revision))
    return revision


def same_key(in_path: str, in_body: str) -> None:
    """Refuse a document that is put where another one stands. Raises ``InvalidError``."""
    if in_body != in_path:
        raise InvalidError.field("/key", "is not the key in the path; keys never change")


def unchanged(if_none_match: str | None, present: str) -> bool:
    """Tell whether the caller has the ``present`` version already, so that 304 is the answer (weak comparison)."""
    if if_none_match is None:
        return False
    if if_none_match.strip() == "*":
        return True
    return present.removeprefix("W/") in [tag for _, tag in _tags(if_none_match, "If-None-Match")]


def _tags(field: str, name: str) -> list[tuple[bool, str]]:
    found = []
    for part in field.split(","):
        match = _TAG.fullmatch(part.strip())
        if match is None:
            raise BadRequestError(f'{name} must list entity tags such as "7", or be *.')
        found.append((match[1] is not None, f'"{match[2]}"'))
    return found
