"""How answers of model servers are read: strictly, and without ever repeating what they said."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import orjson

from explanations.errors import (
    MalformedAnswerError,
    ModelRejectedError,
    ModelUnavailableError,
    NotSupportedError,
)
from explanations.parts import Predicate, Rule
from explanations.port import Endpoint, Native, Row

_BUSY = frozenset({408, 425, 429, 502, 503, 504, 530})
_UNKNOWN_VERB = frozenset({404, 405, 501})
_OPERATORS = (" <= ", " >= ", " != ", " < ", " > ", " = ")


def refuse(status: int, *, explaining: bool = False) -> NoReturn:
    """Raise what a status other than success means. A 500 may as well be a bad row as a broken server."""
    if explaining and status in _UNKNOWN_VERB:
        raise NotSupportedError
    if status in _BUSY:
        raise ModelUnavailableError
    if status >= 500:
        raise ModelUnavailableError("The model failed on this question.", ambiguous=True)
    raise ModelRejectedError


def document(status: int, body: bytes, *, explaining: bool = False) -> Any:
    """Return the JSON of a successful answer; NaN and infinities are not JSON. Raises ``ModelError``."""
    if not 200 <= status < 300:
        refuse(status, explaining=explaining)
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        raise MalformedAnswerError("It is cut off or not JSON.") from None


def at(value: Any, pointer: str) -> Any:
    """Return what stands at a JSON pointer (RFC 6901). Raises ``MalformedAnswerError``."""
    for raw in pointer.split("/")[1:]:
        key = raw.replace("~1", "/").replace("~0", "~")
        if isinstance(value, Mapping) and key in value:
            value = value[key]
        elif isinstance(value, list) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            raise MalformedAnswerError("A member that its configuration names is missing.")
    return value


def found(value: Any, pointer: str) -> Any:
    """Return what stands at a JSON pointer, or nothing."""
    try:
        return at(value, pointer)
    except MalformedAnswerError:
        return None


def number(value: Any) -> float:
    """Return a finite number. Raises ``MalformedAnswerError``, also for text such as ``"NaN"``."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise MalformedAnswerError("A number is missing or is none.")
    return float(value)


def number_in_text(value: Any) -> float:
    """Return a finite number that is written as text, as H2O does. Raises ``MalformedAnswerError``."""
    try:
        return number(float(value) if isinstance(value, str) else value)
    except ValueError:
        raise MalformedAnswerError("A number is missing or is none.") from None


def rows_of(value: Any, count: int) -> list[Any]:
    """Return a list of exactly ``count`` items. Raises ``MalformedAnswerError``."""
    if not isinstance(value, list) or len(value) != count:
        raise MalformedAnswerError("It does not answer for each row that was asked.")
    return value


def target(value: Any, endpoint: Endpoint) -> float:
    """Return the target output of one row: the number itself, or that of the configured class."""
    if isinstance(value, list):
        if len(value) == 1:
            return number(value[0])
        if endpoint.class_index is None or endpoint.class_index >= len(value):
            raise MalformedAnswerError("It answers for several classes and none is configured.")
        return number(value[endpoint.class_index])
    return number(value)


def ordered(row: Row, endpoint: Endpoint) -> list[Any]:
    """Return a row's values in the model's order. Raises ``ModelRejectedError`` if one is missing."""
    try:
        return [row[name] for name in endpoint.features]
    except KeyError:
        raise ModelRejectedError("The decision's inputs are not those of the configured model.") from None


def records(rows: Sequence[Row], endpoint: Endpoint) -> list[dict[str, Any]]:
    """Return rows as objects with exactly the model's features."""
    return [dict(zip(endpoint.features, ordered(row, endpoint), strict=True)) for row in rows]


def named(values: Any, endpoint: Endpoint) -> tuple[dict[str, float], bool]:
    """Return attributions by feature, and whether the answer itself named them. Raises ``MalformedAnswerError``."""
    if isinstance(values, Mapping):
        if set(values) != set(endpoint.features):
            raise MalformedAnswerError("It explains other inputs than those of the configured model.")
        return {name: number(values[name]) for name in endpoint.features}, True
    listed = rows_of(values, len(endpoint.features))
    return {name: target(value, endpoint) for name, value in zip(endpoint.features, listed, strict=True)}, False


def free_form(value: Any, endpoint: Endpoint) -> Native:
    """Read the shape most hand-made explainers answer: ``shap_values``, ``base_value``, ``output``, ``class``.

    A bare list carries values only; an anchor carries a rule. Raises ``MalformedAnswerError``.
    """
    if isinstance(value, list):
        attributions, _ = named(value, endpoint)
        return Native(attributions, flags=("base_unknown", "output_unknown", "names_from_config", "class_unknown"))
    if not isinstance(value, Mapping):
        raise MalformedAnswerError("It holds no explanation.")
    if "anchor" in value or isinstance(value.get("data"), Mapping):
        return anchor(value["data"] if "anchor" not in value else value)
    attributions, names_given = named(value.get("shap_values"), endpoint)
    base, output, class_name = value.get("base_value"), value.get("output"), value.get("class")
    method = value.get("method")
    flags = ["upstream_free_form"]
    flags += [] if names_given else ["names_from_config"]
    missing = {"base_unknown": base, "output_unknown": output, "class_unknown": class_name}
    flags += [flag for flag, given in missing.items() if given is None]
    return Native(
        attributions,
        None if base is None else number(base),
        None if output is None else number(output),
        None if class_name is None else str(class_name),
        method=method if isinstance(method, str) else None,
        flags=tuple(flags),  # type: ignore[arg-type]  # each is one of the declared flags
    )


def with_output(native: Native, output: float) -> Native:
    """Return an explanation with the output that stood elsewhere in the same answer."""
    return native._replace(output=output, flags=tuple(flag for flag in native.flags if flag != "output_unknown"))


def anchor(value: Mapping[str, Any]) -> Native:
    """Read alibi's anchor; its ``raw`` part holds rows of other people and is dropped unread."""
    texts = value.get("anchor")
    if not isinstance(texts, list):
        raise MalformedAnswerError("It holds no explanation.")
    rule = Rule(
        kind="anchor",
        predicates=tuple(_predicate(text) for text in texts),
        precision=number(value.get("precision")),
        coverage=number(value.get("coverage")),
    )
    return Native({}, rules=(rule,), flags=("base_unknown", "output_unknown", "class_unknown"))


def _predicate(text: Any) -> Predicate:
    for operator in _OPERATORS:
        if isinstance(text, str) and text.count(operator) == 1:
            feature, value = text.split(operator)
            try:
                return Predicate(feature=feature, op=operator.strip(), value=json.loads(value))  # type: ignore[arg-type]  # one of the six
            except ValueError:
                return Predicate(feature=feature, op=operator.strip(), value=value)  # type: ignore[arg-type]  # same
    raise MalformedAnswerError("A condition of the rule can't be read.")
