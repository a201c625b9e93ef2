"""The conformance kit of model adapters: what every adapter must hold, for anyone to run against his own.

Hand ``faults`` the callable that makes your adapter and a recorded exchange; it returns sentences, none if all is well.
Nothing is asked over a network. Recorded exchanges are text files in a plain grammar (``read_exchange``).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import orjson

from explanations.errors import (
    MalformedAnswerError,
    ModelError,
    ModelRejectedError,
    ModelUnavailableError,
    NotSupportedError,
)
from explanations.port import Caps, Endpoint, HttpCall, ModelAdapter, Native, Predictions, Row

_CANARY = "canary-7f3a"
_TOLERANCE = 1e-6
_STATUSES: dict[int, type[ModelError]] = {
    **dict.fromkeys((400, 401, 403, 413, 415, 422), ModelRejectedError),
    **dict.fromkeys((429, 500, 502, 503, 504), ModelUnavailableError),
}
_NO_EXPLAINER = (404, 501)
Read = Callable[[int, bytes], object]


class Exchange(NamedTuple):
    """A recorded request and its answer."""

    call: HttpCall
    status: int
    body: bytes


@dataclass(frozen=True)
class Case:
    """What an adapter is tried with: ``expected`` for each row, and what the explanation of the first row says.

    Without ``predict`` the adapter asks no server: it only reads explanations that came some other way.
    """

    endpoint: Endpoint
    rows: Sequence[Row]
    predict: Exchange | None
    expected: Sequence[float]
    explain: Exchange | None = None
    base: float | None = None
    output: float | None = None
    attributions: Mapping[str, float] | None = None


def read_exchange(path: Path) -> Exchange:
    """Read one recorded exchange: a note, the request, ``=== response``, the answer."""
    text = path.read_bytes().decode().split("\n", 1)[1]
    asked, answered = text.split("\n=== response\n", 1)
    first, headers, body = _part(asked)
    status, _, answer = _part(answered.removesuffix("\n"))
    method, target, _ = first.split(" ", 2)
    return Exchange(HttpCall(method, target, body.encode(), headers), int(status.split()[1]), answer.encode())


def _part(text: str) -> tuple[str, dict[str, str], str]:
    head, body = text.split("\n\n", 1)
    first, *lines = head.split("\n")
    return first, dict(line.split(": ", 1) for line in lines if ": " in line), body


def faults(make: Callable[[Endpoint], ModelAdapter], case: Case) -> list[str]:
    """Return what is wrong with an adapter, a sentence each."""
    adapter = make(case.endpoint)
    checks = [_declared, _asks_nobody] if case.predict is None else [_declared, _asks, _predicts]
    checks += [] if case.explain is None else [_explains]
    found = [fault for check in checks for fault in _tried(check, adapter, case)]
    count = len(case.rows)
    if case.predict is not None:
        found += _hostile("read_predictions", lambda status, body: adapter.read_predictions(status, body, count))
        found += _cut_off("read_predictions", lambda s, b: adapter.read_predictions(s, b, count), case.predict.body)
    if case.explain is not None:
        found += _hostile("read_explanation", adapter.read_explanation, explaining=True)
        found += _cut_off("read_explanation", adapter.read_explanation, case.explain.body)
    return found


def _tried(check: Callable[[ModelAdapter, Case], list[str]], adapter: ModelAdapter, case: Case) -> list[str]:
    try:
        return check(adapter, case)
    except Exception as error:  # noqa: BLE001 -- a stranger's adapter may raise anything
        return [f"of the recorded exchange it makes {type(error).__name__} ({check.__name__[1:]})"]


def _declared(adapter: ModelAdapter, _: Case) -> list[str]:
    declared: object = adapter.capabilities()  # a stranger's adapter may return anything
    found: list[str] = [] if isinstance(declared, Caps) else ["capabilities() does not return Caps"]
    return found if adapter.kind else [*found, "kind is empty"]


def _asks_nobody(adapter: ModelAdapter, case: Case) -> list[str]:
    caps = adapter.capabilities()
    found = ["it says that it predicts or explains"] if caps.predict or caps.explain else []
    for name, ask in (
        ("predict_call", lambda: adapter.predict_call(case.rows)),
        ("read_predictions", lambda: adapter.read_predictions(200, b"[0.5]", 1)),
    ):
        try:
            ask()
            found.append(f"{name} does not refuse")
        except NotSupportedError:
            pass
    return found


def _asks(adapter: ModelAdapter, case: Case) -> list[str]:
    before = [dict(row) for row in case.rows]
    first, second = adapter.predict_call(case.rows), adapter.predict_call(case.rows)
    found: list[str] = [] if first == second else ["predict_call is not pure: the same rows gave two requests"]
    found += [] if [dict(row) for row in case.rows] == before else ["predict_call changed the rows"]
    recorded = first if case.predict is None else case.predict.call
    if (first.method, _path(case, first)) != (recorded.method, recorded.path):
        found.append(f"predict_call asks {first.method} {_path(case, first)}, recorded {recorded.path}")
    if case.rows:
        try:
            adapter.predict_call([{}])
            found.append("predict_call takes a row that lacks every feature")
        except ModelRejectedError:
            pass
    return found


def _path(case: Case, call: HttpCall) -> str:
    """Return the request's path as recorded: after the host."""
    return "/" + (case.endpoint.url + call.path).split("://", 1)[-1].partition("/")[2]


def _predicts(adapter: ModelAdapter, case: Case) -> list[str]:
    if case.predict is None:
        return []
    made: object = adapter.read_predictions(case.predict.status, case.predict.body, len(case.rows))
    if not isinstance(made, Predictions) or len(made.values) != len(case.expected):
        return ["read_predictions does not give one value for each row"]
    found = [
        f"prediction {place} is {value}, expected {expected}"
        for place, (value, expected) in enumerate(zip(made.values, case.expected, strict=True))
        if abs(value - expected) > _TOLERANCE
    ]
    try:
        adapter.read_predictions(case.predict.status, case.predict.body, len(case.rows) + 1)
        found.append("read_predictions takes an answer with fewer rows than were asked")
    except MalformedAnswerError:
        pass
    return found


def _explains(adapter: ModelAdapter, case: Case) -> list[str]:
    if case.explain is None:
        return []
    call = adapter.explain_call(case.rows[0])
    if (call is None) != (case.predict is None):
        return ["there is a recorded explanation, and explain_call asks for none, or asks where there is no server"]
    found = [] if adapter.explain_call(case.rows[0]) == call else ["explain_call is not pure"]
    made: object = adapter.read_explanation(case.explain.status, case.explain.body)
    if not isinstance(made, Native):
        return [*found, "read_explanation does not return Native"]
    for name, given, expected in (("base", made.base, case.base), ("output", made.output, case.output)):
        if expected is not None and (given is None or abs(given - expected) > _TOLERANCE):
            found.append(f"{name} is {given}, expected {expected}")
    for feature, expected in (case.attributions or {}).items():
        if abs(made.attributions.get(feature, float("inf")) - expected) > _TOLERANCE:
            found.append(f"attribution of {feature} is {made.attributions.get(feature)}, expected {expected}")
    return found


def _outcome(read: Read, status: int, body: bytes) -> Exception | None:
    try:
        read(status, body)
    except Exception as error:  # noqa: BLE001 -- what is raised is what is judged
        return error
    return None


def _hostile(name: str, read: Read, *, explaining: bool = False) -> list[str]:
    """Try answers that are not one: each has to end in its typed error, which repeats nothing."""
    found = []
    bodies = (b"", b"null", b"[]", b"{}", b"0", b'"x"', b"<html></html>", b"\xff\xfe", b'{"predictions": [NaN]}')
    shapes = (b'{"predictions": "x", "outputs": {}, "result": 1}', orjson.dumps([[_CANARY]]), b"[" * 5000)
    for body in (*bodies, *shapes):
        error = _outcome(read, 200, body)
        if not isinstance(error, MalformedAnswerError):
            found.append(f"{name} of {body[:30]!r} ends in {type(error).__name__}, not MalformedAnswerError")
    statuses = dict(_STATUSES)
    if explaining:
        statuses |= dict.fromkeys(_NO_EXPLAINER, NotSupportedError)
    for status, wanted in statuses.items():
        error = _outcome(read, status, orjson.dumps({"error": _CANARY}))
        allowed = (wanted, NotSupportedError) if explaining and status < 500 else (wanted,)
        if not isinstance(error, allowed):
            found.append(f"{name} of status {status} ends in {type(error).__name__}, not {wanted.__name__}")
        elif _CANARY in f"{error} {error.__cause__} {error.__context__}":
            found.append(f"{name} of status {status} repeats what the server said")
    return found


def _cut_off(name: str, read: Read, body: bytes) -> list[str]:
    """Cut a good answer short at several places."""
    places = [len(body) * part // 7 for part in range(1, 7)] + [len(body) - 1]
    return [
        f"{name} of an answer cut off at byte {place} ends in {type(error).__name__}, not MalformedAnswerError"
        for place in places
        if not isinstance(error := _outcome(read, 200, body[:place]), MalformedAnswerError)
    ]
