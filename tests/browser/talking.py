"""Two people in two browsers who talk: the customer's side in the widget, the agent's in the consoles."""

import hashlib
import json
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple
from urllib.request import Request, urlopen

from joserfc import jws
from joserfc.jwk import KeySet
from playwright.sync_api import Locator, Page

from core import canonical
from handoff.receipts import MEDIA_TYPE
from tests.browser.demo import Demo, submit
from tests.browser.test_console_sight import work_as

Press = Callable[[Locator], None]
# the element that has the focus, through every shadow root
FOCUSED = """node => {
  let held = document.activeElement;
  while (held?.shadowRoot?.activeElement) held = held.shadowRoot.activeElement;
  return held === node;
}"""


def by_mouse(button: Locator) -> None:
    """Press a button with the mouse."""
    button.click()


def by_keys(button: Locator) -> None:
    """Reach a button with the Tab key alone and press it."""
    reach(button)
    button.page.keyboard.press("Enter")


def reach(target: Locator) -> None:
    """Go on with the Tab key until something has the focus."""
    target.wait_for()
    for _ in range(150):
        if target.evaluate(FOCUSED):
            return
        target.page.keyboard.press("Tab")
    raise AssertionError(f"{target} can't be reached by keys")


class Customer:
    """The customer's side: whatever is inside ``<candor-human>``."""

    def __init__(self, page: Page, press: Press = by_mouse) -> None:
        """Look at the first such element of a page."""
        self.page, self.press = page, press
        self.element = page.locator("candor-human").first
        self.said = self.element.get_by_role("log")

    def button(self, name: str) -> Locator:
        """Return a button by its words."""
        return self.element.get_by_role("button", name=name, exact=True)

    def ask(self, words: str = "Talk to a person") -> str:
        """Ask for a person and return the reference number."""
        before = self.numbers()
        self.press(self.button(words))
        return self.number(before)

    def numbers(self) -> list[str]:
        """Return the number that is shown, if there is one: also of a conversation that has ended."""
        return self.element.locator("[part=number]").all_inner_texts()

    def number(self, before: Sequence[str] = ()) -> str:
        """Wait for a number that was not there ``before`` and return it."""
        shown = self.element.locator("[part=number]", has_not_text="".join(before) or None)
        shown.wait_for()
        return shown.inner_text()

    def say(self, text: str) -> None:
        """Write a message and send it."""
        box = self.element.locator("textarea")
        if self.press is by_keys:
            reach(box)
            self.page.keyboard.type(text)
            self.page.keyboard.press("Enter")
        else:
            box.fill(text)
            self.element.locator("form:has(textarea) button").click()

    def hears(self, text: str) -> Locator:
        """Wait for a line of the conversation and return it."""
        line = self.said.locator("li", has_text=text).last
        line.wait_for()
        return line

    def stands(self, text: str) -> None:
        """Wait until the case is told to stand so."""
        self.element.locator("[part=status]", has_text=text).wait_for()


class Agent:
    """The agent's side: the pages about conversations."""

    def __init__(self, page: Page, demo: Demo, person: str, press: Press = by_mouse) -> None:
        """Enter as one of the staff and say that one is online."""
        self.page, self.demo, self.press = page, demo, press
        work_as(page, demo, person)
        page.goto(f"{demo.url}/console/conversations")
        page.select_option("#presence", "online")
        page.fill("#alias", person.capitalize())
        submit(page.get_by_role("button", name="Say so"))

    def go_away(self) -> None:
        """Say that one takes no more."""
        self.page.goto(f"{self.demo.url}/console/conversations")
        self.page.select_option("#presence", "offline")
        submit(self.page.get_by_role("button", name="Say so"))

    def goes(self, button: Locator) -> None:
        """Press a button and wait for the page that answers."""
        with self.page.expect_navigation():
            self.press(button)

    def takes(self, number: str) -> None:
        """Wait until a conversation is on the board, without reloading it, open it and take it."""
        row = self.page.locator("tbody a.go", has_text=number)
        self.goes(row.first)
        self.goes(self.page.get_by_role("button", name="Take this conversation"))

    def says(self, text: str, field: str = "#reply", send: str = "Send to the customer") -> None:
        """Write to the customer, or with other arguments a note, on the page as it is."""
        reach(self.page.locator(field))
        self.page.keyboard.type(text)
        with self.page.expect_response(lambda answer: answer.request.method == "POST" and "typing" not in answer.url):
            self.press(self.page.get_by_role("button", name=send))

    def hears(self, text: str) -> Locator:
        """Wait for a line of the conversation and return it."""
        line = self.page.locator("#thread li", has_text=text).last
        line.wait_for()
        return line

    def unfolds(self, name: str) -> None:
        """Open one of the acts of the page."""
        self.press(self.page.locator("summary", has_text=name))


class Record(NamedTuple):
    """The customer's record of a conversation, verified."""

    document: dict[str, Any]
    signed: dict[str, Any]


def record(customer: Customer, demo: Demo) -> Record:
    """Download the record and verify it as anybody can: the signature by the published keys, the digest by hand."""
    with customer.page.expect_download() as downloading:
        customer.press(customer.button("Download the record"))
    kept = json.loads(downloading.value.path().read_text(encoding="utf-8"))
    with urlopen(f"{demo.url}/.well-known/jwks.json", timeout=10) as answer:
        known = KeySet.import_key_set(json.load(answer))
    token = jws.deserialize_compact(kept["jws"], known, algorithms=["Ed25519"])
    signed = json.loads(token.payload)
    assert token.headers()["typ"] == MEDIA_TYPE
    assert signed["sha256"] == hashlib.sha256(canonical.dumps(kept["document"])).hexdigest()
    assert downloading.value.suggested_filename == f"handoff-{kept['document']['reference']}.json"
    return Record(kept["document"], signed)


def queue(demo: Demo, key: str, **rules: Any) -> None:
    """Write a queue as the company's administrator."""
    headers = {"Authorization": f"Bearer {demo.admin}", "Content-Type": "application/json"}
    body = json.dumps({"name": key, **rules}).encode()
    with urlopen(Request(f"{demo.url}/v1/queues/{key}", body, headers, method="PUT"), timeout=10) as answer:
        assert answer.status == 200
