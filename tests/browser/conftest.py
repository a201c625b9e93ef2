"""A real demo on a free port, a real Chromium; JavaScript is off unless asked for."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.demo import Demo, serving
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


def settings_with(model: str) -> dict[str, str]:
    """Return the settings of a demo that may call a model on this machine."""
    return {
        "CANDOR__LIMITS__CUSTOMER_PER_MINUTE": "100000",
        "CANDOR__MODELS__ALLOW_PRIVATE": f'["{model}"]',
        "CANDOR__MODELS__SECONDS": "30",  # a busy machine is no slow model
    }


@pytest.fixture(scope="session")
def demo(model: str) -> Iterator[Demo]:
    """The demo company, served by the product's own command."""
    with serving(**settings_with(model)) as started:
        yield started


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
