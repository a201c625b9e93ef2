"""A day's work in the consoles, in a real browser: mostly without JavaScript, for everything essential works so."""

import json
from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.demo import Demo, press, submit
from tests.browser.stories import NEW_WORDS, approve_a_notice
from tests.browser.story import Story
from tests.browser.test_console_sight import asked_for, look_up, work_as

Visit = Callable[..., Page]
SINK = "(() => { try { document.body.innerHTML = '<b>x</b>'; return 'took it' } catch (e) { return e.name } })()"


def test_a_dpo_proves_what_a_customer_consented_to_without_javascript(visit: Visit, demo: Demo) -> None:
    customer = visit()
    demo.enter(customer, "de")
    press(customer, "use-product-suggestions", "no")

    page = visit()
    work_as(page, demo, "dana")
    look_up(page, demo)
    page.locator(".timeline a").first.click()
    page.wait_for_url("**/records/*")

    assert page.locator("h1").inner_text() == "Opted out: product-suggestions"
    assert "Exactly this text, to the byte" in page.locator("main").inner_text()
    assert page.locator(".shown").get_attribute("lang") == "de"
    page.get_by_role("link", name="Verify now").click()
    page.wait_for_url("**/proof")
    assert "The proof holds" in page.locator("#proof").inner_text()
    page.goto(f"{demo.url}/console/audit?kind=record.viewed")
    assert "consent record: rights request" in page.locator("tbody tr").first.inner_text()


def test_what_scripts_add_works_under_the_strict_policy(visit: Visit, demo: Demo) -> None:
    page = visit(java_script_enabled=True, timezone_id="Asia/Kolkata")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    work_as(page, demo, "nils")
    page.goto(f"{demo.url}/console/records?state=given")
    page.locator("summary", has_text="Save this view").click()
    page.fill("#view-name", "Given, all of them")
    submit(page.get_by_role("button", name="Save", exact=True))
    number = page.locator(".views li", has_text="Given, all of them").locator(".small").first
    number.wait_for()
    assert int(number.inner_text().split()[0].replace(",", "")) == page.locator("tbody tr").count()
    assert "Times in Asia/" in page.locator(".who").inner_text()

    page.goto(f"{demo.url}/console/audit/3")
    with page.expect_response("**/console/audit/3") as again:
        page.get_by_role("link", name="Check again").click()
    assert again.value.request.headers["hx-request"] == "true"
    page.locator("#proof", has_text="The proof holds").wait_for()
    assert "/console/audit/3" in page.url
    # text can't become code, and only our own policy makes elements of it
    assert page.evaluate(SINK) == "TypeError"
    assert [text for text in said if "TrustedHTML" not in text and "trusted-types" not in text.lower()] == []


def test_an_export_follows_the_filter(visit: Visit, demo: Demo) -> None:
    page = visit()
    work_as(page, demo, "dana")
    page.goto(f"{demo.url}/console/records?state=opted_out")
    shown = page.locator("tbody tr").count()
    page.locator("summary", has_text="Export exactly these rows").click()
    page.check("input[value=json]")
    with page.expect_download() as downloading:
        page.get_by_role("button", name="Export", exact=True).click()
    rows = json.loads(downloading.value.path().read_text(encoding="utf-8"))["rows"]

    assert len(rows) == shown
    assert {row["state"] for row in rows} == {"opted_out"}


def test_two_people_erase_a_customer(visit: Visit, demo: Demo) -> None:
    one, two = visit(), visit()
    work_as(one, demo, "dana")
    look_up(one, demo, "customer-1003")
    number = one.url[-4:]
    one.locator("summary", has_text="Ask for an erasure").click()
    one.fill("#number", number)
    submit(one.get_by_role("button", name="Ask to erase this person"))
    assert "Another data protection officer has to approve it." in one.locator("main").inner_text()

    work_as(two, demo, "sam")
    two.goto(f"{demo.url}/console/approvals")
    article = two.locator("article").first
    article.locator("input[name=number]").fill(number)
    submit(article.get_by_role("button", name="Erase this person for good"))

    look_up(one, demo, "customer-1003")
    assert one.locator("h1").inner_text().startswith("There is")


def test_a_lost_update_is_refused_and_explained(visit: Visit, demo: Demo) -> None:
    one, two = visit(), visit()
    for page in (one, two):
        work_as(page, demo, "ari")
        page.goto(f"{demo.url}/console/sites")
        page.locator("tbody a", has_text="help").click()
        page.wait_for_url("**/sites/site_*")
    one.fill("#name", "Tarnfield Help desk")
    submit(one.get_by_role("button", name="Change the site"))
    two.fill("#name", "Tarnfield Support")
    submit(two.get_by_role("button", name="Change the site"))

    assert "Your change was not put over theirs" in two.locator("main").inner_text()
    submit(two.get_by_role("link", name="Open it again"))
    assert two.locator("#name").input_value() == "Tarnfield Help desk"


def test_an_administrator_registers_a_site_and_makes_a_key(visit: Visit, demo: Demo) -> None:
    page = visit()
    work_as(page, demo, "ari")
    page.goto(f"{demo.url}/console/sites")
    page.fill("#name", "Tarnfield Books")
    page.fill("#slug", "books")
    page.fill("#origins", "https://books.tarnfield.example")
    submit(page.get_by_role("button", name="Register this site"))
    assert page.locator("h1").inner_text() == "Tarnfield Books"
    assert 'integrity="sha' in page.locator("#snippet").inner_text()
    page.goto(f"{demo.url}/t/books/en/choices")
    assert "Tarnfield Books" in page.locator("h1").inner_text()

    page.goto(f"{demo.url}/console/keys")
    page.fill("#name", "books back-end")
    page.check("input[name='scope-permissions:check']")
    submit(page.get_by_role("button", name="Make the key"))
    assert page.locator("#token").inner_text().startswith("ck_live_")
    page.goto(f"{demo.url}/console/keys")
    assert "ck_live_" not in page.content()


def test_an_agent_takes_and_answers_a_conversation_without_javascript(visit: Visit, demo: Demo) -> None:
    handoff = asked_for(demo, "customer-1002")
    page = visit()
    work_as(page, demo, "ava")
    page.goto(f"{demo.url}/console/conversations")
    page.select_option("#presence", "online")
    page.fill("#alias", "Ava")
    submit(page.get_by_role("button", name="Say so"))
    page.goto(f"{demo.url}/console/conversations/{handoff}")
    submit(page.get_by_role("button", name="Take this conversation"))
    page.fill("#reply", "Ava here, I am reading it now.")
    submit(page.get_by_role("button", name="Send to the customer"))
    assert "Ava here, I am reading it now." in page.locator("#thread .human").last.inner_text()
    page.locator("summary", has_text="Write a note").click()
    page.fill("#note", "Looks like a wrong figure.")
    submit(page.get_by_role("button", name="Keep the note"))
    assert "Note for colleagues" in page.locator("#thread .note").inner_text()
    page.locator("summary", has_text="End it").click()
    submit(page.get_by_role("button", name="End the conversation"))

    assert page.url.endswith("/console/conversations")


def test_a_dpo_approves_and_publishes_a_notice_without_javascript(visit: Visit, demo: Demo) -> None:
    page = visit()
    work_as(page, demo, "dana")
    page.locator(".rail").get_by_role("link", name="Notices").click()
    page.wait_for_url("**/console/notices")
    page.locator("tbody a", has_text="review-label").click()
    page.wait_for_url("**/review-label")
    assert "of an earlier source" in page.locator("main").inner_text()
    assert page.get_by_role("button", name="Approve this draft").count() == 0

    page.goto(f"{demo.url}/console")
    approve_a_notice(Story("approve a notice", page))

    customer = visit()
    customer.goto(f"{demo.url}/t/shop/en")
    assert NEW_WORDS in customer.content()
