"""Bodies, strictly: what a request may carry is decided before any room sees it (RFC 8259, I-JSON RFC 7493).

Refused: other content types, content encodings, more bytes than the route takes (without reading on),
repeated keys, NaN and infinities, numbers past 2**53, lone surrogates, NUL, nesting deeper than 32, long strings
and arrays. A good body costs one orjson parse and one walk; places are looked for only once something is wrong.
"""

import asyncio
import json
import math
import re
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

import orjson
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from api.problems import MalformedJsonError, TooLargeError, TooSlowError, UnsupportedContentError
from core.errors import FieldError, InvalidError

MOST_DEPTH = 32
MOST_NUMBER = 2**53 - 1  # RFC 7493, section 2.2: beyond it readers disagree about the value
_LOOK_CLOSER = -1
_JSON = frozenset((b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"))
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*"|[\[\]{}]', re.DOTALL)
_SHOWN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,63}")
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class BodyRule:
    """What a route's body may be; ``bulk`` routes have the larger limit of the settings."""

    media: tuple[bytes, ...] = (b"application/json",)
    bulk: bool = False
    longest_string: int = 4096
    longest_array: int = 1000


ORDINARY = BodyRule()
BULK = BodyRule(bulk=True, longest_array=100_000)
BULK_OR_LINES = BodyRule((b"application/json", b"application/x-ndjson"), bulk=True, longest_array=100_000)
FORM = BodyRule((b"application/x-www-form-urlencoded",))


def accepts(rule: BodyRule) -> Callable[[F], F]:
    """Say that an endpoint takes bodies by ``rule``, not ``ORDINARY``; stands under the route decorator."""

    def mark(endpoint: F) -> F:
        endpoint.__dict__["body_rule"] = rule
        return endpoint

    return mark


def content_type(headers: list[tuple[bytes, bytes]], rule: BodyRule) -> bytes:
    """Return the body's media type. Raises ``UnsupportedContentError`` for another one or any encoding."""
    given, found = b"", 0
    for name, value in headers:
        if name == b"content-type":
            given, found = value, found + 1
        elif name == b"content-encoding" and value.strip().lower() not in {b"", b"identity"}:
            raise UnsupportedContentError("A body with a Content-Encoding is not taken.")
    if given in _JSON and b"application/json" in rule.media and found == 1:
        return b"application/json"
    media, *parameters = (part.strip().lower() for part in given.split(b";"))
    plain = all(part in {b"", b"charset=utf-8", b'charset="utf-8"'} for part in parameters)
    if found != 1 or media not in rule.media or not plain:
        wanted = " or ".join(known.decode() for known in rule.media)
        raise UnsupportedContentError(f"The body must be sent as {wanted}, in UTF-8.", headers={"Accept": wanted})
    return media


async def read(scope: MutableMapping[str, Any], receive: Receive, limit: int, seconds: float) -> bytes:
    """Return the whole body.

    Raises ``TooLargeError`` before it reads past ``limit`` bytes and ``TooSlowError`` after ``seconds``.
    """
    for name, value in scope["headers"]:
        if name == b"content-length" and (not value.isdigit() or int(value[:12]) > limit):
            raise TooLargeError(f"The body may have at most {limit} bytes.")
    task = asyncio.current_task()
    loop = asyncio.get_running_loop()
    late = False

    def give_up() -> None:
        nonlocal late
        late = True
        if task is not None:
            task.cancel()

    timer = loop.call_later(seconds, give_up)
    try:
        return await _gather(receive, limit)
    except asyncio.CancelledError:
        if not late or task is None or task.uncancel() > 0:
            raise
        raise TooSlowError(headers={"Connection": "close"}) from None
    finally:
        timer.cancel()


async def _gather(receive: Receive, limit: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise TooLargeError(f"The body may have at most {limit} bytes.")
        if not message.get("more_body", False):
            return part if not parts else b"".join((*parts, part))
        parts.append(part)


def loads(raw: bytes, rule: BodyRule = ORDINARY) -> Any:
    """Return the value of one JSON document.

    Raises ``MalformedJsonError`` for wrong syntax, ``InvalidError`` with places for wrong content.
    """
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        _explain(raw, error, rule)
    if not _plainly_good(raw, value, rule):
        _inspect(raw, rule)
    return value


def _plainly_good(raw: bytes, value: Any, rule: BodyRule) -> bool:
    """Tell whether nothing can be wrong: a repeated key leaves more colons than there are keys."""
    if b"\\u" in raw:  # a colon, NUL or half a surrogate pair may hide in an escape
        return False
    colons = 0
    level: list[Any] = [[value]]
    for _ in range(MOST_DEPTH + 1):
        below: list[Any] = []
        for node in level:
            found = _colons(node, below, rule)
            if found == _LOOK_CLOSER:
                return False
            colons += found
        if not below:
            return colons == raw.count(b":")
        level = below
    return False


def _colons(node: Any, below: list[Any], rule: BodyRule) -> int:
    """Count the colons it took to write ``node`` itself; put the objects and lists in it into ``below``."""
    colons = 0
    children = node
    if type(node) is dict:
        names = "".join(node)
        colons = len(node) + names.count(":")
        if len(names) > rule.longest_string // 4:
            return _LOOK_CLOSER
        children = node.values()
    elif len(node) > rule.longest_array:
        return _LOOK_CLOSER
    for child in children:
        kind = type(child)
        if kind is str:
            colons += child.count(":")
            if len(child) > rule.longest_string // 4:
                return _LOOK_CLOSER
        elif kind is dict or kind is list:
            below.append(child)
        elif (kind is int or kind is float) and not -MOST_NUMBER <= child <= MOST_NUMBER:
            return _LOOK_CLOSER
    return colons


def _explain(raw: bytes, error: orjson.JSONDecodeError, rule: BodyRule) -> NoReturn:
    """Say what is wrong with a body that orjson refuses: nesting, a number, a surrogate or the syntax."""
    if _too_deep(raw):
        raise MalformedJsonError(f"The body is nested deeper than {MOST_DEPTH} levels.") from None
    _inspect(raw, rule)
    where = f"line {error.lineno}, column {error.colno}"
    raise MalformedJsonError(f"The body is not well-formed JSON ({where}).") from None


def _too_deep(raw: bytes) -> bool:
    depth = 0
    for token in _TOKEN.finditer(raw):
        mark = token[0]
        if mark in {b"[", b"{"}:
            depth += 1
            if depth > MOST_DEPTH:
                return True
        elif mark in {b"]", b"}"}:
            depth -= 1
    return False


class _Pairs(list[tuple[str, Any]]):
    """An object as it was written, repeated keys included."""


def _constant(_: str) -> NoReturn:
    raise ValueError("NaN and infinities are not JSON")


def _inspect(raw: bytes, rule: BodyRule) -> None:
    """Read the body again as written and raise for what is wrong with it, naming each place."""
    if _too_deep(raw):
        raise MalformedJsonError(f"The body is nested deeper than {MOST_DEPTH} levels.")
    try:
        written = json.loads(raw.decode(), object_pairs_hook=_Pairs, parse_constant=_constant)
    except ValueError:
        return  # a matter of syntax, told by the caller
    wrong: list[FieldError] = []
    _walk(written, "", rule, wrong)
    if wrong:
        raise InvalidError(fields=tuple(wrong))


def _walk(node: Any, place: str, rule: BodyRule, wrong: list[FieldError]) -> None:
    if len(wrong) >= 20:
        return
    if isinstance(node, _Pairs):
        _walk_object(node, place, rule, wrong)
    elif isinstance(node, list):
        if len(node) > rule.longest_array:
            wrong.append(FieldError(place, f"a list may have at most {rule.longest_array} items"))
            return
        for index, child in enumerate(node):
            _walk(child, f"{place}/{index}", rule, wrong)
    elif isinstance(node, str):
        fault = _fault_of_text(node, rule)
        if fault:
            wrong.append(FieldError(place, fault))
    elif _is_too_large(node):
        wrong.append(FieldError(place, "the number is too large"))


def _walk_object(node: _Pairs, place: str, rule: BodyRule, wrong: list[FieldError]) -> None:
    seen: set[str] = set()
    for key, child in node:
        fault = _fault_of_text(key, rule)
        shown = f"{place}/{key}" if _SHOWN_KEY.fullmatch(key) else place
        if fault:
            wrong.append(FieldError(place, f"a field's name: {fault}"))
        elif key in seen:
            wrong.append(FieldError(shown, "the field appears twice"))
        seen.add(key)
        _walk(child, shown, rule, wrong)


def _is_too_large(node: Any) -> bool:
    if isinstance(node, float):
        return not math.isfinite(node)
    return isinstance(node, int) and not -MOST_NUMBER <= node <= MOST_NUMBER


def _fault_of_text(text: str, rule: BodyRule) -> str:
    if "\0" in text:
        return "text must not contain the NUL character"
    if not text.isascii():
        try:
            encoded = text.encode()
        except UnicodeEncodeError:
            return "text must not contain half of a surrogate pair"
        size = len(encoded)
    else:
        size = len(text)
    return f"text may have at most {rule.longest_string} bytes" if size > rule.longest_string else ""
