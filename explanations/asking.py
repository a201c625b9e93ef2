"""How a deployed model is asked: one guarded client, and everything that keeps a sick model from hurting others.

One deadline for a whole explanation; batches split to what the endpoint takes; one retry when a connection breaks or
the server is busy; a circuit breaker and a bulkhead for each endpoint; a cap on the answer's size. Every request
carries the probe marker, so that made-up rows stay out of the customer's own logs. Header fields and bodies of
answers are never logged or kept: KServe echoes ``Authorization``, MLflow repeats the row.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Literal

from core.clock import Clock, SystemClock
from core.http import AnswerTooLargeError, CallFailedError, HttpClient, Limits, UrlRefusedError
from explanations import signing, tokens
from explanations.errors import (
    MalformedAnswerError,
    ModelChangedError,
    ModelError,
    ModelRejectedError,
    ModelUnavailableError,
)
from explanations.port import Endpoint, HttpCall, ModelAdapter, Native, Predictions, Row
from explanations.tokens import Tokens

_MEDIA_TYPES = ("application/json", "text/plain", "application/octet-stream")
_BODY_BYTES = 8_000_000
_FAILURES = 5
_OPEN_SECONDS = 30.0
_AT_ONCE = 4
_LEAST_SECONDS = 0.05
Monotonic = Callable[[], float]
Told = Callable[[int], None]


@dataclass
class Health:
    """What is known of one endpoint: failures in a row, until when it is left alone, how many ask it at once."""

    failures: int = 0
    open_until: float = 0.0
    suspect: bytes = b""  # the question of the last ambiguous failure: the same one again proves nothing
    gate: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))


Condition = Literal["not-asked", "answers", "failing", "resting"]


class Asker:
    """Asks all endpoints of one process; lives as long as the process."""

    def __init__(self, client: HttpClient, monotonic: Monotonic = time.monotonic, clock: Clock | None = None) -> None:
        """Ask through ``client``; ``clock`` dates signatures."""
        self._client = client
        self._clock = clock or SystemClock()
        self._monotonic = monotonic
        self._health: dict[str, Health] = {}
        self._tokens = Tokens(client, monotonic)

    def condition(self, url: str) -> Condition:
        """Tell how an endpoint has answered this process: well, failing, or so often not that it is left alone."""
        health = self._health.get(url)
        if health is None:
            return "not-asked"
        if health.open_until > self._monotonic():
            return "resting"
        return "failing" if health.failures else "answers"

    def conversation(
        self, endpoint: Endpoint, adapter: ModelAdapter, seconds: float, told: Told | None = None
    ) -> "Conversation":
        """Begin one explanation, which may take ``seconds`` in all; ``told`` hears how many rows were asked so far."""
        return Conversation(self, endpoint, adapter, self._monotonic() + seconds, told)

    def halfway(self, deadline: float) -> float:
        """Return the instant halfway between now and a deadline."""
        return (self._monotonic() + deadline) / 2

    async def fetch(self, endpoint: Endpoint, call: HttpCall, deadline: float) -> tuple[int, bytes]:
        """Return status and body. Raises ``ModelError``."""
        health = self._health.setdefault(endpoint.url, Health())
        if health.open_until > self._monotonic():
            raise ModelUnavailableError("It failed too often just now and is left alone for a moment.")
        try:
            async with asyncio.timeout(max(_LEAST_SECONDS, deadline - self._monotonic())), health.gate:
                status, body = await self._twice(endpoint, call, deadline)
        except (ModelUnavailableError, TimeoutError) as error:
            self._failed(health)
            raise ModelUnavailableError("It did not answer well in time.") from error
        self._judge(health, call, status)
        return status, body

    async def _twice(self, endpoint: Endpoint, call: HttpCall, deadline: float) -> tuple[int, bytes]:
        """Call, and once more if the connection broke or the server was busy."""
        for last in (False, True):
            try:
                status, body = await self._once(endpoint, call, deadline)
            except ModelUnavailableError:
                if last or deadline - self._monotonic() < _LEAST_SECONDS:
                    raise
                continue
            grant = tokens.grant_in(endpoint.headers)
            if status == 401 and grant is not None and not last:
                self._tokens.forget(grant)  # revoked before its time: once more with a fresh one
            elif last or status not in {429, 500, 503}:
                return status, body
        raise AssertionError  # pragma: no cover -- the last round returns or raises

    async def _once(self, endpoint: Endpoint, call: HttpCall, deadline: float) -> tuple[int, bytes]:
        url = call.path if "://" in call.path else endpoint.url.rstrip("/") + call.path
        headers = {**call.headers, **signing.unsigned(endpoint.headers), endpoint.probe[0]: endpoint.probe[1]}
        if (grant := tokens.grant_in(endpoint.headers)) is not None:
            left = max(_LEAST_SECONDS, deadline - self._monotonic())
            headers["Authorization"] = "Bearer " + await self._tokens.bearer(grant, left)
        accepted = headers.pop("Accept", None)
        media = _MEDIA_TYPES if accepted is None else (accepted, "application/json")
        if (keys := signing.keys_in(endpoint.headers, endpoint.url)) is not None:
            headers = signing.signed(call.method, url, headers, call.body, keys, self._clock.now())
        limits = Limits(max(_LEAST_SECONDS, deadline - self._monotonic()), _BODY_BYTES, media)
        try:
            answer = await self._client.fetch(call.method, url, headers=headers, body=call.body, limits=limits)
        except AnswerTooLargeError:
            raise MalformedAnswerError("It is larger than an answer may be.") from None
        except UrlRefusedError:
            raise ModelRejectedError("Its URL is not one Candor may call.") from None
        except CallFailedError:
            raise ModelUnavailableError from None
        return answer.status, answer.body

    def _judge(self, health: Health, call: HttpCall, status: int) -> None:
        """Count failures. A 500 counts from the second different question on: servers give it for bad rows too."""
        if status == 500:
            question = blake2b(call.body, digest_size=16).digest()
            if health.suspect not in (b"", question):
                self._failed(health)
            health.suspect = question
        elif status > 500 or status == 429:
            self._failed(health)
        else:
            health.failures, health.suspect = 0, b""

    def _failed(self, health: Health) -> None:
        health.failures += 1
        if health.failures >= _FAILURES:
            health.open_until = self._monotonic() + _OPEN_SECONDS
            health.failures = _FAILURES - 1  # the next trial decides alone


@contextmanager
def _typed() -> Iterator[None]:
    """Turn whatever an adapter of a stranger raises into an answer that can't be understood."""
    try:
        yield
    except ModelError:
        raise
    except Exception:  # noqa: BLE001 -- see above
        raise MalformedAnswerError from None


class Conversation:
    """The questions of one explanation to one model: counted, under one deadline, all of one model version."""

    def __init__(
        self, asker: Asker, endpoint: Endpoint, adapter: ModelAdapter, deadline: float, told: Told | None = None
    ) -> None:
        """Ask by ``adapter`` until ``deadline``."""
        self._told = told
        self._asker = asker
        self._endpoint = endpoint
        self._adapter = adapter
        self._deadline = deadline
        self.calls = 0
        self.rows = 0
        self.version: str | None = None

    @property
    def is_one_at_a_time(self) -> bool:
        """Tell whether the model takes one row a call, as language models do."""
        return min(self._endpoint.max_batch, self._adapter.capabilities().max_batch) == 1

    async def predict(self, rows: Sequence[Row]) -> list[float]:
        """Return the target output of each row. Raises ``ModelError``, also if the version changes in between."""
        size = max(1, min(self._endpoint.max_batch, self._adapter.capabilities().max_batch))
        values: list[float] = []
        for start in range(0, len(rows), size):
            portion = rows[start : start + size]
            status, body = await self._ask(self._adapter.predict_call(portion))
            with _typed():
                made = self._adapter.read_predictions(status, body, len(portion))
            self._note(made)
            values += made.values
            self.rows += len(portion)
            if self._told is not None:
                self._told(self.rows)
        return values

    async def explain(self, row: Row) -> Native | None:
        """Return what the server says of a row; nothing if it does not explain. Raises ``ModelError``.

        It may take half of the time that is left: a slow explainer must leave room for another way.
        """
        call = self._adapter.explain_call(row)
        if call is None:
            return None
        status, body = await self._ask(call, self._asker.halfway(self._deadline))
        with _typed():
            return self._adapter.read_explanation(status, body)

    async def _ask(self, call: HttpCall, deadline: float | None = None) -> tuple[int, bytes]:
        self.calls += 1
        return await self._asker.fetch(self._endpoint, call, self._deadline if deadline is None else deadline)

    def _note(self, made: Predictions) -> None:
        if made.version is not None and self.version not in (None, made.version):
            raise ModelChangedError("Its version changed while it was asked.")
        self.version = made.version or self.version
