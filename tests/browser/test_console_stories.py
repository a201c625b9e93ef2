"""Days in the consoles, each from a cold start with the demo company: what was asked for is done, in few steps."""

import sys
import time
from collections.abc import Callable

from playwright.sync_api import Locator, Page

from tests.browser.demo import Demo, press, submit
from tests.browser.embedding import Host
from tests.browser.test_console_sight import work_as

Visit = Callable[..., Page]


class Hand:
    """Somebody's hand: counts what it presses, fills and chooses."""

    def __init__(self, page: Page) -> None:
        """Work on a page."""
        self.page, self.presses, self.began = page, 0, time.monotonic()

    def go(self, name: str) -> None:
        """Follow a link of the page or of the navigation."""
        self.press(self.page.get_by_role("link", name=name, exact=True).first)

    def press(self, what: Locator) -> None:
        """Press something that leads to another page."""
        self.presses += 1
        submit(what)

    def choose(self, what: Locator) -> None:
        """Choose one of a few."""
        self.presses += 1
        what.check()

    def fill(self, field: str, text: str) -> None:
        """Go into a field and write."""
        self.presses += 1
        self.page.fill(field, text)

    def tell(self, story: str) -> None:
        """Say what it took; the time is the machine's, a person reads in between."""
        sys.stdout.write(f"\n{story}: {self.presses} presses, {time.monotonic() - self.began:.1f} s\n")


def test_prove_that_this_customer_consented_on_that_day_to_that_text(visit: Visit, demo: Demo) -> None:
    customer = visit()
    demo.enter(customer, "de")
    press(customer, "use-ai-training", "no")
    press(customer, "use-ai-training", "yes")

    page = visit()
    work_as(page, demo, "dana")
    hand = Hand(page)
    hand.go("Find a person")
    hand.fill("#reference", "customer-4711")
    hand.choose(page.locator("input[value=evidence]"))
    hand.press(page.locator("main form button"))
    hand.press(page.locator(".timeline li", has_text="ai-training").first.locator("a"))

    said = page.locator("main").inner_text()
    assert page.locator("h1").inner_text() == "Given: ai-training"
    assert page.locator("main time").count() >= 1
    assert "Exactly this text, to the byte" in said
    assert page.locator(".shown").get_attribute("lang") == "de"
    hand.go("Verify now")
    assert "The proof holds" in page.locator("#proof").inner_text()
    hand.tell("prove a consent")
    assert hand.presses <= 6
    press(customer, "use-ai-training", "no")  # the company is shared: the next test finds her as she was


def test_an_administrator_sets_up_a_site_whose_page_then_shows_the_widget(visit: Visit, demo: Demo, host: Host) -> None:
    page = visit()
    work_as(page, demo, "ari")
    hand = Hand(page)
    hand.go("Sites")
    hand.fill("#name", "Tarnfield Garden")
    hand.fill("#slug", "garden")
    hand.fill("#origins", "not an origin")
    hand.press(page.get_by_role("button", name="Register this site"))
    assert page.locator("#origins-fault").is_visible()
    hand.fill("#origins", host.url)
    hand.press(page.get_by_role("button", name="Register this site"))
    snippet, policy = page.locator("#snippet").inner_text(), page.locator("#csp").inner_text()
    hand.tell("set up a site")

    address = host.put_whole(
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Garden</title></head>'
        f"<body><h1>Garden</h1>{snippet}</body></html>",
        "/garden",
        Content_Security_Policy=f"default-src 'none'; {policy}",
    )
    faults: list[str] = []
    visitor = visit(java_script_enabled=True)
    visitor.on("console", lambda message: faults.append(message.text))
    visitor.goto(address)
    visitor.locator("candor-widget").get_by_role("button", name="How we use AI").click()
    visitor.get_by_role("dialog").wait_for()
    assert faults == []
    assert hand.presses <= 8


def test_a_dpo_takes_the_month_s_report_to_the_board(visit: Visit, demo: Demo) -> None:
    customer = visit()
    demo.enter(customer)
    press(customer, "use-ai-training", "yes")
    press(customer, "use-ai-training", "no")

    page = visit()
    work_as(page, demo, "dana")
    hand = Hand(page)
    hand.go("Reports")
    assert page.locator("table", has_text="ai-training").count() >= 1
    hand.go("This year")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Export", exact=True).click()
    text = downloading.value.path().read_text(encoding="utf-8")
    hand.tell("take a report away")

    assert text.startswith("part,of,measure,value")
    assert "choices-by-purpose,ai-training,yes," in text
