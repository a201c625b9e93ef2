"""What the widget looks like to eyes, keyboards and assistive technology, and that no and yes weigh the same in it."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.embedding import Host, answered, badge, choose, open_panel, switch
from tests.browser.test_sight import MODES, STYLE, axe, shoot

Visit = Callable[..., Page]
NOTHING: dict[str, Any] = {"violations": [], "incomplete": []}
SCHEME = "<style>:root{color-scheme:light dark}body{background:Canvas;color:CanvasText;margin:1rem}</style>"


def test_all_off_and_all_on_take_the_same_steps_and_weigh_the_same(visit: Visit, host: Host) -> None:
    for mode in MODES:
        page = visit(java_script_enabled=True, **MODES[mode])
        for language in ("en", "de", "ar"):
            page.goto(host.put(host.widget(lang=language), path="/both", lang=language))
            open_panel(page)
            off, on = page.locator(".body > .pair > button").all()
            styles = [{**one.evaluate(STYLE), "top": 0} for one in (off, on)]
            assert styles[0] == styles[1]
            assert off.bounding_box()["y"] == on.bounding_box()["y"]  # type: ignore[index]  # both are on the page
            words = [one.inner_text() for one in (off, on)]
            assert abs(len(words[0]) - len(words[1])) <= 4
            assert off.get_attribute("part") == on.get_attribute("part") == "button"


def test_the_way_to_all_off_is_not_longer_than_to_all_on(visit: Visit, host: Host) -> None:
    steps = []
    for wanted in ("Turn all AI off", "Turn all AI on"):
        page = visit(java_script_enabled=True)
        page.goto(host.put(host.widget()))
        badge(page).focus()
        with answered(page, "/v1/offers"):
            page.keyboard.press("Enter")
        taken = 1
        target = page.get_by_role("button", name=wanted, exact=True)
        while not target.evaluate("button => button.getRootNode().activeElement === button"):
            page.keyboard.press("Tab")
            taken += 1
            assert taken < 9
        page.keyboard.press("Enter")
        page.locator("[part=status]:not(:empty)").wait_for()
        steps.append(taken + 1)

    assert steps == [4, 5]  # the keyboard comes to off first


def test_an_on_and_an_off_switch_differ_in_word_and_place_not_in_weight(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.goto(host.put(host.widget()))
    open_panel(page)
    looks = []
    for name in ("Suggestions in the shop", "Answers by a chatbot"):
        one = switch(page, name)
        looks.append({**one.locator(".track").evaluate(STYLE), "top": 0})
        word = one.locator("xpath=preceding-sibling::span")
        looks[-1]["word"] = word.evaluate("e => [getComputedStyle(e).color, getComputedStyle(e).fontWeight]")
        looks[-1]["said"] = word.inner_text()

    assert [looks[0].pop("said"), looks[1].pop("said")] == ["On", "Off"]
    assert looks[0] == looks[1]


def test_the_keyboard_reaches_everything_in_order_stays_in_and_comes_back(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.goto(host.put(f"{host.widget()}<button id=after>After</button>"))
    badge(page).wait_for()
    page.keyboard.press("Tab")
    with answered(page, "/v1/offers"):
        page.keyboard.press("Enter")
    tell = """() => { const e = document.querySelector("candor-widget").shadowRoot.activeElement;
      if (!e) return null; const box = e.getBoundingClientRect(), head = e.getRootNode().querySelector(".head");
      const under = head.contains(e) ? 0 : head.getBoundingClientRect().bottom - box.top;
      const name = e.innerText.trim().split("\\n")[0];
      return [e.getAttribute("role") || e.localName, name, getComputedStyle(e).outlineStyle, under] }"""
    assert page.evaluate(tell)[:2] == ["h2", "How we use AI"]
    walked: list[list[str]] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        found = page.evaluate(tell)
        if found is None or found[0] == "dialog":
            continue  # the browser's own controls lie between the last and the first
        kind, name, outline, under = found
        assert outline != "none", f"{kind} {name} has no visible focus"
        assert under <= 0, f"{kind} {name} lies under the head of the panel"
        if walked and [kind, name] == walked[0]:
            break
        walked.append([kind, name])

    assert [name for _, name in walked[:3]] == ["Close", "Turn all AI off", "Turn all AI on"]
    assert sum(kind == "switch" for kind, _ in walked) == 7
    assert walked[-1] == ["a", "All details and your history"]
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    assert page.evaluate("document.querySelector('candor-widget').shadowRoot.activeElement.part.value") == "badge"


def test_a_choice_can_be_made_by_keyboard_alone(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.goto(host.put(host.widget()))
    open_panel(page)
    switch(page, "Training our AI with your texts").focus()
    choose(page, lambda: page.keyboard.press("Space"))

    assert switch(page, "Training our AI with your texts").get_attribute("aria-checked") == "true"
    assert "Saved. It counts from now on." in page.locator("[part=status]").inner_text()


def test_the_first_visit_note_neither_blocks_nor_takes_the_focus_and_stores_nothing(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True)
    page.goto(host.put(f"{host.widget(notice='first')}<button id=after>After</button>"))
    note = page.get_by_role("region", name="How we use AI")
    note.wait_for()
    shoot(page, "widget-note", whole=False)
    assert axe(page) == NOTHING
    assert page.evaluate("document.activeElement === document.body")
    for _ in range(3):
        page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "after"

    note.get_by_role("button", name="Close").click()

    assert note.count() == 0
    assert badge(page).is_visible()
    assert page.evaluate("localStorage.length + sessionStorage.length + document.cookie.length") == 0


@pytest.mark.parametrize("width", [320, 1280])
def test_what_can_be_pressed_is_large_enough(visit: Visit, host: Host, width: int) -> None:
    page = visit(java_script_enabled=True, viewport={"width": width, "height": 800})
    page.goto(host.put(host.widget(lang="de"), lang="de"))
    open_panel(page)
    small = page.evaluate("""() => {
      const all = [...document.querySelector("candor-widget").shadowRoot.querySelectorAll("button, a.go")];
      return all.filter(e => e.checkVisibility()).map(e => [e.innerText, e.getBoundingClientRect()])
        .filter(([, box]) => box.height < 44 || box.width < 44)
        .map(([text, box]) => `${text} ${box.width}x${box.height}`) }""")

    assert small == []


def test_wider_text_spacing_cuts_nothing_off(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True, viewport={"width": 320, "height": 800}, reduced_motion="reduce")
    page.goto(host.put(host.widget(lang="de"), lang="de"))
    open_panel(page)
    cut = page.evaluate("""() => {
      const root = document.querySelector("candor-widget").shadowRoot, sheet = new CSSStyleSheet();
      sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important }
        * { word-spacing: .16em !important } p { margin-block-end: 2em !important }`);
      root.adoptedStyleSheets.push(sheet);
      return [...root.querySelectorAll("dialog, dialog *")].filter(e => e.checkVisibility() && e.clientWidth)
        .filter(e => e.scrollWidth > e.clientWidth + 1)
        .map(e => e.outerHTML.slice(0, 80)) }""")

    assert cut == []
    assert page.locator("dialog").evaluate("dialog => getComputedStyle(dialog).animationName") == "none"


@pytest.mark.parametrize("language", ["ar", "he"])
def test_arabic_and_hebrew_run_from_right_to_left(visit: Visit, host: Host, language: str) -> None:
    page = visit(java_script_enabled=True)
    page.goto(host.put(host.widget(lang=language), lang=language))
    open_panel(page)
    close = page.locator("dialog .head button").bounding_box()
    title = page.locator("dialog h2").bounding_box()

    assert page.locator("candor-widget .c").get_attribute("dir") == "rtl"
    assert close is not None
    assert title is not None
    assert close["x"] < title["x"]


def test_the_knob_can_be_seen_with_forced_colours(visit: Visit, host: Host) -> None:
    page = visit(java_script_enabled=True, **MODES["forced"])
    page.goto(host.put(host.widget()))
    open_panel(page)
    for name in ("Suggestions in the shop", "Answers by a chatbot"):
        knob = switch(page, name).locator(".knob")
        border, ground = knob.evaluate(
            "e => [getComputedStyle(e).borderTopColor, getComputedStyle(e.closest('dialog')).backgroundColor]"
        )
        assert border != ground
