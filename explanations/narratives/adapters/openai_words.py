"""A language model behind an OpenAI-compatible API (``POST {base}/chat/completions``), for rephrasing reasons.

The ``openai`` package does the talking over Candor's guarded client: public addresses or listed ones only, one
deadline, a cap on the answer, no redirects, no retries of its own. It is imported with the first question. After three
failures in a row the model is left alone for half a minute, so that explanations do not wait for it.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from core.http import HttpClient, Limits, library_client
from explanations.errors import MalformedAnswerError, ModelUnavailableError

if TYPE_CHECKING:
    from openai import AsyncOpenAI

_ANSWER_BYTES = 100_000
_TOKENS = 1500
_FAILURES = 3
_ALONE_SECONDS = 30.0
_NO_KEY = "none"  # servers on one's own machine take any; the library wants one


class OpenAiWords:
    """Asks one model of one API."""

    def __init__(
        self,
        client: HttpClient,
        base_url: str,
        model: str,
        key: str | None = None,
        seconds: float = 8.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask ``model`` at ``base_url`` through ``client``, at most ``seconds`` for one answer."""
        self.name = model
        self._http = client
        self._base_url = base_url
        self._key = key or _NO_KEY
        self._limits = Limits(seconds, _ANSWER_BYTES)
        self._monotonic = monotonic
        self._library: AsyncOpenAI | None = None
        self._failures = 0
        self._alone_until = 0.0

    async def ask(self, messages: Sequence[Mapping[str, str]]) -> str:
        """Return the text of the first choice. Raises ``ModelUnavailableError``, ``MalformedAnswerError``."""
        from openai import OpenAIError  # noqa: PLC0415 - half a second of import, for those who use it

        if self._alone_until > self._monotonic():
            raise ModelUnavailableError("The language model failed too often just now and is left alone for a moment.")
        try:
            answer = await self._opened().chat.completions.create(
                model=self.name,
                messages=self._wire(messages),
                temperature=0,
                max_completion_tokens=_TOKENS,
                response_format={"type": "json_object"},
                stream=False,
            )
        except (OpenAIError, ValueError) as error:
            self._failed()
            raise ModelUnavailableError("The language model did not answer well.") from error
        self._failures = 0
        return _text(answer)

    def _wire(self, messages: Sequence[Mapping[str, str]]) -> Any:
        return [dict(one) for one in messages]

    def _opened(self) -> "AsyncOpenAI":
        from openai import AsyncOpenAI  # noqa: PLC0415 - half a second of import, for those who use it

        if self._library is None:
            self._library = AsyncOpenAI(
                api_key=self._key,
                base_url=self._base_url,
                max_retries=0,
                timeout=self._limits.seconds,
                http_client=library_client(self._http, self._limits),
            )
        return self._library

    def _failed(self) -> None:
        self._failures += 1
        if self._failures >= _FAILURES:
            self._alone_until = self._monotonic() + _ALONE_SECONDS
            self._failures = _FAILURES - 1  # the next trial decides alone


def _text(answer: Any) -> str:
    """Return the words of an answer whose shape is the server's: the library does not check it."""
    try:
        content = answer.choices[0].message.content
    except (AttributeError, IndexError, TypeError):
        content = None
    if not isinstance(content, str) or not content:
        raise MalformedAnswerError("The language model's answer holds no text.")
    return content
