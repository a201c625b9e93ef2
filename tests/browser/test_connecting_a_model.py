"""An administrator connects a model, and a data protection officer reads an explanation: in the browser, no scripts."""

import time
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from examples.credit.trees import Trees
from tests.browser.conftest import SHOTS
from tests.browser.demo import Demo, submit
from tests.browser.scoring import KEY
from tests.browser.test_console_sight import OVERFLOW, UNROLL, work_as
from tests.browser.test_sight import MODES, axe

Visit = Callable[..., Page]
MUTABLE = {"duration_in_month": "can go down", "credit_amount": "can go down"}
SAMPLE = (
    "... < 0 DM", "48", "existing credits paid back duly till now", "car (new)", "6000", "... < 100 DM",
    "1 <= ... < 4 years", "2", "none", "2", "real estate", "none", "own", "1", "skilled employee / official", "1",
    "none",
)  # fmt: skip
TEN_MINUTES = 600


def test_an_admin_connects_a_model_and_sees_how_a_sample_decision_is_explained(
    visit: Visit, demo: Demo, model: str
) -> None:
    page = visit()
    began = time.monotonic()
    work_as(page, demo, "ari")
    submit(page.locator("nav[aria-label=Consoles] a", has_text="Models"))
    submit(page.get_by_role("link", name="Connect a model"))
    page.select_option("#system", "credit-scorer")
    page.fill("#model", "home-made")
    page.fill("#url", f"http://{model}")
    page.fill("#predict_path", "/score")
    page.fill("#credentials", f"Authorization: {KEY}")
    page.locator("summary", has_text="The shape of its questions and answers").click()
    page.fill("#template", '{"applicants": "$records"}')
    page.fill("#predictions_at", "/scores")
    page.fill("#value_at", "/p_bad")
    page.fill("#version_at", "/model/version")
    page.fill("#features", "\n".join(", ".join(filter(None, (name, MUTABLE.get(name)))) for name in Trees().features))
    page.fill("#class_name", "bad")
    page.select_option("#reference_group", "all-applicants")
    submit(page.get_by_role("button", name="Connect it"))

    assert page.locator("h1").inner_text() == "home-made"
    assert KEY not in page.content()
    for place, value in enumerate(SAMPLE):
        page.fill(f"#input-{place}", value)
    page.fill("#threshold", "0.45")
    submit(page.get_by_role("button", name="Ask and explain"))

    main = page.locator("main").inner_text()
    assert "It answers the same row the same, also two in one call." in main
    assert page.locator("#grade").inner_text().strip()[:2] in {"A:", "B:"}
    assert "version 2026-02" in main
    assert "would have" in main  # a change that was really tried
    assert page.locator("th", has_text="duration in month").count() > 0
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
