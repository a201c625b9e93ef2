"""What the consoles look like to eyes, keyboards and assistive technology: every page, every mode (WCAG 2.2 AA)."""

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.request import Request, urlopen

import pytest
from playwright.sync_api import ConsoleMessage, Page

from tests.browser.conftest import SHOTS
from tests.browser.demo import Demo, submit
from tests.browser.test_sight import MODES, axe

Visit = Callable[..., Page]
PAGES = {
    "dana": (
        "overview",
        "people",
        "records",
        "opt-outs",
        "propagation",
        "approvals",
        "decisions",
        "models",
        "reference-groups",
        "reference-groups/all-applicants",
        "stopped",
        "audit",
        "audit/3",
        "audit/verify",
        "purposes",
        "purposes/ai-training",
        "purposes/ai-training/edit",
        "new-purpose",
        "systems",
        "systems/support-chatbot",
        "systems/support-chatbot/edit",
        "new-system",
        "touchpoints",
        "touchpoints/shop-chat",
        "notices",
        "notices/review-label",
        "notices/review-label/texts/de",
        "experiments",
        "claims",
        "claims/answers-in-seconds",
        "vendor-changes",
        "training",
        "told",
        "handing-over",
        "told/proof?id=c-1",
        "reports",
        "retention",
        "retention/decision",
        "holds",
        "deletions",
        "requests",
        "deadlines",
        "answers",
        "answers/credit-letters",
        "packs",
        "packs/eu",
        "settings",
    ),
    "ari": (
        "models/new",
        "sites",
        "languages",
        "queues",
        "queues/main",
        "new-queue",
        "desks",
        "recipients",
        "keys",
        "staff",
        "jobs",
        "health",
    ),
    "ava": ("mine", "requests", "concerns", "conversations", "replies", "people"),
}
# a box that scrolls hides what axe has to see; what is in it has the colours it has
UNROLL = "for (const box of document.querySelectorAll('.scroll')) box.style.overflow = 'visible'"
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def work_as(page: Page, demo: Demo, person: str) -> None:
    """Enter the consoles as one of the demo's staff."""
    page.goto(f"{demo.url}/")
    submit(page.locator(f"form:has(input[value={person}]) button"))


def look_up(page: Page, demo: Demo, reference: str = "customer-4711") -> None:
    """Find a person for a stated reason."""
    page.goto(f"{demo.url}/console/people")
    page.fill("#reference", reference)
    page.check("input[value=rights-request]")
    submit(page.locator("main form button"))


def of_a_person(page: Page, demo: Demo) -> list[str]:
    """Return the addresses of a person, one of her records and one decision."""
    look_up(page, demo)
    found = [page.url]
    for part in ("/records/", "/decisions/"):
        link = page.locator(f".timeline a[href*='{part}']").first.get_attribute("href")
        found.append(f"{demo.url}{link}")
    return found


def asked_for(demo: Demo, subject: str = "customer-1005") -> str:
    """Have a customer ask for a person, as the company's back-end would; return the conversation."""
    body = json.dumps({"subject": subject, "message": "May I talk to somebody?"}).encode()
    headers = {"Authorization": f"Bearer {demo.key}", "Content-Type": "application/json"}
    with urlopen(Request(f"{demo.url}/v1/handoffs", body, headers), timeout=10) as answer:
        found: str = json.load(answer)["id"]
    return found


def wondered(demo: Demo, subject: str = "customer-1002") -> str:
    """Have a customer ask for an explanation, as the company's back-end would; return the request."""
    body = json.dumps({"subject": subject, "vouched": True, "question": "Why was I declined?"}).encode()
    headers = {"Authorization": f"Bearer {demo.key}", "Content-Type": "application/json"}
    with urlopen(Request(f"{demo.url}/v1/explanation-requests", body, headers), timeout=20) as answer:
        found: str = json.load(answer)["id"]
    return found


def changed_by_vendor(page: Page, demo: Demo) -> str:
    """Record what a vendor told of the chat program, by form, and return the address of a review."""
    page.goto(f"{demo.url}/console/vendor-changes")
    page.locator("summary", has_text="Record what a vendor told you").click()
    page.select_option("#system", "support-chatbot")
    told = {"vendor": "Acme", "changes_on": "2026-12-01", "text": "It reads attachments too.", "reference": "MAIL-118"}
    for name, value in told.items():
        page.fill(f"#{name}", value)
    page.check("input[name=changed-model]")
    submit(page.get_by_role("button", name="Record it and open the reviews"))
    return f"{demo.url}{page.locator('tbody a.go').first.get_attribute('href')}"


def inspect(page: Page, address: str, name: str) -> list[str]:
    """Return what is wrong with a page; keep a picture of it."""
    faults: list[str] = []
    answer = page.goto(address)
    if answer is None or answer.status != 200:
        faults.append(f"{address}: {answer and answer.status}")
    SHOTS.mkdir(exist_ok=True)
    page.screenshot(path=SHOTS / f"console-{name}.png", full_page=True)
    if page.evaluate(OVERFLOW):
        faults.append(f"{address}: wider than the screen")
    page.evaluate(UNROLL)
    found = axe(page)
    return faults if found == {"violations": [], "incomplete": []} else [*faults, f"{address}: {found}"]


def _heard(faults: list[str], message: ConsoleMessage) -> None:
    faults.append(f"console: {message.text}")


def walk(visit: Visit, demo: Demo, mode: str, width: int, pages: dict[str, tuple[str, ...]]) -> list[str]:
    """Inspect pages as the people who may open them."""
    faults: list[str] = []
    for person, paths in pages.items():
        page = visit(java_script_enabled=True, viewport={"width": width, "height": 900}, **MODES[mode])
        page.on("console", partial(_heard, faults))
        work_as(page, demo, person)
        addresses = {path: f"{demo.url}/console/{path}" for path in paths}
        if person == "ava":
            addresses["conversation"] = f"{demo.url}/console/conversations/{asked_for(demo)}"
            addresses["request"] = f"{demo.url}/console/requests/{wondered(demo)}"
        if person == "ari":
            page.goto(f"{demo.url}/console/sites")
            addresses["site"] = f"{demo.url}{page.locator('tbody a.go').first.get_attribute('href')}"
        if person == "dana":
            addresses["vendor-change"] = changed_by_vendor(page, demo)
            addresses |= dict(zip(("person", "record", "decision"), of_a_person(page, demo), strict=True))
        for name, address in addresses.items():
            faults += inspect(page, address, f"{name.replace('/', '-')}-{mode}-{width}")
    return faults


@pytest.mark.parametrize(("mode", "width"), [("light", 1280), ("dark", 320)])
def test_axe_finds_nothing_on_any_page(visit: Visit, demo: Demo, mode: str, width: int) -> None:
    assert walk(visit, demo, mode, width, PAGES) == []


@pytest.mark.full
@pytest.mark.parametrize(("mode", "width"), [(mode, width) for mode in MODES for width in (320, 768, 1280, 1920)])
def test_axe_finds_nothing_in_any_mode_at_any_width(visit: Visit, demo: Demo, mode: str, width: int) -> None:
    assert walk(visit, demo, mode, width, PAGES) == []


def test_axe_finds_nothing_before_signing_in(visit: Visit, demo: Demo) -> None:
    page = visit(java_script_enabled=True, viewport={"width": 320, "height": 900})

    for path in ("signed-out", "enter?code=x", "nowhere"):
        page.goto(f"{demo.url}/console/{path}")
        assert axe(page) == {"violations": [], "incomplete": []}


def test_the_keyboard_reaches_everything_in_order_and_sees_where_it_is(visit: Visit, demo: Demo) -> None:
    page = visit(java_script_enabled=True, viewport={"width": 1280, "height": 900})
    work_as(page, demo, "dana")
    page.goto(f"{demo.url}/console/records")
    tell = """() => { const e = document.activeElement;
      return [e.tagName, e.id || e.getAttribute("href") || e.innerText.trim(), getComputedStyle(e).outlineStyle] }"""
    walked: list[Any] = []
    for _ in range(60):
        page.keyboard.press("Tab")
        tag, name, outline = page.evaluate(tell)
        if tag == "BODY":
            break
        assert outline != "none", f"{tag} {name} has no visible focus"
        walked.append(name)

    assert walked[:2] == ["#main", "/console"]
    order = [walked.index(name) for name in ("/console/records", "f-purpose", "f-until")]
    assert order == sorted(order)
    assert any(re.match(r"/console/records/\d+", str(name)) for name in walked)


def test_single_keys_move_along_the_rows_and_can_be_switched_off(visit: Visit, demo: Demo) -> None:
    page = visit(java_script_enabled=True)
    work_as(page, demo, "dana")
    page.goto(f"{demo.url}/console/records")
    here = "document.activeElement.getAttribute('href') || document.activeElement.id"
    rows = page.locator("tbody a.go")
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("k")
    assert page.evaluate(here) == rows.nth(0).get_attribute("href")
    page.keyboard.press("/")
    assert page.evaluate(here) == "f-purpose"
    page.goto(f"{demo.url}/console/settings")
    page.check("input[name=keys][value=off]")
    submit(page.locator("main form button"))
    page.goto(f"{demo.url}/console/records")
    page.keyboard.press("j")

    assert page.evaluate("document.activeElement.tagName") == "BODY"


def test_the_pages_run_from_right_to_left_too(visit: Visit, demo: Demo) -> None:
    page = visit(java_script_enabled=True, viewport={"width": 1280, "height": 900})
    work_as(page, demo, "dana")
    page.goto(f"{demo.url}/console/records")
    page.evaluate("document.documentElement.dir = 'rtl'")
    page.screenshot(path=SHOTS / "console-records-rtl-1280.png", full_page=True)
    rail, main = page.locator(".rail").bounding_box(), page.locator("main").bounding_box()

    assert rail is not None
    assert main is not None
    assert rail["x"] > main["x"]
    assert page.evaluate(OVERFLOW) == 0
