"""A model's inputs in a form: each field shows what was given; what is changed keeps the type it had. Pure."""

from collections.abc import Mapping
from typing import Any, Final

from core.errors import InvalidError

_LONGEST: Final = 200
_TRUTHS: Final = {"true": True, "false": False}


def corrected(inputs: Mapping[str, Any], form: Mapping[str, str]) -> dict[str, Any]:
    """Return the inputs that a form changed, each of the type it had. Raises ``InvalidError``."""
    found = {}
    for place, (name, value) in enumerate(inputs.items()):
        text = form.get(f"input-{place}", shown(value)).strip()
        if text != shown(value):
            found[name] = _typed(text, value, name)
    return found


def shown(value: Any) -> str:
    """Return an input as its field shows it."""
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def _typed(text: str, before: Any, name: str) -> Any:
    try:
        if isinstance(before, bool):
            return _TRUTHS[text.lower()]
        if isinstance(before, int):
            return int(text)
        if isinstance(before, float):
            return float(text)
    except (KeyError, ValueError) as error:
        kind = "true or false" if isinstance(before, bool) else "a number"
        raise InvalidError.field("/correction", f"{name} has to be {kind}") from error
    if len(text) > _LONGEST:
        raise InvalidError.field("/correction", f"{name} is longer than {_LONGEST} characters")
    return text
