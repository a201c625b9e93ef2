"""HOT PATH, budget 3 us a value. A statement that takes a list of values, for SQLite, which has no arrays.

``:name*`` stands for the list. The text is prepared for lengths that are powers of two and short lists are padded with
their last value, so that the driver meets few different texts and keeps them compiled.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from core.database.statements import Sql

_MOST = 256


class Many:
    """A statement with one list parameter."""

    def __init__(self, text: str, name: str) -> None:
        """Prepare nothing yet; ``text`` holds ``:name*`` where the list goes."""
        self._text = text
        self._mark = f":{name}*"
        self._prepared: dict[int, tuple[Sql, tuple[str, ...]]] = {}

    def of(self, values: Sequence[Any]) -> Iterator[tuple[Sql, dict[str, Any]]]:
        """Return the statements and parameters that together take all ``values``."""
        for start in range(0, len(values), _MOST):
            part = list(values[start : start + _MOST])
            size = 1 << (len(part) - 1).bit_length()
            part += part[-1:] * (size - len(part))
            sql, names = self._prepared.get(size) or self._prepare(size)
            yield sql, dict(zip(names, part, strict=True))

    def _prepare(self, size: int) -> tuple[Sql, tuple[str, ...]]:
        names = tuple(f"v{number}" for number in range(size))
        marks = ", ".join(f":{name}" for name in names)
        made = self._prepared[size] = (Sql(self._text.replace(self._mark, marks)), names)
        return made
