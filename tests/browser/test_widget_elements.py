"""The elements that stand where AI acts, the gate for templates, the shop that uses them, and the client alone."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page

from disclosures.widget.words import catalogue
from tests.browser.demo import Demo
from tests.browser.embedding import LANGUAGES, Host, answered, badge, choose, open_panel, switch
from tests.browser.test_sight import axe, shoot

Visit = Callable[..., Page]
NOTHING: dict[str, Any] = {"violations": [], "incomplete": []}


def of_shop(host: Host, **more: str) -> str:
    """Return a widget of the demo's shop, which has uses and notices."""
    return host.widget(site=host.demo.site, **more)


def test_the_panel_tells_each_use_with_its_notice_and_reports_it_shown(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.goto(host.put(of_shop(host)))
    with answered(page, "/v1/showings"):
        badge(page).click()
    page.get_by_text("A computer program answers first.").wait_for()
    page.locator("dialog .body").evaluate("body => body.scrollTo(0, body.scrollHeight)")
    shoot(page, "widget-uses", whole=False)

    assert page.get_by_role("heading", name="Where AI is at work").is_visible()
    assert page.get_by_text("Please write to people@tarnfield.example.").is_visible()
    assert axe(page) == NOTHING


def test_a_chat_notice_is_the_first_line_and_is_reported_once_with_its_conversation(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    told = "<script>window.told = []; addEventListener('candor-shown', event => told.push(event.detail))</script>"
    notice = '<candor-chat-notice touchpoint="shop-chat" conversation="c-17">A program answers.</candor-chat-notice>'
    with page.expect_request("**/v1/showings") as shown:
        page.goto(host.put(of_shop(host) + notice, told))
    page.wait_for_function("told.length === 1")
    shoot(page, "chat-notice", whole=False)
    sent: Any = shown.value.post_data_json

    assert page.get_by_text("You are talking to a computer program. It is not a person.").is_visible()
    assert (sent["surface"], sent["conversation"], sent["touchpoint"]) == ("chat", "c-17", "shop-chat")
    assert sent["build"] == host.lock["version"]
    assert page.evaluate("told[0]") == {"disclosure": sent["notice"], "version": sent["version"], "surface": "chat"}
    assert axe(page) == NOTHING


def test_a_chat_notice_says_when_a_person_takes_over_and_when_the_program_is_back(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.goto(host.put(of_shop(host) + '<candor-chat-notice touchpoint="shop-chat"></candor-chat-notice>'))
    line = page.locator("candor-chat-notice [role=status]")
    line.filter(has_text="You are talking to a computer program.").wait_for()
    hand = "who => document.querySelector('candor-chat-notice').setAttribute('handler', who)"

    page.evaluate(hand, "human")
    line.filter(has_text="You are now talking to a person.").wait_for()
    assert line.locator(".human").count() == 1
    page.evaluate(hand, "ai")
    line.filter(has_text="You are talking to a computer program.").wait_for()
    assert line.locator(".machine").count() == 1


def test_a_label_says_what_it_is_and_opens_the_panel_at_its_use(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    labels = "<candor-label kind=decided></candor-label> <candor-label ref=shop-chat>Our own words</candor-label>"
    page.goto(host.put(of_shop(host) + labels))
    page.get_by_role("button", name="Decided by AI").wait_for()
    badge(page).wait_for()
    with answered(page, "/v1/offers"):
        page.get_by_role("button", name="Our own words").click()

    assert page.evaluate("document.querySelector('candor-widget').shadowRoot.activeElement.id") == "use-shop-chat"


def test_asking_for_a_person_can_be_answered_by_the_site_itself(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.goto(host.put(of_shop(host) + "<candor-human topic=orders minutes=1></candor-human>"))
    ask = page.locator("candor-human").get_by_role("button", name="Talk to a person")
    ask.wait_for()
    assert page.get_by_text("The wait is about 1 minute.").is_visible()
    page.evaluate(
        "addEventListener('candor-human', event => { event.preventDefault(); document.title = event.detail.topic })"
    )
    ask.click()
    assert page.title() == "orders"
    assert page.locator("candor-human .talk").count() == 0
    assert axe(page) == NOTHING


def test_a_chat_notice_opens_the_conversation_with_a_person_where_the_page_has_no_place_for_it(
    visit: Visit, host: Host
) -> None:
    page = visit(java_script_enabled=True)
    page.goto(
        host.put(of_shop(host) + "<candor-chat-notice touchpoint=shop-chat conversation=c-18></candor-chat-notice>")
    )
    notice = page.locator("candor-chat-notice")
    notice.get_by_role("button", name="Talk to a person").click()
    notice.locator("[part=number]").wait_for()
    notice.get_by_text("You are waiting for a person. No AI answers you now.", exact=True).wait_for()
    assert axe(page) == NOTHING
    notice.get_by_role("button", name="Leave").click()
    notice.get_by_text("You are talking to a computer program. It is not a person.").wait_for()


def test_a_template_comes_and_goes_with_the_choice_and_calls_made_before_the_script_are_heard(
    visit: Visit, host: Host
) -> None:
    page = visit(java_script_enabled=True)
    early = """<script>window.candor = window.candor || []; window.heard = [];
      candor.push(["allowed", "support-chat", allowed => heard.push(allowed)]);
      candor.push(["open", "person"])</script>"""
    gated = "<template data-candor-purpose=support-chat><p id=gated>Chat <script>window.ran = 1</script></p></template>"
    with answered(page, "/v1/offers"):
        page.goto(host.put(host.widget() + gated, early))
    assert page.evaluate("[heard, window.ran]") == [[False], None]
    assert page.evaluate("document.querySelector('candor-widget').shadowRoot.activeElement.id") == "person"

    choose(page, switch(page, "Answers by a chatbot").click)
    page.locator("#gated").wait_for()
    choose(page, switch(page, "Answers by a chatbot").click)
    page.wait_for_function("!document.getElementById('gated')")

    assert page.evaluate("[heard, window.ran]") == [[False, True, False], 1]


def test_an_explicit_purpose_takes_two_acts_to_allow_and_one_to_refuse(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.goto(host.put(host.widget()))
    open_panel(page)
    allowed = "document.querySelector('candor-widget').allowed('call-mood')"
    mood = "Reading your mood on the phone"
    for answer, becomes in (("No, I don\u2019t allow it", False), ("Yes, I allow it", True)):
        with answered(page, "/v1/choices"):
            switch(page, mood).click()
        question = page.get_by_role("group", name=mood)
        question.wait_for()
        assert page.evaluate(allowed) is False
        assert page.evaluate("document.querySelector('candor-widget').shadowRoot.activeElement.innerText").startswith(
            "No"
        )
        with answered(page, "/v1/choices"):
            question.get_by_role("button", name=answer).click()
        question.wait_for(state="hidden")
        page.wait_for_function(f"{allowed} === {str(becomes).lower()}")
    with answered(page, "/v1/choices"):
        switch(page, mood).click()
    page.wait_for_function(f"!{allowed}")


def test_all_off_turns_everything_off_and_all_on_takes_only_that_back(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.goto(host.put(host.widget()))
    open_panel(page)
    choose(page, switch(page, "Training our AI with your texts").click)
    with answered(page, "/v1/offers"):
        page.get_by_role("button", name="Turn all AI off").click()
    page.wait_for_function("document.querySelector('candor-widget').state.allOff")
    choices = page.evaluate("Object.values(document.querySelector('candor-widget').state.choices)")
    assert not any(choices)
    assert page.get_by_role("switch", disabled=True).count() == 7

    with answered(page, "/v1/offers"):
        page.get_by_role("button", name="Turn all AI on").click()
    page.wait_for_function("!document.querySelector('candor-widget').state.allOff")
    states = page.evaluate("document.querySelector('candor-widget').state.choices")
    assert (states["ai-training"], states["support-chat"], states["product-suggestions"]) == (True, False, True)


def test_a_receipt_can_be_downloaded(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.goto(host.put(host.widget()))
    open_panel(page)
    choose(page, switch(page, "Suggestions in the shop").click)
    with page.expect_download() as downloading:
        page.get_by_role("link", name="Download the receipt").click()

    assert re.fullmatch(r"rcp_[0-9a-f]{32}\.json", downloading.value.suggested_filename)
    assert '"jws"' in Path(downloading.value.path()).read_text(encoding="utf-8")


def test_the_client_alone_does_for_a_panel_of_ones_own(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.goto(host.put("<p>A panel of our own</p>"))
    core = host.script.replace("candor.js", "candor-core.js")
    did = page.evaluate(
        """async ([core, site]) => {
          const { client } = await import(core), one = client({ site, lang: "en" });
          const before = (await one.ready).choices["ai-training"], made = await one.set("ai-training", true);
          return [before, one.allowed("ai-training"), one.allowed("no-such"), made.receipt.kind, one.config.lang];
        }""",
        [core, host.key],
    )

    assert did == [False, True, False, "given", "en"]


def test_the_browser_needs_the_plural_forms_that_the_catalogue_has(visit: Visit) -> None:
    page = visit(java_script_enabled=True)
    needed = page.evaluate(
        "all => all.map(one => new Intl.PluralRules(one).resolvedOptions().pluralCategories)", list(LANGUAGES)
    )

    for language, forms in zip(LANGUAGES, needed, strict=True):
        wait = catalogue(language)["wait"]
        assert isinstance(wait, dict)
        assert set(forms) == set(wait), language


def test_the_shop_gates_a_recommendation_and_a_chat_and_vouches_for_its_customer(
    visit: Visit, shop: str, demo: Demo
) -> None:
    page = visit(java_script_enabled=True)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(shop)
    page.get_by_role("heading", name="Picked for you").wait_for()
    page.get_by_role("button", name="Scored by AI").wait_for()
    assert page.locator("#chat").count() == 0
    shoot(page, "shop")
    assert axe(page) == NOTHING

    with answered(page, "/v1/offers"):
        page.get_by_role("button", name="Sign in as customer-4711").click()
    page.locator("#chat").wait_for()
    page.get_by_label("Your question").fill("Where is my order?")
    page.get_by_role("button", name="Send", exact=True).click()
    page.locator("#log li", has_text="Program, not a person: Your order is on its way.").wait_for()
    assert page.locator("#log li").count() == 2
    assert page.evaluate("localStorage.length") == 0

    open_panel(page)
    choose(page, switch(page, "Answers by a chatbot").click)
    page.wait_for_function("!document.getElementById('chat')")
    assert demo.gate("support-chat")["decision"] != "allow"
    choose(page, switch(page, "Answers by a chatbot").click)
    page.locator("#chat").wait_for()
    assert demo.gate("support-chat")["decision"] == "allow"
    assert said == []
