"""What the page looks like to eyes, keyboards and assistive technology (WCAG 2.2 AA; requirements of symmetry)."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import SHOTS
from tests.browser.demo import Demo, press
from tests.browser.embedding import LANGUAGES, Host

Visit = Callable[..., Page]
AXE = (Path(__file__).parent / "axe" / "axe.min.js").read_text(encoding="utf-8")
MODES: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light"},
    "dark": {"color_scheme": "dark"},
    "forced": {"forced_colors": "active"},
}
RUN = """async within => {
  const found = await axe.run(within || document, {resultTypes: ["violations", "incomplete"]});
  const told = kind => found[kind].map(r => [r.id, r.nodes.map(n => n.html.slice(0, 120) + n.any.map(a => a.message))]);
  return {violations: told("violations"), incomplete: told("incomplete")};
}"""


def axe(page: Page, within: str | None = None) -> Any:
    """Return what axe-core finds wrong with a page, or with one element of it, and what it can't tell."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    return page.evaluate(RUN, within)


def shoot(page: Page, name: str, *, whole: bool = True) -> None:
    """Keep a picture of the whole page, or of what is in the window."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", full_page=whole)


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_axe_finds_nothing(visit: Visit, demo: Demo, language: str, mode: str, width: int) -> None:
    page = visit(
        java_script_enabled=True,
        viewport={"width": width, "height": 900},
        extra_http_headers={"Sec-GPC": "1"},
        **MODES[mode],
    )
    demo.enter(page, language)
    press(page, "use-support-chat", "yes")
    page.locator("summary").first.click()
    shoot(page, f"choices-{language}-{mode}-{width}")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")

    assert axe(page) == {"violations": [], "incomplete": []}
    assert overflow == 0


@pytest.mark.parametrize("language", ["en", "ar"])
def test_axe_finds_nothing_on_the_pages_beside(visit: Visit, demo: Demo, language: str) -> None:
    page = visit(java_script_enabled=True)
    page.goto(demo.page(language))
    shoot(page, f"nobody-{language}")
    assert axe(page) == {"violations": [], "incomplete": []}
    press(page, "use-call-mood", "yes")
    shoot(page, f"confirm-{language}")
    assert axe(page) == {"violations": [], "incomplete": []}
    page.goto(f"{demo.url}/t/nowhere/{language}/choices")
    shoot(page, f"trouble-{language}")
    assert axe(page) == {"violations": [], "incomplete": []}
    page.goto(demo.url)
    shoot(page, "start")
    assert axe(page) == {"violations": [], "incomplete": []}


def hold_borrowed(page: Page, demo: Demo, host: Host, language: str) -> None:
    """Hold the pages of a site in a language whose words are partly borrowed, partly English, against axe."""
    for place in ("", "/choices", "/history"):
        page.goto(f"{demo.url}/t/{host.site['slug']}/{language}{place}")
        shoot(page, f"borrowed{place.replace('/', '-')}-{language}")
        assert axe(page) == {"violations": [], "incomplete": []}
        assert page.locator("html").get_attribute("lang") == language
        assert page.locator(".partly [lang=en]").count() == 1
        assert not page.get_by_role("link", name="English", exact=True).is_visible()
        page.locator(".tongues summary").click()
        assert axe(page) == {"violations": [], "incomplete": []}
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


@pytest.mark.parametrize("language", ["fr", "he"])
def test_a_page_with_borrowed_words_says_so_and_axe_finds_nothing(
    visit: Visit, demo: Demo, host: Host, language: str
) -> None:
    hold_borrowed(visit(java_script_enabled=True, viewport={"width": 320, "height": 900}), demo, host, language)


@pytest.mark.full
def test_every_page_with_borrowed_words_says_so_and_axe_finds_nothing(visit: Visit, demo: Demo, host: Host) -> None:
    page = visit(java_script_enabled=True, viewport={"width": 320, "height": 900})
    for language in LANGUAGES:
        if language not in {"en", "de", "ar"}:
            hold_borrowed(page, demo, host, language)


STYLE = """element => {
  const s = getComputedStyle(element), box = element.getBoundingClientRect();
  return {width: Math.round(box.width * 10), height: Math.round(box.height * 10), top: Math.round(box.top),
          color: s.color, background: s.backgroundColor, border: s.borderTopColor + s.borderTopWidth,
          font: s.fontSize + s.fontWeight, shadow: s.boxShadow, role: element.tagName + element.type};
}"""


@pytest.mark.parametrize("mode", MODES)
def test_yes_and_no_weigh_the_same(visit: Visit, demo: Demo, mode: str) -> None:
    for width in (320, 1280):
        page = visit(java_script_enabled=True, viewport={"width": width, "height": 900}, **MODES[mode])
        for language in ("en", "de", "ar"):
            page.goto(demo.page(language))
            pairs = page.locator("form.pair").evaluate_all(
                f"""forms => forms.map(form => ["no", "yes"].map(answer =>
                    ({STYLE})(form.querySelector(`button[value=${{answer}}]`))))"""
            )
            assert len(pairs) == 13  # all AI, seven uses with a say, five systems
            for no, yes in pairs:
                assert no == yes
                assert no["height"] >= 440
            assert page.locator(".chosen").count() == 0  # nothing is preselected


def test_a_pressed_button_looks_the_same_whichever_it_is(visit: Visit, demo: Demo) -> None:
    page = visit(java_script_enabled=True)
    page.goto(demo.page())
    looks = []
    for answer in ("no", "yes"):
        press(page, "use-product-suggestions", answer)
        chosen = page.locator("#use-product-suggestions .chosen")
        assert chosen.get_attribute("value") == answer
        looks.append({**chosen.evaluate(STYLE), "top": 0})

    assert looks[0] == looks[1]


def test_the_keyboard_reaches_everything_in_order_and_no_before_yes(visit: Visit, demo: Demo) -> None:
    page = visit(java_script_enabled=True)
    page.goto(demo.page())
    tell = """() => { const e = document.activeElement, name = e.value || e.getAttribute("href") || e.innerText.trim();
      return [e.tagName, name, getComputedStyle(e).outlineStyle, e.form?.action || ""] }"""
    walked = []
    for _ in range(80):
        page.keyboard.press("Tab")
        tag, name, outline, form = page.evaluate(tell)
        if tag == "BODY":
            break
        assert outline != "none", f"{tag} {name} has no visible focus"
        walked.append((tag, name, form))

    assert walked[0] == ("A", "#main", "")
    answers = [(name, form) for tag, name, form in walked if tag == "BUTTON"]
    assert len(answers) == 26
    for (first, one), (second, other) in zip(answers[::2], answers[1::2], strict=True):
        assert (first, second, one) == ("no", "yes", other)
    assert sum(tag == "SUMMARY" for tag, *_ in walked) == 8


def test_a_choice_can_be_made_by_keyboard_alone(visit: Visit, demo: Demo) -> None:
    page = visit(java_script_enabled=True)
    page.goto(demo.page())
    page.locator("#use-ai-training button[value=no]").focus()
    page.keyboard.press("Enter")

    assert page.locator(".done h2").inner_text() == "Not allowed: Training our AI with your texts"


def test_arabic_runs_from_right_to_left(visit: Visit, demo: Demo) -> None:
    page = visit(java_script_enabled=True)
    page.goto(demo.page("ar"))

    assert page.locator("html").get_attribute("dir") == "rtl"
    words = page.locator("#use-ai-training .words").bounding_box()
    say = page.locator("#use-ai-training .say").bounding_box()
    assert words is not None
    assert say is not None
    assert say["x"] < words["x"]


def test_what_can_be_pressed_is_large_enough(visit: Visit, demo: Demo) -> None:
    page = visit(java_script_enabled=True, viewport={"width": 320, "height": 900})
    demo.enter(page, "de")
    small = page.evaluate("""() => [...document.querySelectorAll("button, summary, nav a, .links a, .receipts a")]
      .map(e => [e.innerText, e.getBoundingClientRect()]).filter(([, b]) => b.height < 44 || b.width < 44)
      .map(([t, b]) => `${t} ${b.width}x${b.height}`)""")

    assert small == []


def test_print_shows_details_and_no_buttons(visit: Visit, demo: Demo) -> None:
    page = visit(java_script_enabled=True)
    demo.enter(page)
    page.emulate_media(media="print")
    shoot(page, "print")

    assert page.locator("form.pair button:visible").count() == 0
    assert page.locator("#use-ai-training dl").is_visible()
