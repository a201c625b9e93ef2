"""From a declined customer's question to an overturned decision, in real browsers, mostly without JavaScript."""

import json
from collections.abc import Callable
from typing import Any
from urllib.request import Request, urlopen

from playwright.sync_api import Page

from tests.browser.casework import PHONE, approve, ask, ask_in_widget, assign, number_of, open_request, press, write
from tests.browser.demo import Demo, submit
from tests.browser.embedding import Host
from tests.browser.test_console_sight import work_as
from tests.browser.test_widget_why import decided

Visit = Callable[..., Page]
STEPS = tuple(
    f"Explanation request {step}"
    for step in (
        "opened",
        "acknowledged",
        "identity proven",
        "scoped",
        "claimed",
        "drafted",
        "drafted",
        "submitted",
        "approved",
        "released",
        "contested",
        "review assigned",
        "evidence opened",
        "overturned",
    )
)


def of_api(demo: Demo, path: str) -> Any:
    """Return what the company's back-end reads."""
    request = Request(f"{demo.url}{path}", headers={"Authorization": f"Bearer {demo.key}"})
    with urlopen(request, timeout=20) as answer:
        return json.load(answer)


def test_a_declined_customer_asks_contests_and_a_second_person_overturns(visit: Visit, host: Host) -> None:
    demo, decision = host.demo, decided(host.demo)
    customer = visit(java_script_enabled=True, **PHONE)
    status = ask_in_widget(customer, host, decision)
    one = draft_and_submit(visit(), demo, number_of(customer, status))
    dana = visit()
    work_as(dana, demo, "dana")
    dana.goto(one)
    approve(dana)
    press(dana, "Release the answer")
    read_and_contest(customer, status)

    dana.goto(one)
    assign(dana, "demo_ava")  # she drafted the answer
    assert "Took part in the decision" in dana.locator("main").inner_text()
    assign(dana, "demo_sam")
    sam = visit()
    work_as(sam, demo, "sam")
    sam.goto(one)
    overturn(sam)

    customer.goto(status)
    assert "changed it" in customer.locator("main").inner_text()
    sam.goto(f"{demo.url}/console/decisions/{decision}")
    assert "What holds now: approved" in sam.locator("main").inner_text()
    found = of_api(demo, f"/v1/decisions/{decision}")
    assert (found["outcome"]["label"], found["override"]["outcome"]) == ("declined", "approved")
    assert demo.gate("credit-decision", "credit-scorer")["decision"] == "allow"  # so it may be decided again
    prove_each_step(sam, demo, one)


def draft_and_submit(page: Page, demo: Demo, number: str) -> str:
    """Draft, write a sentence of one's own with its source, and submit; return the request's address."""
    one = open_request(page, demo, "ava", number)
    press(page, "Take it first")
    press(page, "Draft the answer")
    submit(page.locator("#section-result a.write"))
    write(page, "We looked at your account as it was on 1 July.", source="")
    assert "Say where this sentence comes from" in page.locator(".sentence .fault").inner_text()
    page.fill(".sentence:has(.fault) input[name^=source]", "policy:7")
    press(page, "Keep this section")
    press(page, "Submit for approval")
    assert "somebody else has to approve it" in page.locator(".next").inner_text()
    return one


def read_and_contest(page: Page, status: str) -> None:
    """Read the answer on a phone and say what is wrong with the decision."""
    page.goto(status)
    submit(page.get_by_role("link", name="Read the answer"))
    answer = page.locator("main").inner_text()
    assert "We looked at your account as it was on 1 July." in answer
    assert "spoke against you" in answer
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["viewport"]["width"]
    page.goto(status)
    page.fill("#view", "My account was never below zero: look at May.")
    press(page, "Send")


def overturn(page: Page) -> None:
    """Review as somebody independent: open the evidence, then decide with reasons."""
    press(page, "Open the evidence")
    assert "My account was never below zero" in page.locator("main").inner_text()
    page.check("input[value=overturn]")
    page.fill("#decide-reasons", "The balance on file is another customer's. With yours, the limit is met.")
    page.fill("#decide-new_outcome", "approved")
    page.select_option("#decide-cause", "input_data")
    press(page, "Decide")


def prove_each_step(page: Page, demo: Demo, one: str) -> None:
    """Open every entry of a request in the log: each proof leads to the signed root, and every step is there."""
    page.goto(one)
    entries = [proof.get_attribute("href") for proof in page.locator("#history + ol a.proof").all()]
    kinds = []
    for entry in reversed(entries):
        page.goto(f"{demo.url}{entry}")
        kinds.append(page.locator("h1").inner_text().partition(": ")[2])
        assert "The proof holds" in page.locator("#proof").inner_text(), entry
    assert [kind for kind in kinds if kind in STEPS] == list(STEPS)


def test_two_agents_on_one_request_see_each_other_and_lose_nothing(visit: Visit, demo: Demo) -> None:
    customer = visit()
    demo.enter(customer)
    number = number_of(customer, ask(customer, demo, decided(demo)))
    ava, dana = visit(java_script_enabled=True), visit(java_script_enabled=True)
    one = open_request(ava, demo, "ava", number)
    press(ava, "Draft the answer")
    open_request(dana, demo, "dana", number)
    ava.locator(".here", has_text="Dana Okafor").wait_for()
    assert "Also here: Ava Moreau" in dana.locator("#watch").inner_text()

    for page in (ava, dana):
        submit(page.locator("#section-result a.write"))
    write(ava, "Ava's sentence.", "policy:1")
    dana.locator("#watch", has_text="Somebody changed this request since you opened it.").wait_for()
    write(dana, "Dana's sentence took her ten minutes.", "policy:2")

    told = dana.locator("main").inner_text()
    assert "Your change was not put over theirs" in told
    assert "Draft 2 written" in told
    assert "Dana's sentence took her ten minutes." in told
    submit(dana.get_by_role("link", name="Open the request as it is now"))
    now = dana.locator("#section-result").inner_text()
    assert ("Ava's sentence." in now, "Dana's sentence" in now) == (True, False)
    assert dana.url.startswith(one)
