"""An administrator connects a model, and a data protection officer reads an explanation: in the browser, no scripts."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import SHOTS
from tests.browser.demo import Demo, submit
from tests.browser.stories import connect_a_model, try_a_sample
from tests.browser.story import Story
from tests.browser.test_console_sight import OVERFLOW, UNROLL, work_as
from tests.browser.test_sight import MODES, axe

Visit = Callable[..., Page]
TEN_MINUTES = 600


def test_an_admin_connects_a_model_and_sees_how_a_sample_decision_is_explained(
    visit: Visit, demo: Demo, model: str
) -> None:
    page = visit()
    began = time.monotonic()
    work_as(page, demo, "ari")
    story = Story("connect a model", page)
    connect_a_model(story, model)
    try_a_sample(story)
    assert time.monotonic() - began < TEN_MINUTES
    page.goto(f"{demo.url}/console/models")
    row = page.locator("tr", has_text="home-made").inner_text()
    assert "answers" in row
    assert "Authorization" in row


def test_a_wrong_key_is_told_in_plain_words_before_anything_depends_on_it(visit: Visit, demo: Demo, model: str) -> None:
    page = visit()
    work_as(page, demo, "ari")
    page.goto(f"{demo.url}/console/models/new?system=credit-scorer")
    page.fill("#model", "keyless")
    page.fill("#url", f"http://{model}")
    page.fill("#predict_path", "/score")
    page.fill("#features", "age")
    submit(page.get_by_role("button", name="Connect it"))
    page.fill("#input-0", "40")
    submit(page.get_by_role("button", name="Ask and explain"))

    main = page.locator("main").inner_text()
    assert "The model refuses what it is asked." in main
    assert "it has to answer first" in main


def test_a_dpo_reads_an_explanation_in_words_and_figures(visit: Visit, demo: Demo) -> None:
    page = visit()
    work_as(page, demo, "dana")
    page.goto(f"{demo.url}/console/decisions/{demo.decision}/explanation")
    page.check("input[value=rights-request]")
    submit(page.locator("main form button"))
    submit(page.get_by_role("button", name="Explain it").first)

    assert page.locator("#grade").inner_text().startswith("C:")
    assert page.locator("h2", has_text="In words").count() == 1
    assert page.locator("section:has(#factors) tbody tr").count() == 17
    submit(page.get_by_role("link", name="Deutsch"))
    assert page.locator("article.explanation").get_attribute("lang") == "de"


@pytest.mark.parametrize(("mode", "width"), [pytest.param("light", 1280, marks=pytest.mark.full), ("dark", 320)])
def test_axe_finds_nothing_where_a_sample_and_a_decision_are_explained(
    visit: Visit, demo: Demo, model: str, mode: str, width: int
) -> None:
    page = visit(java_script_enabled=True, viewport={"width": width, "height": 900}, **MODES[mode])
    work_as(page, demo, "ari")
    page.goto(f"{demo.url}/console/models")
    submit(page.get_by_role("link", name="gradient boosted trees"))
    faults = seen(page, f"model-{mode}-{width}")
    submit(page.get_by_role("button", name="Ask and explain"))
    faults += seen(page, f"model-tried-{mode}-{width}")
    officer = visit(java_script_enabled=True, viewport={"width": width, "height": 900}, **MODES[mode])
    work_as(officer, demo, "dana")
    officer.goto(f"{demo.url}/console/decisions/{demo.decision}/explanation")
    officer.check("input[value=rights-request]")
    submit(officer.locator("main form button"))
    if officer.locator("#grade").count() == 0:
        submit(officer.get_by_role("button", name="Explain it").first)
    faults += seen(officer, f"explanation-{mode}-{width}")

    assert faults == []


def seen(page: Page, name: str) -> list[str]:
    """Return what is wrong with the page that is open; keep a picture of it."""
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"console-{name}.png", full_page=True)
    faults = [f"{name}: wider than the screen"] if page.evaluate(OVERFLOW) else []
    page.evaluate(UNROLL)
    found = axe(page)
    return faults if found == {"violations": [], "incomplete": []} else [*faults, f"{name}: {found}"]
