"""Trying an endpoint with one row before any decision depends on it: what works, in plain words (ADP-01)."""

import time
from typing import NamedTuple

from explanations import gates
from explanations.asking import Asker, Conversation
from explanations.errors import ModelError
from explanations.port import Endpoint, ModelAdapter, Native, Row


class Check(NamedTuple):
    """One thing that was tried; ``outcome`` is ``ok``, ``not-offered`` or the code of what was wrong."""

    name: str
    outcome: str
    said: str


class Trial(NamedTuple):
    """What an endpoint answered: the target output, the version it names, and each check."""

    output: float | None
    version: str | None
    checks: tuple[Check, ...]
    milliseconds: int

    @property
    def usable(self) -> bool:
        """Tell whether decisions of this model can be explained: it predicts, and always the same."""
        return all(check.outcome in {"ok", "not-offered"} for check in self.checks if check.name != "explain")


async def trial(asker: Asker, endpoint: Endpoint, adapter: ModelAdapter, row: Row, seconds: float) -> Trial:
    """Ask ``row`` alone, then twice in one call, then for an explanation. Never raises ``ModelError``."""
    began = time.monotonic()
    talk = asker.conversation(endpoint, adapter, seconds)
    output, checks = await _predicted(talk, row)
    if output is not None:
        checks.append(await _repeated(talk, row, output))
        checks.append(await _explained(talk, endpoint, row, output))
    milliseconds = int((time.monotonic() - began) * 1000)
    return Trial(output, talk.version, tuple(checks), milliseconds)


async def _predicted(talk: Conversation, row: Row) -> tuple[float | None, list[Check]]:
    try:
        [output] = await talk.predict([row])
    except ModelError as error:
        return None, [Check("predict", error.code, error.detail)]
    return output, [Check("predict", "ok", "It answered one number for the row.")]


async def _repeated(talk: Conversation, row: Row, output: float) -> Check:
    try:
        again = await talk.predict([row, row])
    except ModelError as error:
        return Check("repeat", error.code, error.detail)
    if all(gates.close(one, output) for one in again):
        return Check("repeat", "ok", "It answers the same row the same, also two in one call.")
    return Check("repeat", "not-repeatable", "It answers the same row differently: replay will refuse to explain.")


async def _explained(talk: Conversation, endpoint: Endpoint, row: Row, output: float) -> Check:
    try:
        native = await talk.explain(row)
    except ModelError as error:
        return Check("explain", error.code, error.detail)
    if native is None:
        return Check("explain", "not-offered", "It does not explain; Candor works it out from predictions.")
    return _judged(native, endpoint, output)


def _judged(native: Native, endpoint: Endpoint, output: float) -> Check:
    fault = gates.native_fault(native, endpoint, output)
    if fault is not None:
        return Check("explain", "explanation-not-true", f"Its explanation fails the gate {fault}.")
    return Check("explain", "ok", "Its explanation fits its own prediction.")
