"""A real demo on a free port, a real Chromium; JavaScript is off unless asked for."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.demo import Demo
from tests.browser.embedding import Host, hosting
from tests.browser.scoring import scoring

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SHOTS = Path(__file__).parent / "shots"
SHOP = Path(__file__).resolve().parents[2] / "examples" / "shop" / "server.py"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser; without one it is skipped, and says so."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: install chromium"))


@pytest.fixture(scope="session")
def model() -> Iterator[str]:
    """A model server of the company's own, which the demo may call."""
    with scoring() as address:
        yield address


@pytest.fixture(scope="session")
def demo(model: str) -> Iterator[Demo]:
    """The demo company, served by the product's own command."""
    command = [str(Path(sys.executable).with_name("candor")), "demo", "--port", "0"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CANDOR__")}
    environment["CANDOR__LIMITS__CUSTOMER_PER_MINUTE"] = "100000"
    environment["CANDOR__MODELS__ALLOW_PRIVATE"] = f'["{model}"]'
    environment["CANDOR__MODELS__SECONDS"] = "30"  # a busy machine is no slow model
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        text = ""
        while "quickstart.md" not in text:
            line = process.stdout.readline()
            assert line, f"the demo did not start:\n{text}"
            text += line
        exported = dict(re.findall(r"export (\w+)=(\S+)", text))
        names = ("CANDOR", "CANDOR_KEY", "CANDOR_SITE", "CANDOR_ADMIN_KEY", "CANDOR_DECISION")
        yield Demo(*(exported[name] for name in names))
        process.terminate()
        process.stdout.read()


@pytest.fixture(scope="session")
def host(demo: Demo) -> Iterator[Host]:
    """A site of another origin that embeds the widget."""
    with hosting(demo) as made:
        yield made


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium, headless; gone after its module, for the driver's event loop bars every other in this process."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def visit(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open a fresh visitor's page; keywords are the browser context's."""
    opened: list[BrowserContext] = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(**{"java_script_enabled": False, "locale": "en-GB", **options})
        context.set_default_timeout(30_000)
        opened.append(context)
        return context.new_page()

    yield open_page
    for context in opened:
        context.close()


@pytest.fixture(scope="session")
def shop(host: Host, demo: Demo) -> Iterator[str]:
    """The example shop, run by its own server with a secret of its own."""
    site = next(one for one in host.ask("/v1/sites")["items"] if one["slug"] == "shop")
    made = host.ask(f"/v1/sites/{site['id']}/token-keys", {"kid": "shop-test"})
    facts = {
        "CANDOR": demo.url,
        "CANDOR_SITE": demo.site,
        "CANDOR_KEY": demo.key,
        "CANDOR_TOKEN_KID": "shop-test",
        "CANDOR_TOKEN_SECRET": made["secret"],
    }
    command = [sys.executable, str(SHOP), "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, **facts}) as process:
        assert process.stdout is not None
        address = process.stdout.readline().strip()
        sheet = {"origins": [*site["origins"], address.rstrip("/")]}
        host.ask(f"/v1/sites/{site['id']}", sheet, version=site["version"])
        yield address
        process.terminate()
