"""The widget held against axe-core (WCAG 2.2 AA and best practice): languages, looks, widths and states.

A language's page is loaded once; its looks are switched in place, for what differs between them is only style.
"""

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any, Literal

import pytest
from playwright.sync_api import Page

from tests.browser.embedding import LANGUAGES, Host, answered, choose, open_panel
from tests.browser.test_sight import axe, shoot

Visit = Callable[..., Page]
Scheme = Literal["light", "dark"]
Forced = Literal["active", "none"]
PATIENCE = 240_000  # ms: a machine that is busy with something else is no finding
NOTHING: dict[str, Any] = {"violations": [], "incomplete": []}
OFTEN = ("de", "ar")
PICTURED = ("en", "de", "ar", "ja")
LOOKS: dict[str, tuple[Scheme, Forced]] = {
    "light": ("light", "none"),
    "dark": ("dark", "none"),
    "forced": ("light", "active"),
}
WIDTHS = (320, 1280)
SCHEME = "<style>:root{color-scheme:light dark}body{background:Canvas;color:CanvasText;margin:1rem}</style>"
ELEMENTS = (
    '<p>A text. <candor-label kind="generated"></candor-label> A mark. <candor-label kind="decided"></candor-label></p>'
    '<candor-chat-notice conversation="c-1">A program answers.</candor-chat-notice>'
    '<candor-why decision="dec_00000000000000000000000000000000">Ask us why.</candor-why>'
)
WIDE = """() => [document.scrollingElement, document.querySelector("candor-widget").shadowRoot.querySelector("dialog")]
  .map(e => e.scrollWidth - e.clientWidth)"""

SETTLED = """() => {
  document.querySelector("candor-widget").shadowRoot.activeElement?.scrollIntoView({ block: "center" });
  return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done))) }"""


def looks(page: Page) -> Iterator[str]:
    """Give the page each of its looks in turn, and say which it is."""
    for (look, (scheme, forced)), width in product(LOOKS.items(), WIDTHS):
        page.emulate_media(color_scheme=scheme, forced_colors=forced)
        page.set_viewport_size({"width": width, "height": 800})
        page.evaluate(SETTLED)
        yield f"{look}-{width}"


def hold(page: Page, language: str, state: str, within: str | None = "candor-widget") -> None:
    """Hold one state of the widget, in every look, against axe, and against scrolling sideways."""
    found = {}
    for look in looks(page):
        if language in PICTURED or look == "light-320":
            shoot(page, f"widget-{state}-{language}-{look}", whole=False)
        seen = {**axe(page, within), "wide": page.evaluate(WIDE)}
        if seen != {**NOTHING, "wide": [0, 0]}:
            found[look] = seen
    assert found == {}, f"{language}, {state}"


def go_through(visit: Visit, host: Host, language: str) -> None:
    """Bring the widget, in one language, into each state that looks different, and hold each against axe."""
    page = visit(java_script_enabled=True, reduced_motion="reduce")
    page.set_default_timeout(PATIENCE)
    page.goto(host.put(ELEMENTS + host.widget(lang=language, notice="always"), SCHEME, f"/{language}", language))
    with answered(page, "/why?"):
        page.locator("candor-why [part=button]").click()
    page.locator("candor-why [part=form]").wait_for()
    page.locator("candor-chat-notice [part=button]").wait_for()
    page.locator("candor-label [part=label]").nth(1).wait_for()
    hold(page, language, "page", None)

    page.locator("candor-widget [part=notice] [part=button]").nth(1).click()
    hold(page, language, "closed")
    open_panel(page)
    hold(page, language, "open")

    page.route("**/v1/choices", lambda route: route.abort())
    choose_first = page.locator("[role=switch]").first.click
    choose_first()
    page.locator("[part=status].bad:not(:empty)").wait_for()
    hold(page, language, "failed")
    page.unroute("**/v1/choices")

    choose(page, choose_first)
    hold(page, language, "saved")
    with answered(page, "/v1/choices"):
        page.locator("[role=switch]").nth(2).click()  # an explicit purpose: the second step is asked for
    page.locator("[role=group]:visible").wait_for()
    hold(page, language, "asked")


@pytest.mark.parametrize("language", OFTEN)
def test_axe_finds_nothing_in_any_state_look_or_width(visit: Visit, host: Host, language: str) -> None:
    go_through(visit, host, language)


@pytest.mark.full
@pytest.mark.parametrize("language", [one for one in LANGUAGES if one not in OFTEN])
def test_axe_finds_nothing_in_any_other_language(visit: Visit, host: Host, language: str) -> None:
    go_through(visit, host, language)
