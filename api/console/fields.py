"""What a form's fields say: the revision it was made from, a whole document as JSON, lists, a key typed out."""

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ValidationError

from core.errors import FieldError, InvalidError

T = TypeVar("T", bound=BaseModel)

_DIGITS: Final = 9


def json_of(text: str) -> Any:
    """Return the JSON value somebody wrote. Raises ``InvalidError``."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidError.field("/document", "not well-formed JSON") from error


def pointer_to(place: Sequence[object]) -> str:
    """Return the pointer to a place in a document (RFC 6901)."""
    return "/" + "/".join(map(str, place))


def held(schema: type[T], told: Mapping[str, Any], pointer: Callable[[Sequence[object]], str] = pointer_to) -> T:
    """Hold what a form says to what the API asks; ``pointer`` names the field. Raises ``InvalidError``."""
    try:
        return schema.model_validate(told)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        raise InvalidError(fields=tuple(FieldError(pointer(one["loc"]), one["msg"]) for one in found)) from None


def revision_of(form: Mapping[str, str]) -> int:
    """Return the revision a form was made from. Raises ``InvalidError``."""
    text = form["revision"]
    if not text.isascii() or not text.isdigit() or len(text) > _DIGITS:
        raise InvalidError.field("/revision", "not a revision")
    return int(text)


def must_be_typed(form: Mapping[str, str], key: str) -> None:
    """Raise ``InvalidError`` unless somebody typed the key of what is to end for good."""
    if form["number"].strip() != key:
        raise InvalidError.field("/number", "type the key: nothing undoes this")


def editable(document: Any) -> str:
    """Return a document as JSON that a person can read and change."""
    return json.dumps(document, indent=1, ensure_ascii=False)


def lines_of(text: str) -> list[str]:
    """Return what somebody listed, one a line or with commas between."""
    return [line.strip() for line in text.replace(",", "\n").splitlines() if line.strip()]
