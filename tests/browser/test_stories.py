"""Five days in the consoles, each from a cold start: a demo of its own with nothing in its folder, and its start page.

Staff click and type; nothing is asked through the API. Each says what it took, and keeps a picture of each step.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.casework import ask, number_of
from tests.browser.conftest import settings_with
from tests.browser.demo import Demo, press, serving, submit
from tests.browser.embedding import hosting
from tests.browser.stories import (
    NEW_WORDS,
    answer,
    approve_a_notice,
    connect_a_model,
    prove_a_consent,
    release,
    see_the_widget,
    set_up_a_site,
    try_a_sample,
)
from tests.browser.story import Story
from tests.browser.talking import Agent
from tests.browser.test_console_sight import work_as
from tests.browser.test_handoff_journey import ask_the_program, signed_in

pytestmark = pytest.mark.full
Visit = Callable[..., Page]
MINUTE = 60


@pytest.fixture
def demo(model: str, tmp_path: Path) -> Iterator[Demo]:
    """A demo company of the test's own, in a folder that was empty."""
    with serving("--folder", str(tmp_path / "cold"), **settings_with(model)) as started:
        yield started


@pytest.fixture
def open_page(visit: Visit) -> Callable[[], Page]:
    """Open pages as wide as a desk's screen, with scripts."""
    return lambda: visit(java_script_enabled=True, viewport={"width": 1280, "height": 900})


def test_an_agent_answers_a_request_for_an_explanation_end_to_end(open_page: Callable[[], Page], demo: Demo) -> None:
    customer, desk, second = (open_page() for _ in range(3))
    demo.enter(customer)
    status = ask(customer, demo, demo.decision)
    number = number_of(customer, status)

    story = Story("answer-a-request", desk, second)
    work_as(desk, demo, "ava")
    answer(story, number)
    work_as(second, demo, "dana")
    release(story, second, demo, number)
    took = story.tell()

    customer.goto(status)
    submit(customer.get_by_role("link", name="Read the answer"))
    told = customer.locator("main").inner_text()
    assert "We looked at your account as it was on 1 July." in told
    assert "spoke against you" in told
    story.keep("what the customer reads", customer)
    assert took.by_hand < 10 * MINUTE


def test_an_agent_takes_a_conversation_from_the_widget(open_page: Callable[[], Page], demo: Demo) -> None:
    page, desk = open_page(), open_page()
    customer = signed_in(page, f"{demo.url}/shop/index.html")
    ask_the_program(page, "Where is my order?")
    page.locator("#log li", has_text="Your order is on its way.").wait_for()

    story = Story("take-a-conversation", desk)
    agent = Agent(desk, demo, "ava")
    number = customer.ask()
    agent.takes(number)
    assert desk.locator("dd .timeline .human", has_text="Where is my order?").first.is_visible()
    story.keep("taken")
    customer.stands("You are talking to Ava, a person.")
    agent.says("It left this morning and arrives tomorrow.")
    assert "Ava, a person" in customer.hears("arrives tomorrow.").inner_text()
    customer.say("Thank you, that is all.")
    agent.hears("that is all.")
    story.keep("talking")
    story.keep("what the customer sees", page)
    agent.unfolds("End it")
    desk.select_option("#outcome", "answered")
    agent.goes(desk.get_by_role("button", name="End the conversation"))
    took = story.tell()

    customer.stands("The conversation with the person has ended.")
    assert took.by_hand < 2 * MINUTE


def test_a_dpo_proves_that_this_customer_consented_on_that_day_to_that_text(
    open_page: Callable[[], Page], demo: Demo
) -> None:
    customer, page = open_page(), open_page()
    demo.enter(customer, "de")
    press(customer, "use-ai-training", "yes")
    today = time.strftime("%Y-%m-%d", time.gmtime())

    story = Story("prove-a-consent", page)
    work_as(page, demo, "dana")
    prove_a_consent(story, "customer-4711", "ai-training")
    took = story.tell()

    shown = page.locator("main time").first.get_attribute("datetime") or ""
    assert shown[:10] >= today
    assert took.by_hand < MINUTE


def test_a_dpo_approves_a_notice(open_page: Callable[[], Page], demo: Demo) -> None:
    customer, page = open_page(), open_page()
    customer.goto(f"{demo.url}/t/shop/en")
    assert NEW_WORDS not in customer.content()

    story = Story("approve-a-notice", page)
    work_as(page, demo, "dana")
    approve_a_notice(story)
    took = story.tell()

    customer.goto(f"{demo.url}/t/shop/en")
    assert NEW_WORDS in customer.content()
    assert took.by_hand < 2 * MINUTE


def test_an_administrator_connects_a_model_and_a_site(open_page: Callable[[], Page], demo: Demo, model: str) -> None:
    page, visitor = open_page(), open_page()
    with hosting(demo) as host:
        story = Story("connect-a-model-and-a-site", page)
        work_as(page, demo, "ari")
        connect_a_model(story, model)
        try_a_sample(story)
        snippet, policy = set_up_a_site(story, host.url)
        took = story.tell()
        see_the_widget(visitor, host, snippet, policy)
        story.keep("the widget on the site", visitor)
    assert took.by_hand < 10 * MINUTE
