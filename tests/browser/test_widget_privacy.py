"""The widget keeps nothing before a choice, asks nobody else, and honours the browser's signal (ePrivacy 5(3), GPC)."""

import json
from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.embedding import Host, answered, badge, choose, open_panel, switch

Visit = Callable[..., Page]
STORED = "() => [document.cookie, { ...localStorage }, { ...sessionStorage }]"
SIGNAL = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"
ALLOWED = "name => document.querySelector('candor-widget').allowed(name)"


def test_nothing_is_stored_before_a_choice_and_one_entry_after_it(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.goto(host.put(host.widget(notice="first")))
    badge_or_note = page.locator("candor-widget button").first
    badge_or_note.wait_for()
    with answered(page, "/v1/offers"):
        badge_or_note.click()
    assert page.get_by_text("this browser keeps a random number").is_visible()
    page.keyboard.press("Escape")
    assert page.evaluate(STORED) == ["", {}, {}]
    assert page.context.cookies() == []

    open_panel(page)
    choose(page, switch(page, "Suggestions in the shop").click)
    cookies, local, session = page.evaluate(STORED)

    assert (cookies, session, page.context.cookies()) == ("", {}, [])
    (entry,) = local.values()
    kept = json.loads(entry)
    assert kept.keys() == {"device", "states", "all_off", "at"}
    assert len(kept["device"]) == 32
    assert not page.get_by_text("this browser keeps a random number").is_visible()


def test_the_choice_is_known_again_and_read_again_after_an_hour(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    address = host.put(host.widget())
    page.goto(address)
    open_panel(page)
    choose(page, switch(page, "Suggestions in the shop").click)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(address)
    badge(page).wait_for()
    assert page.evaluate(ALLOWED, "product-suggestions") is False
    assert not any("/v1/offers" in url for url in asked)

    page.evaluate("""() => { const [key] = Object.keys(localStorage), kept = JSON.parse(localStorage[key]);
      kept.at -= 36e5 + 1; kept.states["product-suggestions"].on = true; localStorage[key] = JSON.stringify(kept) }""")
    with answered(page, "/v1/offers"):
        page.goto(address)
    badge(page).wait_for()
    assert page.evaluate(ALLOWED, "product-suggestions") is False


def test_a_known_browser_whose_choices_cannot_be_read_is_allowed_nothing(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    address = host.put(host.widget())
    page.goto(address)
    open_panel(page)
    choose(page, switch(page, "Training our AI with your texts").click)
    page.wait_for_function("document.querySelector('candor-widget').allowed('ai-training')")
    page.evaluate(
        """() => { const [key] = Object.keys(localStorage), kept = JSON.parse(localStorage[key]);
          kept.at = 0; localStorage[key] = JSON.stringify(kept) }"""
    )
    page.route("**/v1/offers**", lambda route: route.abort())
    page.goto(address)
    badge(page).wait_for()

    assert page.evaluate(ALLOWED, "ai-training") is False
    assert page.evaluate(ALLOWED, "product-suggestions") is False


def test_nobody_else_is_asked_and_no_cookie_is_sent(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    elements = (
        "<candor-label kind=scored></candor-label><candor-chat-notice></candor-chat-notice>"
        "<candor-why decision=dec_00000000000000000000000000000000></candor-why>"
    )
    page.goto(host.put(host.widget(notice="always") + elements))
    page.locator("candor-label button").wait_for()
    page.locator("candor-chat-notice [part=button]").wait_for()
    with answered(page, "/why?"):
        page.locator("candor-why [part=button]").click()
    page.get_by_role("button", name="How we use AI").first.click()
    choose(page, page.get_by_role("button", name="Turn all AI off").click)

    assert all(url.startswith((host.url, host.demo.url)) for url in asked)
    assert page.context.cookies() == []


def test_the_signal_as_a_property_turns_off_what_falls_under_it(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.add_init_script(SIGNAL)
    page.goto(host.put(host.widget()))
    badge(page).wait_for()
    assert page.evaluate(ALLOWED, "ad-sharing") is False
    assert page.evaluate(ALLOWED, "product-suggestions") is True
    open_panel(page)
    assert page.get_by_text("Your browser asks sites not to use your data").is_visible()
    assert page.locator("[id='p-ad-sharing-why']").inner_text() == "Off, because your browser asks for it."
    assert page.evaluate("localStorage.length") == 0

    switch(page, "Passing facts to advertising partners").click()
    page.locator("[part=status]:not(:empty)").wait_for()
    assert page.evaluate(ALLOWED, "ad-sharing") is True


def test_the_signal_as_a_header_is_honoured_and_a_yes_said_afterwards_wins(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True, extra_http_headers={"Sec-GPC": "1"})
    address = host.put(host.widget())
    page.goto(address)
    open_panel(page)
    page.locator("[id='p-ad-sharing-why']").filter(has_text="because your browser asks").wait_for()
    assert switch(page, "Passing facts to advertising partners").get_attribute("aria-checked") == "false"

    choose(page, switch(page, "Passing facts to advertising partners").click)
    page.wait_for_function("document.querySelector('candor-widget').allowed('ad-sharing')")

    page.goto(address)
    with answered(page, "/v1/offers"):
        badge(page).click()
    page.wait_for_function("document.querySelector('candor-widget').state.gpc")
    assert page.evaluate(ALLOWED, "ad-sharing") is True
