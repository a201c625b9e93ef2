"""Days in the consoles with the demo company: what was asked for is done, in few steps."""

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.demo import Demo, press
from tests.browser.embedding import Host
from tests.browser.stories import prove_a_consent, see_the_widget, set_up_a_site
from tests.browser.story import Story
from tests.browser.test_console_sight import work_as

Visit = Callable[..., Page]


def test_prove_that_this_customer_consented_on_that_day_to_that_text(visit: Visit, demo: Demo) -> None:
    customer = visit()
    demo.enter(customer, "de")
    press(customer, "use-ai-training", "no")
    press(customer, "use-ai-training", "yes")

    page = visit(java_script_enabled=True)
    story = Story("prove a consent", page)
    work_as(page, demo, "dana")
    prove_a_consent(story, "customer-4711", "ai-training")
    took = story.tell()
    assert took.presses + took.fields <= 7  # one of them opens the consoles
    press(customer, "use-ai-training", "no")  # the company is shared: the next test finds her as she was


def test_an_administrator_sets_up_a_site_whose_page_then_shows_the_widget(visit: Visit, demo: Demo, host: Host) -> None:
    page = visit(java_script_enabled=True)
    story = Story("set up a site", page)
    work_as(page, demo, "ari")
    snippet, policy = set_up_a_site(story, host.url)
    took = story.tell()
    assert took.presses + took.fields <= 9  # one of them opens the consoles
    see_the_widget(visit(java_script_enabled=True), host, snippet, policy)


def test_a_dpo_takes_the_month_s_report_to_the_board(visit: Visit, demo: Demo) -> None:
    customer = visit()
    demo.enter(customer)
    press(customer, "use-ai-training", "yes")
    press(customer, "use-ai-training", "no")

    page = visit(java_script_enabled=True)
    story = Story("take a report away", page)
    work_as(page, demo, "dana")
    story.go("Reports")
    assert page.locator("table", has_text="ai-training").count() >= 1
    story.go("This year")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Export", exact=True).click()
    text = downloading.value.path().read_text(encoding="utf-8")
    story.tell()

    assert text.startswith("part,of,measure,value")
    assert "choices-by-purpose,ai-training,yes," in text
