"""What is wrong with an input, in plain words: pydantic's and FastAPI's findings as places and sentences.

The place is an RFC 6901 pointer into the body, ``?name`` for a query parameter, ``header:name`` or
``cookie:name``. Neither repeats the rejected value: a name that the caller made up is shown only if it
looks like a field name.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.errors import DomainError, FieldError, InvalidError, NotFoundError

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
_WORDS = {
    "missing": "this field is required",
    "extra_forbidden": "there is no such field here",
    "string_type": "must be text",
    "string_too_short": "must have at least {min_length} characters",
    "string_too_long": "must have at most {max_length} characters",
    "string_pattern_mismatch": "does not have the form {pattern}",
    "string_unicode": "must be well-formed text",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_parsing_size": "is too large a number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "set_type": "must be a list",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "model_attributes_type": "must be an object",
    "dataclass_type": "must be an object",
    "none_required": "must be null",
    "too_short": "must have at least {min_length} items",
    "too_long": "must have at most {max_length} items",
    "greater_than": "must be greater than {gt}",
    "greater_than_equal": "must be at least {ge}",
    "less_than": "must be less than {lt}",
    "less_than_equal": "must be at most {le}",
    "multiple_of": "must be a multiple of {multiple_of}",
    "literal_error": "must be {expected}",
    "enum": "must be {expected}",
    "union_tag_invalid": "must be one of {expected_tags}",
    "union_tag_not_found": "the field that says which kind this is, is missing",
    "url_parsing": "must be a URL",
    "url_scheme": "must be a URL with the scheme {expected_schemes}",
    "url_type": "must be a URL",
    "url_too_long": "must be a shorter URL",
    "json_invalid": "is not well-formed JSON",
    "model_attributes": "must be an object",
    "bytes_type": "must be text",
    "date_parsing": "must be a date such as 2026-11-21",
    "date_from_datetime_parsing": "must be a date such as 2026-11-21",
    "datetime_parsing": "must be an instant such as 2026-11-21T08:30:00Z",
    "datetime_from_date_parsing": "must be an instant such as 2026-11-21T08:30:00Z",
    "timezone_aware": "must end with Z or an offset",
}


def domain_error(findings: Sequence[Any], body: Any) -> DomainError:
    """Return the error for pydantic's ``findings``; ``body`` is the parsed body, to point into it exactly.

    A path parameter that can't be an id names nothing: that is "not found", like any other unknown id.
    """
    if any(finding["loc"][:1] == ("path",) for finding in findings):
        return NotFoundError()
    seen: dict[tuple[str, str], FieldError] = {}
    for finding in findings:
        error = FieldError(_place(finding["loc"], body), _sentence(finding))
        seen.setdefault((error.pointer, error.detail), error)
    return InvalidError(fields=tuple(seen.values()))


def _place(location: Sequence[str | int], body: Any) -> str:
    where, *rest = location or ("body",)
    if where == "query":
        return "?" + _shown(rest[:1])
    if where in {"header", "cookie"}:
        return f"{where}:{_shown(rest[:1]).replace('_', '-')}"
    return pointer(body, rest if where == "body" else location)


def _shown(parts: Sequence[str | int]) -> str:
    name = str(parts[0]) if parts else ""
    return name if _NAME.fullmatch(name) else ""


def pointer(body: Any, location: Sequence[str | int]) -> str:
    """Return the RFC 6901 pointer of ``location`` in ``body``, without steps that are only pydantic's own."""
    made, node = "", body
    for index, step in enumerate(location):
        if isinstance(step, int):
            if isinstance(node, Sequence) and not isinstance(node, str) and step < len(node):
                made, node = f"{made}/{step}", node[step]
            continue
        last = index == len(location) - 1
        known = isinstance(node, Mapping) and step in node
        if known or (last and isinstance(node, Mapping)):
            if not _NAME.fullmatch(step):
                return made
            made, node = f"{made}/{step}", node.get(step)
    return made


def _sentence(finding: Mapping[str, Any]) -> str:
    kind, context = finding["type"], finding.get("ctx") or {}
    if kind in {"value_error", "assertion_error"}:
        return str(context.get("error") or "is not valid")
    if kind == "extra_forbidden" and not _NAME.fullmatch(str(finding["loc"][-1])):
        return "there is a field here that is not known; its name is not shown"
    words = _WORDS.get(kind)
    if words is None:
        return "is not valid"
    try:
        return words.format_map(context)
    except KeyError:
        return "is not valid"
