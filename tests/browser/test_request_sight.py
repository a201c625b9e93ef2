"""What people see who ask for an explanation: form, status, answer, contest; every mode, width and language (WCAG 2.2).

The pages of staff about the same request are looked at here too: they are there only once somebody has asked.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.casework import approve, ask, assign, number_of, open_request, press, write
from tests.browser.demo import Demo, submit
from tests.browser.test_console_sight import OVERFLOW, UNROLL, _heard, work_as
from tests.browser.test_sight import MODES, axe, shoot
from tests.browser.test_widget_why import decided

Visit = Callable[..., Page]
CLEAN: dict[str, list[Any]] = {"violations": [], "incomplete": []}


class Asked(NamedTuple):
    """A request whose answer was released: the person's status page, and the page of staff."""

    status: str
    case: str


@pytest.fixture(scope="module")
def answered(browser: Browser, demo: Demo) -> Callable[[str], Asked]:
    """Return a request that was asked and answered in a language, made once for each."""
    made: dict[str, Asked] = {}

    def fresh() -> Page:
        return browser.new_context(java_script_enabled=False, locale="en-GB").new_page()

    def of(language: str) -> Asked:
        if language not in made:
            customer, ava, dana = fresh(), fresh(), fresh()
            demo.enter(customer)
            status = ask(customer, demo, decided(demo), language)
            case = open_request(ava, demo, "ava", number_of(customer, status))
            press(ava, "Draft the answer")
            press(ava, "Submit for approval")
            work_as(dana, demo, "dana")
            dana.goto(case)
            approve(dana)
            press(dana, "Release the answer")
            made[language] = Asked(status, case)
            for page in (customer, ava, dana):
                page.context.close()
        return made[language]

    return of


def faults_of(page: Page, address: str, name: str) -> list[Any]:
    """Return what is wrong with a page; keep a picture of it."""
    faults: list[Any] = []
    answer = page.goto(address)
    if answer is None or answer.status != 200:
        faults.append(f"{address}: {answer and answer.status}")
    shoot(page, name)
    if page.evaluate(OVERFLOW):
        faults.append(f"{address}: wider than the screen")
    page.evaluate(UNROLL)
    found = axe(page)
    return faults if found == CLEAN else [*faults, (address, found)]


def look(page: Page, demo: Demo, asked: Asked, language: str, name: str) -> list[Any]:
    """Inspect every page that a person meets: the form, how it stands with the way to contest, the answer."""
    pages = {
        "form": f"{demo.url}/t/shop/{language}/explain",
        "status": asked.status,
        "answer": f"{asked.status}/answer",
    }
    return [fault for one, address in pages.items() for fault in faults_of(page, address, f"request-{one}-{name}")]


@pytest.mark.parametrize(("language", "mode", "width"), [("en", "light", 1280), ("de", "dark", 320)])
def test_axe_finds_nothing_on_the_pages_of_a_request(
    visit: Visit, demo: Demo, answered: Callable[[str], Asked], language: str, mode: str, width: int
) -> None:
    page = visit(java_script_enabled=True, viewport={"width": width, "height": 900}, **MODES[mode])

    assert look(page, demo, answered(language), language, f"{language}-{mode}-{width}") == []


@pytest.mark.full
@pytest.mark.parametrize("language", ["en", "de", "ar"])
def test_axe_finds_nothing_on_them_in_any_mode_at_any_width(
    visit: Visit, demo: Demo, answered: Callable[[str], Asked], language: str
) -> None:
    faults = []
    for mode in MODES:
        for width in (320, 768, 1280):
            page = visit(java_script_enabled=True, viewport={"width": width, "height": 900}, **MODES[mode])
            faults += look(page, demo, answered(language), language, f"{language}-{mode}-{width}")
    assert faults == []


def test_a_person_can_prove_who_she_is_by_keyboard_and_read_everything_without_scripts(
    visit: Visit, demo: Demo, answered: Callable[[str], Asked]
) -> None:
    page = visit(viewport={"width": 320, "height": 900})  # nobody knows this browser: a code is asked for
    page.goto(f"{demo.url}/t/shop/en/explain")
    page.fill("#question", "Why?")
    page.fill("#address", "mara@example.org")
    submit(page.locator("main form button"))
    submit(page.locator("a.button"))
    assert page.locator("#code").get_attribute("autocomplete") == "one-time-code"
    page.goto(f"{answered('en').status}/answer")

    said = page.locator("main").inner_text()
    assert "spoke against you" in said
    assert "You can go to court." in said
    assert page.locator("main h2").count() >= 12


@pytest.mark.parametrize("language", ["en", pytest.param("ar", marks=pytest.mark.full)])
def test_the_keyboard_reaches_each_field_of_form_and_contest_in_order(
    visit: Visit, demo: Demo, answered: Callable[[str], Asked], language: str
) -> None:
    page = visit(java_script_enabled=True)
    page.goto(f"{demo.url}/t/shop/{language}/explain")
    assert walked(page) == ["question", "decision", "address", "place", "submit"]
    page.goto(answered(language).status)
    assert walked(page)[-2:] == ["view", "submit"]


def walked(page: Page) -> list[str]:
    """Return what the keyboard reaches, in order; each has to show that it is there and be large enough."""
    tell = """() => { const e = document.activeElement, box = e.getBoundingClientRect();
      return [e.tagName, e.id || e.type || e.getAttribute("href"), getComputedStyle(e).outlineStyle, box.height] }"""
    found: list[str] = []
    for _ in range(40):
        page.keyboard.press("Tab")
        tag, name, outline, height = page.evaluate(tell)
        if tag == "BODY":
            return found
        assert outline != "none", f"{tag} {name} has no visible focus"
        assert height >= 44, f"{tag} {name} is {height} high"
        found.append(name)
    return found


def test_what_is_said_in_another_language_is_marked_as_such(visit: Visit, answered: Callable[[str], Asked]) -> None:
    page = visit()
    page.goto(f"{answered('de').status}/answer")

    assert page.locator("html").get_attribute("lang") == "de"
    assert "sprach gegen Sie" in page.locator("main").inner_text()


def staff_faults(visit: Visit, demo: Demo, case: str, mode: str, width: int) -> list[Any]:
    """Inspect the console's pages about a request as agent and as data protection officer."""
    faults: list[Any] = []
    base = f"{demo.url}/console"
    pages = {
        "ava": ("mine", "requests", "requests?who=nobody&due=late", "answers", "answers/credit-letters", case),
        "dana": ("answers/credit-letters?language=de", f"{case}/preview"),
        "nils": (case,),
    }
    for person, paths in pages.items():
        page = visit(java_script_enabled=True, viewport={"width": width, "height": 900}, **MODES[mode])
        page.on("console", partial(_heard, faults))
        work_as(page, demo, person)
        for number, path in enumerate(paths):
            address = path if path.startswith("http") else f"{base}/{path}"
            faults += faults_of(page, address, f"case-{person}-{number}-{mode}-{width}")
    return faults


@pytest.mark.full
@pytest.mark.parametrize(("mode", "width"), [(mode, width) for mode in MODES for width in (320, 768, 1280, 1920)])
def test_axe_finds_nothing_on_the_pages_of_staff_in_any_mode(
    visit: Visit, demo: Demo, answered: Callable[[str], Asked], mode: str, width: int
) -> None:
    assert staff_faults(visit, demo, answered("en").case, mode, width) == []


class Checking:
    """Axe on each page that somebody comes to, with a picture of it."""

    def __init__(self) -> None:
        self.faults: list[Any] = []

    def __call__(self, page: Page, name: str) -> None:
        """Inspect the page as it is now."""
        shoot(page, f"step-{name}")
        if page.evaluate(OVERFLOW):
            self.faults.append(f"{name}: wider than the screen")
        page.evaluate(UNROLL)
        if (found := axe(page)) != CLEAN:
            self.faults.append((name, found))


@pytest.mark.full
def test_axe_finds_nothing_at_any_step_of_a_request(visit: Visit, demo: Demo) -> None:
    wide, narrow = {"width": 1280, "height": 900}, {"width": 320, "height": 900}
    customer, check = visit(), Checking()
    demo.enter(customer)
    status = ask(customer, demo, decided(demo))
    ava = visit(java_script_enabled=True, viewport=narrow, **MODES["forced"])
    dana, sam = (visit(java_script_enabled=True, viewport=wide, **MODES[mode]) for mode in ("light", "dark"))
    case = drafting(ava, demo, number_of(customer, status), check)
    work_as(dana, demo, "dana")
    dana.goto(case)
    answering(dana, check)
    customer.goto(status)
    customer.fill("#view", "Look again.")
    press(customer, "Send")
    dana.goto(case)
    check(dana, "contested")
    assign(dana, "demo_sam")
    ava.goto(case)
    work_as(sam, demo, "sam")
    sam.goto(case)
    reviewing(sam, check)
    ava.locator("summary", has_text="Pass it on").click()
    ava.fill("#transfer-to", "demo_dana")
    submit(ava.locator("form[action$='/transfer'] button"))
    check(ava, "overtaken")

    assert check.faults == []


def drafting(page: Page, demo: Demo, number: str, check: Checking) -> str:
    """Draft and submit as an agent on a narrow screen; return the request's address."""
    case = open_request(page, demo, "ava", number)
    check(page, "scoped")
    press(page, "Draft the answer")
    check(page, "drafting")
    submit(page.locator("#section-result a.write"))
    for details in page.locator(".pen summary").all():
        details.click()
    check(page, "writing")
    write(page, "No source.", "")
    check(page, "writing-refused")
    page.goto(case)
    for details in page.locator("#else ~ details summary").all():
        details.click()
    check(page, "unfolded")
    press(page, "Submit for approval")
    return case


def answering(page: Page, check: Checking) -> None:
    """Approve, once with nothing checked, and release."""
    check(page, "in-review")
    submit(page.locator("form[action$='/approve'] button"))
    check(page, "approve-refused")
    approve(page)
    press(page, "Release the answer")
    check(page, "released")


def reviewing(page: Page, check: Checking) -> None:
    """Open the evidence and uphold the decision, once without saying so."""
    check(page, "reviewing")
    press(page, "Open the evidence")
    check(page, "evidence")
    press(page, "Decide")
    check(page, "decide-refused")
    page.check("input[value=uphold]")
    page.fill("#decide-reasons", "The figures are right and the rule is the rule.")
    press(page, "Decide")
    check(page, "upheld")
