"""What a form's fields say: the revision it was made from, a whole document as JSON, lists, a key typed out."""

import json
from collections.abc import Mapping
from typing import Any, Final

from core.errors import InvalidError

_DIGITS: Final = 9


def json_of(text: str) -> Any:
    """Return the JSON value somebody wrote. Raises ``InvalidError``."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidError.field("/document", "not well-formed JSON") from error


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
