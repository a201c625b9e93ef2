"""A request for an explanation in real browsers: the customer asks, staff answer, review and decide in the console."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.demo import Demo, submit
from tests.browser.test_console_sight import work_as

Visit = Callable[..., Page]
PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True}
QUESTION = "Why was I declined? I have always paid."


def ask(page: Page, demo: Demo, language: str = "en") -> str:
    """Ask at the hosted form as the demo's customer and return the path of the status page."""
    page.goto(f"{demo.url}/t/shop/{language}/explain?decision={demo.decision}")
    page.fill("#question", QUESTION)
    submit(page.locator("main form button"))
    link = page.locator("a.button").get_attribute("href")
    assert link is not None
    return link


def open_request(page: Page, demo: Demo, person: str) -> None:
    """Enter the console as one of the staff and open the most urgent request of the board."""
    work_as(page, demo, person)
    page.goto(f"{demo.url}/console/requests")
    submit(page.locator("tbody a.go").first)


def press(page: Page, name: str) -> None:
    """Press a button by what it says."""
    submit(page.get_by_role("button", name=name, exact=True))
