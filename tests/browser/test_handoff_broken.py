"""What the conversation with a person does when something breaks: it says so, keeps trying, loses nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route

from tests.browser.demo import Demo
from tests.browser.embedding import Host
from tests.browser.talking import Agent, Customer

Visit = Callable[..., Page]
HUMAN = "<candor-human><a href='/people'>People</a></candor-human>"


def of_shop(host: Host) -> str:
    """Return a page's body with the widget of the demo's shop and the way to a person."""
    return host.widget(site=host.demo.site) + HUMAN


def test_words_said_while_the_line_is_dead_arrive_once_and_another_way_is_shown(
    visit: Visit, host: Host, demo: Demo
) -> None:
    page, desk = visit(java_script_enabled=True), visit(java_script_enabled=True)
    page.goto(host.put(of_shop(host), path="/broken"))
    customer, agent = Customer(page), Agent(desk, demo, "ava")
    agent.takes(customer.ask())
    customer.stands("You are talking to Ava, a person.")

    page.context.set_offline(True)
    customer.say("Said into the void")
    customer.hears("Not sent yet. We keep trying.")
    agent.says("Are you there?")
    customer.element.get_by_text("The connection is broken. Nothing is lost. We keep trying.").wait_for()
    way = customer.element.get_by_role("link", name="Talk to a person on a page of its own")
    assert way.get_attribute("href") == f"{demo.url}/t/shop/en/human"

    page.context.set_offline(False)
    agent.hears("Said into the void")
    customer.hears("Are you there?")
    way.wait_for(state="hidden")
    lines = customer.said.locator("li").all_inner_texts()
    assert [sum(text in line for line in lines) for text in ("Said into the void", "Are you there?")] == [1, 1]
    assert desk.locator("#thread li", has_text="Said into the void").count() == 1
    customer.press(customer.button("Leave"))
    agent.go_away()


@pytest.mark.full
def test_where_streams_do_not_get_through_the_conversation_goes_on_by_polls(
    visit: Visit, host: Host, demo: Demo
) -> None:
    page, desk = visit(java_script_enabled=True), visit(java_script_enabled=True)
    polls: list[str] = []

    def no_streams(route: Route) -> None:
        if "text/event-stream" in route.request.headers.get("accept", ""):
            route.abort()
        else:
            polls.append(route.request.url)
            route.continue_()

    page.route("**/events*", no_streams)
    page.goto(host.put(of_shop(host), path="/polls"))
    customer, agent = Customer(page), Agent(desk, demo, "ava")
    agent.takes(customer.ask())
    customer.stands("You are talking to Ava, a person.")
    for text in ("One", "Two", "Three"):
        agent.says(f"{text} of three.")
        customer.hears(f"{text} of three.")
    customer.say("Heard.")
    agent.hears("Heard.")

    assert polls
    assert customer.said.locator("li", has_text="of three.").count() == 3
    customer.press(customer.button("Leave"))
    agent.go_away()


def test_a_reload_finds_the_conversation_again_and_storage_holds_one_entry(
    visit: Visit, host: Host, demo: Demo
) -> None:
    page, desk = visit(java_script_enabled=True), visit(java_script_enabled=True)
    page.goto(host.put(of_shop(host), path="/again"))
    customer, agent = Customer(page), Agent(desk, demo, "ava")
    page.locator("candor-human [part=button]").wait_for()
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]
    number = customer.ask()
    page.wait_for_function("localStorage.length === 1")
    agent.takes(number)
    customer.say("Before the reload")
    agent.hears("Before the reload")
    page.reload()

    assert customer.number() == number
    customer.hears("Before the reload")
    customer.say("After the reload")
    agent.hears("After the reload")
    assert page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [1, 0, ""]
    customer.press(customer.button("Leave"))
    customer.stands("You have left.")
    agent.go_away()


def test_a_request_that_does_not_get_through_shows_the_other_ways(visit: Visit, host: Host, demo: Demo) -> None:
    page = visit(java_script_enabled=True)
    page.route("**/v1/handoffs", lambda route: route.abort())
    page.goto(host.put(of_shop(host), path="/refused"))
    customer = Customer(page)
    customer.button("Talk to a person").click()
    customer.element.get_by_text("That did not get through.").wait_for()
    assert customer.element.get_by_role("link", name="people@tarnfield.example").is_visible()
    way = customer.element.get_by_role("link", name="Talk to a person")
    assert way.get_attribute("href") == f"{demo.url}/t/shop/en/human"

    page.unroute("**/v1/handoffs")
    customer.ask()
    customer.press(customer.button("Leave"))
    customer.stands("You have left.")


@pytest.mark.full
def test_a_signed_out_customer_takes_the_conversation_with_him(visit: Visit, shop: str) -> None:
    page = visit(java_script_enabled=True)
    page.goto(shop)
    customer = Customer(page)
    page.get_by_role("button", name="Sign in as customer-4711").click()
    page.locator("#chat").wait_for()
    number = customer.ask()
    assert number
    page.evaluate("document.querySelector('candor-widget').setSubject(null)")
    customer.button("Talk to a person").wait_for()
    assert customer.numbers() == []
    page.evaluate(
        "fetch('token', { method: 'POST' }).then(a => a.text())"
        ".then(token => document.querySelector('candor-widget').setSubject(token))"
    )
    assert customer.number() == number
    customer.press(customer.button("Leave"))
    customer.stands("You have left.")
