"""Lists: filters that stand in the address, pages that go on by key, files of exactly what is shown."""

import csv
import io
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import urlencode

from starlette.responses import Response

from api.console import moments
from api.console.desk import Desk
from core.errors import InvalidError
from oversight import looks

PAGE: Final = 50
MOST_EXPORTED: Final = 20_000
SUBJECT = re.compile(r"sub_([0-9a-f]{32})")
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Filter:
    """One field of a filter; ``options`` are pairs of value and words, for a choice among few."""

    name: str
    label: str
    kind: Literal["select", "text", "when"] = "text"
    options: tuple[tuple[str, str], ...] = ()


class Filled(NamedTuple):
    """A filter as it stands in the address."""

    filters: tuple[Filter, ...]
    values: dict[str, str]

    @property
    def query(self) -> str:
        """Return the filter as a query, without the place on the list."""
        return urlencode({name: value for name, value in self.values.items() if value})

    @property
    def active(self) -> bool:
        """Tell whether anything is narrowed."""
        return any(self.values.values())


def read(filters: Sequence[Filter], given: Mapping[str, str]) -> Filled:
    """Return the filter that an address or a form holds. Raises ``InvalidError`` for a value no option has."""
    values = {}
    for one in filters:
        value = given.get(one.name, "").strip()
        if len(value) > 200 or "\0" in value:
            raise InvalidError.field(f"?{one.name}", "too long, or not text")
        if value and one.kind == "select" and value not in dict(one.options):
            raise InvalidError.field(f"?{one.name}", "not one of the choices")
        values[one.name] = value
    return Filled(tuple(filters), values)


def of_desk(filters: Sequence[Filter], desk: Desk) -> Filled:
    """Return the filter in the address."""
    return read(filters, desk.request.query_params)


def subject_of(text: str) -> bytes | None:
    """Return the pseudonym of ``sub_...``; nothing for nothing. Raises ``InvalidError``."""
    if not text:
        return None
    match = SUBJECT.fullmatch(text)
    if match is None:
        raise InvalidError.field("?person", "write sub_ and 32 digits, as the lists show it")
    return bytes.fromhex(match[1])


def place(desk: Desk) -> int | None:
    """Return the key the list goes on before. Raises ``InvalidError``."""
    text = desk.query("before", 20)
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise InvalidError.field("?before", "not a place on this list")
    return int(text)


def dates(filled: Filled, desk: Desk) -> tuple[int | None, int | None]:
    """Return the instants that ``from`` and ``until`` mean in the viewer's zone."""
    start = moments.read(filled.values.get("from", ""), desk.zone, "from")
    return start, moments.read(filled.values.get("until", ""), desk.zone, "until", end=True)


DATES: Final = (Filter("from", "From", "when"), Filter("until", "Until", "when"))
FORMATS: Final = (("csv", "CSV for a spreadsheet"), ("json", "JSON for a program"))


def _safe(value: object) -> object:
    """Keep a cell from being read as a formula (CWE-1236)."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def as_csv(rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> str:
    """Return rows as CSV (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(names)
    writer.writerows([_safe(row[name]) for name in names] for row in rows)
    return out.getvalue()


async def export(
    desk: Desk, what: str, filled: Filled, format: str, rows: Sequence[Mapping[str, Any]], more: Callable[[], bool]
) -> Response:
    """Return a file of exactly the present filter and record that it was taken away, by whom and with what in it.

    Raises ``InvalidError`` where there is more than one file may hold.
    """
    if more():
        raise InvalidError.field("/filter", f"this is more than {MOST_EXPORTED:,} rows: narrow it, by dates say")
    names = list(rows[0]) if rows else []
    if format == "csv":
        text, media = as_csv(rows, names), "text/csv"
    elif format == "json":
        text, media = json.dumps({"filter": filled.values, "rows": list(rows)}, indent=1), "application/json"
    else:
        raise InvalidError.field("/format", "csv or json")
    raw = text.encode()
    digest = sha256(raw).hexdigest()
    await desk.state.db.transact(_exported, desk, what, filled.query, len(rows), digest)
    headers = {
        "Content-Disposition": f'attachment; filename="{what}-{digest[:8]}.{format}"',
        "X-Content-SHA256": digest,
    }
    return Response(raw, media_type=media, headers={**headers, "Cache-Control": "no-store"})


async def _exported(tx: Any, desk: Desk, what: str, query: str, rows: int, digest: str) -> None:
    looks.exported(tx, desk.principal, what, query, rows, digest, desk.now)
