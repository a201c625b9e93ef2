"""The forms of the hosted pages: few short fields, each at most once (application/x-www-form-urlencoded)."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qsl

from starlette.requests import Request

from core.errors import InvalidError

_MOST_FIELDS: Final = 10
_LONGEST: Final = 4096


async def fields(request: Request, *wanted: str) -> Mapping[str, str]:
    """Return the form's fields, ``wanted`` ones at least. Raises ``InvalidError`` for anything odd."""
    try:
        pairs = parse_qsl(
            (await request.body()).decode(), keep_blank_values=True, strict_parsing=True, max_num_fields=_MOST_FIELDS
        )
    except ValueError as error:
        raise InvalidError.field("", "not a form") from error
    found = dict(pairs)
    if len(found) != len(pairs):
        raise InvalidError.field("", "a field is given twice")
    for name in wanted:
        if name not in found:
            raise InvalidError.field(f"/{name}", "this field is required")
    for name, value in found.items():
        if len(value) > _LONGEST or "\0" in value:
            raise InvalidError.field(f"/{name}" if name in wanted else "", "too long, or not text")
    return found
