"""The page steers nobody: dark patterns looked for on what is rendered (EDPB 03/2022, CCPA 7004, DSA Art. 25)."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser.demo import Demo, press, state_of

Visit = Callable[..., Page]
# shame, urgency and pressure, in the languages of the page
PRESSURE = re.compile(
    r"!|are you sure|miss out|hurry|last chance|only today|recommended|better experience|no thanks"
    r"|sind sie sicher|verpassen|nur heute|empfohlen|letzte chance|besseres erlebnis"
    r"|هل أنت متأكد|لا تفوت|موصى به|آخر فرصة",
    re.IGNORECASE,
)


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_both_answers_stand_on_the_same_layer_and_nothing_is_chosen_before(
    visit: Visit, demo: Demo, language: str
) -> None:
    page = visit()
    page.goto(demo.page(language))

    for pair in page.locator("form.pair").all():
        assert pair.locator("button:visible").count() == 2
    assert page.locator(":checked, [selected], .chosen, [autofocus], [required]").count() == 0
    assert page.locator("dialog, [role=dialog], [hidden], marquee, blink, meta[http-equiv=refresh]").count() == 0


@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_nothing_presses_and_the_language_is_one(visit: Visit, demo: Demo, language: str) -> None:
    page = visit()
    page.goto(demo.page(language))
    text = page.locator("body").inner_text()
    press(page, "use-call-mood", "yes")
    text += page.locator("body").inner_text()

    assert PRESSURE.search(text) is None
    assert page.locator("html").get_attribute("lang") == language


def test_a_button_is_about_one_use_only(visit: Visit, demo: Demo) -> None:
    page = visit()
    page.goto(demo.page())
    acts = [form.get_attribute("action") or "" for form in page.locator("form.pair").all()]

    assert len(set(acts)) == len(acts)
    assert sum(act.endswith("/all") for act in acts) == 1


def test_leaving_the_second_step_is_no_consent(visit: Visit, demo: Demo) -> None:
    page = visit()
    demo.enter(page)
    press(page, "use-call-mood", "yes")
    page.go_back()

    assert demo.gate("call-mood")["decision"] != "allow"
    page.goto(demo.page())
    press(page, "use-call-mood", "no")
    assert state_of(page, "use-call-mood") == "Off"


def test_after_a_no_nobody_asks_again(visit: Visit, demo: Demo) -> None:
    page = visit()
    page.goto(demo.page())
    press(page, "use-ai-training", "no")
    why = page.locator("#use-ai-training .why").inner_text()
    assert "We won't ask you about this again before" in why

    page.goto(demo.page())

    assert page.url == demo.page()
    assert page.locator("#use-ai-training .chosen").get_attribute("value") == "no"


def test_a_person_can_be_reached_and_a_yes_be_taken_back_where_it_was_given(visit: Visit, demo: Demo) -> None:
    page = visit()
    demo.enter(page)

    assert page.locator("#person").is_visible()
    assert page.locator("#use-fraud-screening a[href='#person']").is_visible()
    assert page.locator("#use-support-chat button[value=no]").is_visible()
