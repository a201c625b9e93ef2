"""People choose on the page without any JavaScript, and the gate hears of it at once."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.demo import Demo, press, state_of, submit

ROOT = Path(__file__).resolve().parents[2]
Visit = Callable[..., Page]


def test_giving_and_withdrawing_takes_one_step_each_and_binds_the_gate(visit: Visit, demo: Demo) -> None:
    page = visit()
    demo.enter(page)
    assert state_of(page, "use-ai-training") == "Off"
    assert demo.gate("ai-training")["decision"] == "deny"

    press(page, "use-ai-training", "yes")
    assert page.locator(".done h2").inner_text() == "Allowed: Training our AI with your texts"
    assert state_of(page, "use-ai-training") == "On"
    answer = demo.gate("ai-training")
    assert (answer["decision"], answer["reasons"]) == ("allow", ["consent-given"])
    assert answer["notice_version"].startswith("ai-training.1.en.")

    press(page, "use-ai-training", "no")
    assert page.locator(".done h2").inner_text() == "Consent taken back: Training our AI with your texts"
    answer = demo.gate("ai-training")
    assert (answer["decision"], answer["reasons"]) == ("deny", ["consent-withdrawn"])
    assert "We won't ask you about this again before" in page.locator("#use-ai-training .why").inner_text()


def test_an_explicit_purpose_takes_two_acts_to_allow_and_one_to_refuse(visit: Visit, demo: Demo) -> None:
    page = visit()
    demo.enter(page)
    press(page, "use-call-mood", "yes")
    assert page.url.endswith("/choices/uses/call-mood/confirm")
    assert demo.gate("call-mood")["reasons"] == ["consent-pending"]
    page.goto(demo.page())
    assert state_of(page, "use-call-mood") == "Waiting for you"

    press(page, "use-call-mood", "yes")
    submit(page.locator("button[value=yes]"))
    assert demo.gate("call-mood", "call-sentiment")["reasons"] == ["consent-explicitly-given"]

    press(page, "use-call-mood", "no")
    assert demo.gate("call-mood", "call-sentiment")["decision"] == "human_route"


def test_all_ai_off_and_on_again_weigh_the_same_and_on_again_gives_no_consent(visit: Visit, demo: Demo) -> None:
    page = visit()
    demo.enter(page)
    assert demo.gate("support-chat")["decision"] == "allow"

    submit(page.locator("form[action$='/choices/all'] button[value=no]"))
    assert state_of(page, "use-fraud-screening") == "Off"
    assert demo.gate("support-chat")["reasons"] == ["all-ai-opted-out"]

    submit(page.locator("form[action$='/choices/all'] button[value=yes]"))
    assert "Each use keeps the answer you gave it." in page.locator(".done").inner_text()
    assert demo.gate("support-chat")["reasons"] == ["consent-given"]
    assert demo.gate("ai-training")["decision"] == "deny"


def test_a_single_system_can_be_turned_off_and_on(visit: Visit, demo: Demo) -> None:
    page = visit()
    demo.enter(page)

    press(page, "system-support-chatbot", "no")
    answer = demo.gate("support-chat", "support-chatbot")
    assert (answer["decision"], answer["human_route"]) == ("human_route", "support-team")

    press(page, "system-support-chatbot", "yes")
    assert demo.gate("support-chat", "support-chatbot")["decision"] == "allow"


def test_pressing_what_already_is_records_nothing(visit: Visit, demo: Demo) -> None:
    page = visit()
    demo.enter(page)
    before = page.locator(".timeline li").count()
    assert before > 0

    press(page, "use-support-chat", "yes")

    assert page.locator(".done h2").inner_text() == "Nothing had to be changed"
    assert page.locator(".timeline li").count() == before


def test_nothing_is_stored_before_the_first_choice(visit: Visit, demo: Demo) -> None:
    page = visit()
    page.goto(demo.page())
    assert page.context.cookies() == []
    assert "set no cookie" in page.locator(".you").inner_text()
    assert page.locator(".timeline").count() == 0

    press(page, "use-product-suggestions", "no")

    (cookie,) = page.context.cookies()
    assert (cookie["name"], cookie["path"], cookie["httpOnly"], cookie["sameSite"]) == (
        "candor_device",
        "/t",
        True,
        "Lax",
    )
    assert len(cookie["value"]) == 32
    assert state_of(page, "use-product-suggestions") == "Off"


def test_the_signal_is_shown_and_turns_its_purposes_off(visit: Visit, demo: Demo) -> None:
    page = visit(extra_http_headers={"Sec-GPC": "1"})
    page.goto(demo.page())
    banner = page.locator(".signal")
    assert "Global Privacy Control" in banner.inner_text()
    assert "Passing facts to advertising partners" in banner.inner_text()
    assert state_of(page, "use-ad-sharing") == "Off"
    assert state_of(page, "use-product-suggestions") == "On"
    assert page.context.cookies() == []

    press(page, "use-ad-sharing", "yes")
    assert state_of(page, "use-ad-sharing") == "On"
    assert "Left on" in page.locator(".signal").inner_text()
    page.reload()
    assert state_of(page, "use-ad-sharing") == "On"
    assert state_of(page, "use-ad-profiling") == "Off"


def test_another_value_of_the_signal_is_no_signal(visit: Visit, demo: Demo) -> None:
    page = visit(extra_http_headers={"Sec-GPC": "true"})
    page.goto(demo.page())

    assert page.locator(".signal").count() == 0
    assert state_of(page, "use-ad-sharing") == "On"


def test_nothing_is_asked_of_another_host_and_the_policy_holds(visit: Visit, demo: Demo) -> None:
    page = visit(java_script_enabled=True)
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    with page.expect_response("**/*.css") as sheet:
        shown = page.goto(demo.page())
    press(page, "use-product-suggestions", "no")

    assert all(url.startswith(demo.url) for url in asked)
    assert said == []
    assert shown is not None
    policy = shown.headers["content-security-policy"]
    assert policy == "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    assert "immutable" in sheet.value.headers["cache-control"]


def test_a_receipt_can_be_downloaded_and_verified_without_the_service(visit: Visit, demo: Demo) -> None:
    page = visit()
    demo.enter(page)

    with page.expect_download() as downloading:
        page.locator(".receipts a").first.click()

    assert downloading.value.suggested_filename.endswith(".json")
    verifier = ROOT / "ledger" / "offline" / "candor_verify.py"
    checked = subprocess.run(
        [sys.executable, str(verifier), str(downloading.value.path())], capture_output=True, text=True, check=False
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_leaving_forgets_the_customer_in_this_browser(visit: Visit, demo: Demo) -> None:
    page = visit()
    demo.enter(page)
    submit(page.locator("footer button"))

    assert page.context.cookies() == []
    assert page.locator(".timeline").count() == 0
