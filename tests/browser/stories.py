"""What staff do in the consoles, step by step, as their hands would; tests do it in different ways."""

from functools import partial
from typing import Any

from playwright.sync_api import Page

from examples.credit.trees import Trees
from tests.browser.demo import Demo, submit
from tests.browser.embedding import Host
from tests.browser.scoring import KEY
from tests.browser.story import Story

MUTABLE = {"duration_in_month": "can go down", "credit_amount": "can go down"}
SAMPLE = (
    "... < 0 DM", "48", "existing credits paid back duly till now", "car (new)", "6000", "... < 100 DM",
    "1 <= ... < 4 years", "2", "none", "2", "real estate", "none", "own", "1", "skilled employee / official", "1",
    "none",
)  # fmt: skip
NEW_WORDS = "prices, dates and stock"


def prove_a_consent(story: Story, customer: str, purpose: str) -> None:
    """Find a person, her consent and the text it was given to, and check its proof."""
    page = story.page
    story.go("Find a person")
    page.fill("#reference", customer)
    page.check("input[value=evidence]")
    submit(page.locator("main form button"))
    story.keep("the person")
    submit(page.locator(".timeline li", has_text=purpose).first.locator("a"))
    assert page.locator("h1").inner_text() == f"Given: {purpose}"
    assert page.locator("main time").count() >= 1
    assert "Exactly this text, to the byte" in page.locator("main").inner_text()
    assert page.locator(".shown").get_attribute("lang") == "de"
    story.keep("the record")
    with page.expect_response("**/proof"):  # a page without scripts, a part of this one with them
        page.get_by_role("link", name="Verify now", exact=True).click()
    page.locator("#proof", has_text="The proof holds").wait_for()
    story.keep("the proof")


def approve_a_notice(story: Story) -> None:
    """Read a colleague's draft against what is in force, approve it and publish it."""
    page = story.page
    submit(page.locator(".rail").get_by_role("link", name="Notices"))
    story.keep("notices")
    submit(page.locator("tbody a", has_text="chat-first-line"))
    assert NEW_WORDS in "".join(page.locator("#draft ~ .scroll ins").all_inner_texts())
    story.keep("the draft")
    story.press("Approve this draft")
    page.check("input[name=material][value=yes]")
    story.press("Publish version 2")
    assert "Version 2 is in force" in page.locator(".lead").inner_text()
    story.keep("in force")


def set_up_a_site(story: Story, origin: str) -> tuple[str, str]:
    """Register a site, at the second attempt, and return the snippet and the line of policy that it takes."""
    page = story.page
    story.go("Sites")
    page.fill("#name", "Tarnfield Garden")
    page.fill("#slug", "garden")
    page.fill("#origins", "not an origin")
    story.press("Register this site")
    assert page.locator("#origins-fault").is_visible()
    page.fill("#origins", origin)
    story.press("Register this site")
    story.keep("the site")
    return page.locator("#snippet").inner_text(), page.locator("#csp").inner_text()


def see_the_widget(visitor: Page, host: Host, snippet: str, policy: str) -> None:
    """Put the snippet in a page of the site, under its policy alone, and open the widget there as a visitor."""
    faults: list[str] = []
    visitor.on("console", partial(_hear, faults))
    visitor.goto(
        host.put_whole(
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Garden</title></head>'
            f"<body><h1>Garden</h1>{snippet}</body></html>",
            "/garden",
            Content_Security_Policy=f"default-src 'none'; {policy}",
        )
    )
    visitor.locator("candor-widget").get_by_role("button", name="How we use AI").click()
    visitor.get_by_role("dialog").wait_for()
    assert faults == []


def _hear(faults: list[str], message: Any) -> None:
    faults.append(message.text)


def connect_a_model(story: Story, model: str) -> None:
    """Connect a model server of the company's own, with its key and the shape of its answers."""
    page = story.page
    submit(page.locator("nav[aria-label=Consoles] a", has_text="Models"))
    story.go("Connect a model")
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
    story.keep("connecting")
    story.press("Connect it")
    assert page.locator("h1").inner_text() == "home-made"
    assert KEY not in page.content()


def try_a_sample(story: Story) -> None:
    """Ask a connected model for a sample decision, and see how it would be explained."""
    page = story.page
    for place, value in enumerate(SAMPLE):
        page.fill(f"#input-{place}", value)
    page.fill("#threshold", "0.45")
    story.press("Ask and explain")
    main = page.locator("main").inner_text()
    assert "It answers the same row the same, also two in one call." in main
    assert page.locator("#grade").inner_text().strip()[:2] in {"A:", "B:"}
    assert "version 2026-02" in main
    assert "would have" in main  # a change that was really tried
    assert page.locator("th", has_text="duration in month").count() > 0
    story.keep("the sample explained")


def answer(story: Story, number: str) -> str:
    """Take a request from My work, draft its answer, add a sentence, submit it, and return its address."""
    page = story.page
    story.go("My work")
    story.keep("my work")
    story.go(number)
    story.press("Take it first")
    story.press("Draft the answer")
    story.keep("the draft")
    submit(page.locator("#section-result a.write"))
    empty = page.locator(".sentence textarea").count() - 2
    page.fill(f"#text-{empty}", "We looked at your account as it was on 1 July.")
    page.fill(f"#source-{empty}", "policy:7")
    story.keep("writing")
    story.press("Keep this section")
    story.press("Submit for approval")
    story.keep("submitted")
    return page.url


def release(story: Story, page: Page, demo: Demo, number: str) -> None:
    """Approve the answer as the second person, from the list of what waits, and release it."""
    page.goto(f"{demo.url}/console/approvals")
    story.keep("what waits", page)
    submit(page.get_by_role("link", name=number))
    for box in page.locator("form[action$='/approve'] input[type=checkbox]").all():
        box.check()
    story.keep("the checklist", page)
    submit(page.locator("form[action$='/approve'] button"))
    submit(page.get_by_role("button", name="Release the answer", exact=True))
    story.keep("released", page)
