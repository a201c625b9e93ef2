"""A stranger's adapter, built and installed as a package of its own: a decision is explained through it, end to end."""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from explanations import registry
from explanations.explaining import Budget
from tests.api.lending import Lender
from tests.api.shop import Shop
from tests.explanations.credit import p_bad
from tests.explanations.serving import ModelServer

pytestmark = pytest.mark.anyio
PACKAGE = Path(__file__).resolve().parents[1] / "explanations" / "third_party"


class AcmeServer(ModelServer):
    """Acme's scoring server: a row a line of text, a score a line."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                length = next(
                    int(line.split(":")[1]) for line in head.lower().split("\r\n") if "content-length" in line
                )
                lines = (await reader.readexactly(length)).decode().split("\n")
                self.requests.append(head.split(" ")[1])
                body = "".join(f"score: {_score(line)!r}\n" for line in lines).encode()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: %d\r\n\r\n" % len(body))
                writer.write(body)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()


def _score(line: str) -> float:
    values = [part.partition("=")[2] for part in line.split(";")]
    return p_bad(tuple(int(value) if value.isdigit() else value for value in values))


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Build the stranger's package and install it where Python looks, as an operator would beside Candor."""
    if shutil.which("uv") is None:
        pytest.skip("there is no uv here to build and install the stranger's package with")
    source, target = tmp_path / "source", tmp_path / "site"
    shutil.copytree(PACKAGE, source, ignore=shutil.ignore_patterns("__pycache__"))
    command = ["uv", "pip", "install", "--quiet", "--no-deps", "--python", sys.executable, "--target", str(target)]
    subprocess.run([*command, str(source)], check=True, capture_output=True, timeout=120)
    monkeypatch.syspath_prepend(target)


@asynccontextmanager
async def acme() -> AsyncIterator[AcmeServer]:
    made = AcmeServer()
    server = await asyncio.start_server(made.serve, "127.0.0.1", 0, limit=2**20)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()


async def test_a_decision_is_explained_by_an_adapter_of_another_package(installed: None, shop: Shop) -> None:
    [point] = [one for one in entry_points(group=registry.GROUP) if one.name == "acme-scoring"]
    assert point.dist is not None
    assert (point.dist.name, point.dist.version) == ("candor-acme", "1.0")
    async with acme() as server:
        state = shop.whole.app.state
        state.models._listed = frozenset({f"127.0.0.1:{server.port}"})
        state.explainer._budget = Budget(seconds=60)  # a busy machine is no slow model
        lender = Lender(shop, server)
        await lender.settle(kind="acme-scoring", version_at=None, class_index=None, walks=100)
        made = await lender.explain(await lender.decide())

    assert (made["origin"], made["reliable"]) == ("blackbox", True)
    assert made["document"]["model"]["provider"] == "acme-scoring"
    assert made["document"]["quality"]["replay_match"] is True
    assert set(server.requests) == {"/acme"}
