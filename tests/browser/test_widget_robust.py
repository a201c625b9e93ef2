"""The widget on hard ground: strict policies, wrong hashes, no script, a service that fails, hostile pages, routers."""

from collections.abc import Callable
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import Page, Route

from tests.browser.embedding import LANGUAGES, Host, answered, badge, choose, open_panel, switch
from tests.browser.test_sight import shoot

Visit = Callable[..., Page]
SAID = "About our AI"


def listening(page: Page) -> list[str]:
    """Return what the page complains of from now on: console, errors, policy reports."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def strict(host: Host) -> str:
    """Return a policy that allows the script and the service, and nothing else."""
    return (
        f"default-src 'none'; script-src {host.demo.url}; connect-src {host.demo.url}; base-uri 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def test_the_strictest_policy_is_enough_for_every_element(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    said = listening(page)
    body = (
        f"{host.widget()}<candor-label kind=generated></candor-label><candor-chat-notice></candor-chat-notice>"
        "<candor-why decision=dec_00000000000000000000000000000000></candor-why><candor-human minutes=4></candor-human>"
        "<template data-candor-purpose=product-suggestions><p id=gated>For you</p></template>"
    )
    page.goto(host.put(body, Content_Security_Policy=strict(host)))
    page.locator("candor-human [part=button]").first.wait_for()
    with answered(page, "/why?"):
        page.locator("candor-why [part=button]").click()
    page.locator("candor-why [part=form]").wait_for()
    open_panel(page)
    choose(page, switch(page, "Suggestions in the shop").click)
    page.keyboard.press("Escape")

    assert page.locator("#gated").count() == 0
    assert [text for text in said if "404" not in text] == []


def test_a_right_hash_runs_and_a_wrong_one_leaves_the_link(visit: Visit, host: Host) -> None:
    isolated = {"Cross_Origin_Embedder_Policy": "require-corp", "Cross_Origin_Opener_Policy": "same-origin"}
    page = visit(java_script_enabled=True)
    page.goto(host.put(host.widget(), **isolated))
    badge(page).wait_for()
    assert page.evaluate("crossOriginIsolated") is True

    wrong = "sha384-" + "A" * 64
    address = host.put_whole(
        f"<!doctype html><title>A site</title>{host.tag(integrity=wrong)}{host.widget()}", "/wrong"
    )
    with page.expect_event("console", lambda message: "integrity" in message.text):
        page.goto(address)
    assert page.get_by_role("link", name=SAID).is_visible()
    assert badge(page).count() == 0


TAKEN_OVER = {
    "body": "export function define() { document.title = 'taken over' }",
    "headers": {"Content-Type": "text/javascript", "Access-Control-Allow-Origin": "*"},
}


def test_a_changed_second_script_is_refused_and_the_pages_own_words_stay(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.route("**/candor-marks.js", lambda route: route.fulfill(**TAKEN_OVER))
    with page.expect_event("console", lambda message: "integrity" in message.text):
        page.goto(host.put(f"{host.widget()}<candor-chat-notice>A program answers.</candor-chat-notice>"))
    badge(page).wait_for()

    assert page.title() == "A site"
    assert page.get_by_text("A program answers.").is_visible()


def test_a_changed_panel_is_refused_and_the_button_leads_to_the_page_instead(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.route("**/candor-panel.js", lambda route: route.fulfill(**TAKEN_OVER))
    page.goto(host.put(host.widget(site=host.demo.site)))
    with page.expect_event("console", lambda message: "integrity" in message.text):
        badge(page).click()

    page.wait_for_url(f"{host.demo.url}/t/shop/en/choices")
    assert page.get_by_role("heading", level=1).is_visible()


def test_without_javascript_there_is_a_link_that_leads_to_the_page(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=False)
    page.goto(host.put(f"{host.widget()}<candor-label kind=generated>Made by AI</candor-label>"))

    assert page.get_by_role("link", name=SAID).is_visible()
    assert page.get_by_text("Made by AI").is_visible()


@pytest.mark.parametrize("trouble", ["down", "503", "nonsense"])
def test_a_service_that_fails_leaves_the_link_and_allows_nothing(visit: Visit, host: Host, trouble: str) -> None:
    page = visit(java_script_enabled=True)
    answers: dict[str, Callable[[Route], None]] = {
        "down": lambda route: route.abort(),
        "503": lambda route: route.fulfill(status=503, body="{}", headers={"Access-Control-Allow-Origin": "*"}),
        "nonsense": lambda route: route.fulfill(body="<html>", headers={"Access-Control-Allow-Origin": "*"}),
    }
    page.route("**/v1/widget/**", answers[trouble])
    told = "<script>addEventListener('candor-error', () => { document.title = 'told' })</script>"
    gated = "<template data-candor-purpose=product-suggestions><p id=gated>For you</p></template>"
    page.goto(host.put(host.widget() + gated, told))
    page.wait_for_function("document.title === 'told'")

    assert page.get_by_role("link", name=SAID).is_visible()
    assert badge(page).count() == 0
    assert page.locator("#gated").count() == 0
    assert page.evaluate("document.querySelector('candor-widget').allowed('product-suggestions')") is False


def test_while_the_service_is_slow_the_link_stays_and_then_the_badge_comes(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    page.route("**/v1/widget/**", keep)
    with page.expect_request("**/v1/widget/**"):
        page.goto(host.put(host.widget()))
    assert page.get_by_role("link", name=SAID).is_visible()
    page.wait_for_function("true")
    assert badge(page).count() == 0

    held[0].continue_()

    badge(page).wait_for()
    assert page.get_by_role("link", name=SAID).count() == 0 or not page.get_by_role("link", name=SAID).is_visible()


def test_a_failed_save_puts_the_switch_back_and_says_so_and_the_next_one_works(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    told = """<script>window.told = []; for (const name of ["error", "saved"])
      addEventListener("candor-" + name, () => told.push(name))</script>"""
    page.goto(host.put(host.widget(), told))
    open_panel(page)
    page.route(
        "**/v1/choices",
        lambda route: route.fulfill(status=503, body="{}", headers={"Access-Control-Allow-Origin": "*"}),
    )
    page.evaluate("told.length = 0")
    switch(page, "Suggestions in the shop").click()
    page.locator("[part=status]:not(:empty)").wait_for()

    assert "Not saved. Your earlier choice still counts." in page.locator("[part=status]").inner_text()
    assert switch(page, "Suggestions in the shop").get_attribute("aria-checked") == "true"
    assert page.evaluate("told") == ["error"]
    assert page.evaluate("localStorage.length") == 0

    page.unroute("**/v1/choices")
    choose(page, switch(page, "Suggestions in the shop").click)
    page.get_by_text("Saved. It counts from now on.").wait_for()
    assert switch(page, "Suggestions in the shop").get_attribute("aria-checked") == "false"


def test_a_no_counts_while_it_is_being_saved_and_a_yes_only_afterwards(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.goto(host.put(host.widget()))
    open_panel(page)
    held: list[Route] = []

    def keep(route: Route) -> None:
        held.append(route)

    page.route("**/v1/choices", keep)
    ask = "name => document.querySelector('candor-widget').allowed(name)"
    with page.expect_request("**/v1/choices"):
        switch(page, "Suggestions in the shop").click()
    assert page.evaluate(ask, "product-suggestions") is False
    held.pop().continue_()
    page.locator("[part=status]:not(:empty)").wait_for()

    with page.expect_request("**/v1/choices"):
        switch(page, "Training our AI with your texts").click()
    assert page.evaluate(ask, "ai-training") is False
    held.pop().continue_()
    page.wait_for_function("document.querySelector('candor-widget').allowed('ai-training')")


HOSTILE = """<style>
html { font-size: 62.5% }
* { letter-spacing: .3em !important; text-transform: uppercase !important }
* { line-height: 3 !important; font-family: cursive !important }
button, dialog, p, a, div { display: none !important }
main { display: block !important; direction: ltr }
candor-widget { visibility: hidden; font-size: 40px; color: red }
</style>"""
GEOMETRY = """() => [...document.querySelector("candor-widget").shadowRoot.querySelectorAll("dialog, dialog *")]
  .map(e => [e, e.getBoundingClientRect()])
  .map(([e, box]) => [e.localName, Math.round(box.width), Math.round(box.height), getComputedStyle(e).color])"""


def test_a_hostile_page_changes_nothing_in_the_panel(visit: Visit, host: Host) -> None:
    measured: list[Any] = []
    for name, style in (("clean", ""), ("hostile", HOSTILE)):
        page = visit(java_script_enabled=True)
        page.goto(host.put(host.widget(), style, f"/{name}"))
        open_panel(page)
        shoot(page, f"widget-{name}", whole=False)
        measured.append(page.evaluate(GEOMETRY))

    assert len(measured[0]) > 60
    assert measured[0] == measured[1]


def test_two_widgets_on_a_page_say_the_same(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(host.put(host.widget(placement="inline") + host.widget(placement="end")))
    page.locator("candor-widget [part=badge]").nth(1).wait_for()
    assert sum("/v1/widget/" in url for url in asked) == 1
    open_panel(page)
    choose(page, switch(page, "Suggestions in the shop").click)
    page.keyboard.press("Escape")
    page.locator("candor-widget [part=badge]").nth(1).click()

    assert switch(page, "Suggestions in the shop").get_attribute("aria-checked") == "false"


def test_a_router_may_take_the_element_out_and_put_it_back(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    said = listening(page)
    page.goto(host.put(host.widget(placement="inline")))
    badge(page).wait_for()
    page.evaluate("""() => { const one = document.querySelector("candor-widget"); one.remove();
      document.querySelector("main").append(one, document.createElement("candor-widget"));
      document.querySelectorAll("candor-widget")[1].setAttribute("site", one.getAttribute("site"));
      const made = document.createElement("template"); made.dataset.candorPurpose = "product-suggestions";
      made.content.append(Object.assign(document.createElement("p"), { id: "later", textContent: "For you" }));
      document.body.append(made) }""")
    page.locator("#later").wait_for()
    open_panel(page)
    choose(page, switch(page, "Suggestions in the shop").click)
    page.keyboard.press("Escape")

    assert page.locator("#later").count() == 0
    assert page.locator("dialog").count() >= 1
    assert said == []


def test_nothing_moves_when_the_badge_comes(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    watch = """<script>window.shift = 0;
      new PerformanceObserver(list => { for (const one of list.getEntries()) shift += one.value })
      .observe({ type: "layout-shift", buffered: true })</script>"""
    page.goto(host.put("<p>Words</p>" * 20 + host.widget(), watch))
    badge(page).wait_for()
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")

    assert page.evaluate("shift") <= 0.001


def test_the_first_paint_takes_two_requests(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(host.put(host.widget()))
    badge(page).wait_for()

    assert [url for url in asked if url.startswith(host.demo.url)] == [
        host.script,
        f"{host.demo.url}/v1/widget/{host.key}/en",
    ]


def test_no_configuration_is_over_its_budget_in_any_language(host: Host) -> None:
    sites = [(host.demo.site, language) for language in ("en", "de", "ar")]
    sizes = {}
    for key, language in [*sites, *((host.key, one) for one in LANGUAGES)]:
        asked = Request(f"{host.demo.url}/v1/widget/{key}/{language}", headers={"Accept-Encoding": "gzip"})
        with urlopen(asked, timeout=60) as answer:
            assert answer.headers["Content-Encoding"] == "gzip"
            sizes[key, language] = len(answer.read())

    assert {place: size for place, size in sizes.items() if size > 1500} == {}
