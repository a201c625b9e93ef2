"""What the browser tests know of a running demo, and the questions they put to it besides the page."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from playwright.sync_api import Locator, Page


class Demo(NamedTuple):
    """A running demo: its address, a back-end's API key, the shop's publishable key, an administrator's key, and a
    decision about its customer.
    """

    url: str
    key: str
    site: str
    admin: str = ""
    decision: str = ""

    def page(self, language: str = "en", site: str = "shop") -> str:
        """Return the address of a choices page."""
        return f"{self.url}/t/{site}/{language}/choices"

    def gate(self, purpose: str, system: str | None = None, subject: str = "customer-4711") -> Any:
        """Ask the gate about a customer and return its answer."""
        question = {"subject": subject, "purpose": purpose, **({"system": system} if system else {})}
        request = Request(
            f"{self.url}/v1/permissions?{urlencode(question)}", headers={"Authorization": f"Bearer {self.key}"}
        )
        with urlopen(request, timeout=10) as answer:
            return json.load(answer)

    def enter(self, page: Page, language: str = "en") -> None:
        """Open the shop's page as the demo's customer, as the company's own site would."""
        page.goto(f"{self.url}/")
        submit(page.locator("form button").first)
        if language != "en":
            page.goto(self.page(language))


@contextmanager
def serving(*options: str, **settings: str) -> Iterator[Demo]:
    """Run ``candor demo`` with these options and settings until done; yield it as soon as it has printed its links."""
    command = [str(Path(sys.executable).with_name("candor")), "demo", "--port", "0", *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("CANDOR__")}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment | settings) as process:
        assert process.stdout is not None
        text = ""
        while "quickstart.md" not in text:
            line = process.stdout.readline()
            assert line, f"the demo did not start:\n{text}"
            text += line
        exported = dict(re.findall(r"export (\w+)=(\S+)", text))
        names = ("CANDOR", "CANDOR_KEY", "CANDOR_SITE", "CANDOR_ADMIN_KEY", "CANDOR_DECISION")
        try:
            yield Demo(*(exported[name] for name in names))
        finally:
            process.terminate()
            process.stdout.read()


def submit(button: Locator) -> None:
    """Press a form's button and wait for the page that answers: the old one is still there after the click."""
    with button.page.expect_navigation():
        button.click()


def press(page: Page, row: str, answer: str) -> None:
    """Press yes or no in a row of the page."""
    submit(page.locator(f"#{row} button[value={answer}]"))


def state_of(page: Page, row: str) -> str:
    """Return the word that tells how a row stands."""
    return page.locator(f"#{row} .standing").inner_text().strip()
