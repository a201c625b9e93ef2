"""`<candor-why>` before the real service: the reasons at once, and the way to a full explanation (GDPR 15(1)(h))."""

import json
import re
from collections.abc import Callable
from itertools import count
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Locator, Page

from disclosures.widget.words import catalogue
from tests.browser.demo import Demo
from tests.browser.embedding import Host, answered
from tests.browser.test_sight import MODES, axe, shoot

Visit = Callable[..., Page]
NOTHING: dict[str, Any] = {"violations": [], "incomplete": []}
SHARES = {"duration_in_month": 0.2, "credit_amount": 0.09, "age_in_years": -0.01}
ASKED = "<script>window.told = []; addEventListener('candor-explain-update', event => told.push(event.detail))</script>"
REASONS = re.compile(r"/why\?")
_numbers = count(1)


def decided(demo: Demo, customer: str = "customer-4711", **changes: Any) -> str:
    """Push a declined loan with its explanation, as a back-end does; return its id."""
    document = {
        "id": f"why-{next(_numbers)}",
        "subject": customer,
        "system": "credit-scorer",
        "model": {"name": "pushed", "version": "1"},
        "purpose": "credit-decision",
        "inputs": {"duration_in_month": 48, "credit_amount": 9000, "age_in_years": 31},
        "output": 0.58,
        "threshold": 0.5,
        "outcome": {"label": "declined", "adverse": True},
        "effect": "legal",
        "ai_role": "decided",
        "human": {"role": "none"},
        "rationale": "The score is above the threshold.",
        "explanation": {"shap_values": SHARES, "base_value": 0.3, "output": 0.58, "class_name": "bad"},
        **changes,
    }
    headers = {"Authorization": f"Bearer {demo.key}", "Content-Type": "application/json"}
    with urlopen(Request(f"{demo.url}/v1/decisions", json.dumps(document).encode(), headers), timeout=20) as answer:
        return str(json.load(answer)["id"])


def token(demo: Demo) -> str:
    """Return what the shop's back-end says of the signed-in customer-4711."""
    with urlopen(f"{demo.url}/demo/token", timeout=20) as answer:
        return str(answer.read().decode().strip())


def page_of(host: Host, decision: str, lang: str = "en", **attributes: str) -> str:
    """Keep a page of the shop with the element; what it holds is for a page without script."""
    inside = "<p>About this decision: write to us.</p>"
    body = host.widget(site=host.demo.site, lang=lang, **attributes)
    return host.put(f"<h2>Your loan</h2><candor-why decision={decision}>{inside}</candor-why>{body}", ASKED, lang=lang)


def asks_why(page: Page) -> Locator:
    """Press the element's button, wait for what is said, and return the element."""
    why = page.locator("candor-why")
    with answered(page, "/why?"):
        why.locator("[part=button]").first.click()
    why.locator("[part=button]:nth-of-type(1), [part=form]").last.wait_for()
    return why


def words_in(why: Locator) -> str:
    """Return what the element says at this moment."""
    return why.locator(".c").inner_text()


def test_a_declined_customer_reads_the_reasons_and_asks_for_a_full_explanation(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    decision = decided(host.demo)
    page.goto(page_of(host, decision, subject=token(host.demo)))
    why = asks_why(page)
    why.get_by_text("declined").wait_for()
    assert why.locator("li").all_inner_texts()[:2] == ["duration in month", "credit amount"]
    assert why.get_by_text("They have not been checked.").is_visible()
    assert why.get_by_role("link", name="people@tarnfield.example").is_visible()
    shoot(page, "why-reasons", whole=False)
    assert axe(page) == NOTHING

    with page.expect_response("**/v1/explanation-requests") as sent:
        why.get_by_role("button", name="Ask for a full explanation").click()
    opened = sent.value.json()
    why.locator("[part=asked]").wait_for()
    assert sent.value.status == 201
    assert sent.value.request.post_data_json == {"decisions": [decision], "language": "en"}
    assert why.locator("[part=number]").inner_text() == opened["number"]
    assert re.search(r"You will have our answer by \w+ \d+, 20\d\d\.", words_in(why))
    assert why.evaluate("why => why.shadowRoot.activeElement.part.value") == "asked"
    assert [one["status"] for one in page.evaluate("told")] == ["stated", "asked"]
    shoot(page, "why-asked", whole=False)
    assert axe(page) == NOTHING

    why.get_by_role("link", name="See how your request stands").click()
    page.wait_for_url(f"{host.demo.url}/r/*")
    assert opened["number"] in page.locator("main").inner_text()


def test_words_that_were_written_for_the_person_keep_their_lines(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.goto(page_of(host, host.demo.decision, subject=token(host.demo)))
    why = asks_why(page)
    why.get_by_text("The main reasons").wait_for()
    shoot(page, "why-words", whole=False)

    lines = words_in(why).splitlines()
    assert "The main reasons" in lines
    assert sum(line.startswith("- ") for line in lines) == 4


def test_an_order_that_is_certain_is_numbered_and_each_reason_says_which_way_it_spoke(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.goto(page_of(host, decided(host.demo), subject=token(host.demo)))
    reasons = [("Income", "against"), ("<b>Debts</b>", "for"), ("years_here", None)]
    told = {"decision": "dec_1", "status": "explained", "outcome": {"label": "Declined"}, "order_certain": True}
    factors = [{"rank": rank, "feature": name, "speaks": way} for rank, (name, way) in enumerate(reasons, 1)]
    page.route(
        REASONS,
        lambda route: route.fulfill(
            json={**told, "text": None, "factors": factors}, headers={"Access-Control-Allow-Origin": "*"}
        ),
    )
    why = asks_why(page)

    said = ["Income: spoke against you", "<b>Debts</b>: spoke for you", "years here"]
    assert why.locator("ol > li").all_inner_texts() == said
    assert "They have not been checked." not in words_in(why)
    assert axe(page) == NOTHING


def test_asking_the_same_again_gives_the_same_number(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    address = page_of(host, decided(host.demo), subject=token(host.demo))
    numbers = set()
    for _ in range(2):
        page.goto(address)
        why = asks_why(page)
        why.get_by_role("button", name="Ask for a full explanation").click()
        numbers.add(why.locator("[part=number]").inner_text())
        assert why.locator("[part=request]").get_attribute("href")

    assert len(numbers) == 1


def test_whoever_is_not_signed_in_is_led_to_the_form_with_the_decision_in_it(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    decision = decided(host.demo)
    page.goto(page_of(host, decision))
    why = asks_why(page)
    why.get_by_text("The reasons are not available here yet.").wait_for()
    assert "declined" not in words_in(why)
    why.get_by_role("link", name="Ask for a full explanation").click()

    page.wait_for_url(f"{host.demo.url}/t/shop/en/explain?decision={decision}")
    assert page.locator("[name=decision]").input_value() == decision


def test_signing_in_and_out_changes_the_way_to_ask(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.goto(page_of(host, decided(host.demo)))
    why = asks_why(page)
    why.locator("[part=form]").wait_for()
    page.evaluate("token => document.querySelector('candor-widget').setSubject(token)", token(host.demo))
    why.get_by_role("button", name="Ask for a full explanation").wait_for()
    page.evaluate("document.querySelector('candor-widget').setSubject(null)")

    why.locator("[part=form]").wait_for()


def test_somebody_elses_decision_tells_nothing_and_opens_nothing(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.goto(page_of(host, decided(host.demo, "customer-1001"), subject=token(host.demo)))
    why = asks_why(page)
    why.get_by_text("The reasons are not available here yet.").wait_for()
    with page.expect_response("**/v1/explanation-requests") as sent:
        why.get_by_role("button", name="Ask for a full explanation").click()
    why.get_by_text(str(catalogue("en")["why_else"])).wait_for()

    assert sent.value.status == 404
    assert why.locator("[part=number]").count() == 0
    assert why.get_by_role("link", name="Ask for a full explanation").is_visible()


def test_reasons_that_contradict_the_decision_are_not_shown(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    wrong = {"shap_values": {**SHARES, "credit_amount": 5.0}, "base_value": 0.3, "output": 0.58, "class_name": "bad"}
    page.goto(page_of(host, decided(host.demo, explanation=wrong), subject=token(host.demo)))
    why = asks_why(page)

    assert why.get_by_text("The reasons are not available here yet.").is_visible()
    assert "credit amount" not in words_in(why)
    assert why.get_by_role("button", name="Ask for a full explanation").is_visible()


@pytest.mark.parametrize("trouble", ["down", "503", "429"])
def test_a_request_that_does_not_get_through_says_so_and_can_be_sent_again(
    visit: Visit, host: Host, trouble: str
) -> None:
    page = visit(java_script_enabled=True)
    page.goto(page_of(host, decided(host.demo), subject=token(host.demo)))
    why = asks_why(page)
    problem = {"status": 0 if trouble == "down" else int(trouble), "title": "No", "type": "x"}
    page.route(
        "**/v1/explanation-requests",
        lambda route: (
            route.abort()
            if trouble == "down"
            else route.fulfill(status=int(trouble), json=problem, headers={"Access-Control-Allow-Origin": "*"})
        ),
    )
    ask = why.get_by_role("button", name="Ask for a full explanation")
    ask.click()
    why.get_by_text("That did not get through. Please try again.").wait_for()
    assert why.locator("[part=number]").count() == 0
    shoot(page, f"why-trouble-{trouble}", whole=False)
    assert axe(page) == NOTHING
    page.unroute("**/v1/explanation-requests")
    ask.click()

    why.locator("[part=number]").wait_for()
    assert why.get_by_text("That did not get through.").count() == 0


def test_reasons_that_could_not_be_asked_for_can_be_asked_for_again(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.goto(page_of(host, decided(host.demo), subject=token(host.demo)))
    page.route(REASONS, lambda route: route.abort())
    why = page.locator("candor-why")
    why.get_by_role("button", name="Why was this decided?").click()
    why.get_by_text("That did not get through. Please try again.").wait_for()
    assert why.get_by_role("button", name="Ask for a full explanation").is_visible()
    page.unroute(REASONS)
    why.get_by_role("button", name="Try again").click()

    why.get_by_text("What counted most").wait_for()


def test_without_the_script_the_pages_own_words_stay(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.route("**/candor-why.js", lambda route: route.abort())
    page.goto(page_of(host, decided(host.demo)))
    page.locator("candor-widget [part=badge]").wait_for()

    assert page.get_by_text("About this decision: write to us.").is_visible()


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("language", ["de", "ar"])
def test_it_holds_in_a_narrow_window_in_other_languages(visit: Visit, host: Host, mode: str, language: str) -> None:
    page = visit(java_script_enabled=True, viewport={"width": 320, "height": 800}, **MODES[mode])
    page.goto(page_of(host, decided(host.demo), language, subject=token(host.demo)))
    why = asks_why(page)
    why.locator("[part=button]").nth(1).click()
    why.locator("[part=number]").wait_for()
    shoot(page, f"why-{language}-{mode}-320", whole=False)

    assert axe(page) == NOTHING
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0
