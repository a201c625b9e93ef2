"""What the form about a model says: its inputs a line each, its credentials a line each, the rest field by field.

A line of inputs is a name and what is so about it: ``duration_in_month, can go down`` or ``age, protected``. Pure.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pydantic import ValidationError

from api.schemas.model_endpoints import EndpointIn
from core.errors import FieldError, InvalidError
from explanations.port import Value

FIELDS: Final = (
    "system", "model", "version", "kind", "url", "predict_path", "template", "predictions_at", "value_at", "version_at",
    "class_name", "class_index", "space", "direction", "reference_group", "rows_per_call",
)  # fmt: skip
_NUMBERS: Final = ("class_index", "rows_per_call")
_JSON: Final = ("template",)
_SAID: Final[dict[str, dict[str, object]]] = {
    "protected": {"sensitivity": "protected"},
    "secret": {"sensitivity": "secret"},
    "can change": {"mutable": True},
    "can go up": {"mutable": True, "direction": "up"},
    "can go down": {"mutable": True, "direction": "down"},
}
_WORDS: Final = {name: tuple(values.items()) for name, values in _SAID.items()}
_NUMBER: Final = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")


def endpoint_of(form: Mapping[str, str]) -> EndpointIn:
    """Return what a form says of an endpoint. Raises ``InvalidError`` naming the form's fields."""
    document: dict[str, Any] = {name: form[name].strip() for name in FIELDS if form.get(name, "").strip()}
    for name in _NUMBERS:
        if name in document:
            document[name] = _whole(name, document[name])
    for name in _JSON:
        if name in document:
            document[name] = _json(name, document[name])
    document["features"] = features_of(form["features"])
    return checked({"document": document, "credentials": credentials_of(form.get("credentials", ""))})


def checked(told: Mapping[str, Any]) -> EndpointIn:
    """Hold an endpoint to what the API asks of it. Raises ``InvalidError``."""
    try:
        return EndpointIn.model_validate(told)
    except ValidationError as error:
        found = error.errors(include_input=False, include_url=False, include_context=False)
        raise InvalidError(fields=tuple(FieldError(_pointer(one["loc"]), one["msg"]) for one in found)) from None


def _pointer(place: Iterable[object]) -> str:
    parts = [str(part) for part in place]
    return "/" + "/".join(parts[1:] if parts[:1] == ["document"] else parts)


def of_fields(error: InvalidError) -> InvalidError:
    """Return an error whose pointers are the form's fields, not the document's; an address is refused as a whole."""
    if not error.fields:
        return InvalidError.field("/url", error.detail)
    return InvalidError(
        fields=tuple(FieldError(one.pointer.removeprefix("/document"), one.detail) for one in error.fields)
    )


def features_of(text: str) -> list[dict[str, Any]]:
    """Return the inputs of a model, one a line. Raises ``InvalidError``."""
    found = []
    for number, line in enumerate(filter(None, map(str.strip, text.splitlines())), 1):
        name, *said = (part.strip() for part in line.split(","))
        feature: dict[str, Any] = {"name": name}
        for word in said:
            if word.startswith("with "):
                feature["group"] = word.removeprefix("with ").strip()
            elif word in _WORDS:
                feature.update(_WORDS[word])
            else:
                known = ", ".join(_WORDS)
                raise InvalidError.field("/features", f"line {number}: say one of {known}, or with a group's name")
        found.append(feature)
    if not found:
        raise InvalidError.field("/features", "name the model's inputs, one a line, in the model's order")
    return found


def credentials_of(text: str) -> dict[str, str] | None:
    """Return header fields, one a line; nothing if nothing was written. Raises ``InvalidError``."""
    found = {}
    for line in filter(None, map(str.strip, text.splitlines())):
        name, mark, value = line.partition(":")
        if not mark:
            raise InvalidError.field("/credentials", "write a name, a colon and the value, one a line")
        found[name.strip()] = value.strip()
    return found or None


def row_of(form: Mapping[str, str], features: Iterable[str]) -> dict[str, Value]:
    """Return the sample row: what looks like a number is one, in double quotes it stays text, empty is nothing."""
    return {name: _value(form.get(f"input-{place}", "")) for place, name in enumerate(features)}


def _value(text: str) -> Value:
    told = text.strip()
    if not told:
        return None
    if len(told) > 1 and told[0] == told[-1] == '"':
        return told[1:-1]
    if told in {"true", "false"}:
        return told == "true"
    if _NUMBER.fullmatch(told):
        value: int | float = json.loads(told) if not told.lstrip("-").startswith("0") else float(told)
        return int(value) if float(value).is_integer() and "." not in told else value
    return told


def number_of(name: str, text: str) -> float | None:
    """Return a number somebody wrote, nothing for an empty field. Raises ``InvalidError``."""
    if not text.strip():
        return None
    if not _NUMBER.fullmatch(text.strip()):
        raise InvalidError.field(f"/{name}", "not a number")
    return float(text)


def _whole(name: str, text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise InvalidError.field(f"/{name}", "not a whole number")
    return int(text)


def _json(name: str, text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        raise InvalidError.field(f"/{name}", "not well-formed JSON") from error
