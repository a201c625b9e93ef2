"""Sign-in against a real OpenID provider from npm: the way in, its refusals, sign-out, roles, step-up."""

import asyncio
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pydantic import SecretStr

from api import serving as composing
from api.app import create_app
from api.compose import compose
from core.clock import MICROS, FixedClock
from core.keys import KeyRing
from core.settings import Settings
from tests.api.serving import listening
from tests.console.house import form_of

pytestmark = pytest.mark.anyio
PACKAGE = "oidc-provider@9.13.3"
SCRIPT = Path(__file__).with_name("provider.cjs")
MINUTE = 60 * MICROS


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@pytest.fixture(scope="session")
def package() -> Path:
    """The provider's package, installed once into a folder of its own; skipped where it can't be had."""
    npm = shutil.which("npm")
    if npm is None or shutil.which("node") is None:
        pytest.skip("no node and npm on this machine: sign-in is not tested against a real provider")
    folder = Path(tempfile.gettempdir()) / f"candor-{PACKAGE}-{os.getuid()}"
    if not (folder / "node_modules" / "oidc-provider").exists():
        command = [npm, "install", "--prefix", str(folder), "--no-audit", "--no-fund", "--ignore-scripts", PACKAGE]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            pytest.skip(f"npm can't install {PACKAGE}: sign-in is not tested against a real provider")
    return folder


@dataclass
class House:
    """A served Candor and its provider."""

    url: str
    issuer: str
    clock: FixedClock
    settings: Settings

    async def at_keyboard(self, user: str, *roles: str) -> None:
        """Say who signs in at the provider from now on, and with which words in the roles claim."""
        async with httpx.AsyncClient() as client:
            await client.post(f"{self.issuer}/as", params={"user": user, "roles": ",".join(roles)})

    @asynccontextmanager
    async def browser(self) -> AsyncIterator[httpx.AsyncClient]:
        """Yield a browser that follows redirects, as browsers do."""
        async with httpx.AsyncClient(base_url=self.url, follow_redirects=True) as client:
            yield client

    async def sign_in(self, client: httpx.AsyncClient, path: str = "/console/sign-in?after=/console/settings") -> str:
        """Walk the whole way and return the page one arrives at."""
        came = await client.get(path)
        assert came.status_code == 200, came.text
        return came.text

    async def stop_at_callback(self, client: httpx.AsyncClient) -> str:
        """Walk as far as the provider's answer and return its address, not yet followed."""
        address = f"{self.url}/console/sign-in"
        for _ in range(10):
            came = await client.get(address, follow_redirects=False)
            address = str(came.next_request.url) if came.next_request is not None else ""
            if address.startswith(f"{self.url}/console/callback"):
                return address
        raise AssertionError("the provider never sent the browser back")


@pytest.fixture
def provider(package: Path) -> Iterator[tuple[str, int]]:
    """A running provider and the port its one client has to listen on."""
    port, ours = _free_port(), _free_port()
    node = shutil.which("node") or "node"
    command = [node, str(SCRIPT), str(package), str(port), f"http://127.0.0.1:{ours}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        said = process.stdout.readline()
        if said.strip() != "ready":
            process.terminate()
            pytest.skip(f"the provider does not run on this node: {process.stderr.read()[:300]}")
        yield f"http://127.0.0.1:{port}", ours
        process.terminate()


@pytest.fixture
async def house(
    provider: tuple[str, int], sqlite_template: Path, tmp_path: Path, keyring: KeyRing
) -> AsyncIterator[House]:
    issuer, port = provider
    database, secret = tmp_path / "house.db", tmp_path / "secret"
    database.write_bytes(sqlite_template.read_bytes())
    secret.write_text("a-secret-of-the-tests\n", encoding="utf-8")
    url = f"http://127.0.0.1:{port}"
    plain = Settings()
    settings = plain.model_copy(
        update={
            "store": plain.store.model_copy(
                update={"url": SecretStr(f"sqlite:///{database}"), "checkpoint_file": None}
            ),
            "serve": plain.serve.model_copy(update={"port": port, "public_url": url}),
            "auth": plain.auth.model_copy(update={"allow_private_issuers": (urlsplit(issuer).netloc,)}),
            "console": plain.console.model_copy(
                update={
                    "issuer": issuer,
                    "client_secret_file": secret,
                    "role_map": ("privacy-team=dpo", "support=agent", "it=admin"),
                }
            ),
        }
    )
    clock = FixedClock(time.time_ns() // 1000)
    app = create_app(compose(settings, clock, keyring, with_jobs=False))
    async with app.contract.router.lifespan_context(app.contract), listening(app, settings):
        await composing.first_tenant(app.state.db, clock.now())
        made = House(url, issuer, clock, settings)
        await made.at_keyboard("dana", "privacy-team")
        yield made


async def test_whoever_the_provider_vouches_for_gets_in_with_the_mapped_role(house: House) -> None:
    async with house.browser() as client:
        page = await house.sign_in(client)

        assert "Name of dana" in page
        assert "<strong>data protection officer</strong>" in page
        # nothing of the provider's reaches the browser but what it set itself
        assert {cookie.name for cookie in client.cookies.jar if cookie.path == "/console"} == {"candor_console"}


async def test_the_way_to_the_provider_carries_pkce_state_and_nonce(house: House) -> None:
    async with house.browser() as client:
        first = await client.get("/console/sign-in", follow_redirects=False)
    asked = parse_qs(urlsplit(first.headers["location"]).query)

    assert asked["code_challenge_method"] == ["S256"]
    assert len(asked["code_challenge"][0]) == 43
    assert len(asked["state"][0]) == len(asked["nonce"][0]) - 21
    assert "HttpOnly" in first.headers["set-cookie"]
    assert asked["state"][0] not in first.headers["set-cookie"]


async def test_a_wrong_state_lets_nobody_in(house: House) -> None:
    async with house.browser() as client:
        answer = await house.stop_at_callback(client)
        came = await client.get(re.sub(r"state=[^&]+", "state=made-up", answer))

        assert came.status_code == 401
        assert "candor_console" not in client.cookies


async def test_another_browser_can_t_finish_a_sign_in(house: House) -> None:
    async with house.browser() as client, house.browser() as other:
        answer = await house.stop_at_callback(client)

        assert (await other.get(answer)).status_code == 401
        assert (await client.get(answer)).status_code == 401  # used up by the first answer


async def test_an_answer_counts_once(house: House) -> None:
    async with house.browser() as client:
        answer = await house.stop_at_callback(client)
        assert (await client.get(answer, follow_redirects=False)).status_code == 303
        replayed = await client.get(answer, follow_redirects=False)

        assert replayed.status_code == 401


async def test_who_has_no_role_here_stays_outside(house: House) -> None:
    await house.at_keyboard("eve", "dpo", "canteen")  # with a mapping only mapped words count
    async with house.browser() as client:
        came = await client.get("/console/sign-in")

        assert came.status_code == 401
        assert (await client.get("/console/settings")).url.path == "/console/signed-out"


async def test_a_session_ends_and_a_changed_role_holds_from_the_next_sign_in(house: House) -> None:
    async with house.browser() as client:
        await house.sign_in(client)
        house.clock.advance(31 * MINUTE)
        assert (await client.get("/console/settings")).url.path == "/console/signed-out"

        house.clock.at = time.time_ns() // 1000
        await house.at_keyboard("dana", "support", "it")
        page = await house.sign_in(client)
        assert "<strong>agent</strong>" in page
        assert '<option value="dpo"' not in page
        assert '<option value="admin"' in page


async def test_signing_out_ends_the_session_here_and_tells_how_to_end_it_there(house: House) -> None:
    async with house.browser() as client:
        page = await house.sign_in(client)
        number = client.cookies["candor_console"]
        headers = {"Origin": house.url, "Sec-Fetch-Site": "same-origin"}
        gone = await client.post("/console/sign-out", data=form_of(page, "/console/sign-out"), headers=headers)
        assert f"{house.issuer}/session/end?client_id=candor-console" in gone.text
        client.cookies.set("candor_console", number, domain="127.0.0.1", path="/console")

        assert (await client.get("/console/settings")).url.path == "/console/signed-out"


async def test_signing_out_at_the_provider_ends_the_session_here(house: House) -> None:
    async with house.browser() as client:
        await house.sign_in(client)
        asked = await client.get(f"{house.issuer}/session/end", params={"client_id": "candor-console"})
        hidden = re.search(r'name="xsrf" value="([^"]+)"', asked.text)
        assert hidden is not None
        await client.post(f"{house.issuer}/session/end/confirm", data={"xsrf": hidden[1], "logout": "yes"})
        for _ in range(100):  # the provider calls in the background
            came = await client.get("/console/settings")
            if came.url.path == "/console/signed-out":
                break
            await asyncio.sleep(0.2)

        assert came.url.path == "/console/signed-out"


async def test_a_logout_token_of_nobody_ends_nothing(house: House) -> None:
    async with house.browser() as client:
        await house.sign_in(client)
        for token in ("", "a.b.c", "x" * 9000):
            came = await client.post("/console/logged-out", data={"logout_token": token})
            assert came.status_code == 400

        assert (await client.get("/console/settings")).url.path == "/console/settings"


async def test_signing_in_again_renews_number_and_age(house: House) -> None:
    async with house.browser() as client:
        await house.sign_in(client)
        before = client.cookies["candor_console"]
        page = await house.sign_in(client, "/console/again?after=/console/settings")

        assert "Name of dana" in page
        assert client.cookies["candor_console"] != before


async def test_somebody_else_can_t_freshen_a_session(house: House) -> None:
    async with house.browser() as client:
        await house.sign_in(client)
        await house.at_keyboard("mallory", "privacy-team")
        number = client.cookies["candor_console"]
        client.cookies.clear()  # the provider knows nobody in this browser any more
        client.cookies.set("candor_console", number, domain="127.0.0.1", path="/console")
        came = await client.get("/console/again")

        assert came.status_code == 401


async def test_no_link_is_printed_where_a_provider_signs_in(house: House) -> None:
    assert not composing.enters_by_link(house.settings)
    async with house.browser() as client:
        assert (await client.get("/console/enter?code=x")).status_code == 404
