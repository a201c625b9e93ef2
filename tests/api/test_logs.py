"""The log is JSON lines of known fields; a mark sent in every place a request has appears nowhere in it."""

import io
import json
import logging
from collections.abc import Iterator

import pytest
import structlog
from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from api.access import declared_public
from core import telemetry
from core.clock import FixedClock
from core.keys import KeyRing
from core.settings import ServeSettings, Settings, TelemetrySettings
from tests.api import serving

pytestmark = pytest.mark.anyio
MARK = "canary4711"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything the process logs meanwhile."""
    stream = io.StringIO()
    kept = structlog.get_config()
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    telemetry.configure("debug", stream)
    yield stream
    structlog.configure(**kept)
    root.handlers[:] = handlers
    root.setLevel(level)


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


def breaking() -> APIRouter:
    """A route that fails in the middle of its answer."""
    router = APIRouter()

    @router.get("/v1/breaks")
    @declared_public
    async def breaks() -> StreamingResponse:
        async def parts() -> object:
            yield b"a"
            raise RuntimeError(MARK)

        return StreamingResponse(parts())  # type: ignore[arg-type]  # an async iterator, in fewer words

    return router


async def test_a_mark_sent_everywhere_is_nowhere_in_the_log(
    clock: FixedClock, keyring: KeyRing, log: io.StringIO
) -> None:
    settings = Settings(serve=ServeSettings(port=0), telemetry=TelemetrySettings(log_level="debug"))
    state = serving.make_state(clock, keyring, settings=settings)
    app = serving.sample_app(state, serving.sample_router(), breaking())
    head = (
        f"Host: localhost\r\nUser-Agent: {MARK}\r\nAuthorization: Bearer {MARK}\r\nCookie: a={MARK}\r\n"
        f"Idempotency-Key: {MARK}\r\nOrigin: https://{MARK}.example\r\nX-{MARK}: {MARK}\r\nConnection: close\r\n"
    )
    body = json.dumps({"name": MARK, MARK: MARK})
    with_body = f"{head}Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    async with serving.listening(app, settings) as port:
        for start in (f"POST /v1/fails/{MARK}?q={MARK}", f"POST /v1/orders?{MARK}", f"PUT /v1/orders/{MARK}"):
            await serving.converse(port, f"{start} HTTP/1.1\r\n{with_body}".encode())
        for start in (f"GET /{MARK}", "GET /v1/breaks", f"GET /v1/orders?limit={MARK}"):
            await serving.converse(port, f"{start} HTTP/1.1\r\n{head}\r\n".encode())
        await serving.converse(port, f"{MARK} {MARK}\r\n\r\n".encode())

    assert MARK not in log.getvalue()
    told = lines(log)
    assert [line["status"] for line in told if line["event"] == "request"] == [500, 422, 428, 404, 422]
    faults = [line for line in told if line["event"] == "request-failed"]
    assert len(faults) == 2
    assert faults[0]["error"] == ["RuntimeError"]
    assert faults[0]["route"] == "/v1/fails/{why}"
    assert any("serving.py" in place for place in faults[0]["places"])  # type: ignore[attr-defined]  # a list of text


async def test_the_id_in_the_answer_finds_the_line(clock: FixedClock, keyring: KeyRing, log: io.StringIO) -> None:
    app = serving.sample_app(serving.make_state(clock, keyring))
    async with serving.calling(app) as client:
        answer = await client.post("/v1/fails/x")

    (line,) = (line for line in lines(log) if line["event"] == "request-failed")
    assert line["request"] == answer.headers["x-request-id"]


def test_unknown_fields_are_withheld_and_their_names_told(log: io.StringIO) -> None:
    telemetry.logger("consent").info("choice-given", tenant="t", email=MARK, subject=MARK)

    (line,) = lines(log)
    assert line["withheld"] == ["email", "subject"]
    assert line["tenant"] == "t"
    assert line["logger"] == "candor.consent"
    assert MARK not in log.getvalue()


@pytest.mark.parametrize("text", ["a\r\nb", "\x1b[31mred", "a\u2028b", "a\u0085b", "\x9b31m", "\x00", "\ud800"])
def test_one_event_is_one_line_of_ascii(log: io.StringIO, text: str) -> None:
    telemetry.logger("api").warning(text, name=text, places=[text])

    written = log.getvalue()
    assert written.isascii()
    assert written.count("\n") == 1
    assert all(character == "\n" or character.isprintable() for character in written)
    assert json.loads(written)["name"] == text


def test_a_library_is_quoted_without_its_arguments(log: io.StringIO) -> None:
    logging.getLogger("library").warning("failed for %s", MARK)
    logging.getLogger("library").warning(f"failed for {MARK}")  # noqa: G004 -- what some libraries do
    logging.getLogger("asyncio").error("Task exception was never retrieved: %s", MARK, exc_info=ValueError(MARK))

    assert MARK not in log.getvalue()
    first, second, third = lines(log)
    assert first["event"] == "failed for %s"
    assert second["event"] == "a library wrote a line"
    assert third["error"] == ["ValueError"]
