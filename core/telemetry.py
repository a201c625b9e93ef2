"""The log: one JSON object a line, made only of fields on a closed list, without personal data.

Never in it: bodies, query strings, header values, messages of exceptions, references of subjects. An exception
is told by its class and the places it passed through. Line breaks, terminal escapes and U+2028 are escaped.
"""

import json
import logging
import sys
import traceback
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any, TextIO

import structlog
from structlog.typing import FilteringBoundLogger

ROOT = Path(__file__).resolve().parent.parent
FIELDS = frozenset(
    (
        *("event", "level", "at", "logger"),
        *("request", "method", "route", "status", "millis", "problem", "role", "tenant", "site", "principal"),
        *("error", "places", "code", "kind", "job", "attempt", "seq", "size", "count", "seconds", "name"),
        *(
            "credential",
            "reason",
            "host",
            "port",
            "engine",
            "version",
            "mode",
            "file",
            "key_id",
            "withheld",
            "outcome",
            "permission",
        ),
    )
)
_LONGEST = 400


def logger(room: str) -> FilteringBoundLogger:
    """Return the logger of a room; events are short constant names such as ``job-failed``."""
    made: FilteringBoundLogger = structlog.get_logger(f"candor.{room}")
    return made


def told(error: BaseException) -> dict[str, Any]:
    """Describe an exception without its message: ``error`` classes, outermost first, and ``places`` it passed."""
    classes: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(classes) < 5:
        classes.append(type(cause).__qualname__)
        cause = cause.__cause__ or cause.__context__
    frames = traceback.extract_tb(error.__traceback__)[-12:]
    return {"error": classes, "places": [f"{_short(f.filename)}:{f.lineno} {f.name}" for f in frames]}


def _short(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else "/".join(path.parts[-2:])


class _NamedLines(structlog.PrintLogger):
    """Writes finished lines; ``name`` is what the room called its logger."""

    def __init__(self, out: TextIO, name: str) -> None:
        super().__init__(out)
        self.name = name


def only_listed(source: object, _: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Keep fields on the list with plain values; name what was withheld, so that its author notices."""
    kept = {name: _plain(value) for name, value in event.items() if name in FIELDS}
    withheld = sorted(name for name in event if name not in FIELDS)
    if withheld:
        kept["withheld"] = withheld
    if isinstance(source, _NamedLines) and source.name:
        kept["logger"] = source.name
    return kept


def _plain(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float)):
        return value
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value[:50]]
    return str(value)[:_LONGEST] if isinstance(value, str) else type(value).__name__


def line(event: MutableMapping[str, Any]) -> str:
    """Write one event as one line of ASCII JSON."""
    return json.dumps(event, separators=(",", ":"))


class _ForeignLines(logging.Formatter):
    """Lines of libraries: the constant template of the message, never its arguments."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line for a record of the standard logging module."""
        constant = isinstance(record.msg, str) and (record.args or record.name.startswith("uvicorn"))
        event: dict[str, Any] = {
            "event": str(record.msg).strip() if constant else "a library wrote a line",
            "level": record.levelname.lower(),
            "logger": record.name,
        }
        if record.exc_info and record.exc_info[1] is not None:
            event |= told(record.exc_info[1])
        return line(only_listed(None, "", event))


def configure(level: str, stream: TextIO | None = None) -> None:
    """Send every log line of the process to ``stream`` (standard error by default) in the form described above."""
    out = stream or sys.stderr
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            only_listed,
            lambda _, __, event: line(event),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda name="": _NamedLines(out, name),
        cache_logger_on_first_use=False,
    )
    libraries = logging.StreamHandler(out)
    libraries.setFormatter(_ForeignLines())
    root = logging.getLogger()
    root.handlers[:] = [libraries]
    root.setLevel(max(logging.INFO, logging.getLevelNamesMapping()[level.upper()]))
