"""The pages of requests for an explanation: form, status, answer, contest; without JavaScript, for whoever may."""

import json
import re
import zlib
from collections.abc import AsyncIterator, Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.pages import answering
from core.clock import DAY, FixedClock
from core.keys import KeyRing
from explanations.requests import links, record
from explanations.requests.wording import languages
from tests.api.pages_company import OWN
from tests.api.requesting import Bank, open_bank

pytestmark = pytest.mark.anyio
FORM = "/t/shop/en/explain"


@pytest.fixture
def address(make_database_url: Callable[[str], str]) -> str:
    """One engine is enough for pages: what they call runs on both in the other tests."""
    return make_database_url("sqlite")


@pytest.fixture
async def bank(address: str, tmp_path: Path, clock: FixedClock, keyring: KeyRing) -> AsyncIterator[Bank]:
    async with open_bank(address, tmp_path, clock, keyring) as opened:
        yield opened


class Outline(HTMLParser):
    """What a screen reader meets: headings, labels, fields, languages, scripts, links."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.labelled: set[str] = set()
        self.fields: list[str] = []
        self.seen: list[tuple[str, dict[str, str | None]]] = []
        self.language = ""
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.seen.append((tag, found))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag == "label":
            self.labelled.add(found.get("for") or "")
        if tag in {"input", "textarea"} and found.get("type") != "hidden":
            self.fields.append(found.get("id") or "")
        if tag == "html":
            self.language = found.get("lang") or ""

    def handle_data(self, data: str) -> None:
        self.text += data

    def check(self, language: str = "en") -> None:
        """Hold the page to what WCAG asks of every page."""
        tags = [tag for tag, _ in self.seen]
        assert self.language == language
        assert self.headings[0] == 1
        assert self.headings.count(1) == 1
        assert all(after - before <= 1 for before, after in zip(self.headings, self.headings[1:], strict=False))
        assert set(self.fields) <= self.labelled
        assert "main" in tags
        assert "title" in tags
        assert "script" not in tags
        ids = [found["id"] for _, found in self.seen if "id" in found]
        assert len(ids) == len(set(ids))
        assert all(found.get("aria-labelledby") in ids for tag, found in self.seen if tag == "section")


def hidden(html: str) -> dict[str, str]:
    """Return the hidden fields of a form."""
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', html))


async def fill_in(client: httpx.AsyncClient, **fields: str) -> httpx.Response:
    """Fill the form in and send it."""
    page = await client.get(FORM)
    Outline(page.text).check()
    given = {"question": "Why was I declined?", "decision": "", "address": "", "place": "DE", **fields}
    return await client.post(FORM, data={**hidden(page.text), **given}, headers=OWN)


async def link_of(bank: Bank, request: str) -> str:
    """Return the path of the link to a released answer."""
    state = bank.town.app.state

    async def work(tx: Any) -> str:
        case = await record.load(tx, "default", request)
        found = await links.written(tx, state.keyring, case, links.ANSWER)
        assert found is not None
        return found

    return f"/r/{await state.db.read(work)}"


async def test_a_visitor_asks_without_an_account_and_sees_how_it_stands(bank: Bank) -> None:
    async with bank.town.visitor() as browser:
        done = await fill_in(browser, address="ann@example.org")
        Outline(done.text).check()
        number = re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}", done.text)
        link = re.search(r'href="(/r/[^"]+)"', done.text)
        assert number is not None
        assert link is not None
        status = await browser.get(link[1])

    assert status.status_code == 200
    Outline(status.text).check()
    assert number[0] in status.text
    assert "We have your request" in status.text
    assert "script-src" not in status.headers["content-security-policy"]
    assert "default-src 'none'" in status.headers["content-security-policy"]


async def test_somebody_elses_decision_and_none_at_all_look_the_same(bank: Bank) -> None:
    foreign = await bank.decline()
    answers = []
    for decision in (foreign, "dec_" + "0" * 32):
        async with bank.town.visitor() as browser:
            answers.append(await fill_in(browser, decision=decision))

    mask = re.compile(r"[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}|/r/[\w-]+")
    assert [one.status_code for one in answers] == [200, 200]
    assert mask.sub("", answers[0].text) == mask.sub("", answers[1].text)


async def test_a_signed_in_customer_is_known_and_his_decision_named(bank: Bank) -> None:
    decision = await bank.decline()
    async with bank.town.visitor() as browser:
        await bank.town.enter(browser)
        await fill_in(browser, decision=decision)

    [line] = (await bank.get("ann", "")).json()["items"]
    whole = (await bank.get("ann", f"/{line['id']}")).json()
    assert (whole["decisions"], whole["identity"], whole["state"]) == ([decision], "high", "scoped")


async def test_a_form_of_another_site_is_refused(bank: Bank) -> None:
    async with bank.town.visitor() as browser:
        page = await browser.get(FORM)
        fields = {**hidden(page.text), "question": "x", "decision": "", "address": "", "place": ""}
        foreign = await browser.post(FORM, data=fields, headers={"Origin": "https://evil.example"})
        bent = await browser.post(FORM, data={**fields, "token": "0" * 32}, headers=OWN)

    assert (foreign.status_code, bent.status_code) == (403, 403)
    assert (await bank.get("ann", "")).json()["items"] == []


async def test_the_answer_is_read_and_contested_by_its_link(bank: Bank) -> None:
    request = (await bank.ask(await bank.decline()))["id"]
    await bank.release(request)
    link = await link_of(bank, request)

    async with bank.town.visitor() as browser:
        answer = await browser.get(f"{link}/answer")
        outline = Outline(answer.text)
        outline.check()
        assert "duration in month (48) spoke against you" in outline.text
        assert len([level for level in outline.headings if level == 2]) >= 12
        status = await browser.get(link)
        assert f'action="{link}/contest"' in status.text
        sent = await browser.post(f"{link}/contest", data={"view": "My payslips were not seen."})
        assert sent.status_code == 303
        told = await browser.get(sent.headers["location"])

    assert "A person will look at the decision again" in told.text
    assert (await bank.get("ann", f"/{request}")).json()["state"] == "contested"


@pytest.mark.skipif(not answering.has_pdf(), reason="no Pango on this machine: install libpango-1.0-0")
async def test_the_pdf_is_tagged_titled_and_says_its_language(bank: Bank) -> None:
    request = (await bank.ask(await bank.decline()))["id"]
    await bank.release(request)
    link = await link_of(bank, request)

    answer = await bank.client.get(f"{link}/answer.pdf")

    assert answer.headers["content-type"] == "application/pdf"
    check_pdf(answer.content)


def check_pdf(raw: bytes) -> None:
    """Hold a PDF to what PDF/UA-1 asks for (ISO 14289-1): tagged, titled, in a named language, with its headings."""
    parts = [raw]
    for stream in re.findall(rb"stream\r?\n(.*?)endstream", raw, re.DOTALL):
        try:
            parts.append(zlib.decompressobj().decompress(stream))
        except zlib.error:
            continue
    whole = b"\n".join(parts)
    assert b"/StructTreeRoot" in whole
    assert re.search(rb"/Marked true", whole)
    assert re.search(rb"/Lang ?\(en\)", whole)
    assert b"pdfuaid" in whole
    assert re.search(rb"/DisplayDocTitle true", whole)
    assert re.search(rb"/S ?/H1", whole)
    assert len(re.findall(rb"/S ?/H2", whole)) >= 12
    assert b"<dc:title>" in whole


PAGE = """<html lang="en"><head><title>Answer</title></head><body><main><h1>Answer</h1>
<section aria-labelledby="why"><h2 id="why">Why</h2></section><label for="view">View</label><input id="view"></main>"""
FLAWS = {
    "no language": (' lang="en"', ""),
    "no title": ("<title>Answer</title>", ""),
    "no main": ("main>", "div>"),
    "no first heading": ("h1>", "h2>"),
    "a heading level left out": ("h2", "h3"),
    "two first headings": ("<label", "<h1>Again</h1><label"),
    "a field without a label": ('for="view"', 'for="other"'),
    "a section without a name": ('aria-labelledby="why"', ""),
    "one id twice": ("<label", '<p id="why"></p><label'),
    "a script": ("<label", "<script></script><label"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_the_check_of_pages_finds_each_flaw(flaw: str) -> None:
    Outline(PAGE).check()

    with pytest.raises(AssertionError):
        Outline(PAGE.replace(*FLAWS[flaw])).check()


@pytest.mark.skipif(not answering.has_pdf(), reason="no Pango on this machine: install libpango-1.0-0")
def test_the_check_of_pdfs_finds_one_that_is_not_for_everybody() -> None:
    import weasyprint

    headings = "".join(f"<h2>{number}</h2>" for number in range(12))
    html = f"<html lang=en><head><title>Answer</title></head><body><h1>Answer</h1>{headings}</body></html>"
    check_pdf(weasyprint.HTML(string=html).write_pdf(pdf_variant="pdf/ua-1"))

    with pytest.raises(AssertionError):
        check_pdf(weasyprint.HTML(string=html).write_pdf())


async def test_a_link_that_does_not_hold_leads_nowhere(bank: Bank) -> None:
    request = (await bank.ask(await bank.decline()))["id"]
    await bank.release(request)
    link = await link_of(bank, request)
    number = (await bank.get("ann", f"/{request}")).json()["number"]
    seen = set()

    for path in (f"/r/{number}", f"/r/{request}", link[:-1] + ("A" if link[-1] != "A" else "B"), "/r/" + "x" * 500):
        for rest in ("", "/answer", "/answer.pdf"):
            answer = await bank.client.get(path + rest)
            seen.add((answer.status_code, re.sub(r"/r/[\w-]+", "", answer.text)))
        assert (await bank.client.post(f"{path}/contest", data={"view": "x"})).status_code == 404
        assert (await bank.client.post(f"{path}/code/check", data={"code": "000000"})).status_code == 404
    bank.town.clock.advance(91 * DAY)
    expired = await bank.client.get(link)

    assert {status for status, _ in seen} == {404}
    assert len(seen) == 1
    assert expired.status_code == 404


async def test_guessed_codes_are_refused_without_a_word_and_void_the_code(bank: Bank) -> None:
    async with bank.town.visitor() as browser:
        done = await fill_in(browser, address="ann@example.org")
        link = re.search(r'href="(/r/[^"]+)"', done.text)
        assert link is not None
        sent = await browser.post(f"{link[1]}/code", data={"x": "1"})
        told = await browser.get(sent.headers["location"])
        guesses = [await browser.post(f"{link[1]}/code/check", data={"code": f"{n:06d}"}) for n in range(8)]
        wrong = await browser.get(guesses[0].headers["location"])

    assert "we have sent a code there" in told.text
    assert {one.headers["location"] for one in guesses} == {f"{link[1]}?done=code_wrong"}
    assert "This code does not hold" in wrong.text


async def test_every_language_speaks_or_falls_back_visibly(bank: Bank) -> None:
    assert "en" in languages()
    for language in ("en", "de", "ar"):
        request = (await bank.ask(await bank.decline(ord(language[0])), language=language))["id"]
        await bank.release(request)
        page = (await bank.client.get(f"{await link_of(bank, request)}/answer")).text
        Outline(page).check(language if language in languages() else "en")
        draft = (await bank.get("ann", f"/{request}/answer")).json()["document"]
        marked = json.dumps(draft["sections"])
        assert f'"language": "{language if language in languages() else "en"}"' in marked
