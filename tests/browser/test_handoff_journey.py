"""From a shop's chat program to a person and back out with a record to keep: two browsers, two people.

The shop and Candor are two origins; the shop's policy allows nothing but its own files and Candor.
"""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.demo import Demo
from tests.browser.embedding import Host, answered
from tests.browser.talking import Agent, Customer, by_keys, by_mouse, queue, record
from tests.browser.test_sight import MODES, axe, shoot

Visit = Callable[..., Page]
NOTHING: dict[str, Any] = {"violations": [], "incomplete": []}
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def quiet(page: Page) -> list[str]:
    """Return where everything ends up that a page writes to the console: nothing, if its policy held."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    return said


def signed_in(page: Page, shop: str) -> Customer:
    """Open the shop as its customer, whom it lets talk to its program."""
    page.goto(shop)
    with answered(page, "/v1/offers"):
        page.get_by_role("button", name="Sign in as customer-4711").click()
    page.locator("#chat").wait_for()
    return Customer(page)


def ask_the_program(page: Page, question: str) -> None:
    """Say something to the shop's program."""
    page.get_by_label("Your question").fill(question)
    page.locator("#say button").click()


def talk_both_ways(customer: Customer, agent: Agent) -> None:
    """Each says something while the other sees it coming; the agent notes something for colleagues."""
    customer.say("It is late\nby a week.")
    assert "Customer" in agent.hears("by a week.").inner_text()
    agent.page.locator("#reply").press_sequentially("I")
    customer.element.get_by_text("Ava is typing.").wait_for()
    agent.says(" look into it.")
    assert "Ava, a person" in customer.hears("I look into it.").inner_text()
    customer.element.locator("textarea").press_sequentially("Than")
    agent.page.get_by_text("The customer is typing.").wait_for()
    agent.unfolds("Write a note")
    agent.says("Carrier lost it?", "#note", "Keep the note")
    agent.hears("Carrier lost it?")


def pass_on(agent: Agent, queue: str, why: str) -> None:
    """Pass the conversation on, and take no more."""
    agent.unfolds("Pass it on")
    agent.page.select_option("#queue", queue)
    agent.page.fill("#why", why)
    agent.goes(agent.page.get_by_role("button", name="Pass it on"))
    agent.go_away()


def answer_the_survey(customer: Customer) -> None:
    """Say how it was with the person, and with the program before."""
    for question, mark in (("How was it with the person?", 5), ("How was the computer program before?", 2)):
        customer.element.get_by_role("group", name=question).get_by_label(str(mark)).check()
    customer.press(customer.button("Send my answer"))
    customer.element.locator("form p", has_text="Thank you.").wait_for()


def test_a_customer_goes_from_the_program_to_two_people_and_keeps_the_record(
    visit: Visit, shop: str, demo: Demo
) -> None:
    queue(demo, "second-line")
    page, desk, other = (visit(java_script_enabled=True) for _ in range(3))
    said = [quiet(one) for one in (page, desk, other)]
    agent, customer = Agent(desk, demo, "ava"), signed_in(page, shop)
    ask_the_program(page, "Where is my order?")
    page.locator("#log li", has_text="Program, not a person: Your order is on its way.").wait_for()

    number = customer.ask()
    customer.stands("You are waiting for a person. No AI answers you now. Your place in the queue: 1.")
    page.locator("candor-chat-notice .human", has_text="You are waiting for a person.").wait_for()
    assert not page.locator("#say").is_visible()
    assert axe(page) == NOTHING

    agent.takes(number)
    assert desk.locator("dd .timeline .human", has_text="Where is my order?").last.is_visible()  # others asked it too
    customer.stands("You are talking to Ava, a person.")
    page.locator("candor-chat-notice .human", has_text="You are now talking to a person.").wait_for()
    talk_both_ways(customer, agent)
    shoot(page, "talk-active")
    shoot(desk, "talk-agent")
    assert (axe(page), axe(desk)) == (NOTHING, NOTHING)

    pass_on(agent, "second-line", "Knows the carrier.")
    customer.hears("You are being passed on. Your place is kept.")
    second = Agent(other, demo, "noor")
    second.takes(number)
    customer.stands("You are talking to Noor, a person.")
    second.hears("Knows the carrier.")
    second.says("It arrives tomorrow.")
    customer.hears("It arrives tomorrow.")
    customer.say("I am glad.")
    second.hears("I am glad.")
    second.unfolds("End it")
    other.select_option("#outcome", "answered")
    second.goes(other.get_by_role("button", name="End the conversation"))
    second.go_away()

    customer.stands("The conversation with the person has ended.")
    assert page.locator("#say").is_visible()
    kept = record(customer, demo)
    answer_the_survey(customer)
    shoot(page, "talk-ended")
    assert axe(page) == NOTHING
    words = [(one["actor"], one["name"], one["text"]) for one in kept.document["events"] if one["kind"] == "message"]
    assert words == [
        ("customer", None, "It is late\nby a week."),
        ("agent", "Ava", "I look into it."),
        ("agent", "Noor", "It arrives tomorrow."),
        ("customer", None, "I am glad."),
    ]
    assert (kept.signed["reference"], kept.signed["outcome"]) == (number, "answered")
    assert [line for lines in said for line in lines] == []


def test_whoever_asks_in_words_is_heard_and_a_yes_returns_to_the_program(visit: Visit, shop: str, demo: Demo) -> None:
    page, desk = visit(java_script_enabled=True), visit(java_script_enabled=True)
    customer = signed_in(page, shop)
    ask_the_program(page, "I want to talk to a human")
    customer.stands("You are waiting for a person.")
    number = customer.number()
    assert page.locator("#log li").all_inner_texts() == ["You: I want to talk to a human"]

    agent = Agent(desk, demo, "ava")
    agent.takes(number)
    for answer in ("No, stay with the person", "Yes, the program may go on"):
        agent.unfolds("Let the AI go on")
        agent.goes(desk.get_by_role("button", name="Ask the customer"))
        customer.press(customer.button(answer))
        if answer.startswith("No"):
            agent.hears("answered whether the AI may go on")
            customer.stands("You are talking to Ava, a person.")
    customer.stands("The person has left. A computer program answers again.")
    page.locator("candor-chat-notice .machine", has_text="You are talking to a computer program.").wait_for()
    desk.get_by_text("This conversation has moved on.").wait_for()
    assert page.locator("#say").is_visible()
    agent.go_away()


@pytest.mark.full
def test_the_whole_way_by_keys_alone(visit: Visit, shop: str, demo: Demo) -> None:
    page, desk = visit(java_script_enabled=True), visit(java_script_enabled=True)
    page.goto(shop)
    agent, customer = Agent(desk, demo, "ava", by_keys), Customer(page, by_keys)
    number = customer.ask()
    agent.takes(number)
    customer.stands("You are talking to Ava, a person.")
    customer.say("By keys.")
    agent.hears("By keys.")
    agent.says("Understood.")
    customer.hears("Understood.")
    agent.unfolds("End it")
    agent.goes(desk.get_by_role("button", name="End the conversation"))
    customer.stands("The conversation with the person has ended.")
    for _ in range(2):
        page.keyboard.press("Tab")
    record(customer, demo)
    customer.press(customer.button("Go on with this conversation"))
    customer.stands("You are talking to Ava, a person.")
    customer.press(customer.button("Leave"))
    customer.stands("You have left.")
    agent.go_away()


@pytest.mark.full
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(("language", "width"), [("en", 320), ("ar", 320), ("ar", 1280), ("de", 320)])
def test_every_state_is_seen_by_everybody(
    visit: Visit, host: Host, demo: Demo, mode: str, language: str, width: int
) -> None:
    page = visit(java_script_enabled=True, viewport={"width": width, "height": 900}, **MODES[mode])
    body = host.widget(site=host.demo.site, lang=language) + "<candor-human></candor-human>"
    policy = (
        f"default-src 'none'; script-src {demo.url}; connect-src {demo.url}; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    said = quiet(page)
    page.goto(host.put(body, lang=language, path="/talk", Content_Security_Policy=policy))
    customer = Customer(page, by_mouse)
    words = host.ask(f"/widget/{host.lock['version']}/talk.{language}.json")
    asking = customer.element.locator("[part=button]").first
    asking.wait_for()
    faults = seen(page, f"talk-idle-{language}-{mode}-{width}")
    number = customer.ask(asking.inner_text())
    agent = Agent(visit(java_script_enabled=True), demo, "ava")
    faults += seen(page, f"talk-waiting-{language}-{mode}-{width}")
    agent.takes(number)
    customer.stands(words["talk_human"].split("{name}")[0].strip())
    customer.say("Guten Tag, مرحبا.")
    agent.says("Good morning.")
    customer.hears("Good morning.")
    agent.unfolds("Let the AI go on")
    agent.goes(agent.page.get_by_role("button", name="Ask the customer"))
    customer.button(words["talk_yes"]).wait_for()
    faults += seen(page, f"talk-active-{language}-{mode}-{width}")
    customer.press(customer.button(words["talk_yes"]))
    customer.stands(words["talk_returned"])
    faults += seen(page, f"talk-ended-{language}-{mode}-{width}")
    agent.go_away()

    assert faults == []
    assert said == []


def seen(page: Page, name: str) -> list[str]:
    """Return what is wrong with the page as it looks now; keep a picture of it."""
    shoot(page, name)
    found = axe(page)
    return [f"{name}: {found}"] * (found != NOTHING) + [f"{name}: wider than the screen"] * bool(
        page.evaluate(OVERFLOW)
    )
