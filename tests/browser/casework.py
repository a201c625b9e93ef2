"""A request for an explanation in real browsers: the customer asks, staff answer, review and decide in the console."""

from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page

from tests.browser.demo import Demo, submit
from tests.browser.embedding import Host
from tests.browser.test_console_sight import work_as
from tests.browser.test_widget_why import asks_why, page_of, token

Visit = Callable[..., Page]
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "is_mobile": True}
QUESTION = "Why was I declined? I have always paid."


def ask(page: Page, demo: Demo, decision: str, language: str = "en") -> str:
    """Ask at the hosted form, as whoever the browser is signed in as, and return the status page's address."""
    page.goto(f"{demo.url}/t/shop/{language}/explain?decision={decision}")
    page.fill("#question", QUESTION)
    submit(page.locator("main form button"))
    return demo.url + (page.locator("a.button").get_attribute("href") or "")


def ask_in_widget(page: Page, host: Host, decision: str) -> str:
    """Ask on the shop's own page, signed in there, and return the status page's address."""
    page.goto(page_of(host, decision, subject=token(host.demo)))
    why = asks_why(page)
    why.get_by_role("button", name="Ask for a full explanation").click()
    link = why.get_by_role("link", name="See how your request stands")
    link.wait_for()
    return link.get_attribute("href") or ""


def open_request(page: Page, demo: Demo, person: str, number: str) -> str:
    """Enter the console as one of the staff, open a request from the board and return its address."""
    work_as(page, demo, person)
    page.goto(f"{demo.url}/console/requests")
    submit(page.get_by_role("link", name=number))
    return page.url


def press(page: Page, name: str) -> None:
    """Press a button by what it says."""
    submit(page.get_by_role("button", name=name, exact=True))


def number_of(page: Page, status: str) -> str:
    """Return the case number that a status page shows."""
    page.goto(status)
    return page.locator("h1").inner_text().split()[-1]


def approve(page: Page) -> None:
    """Go through the checklist as the second person, and approve."""
    for box in page.locator("form[action$='/approve'] input[type=checkbox]").all():
        box.check()
    submit(page.locator("form[action$='/approve'] button"))


def assign(page: Page, reviewer: str) -> None:
    """Give the review to somebody."""
    page.fill("#assign_review-reviewer", reviewer)
    page.fill("#assign_review-authority", "credit manager, up to 20,000 EUR")
    page.fill("#assign_review-competence", "credit training 2026")
    press(page, "Give the review to them")


def write(page: Page, text: str, source: str) -> None:
    """Add a sentence to the section that is under the pen."""
    empty = page.locator(".sentence textarea").count() - 2
    page.fill(f"#text-{empty}", text)
    page.fill(f"#source-{empty}", source)
    press(page, "Keep this section")
