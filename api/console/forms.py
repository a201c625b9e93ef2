"""Forms that come back filled: what was typed is kept, and each fault stands beside its field (WCAG 3.3.1, 3.3.3)."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from core.errors import InvalidError


class Form(NamedTuple):
    """What stands in a form's fields, and what is wrong with each: names are the fields' own."""

    values: Mapping[str, Any]
    faults: Mapping[str, str]

    def value(self, name: str, otherwise: Any = "") -> Any:
        """Return what stands in a field."""
        return self.values.get(name, otherwise)

    def fault(self, name: str) -> str:
        """Return what is wrong with a field; empty if nothing is."""
        return self.faults.get(name, "")

    @property
    def others(self) -> list[str]:
        """Return the faults of no field that the form shows."""
        return [f"{name}: {told}" if name else told for name, told in self.faults.items() if name not in self.values]


def filled(values: Mapping[str, Any]) -> Form:
    """Return a form as it is first shown, with what is there now."""
    return Form(values, {})


def again(values: Mapping[str, Any], error: InvalidError) -> Form:
    """Return a form as it was sent, with its faults, each at the field that its pointer, or most of it, names."""
    faults: dict[str, str] = {}
    for one in error.fields:
        name = _field_of(one.pointer, values)
        faults[name] = f"{faults[name]}; {one.detail}" if name in faults else one.detail
    if not faults:
        faults[""] = error.detail
    return Form(values, faults)


def _field_of(pointer: str, values: Mapping[str, Any]) -> str:
    parts = pointer.lstrip("/?").split("/")
    names = ("-".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in values), parts[0])
