"""The hosted choices page over HTTP: who may choose, what is recorded of what was shown, what is said in trouble."""

import re
from collections.abc import AsyncIterator
from hashlib import sha256
from pathlib import Path

import pytest

from api.auth import api_keys
from api.auth import service as auth
from api.auth.service import SiteSheet
from consent import store
from consent.purposes import service as purposes
from core import ids
from core.clock import DAY, FixedClock
from core.keys import KeyRing
from tests.api.pages_company import HOST, OWN, PAGE, Town, form_of, press, town

pytestmark = pytest.mark.anyio


@pytest.fixture
async def company(database_url: str, tmp_path: Path, clock: FixedClock, keyring: KeyRing) -> AsyncIterator[Town]:
    async with town(database_url, tmp_path, clock, keyring) as served:
        yield served


async def test_a_visitor_gives_and_withdraws_with_one_press_each(company: Town) -> None:
    async with company.visitor() as client:
        await company.enter(client)
        for answer, decision in (("yes", "allow"), ("no", "deny")):
            came = await press(client, "uses/ai-training", answer)
            assert came.status_code == 303
            assert came.headers["location"].startswith(f"{PAGE}?done=chc_")
            assert (await company.gate(client, "ai-training"))["decision"] == decision


async def test_what_was_shown_is_recorded_to_the_byte(company: Town) -> None:
    async with company.visitor() as client:
        await company.enter(client)
        german = "/t/shop/de/choices"
        html = (await client.get(german)).text
        await press(client, "uses/ai-training", "yes", german)
        answer = await company.gate(client, "ai-training")
    shown = re.search(
        r'<div class="words">\n(<h3 id="use-ai-training-name">.*?)</div>\n<div class="say">', html, re.DOTALL
    )
    assert shown is not None

    events = await _history(company)

    assert events[0].notice_hash == sha256(shown[1].encode()).hexdigest()
    assert events[0].locale == "de"
    assert events[0].notice_version == answer["notice_version"]
    assert (events[0].actor, events[0].method, events[0].channel) == ("subject", "button", "web")


async def _history(company: Town, customer: str = "customer-4711") -> list[store.Happened]:
    from core.crypto import pseudonym

    state = company.app.state
    subject = pseudonym(state.keyring.pepper, "default", "customer", customer)
    return await state.db.read(store.history, "default", subject, None, 50)


async def test_an_explicit_purpose_needs_the_second_page(company: Town) -> None:
    async with company.visitor() as client:
        await company.enter(client)
        first = await press(client, "uses/call-mood", "yes")
        assert first.headers["location"] == f"{PAGE}/uses/call-mood/confirm"
        assert (await company.gate(client, "call-mood"))["reasons"] == ["consent-pending"]

        asked = (await client.get(first.headers["location"])).text
        fields = form_of(asked, "uses/call-mood")
        assert fields["confirms"].startswith("chc_")
        second = await client.post(f"{PAGE}/uses/call-mood", data={**fields, "answer": "yes"}, headers=OWN)

        assert second.headers["location"].startswith(f"{PAGE}?done=chc_")
        assert (await company.gate(client, "call-mood"))["reasons"] == ["consent-explicitly-given"]
        assert (await client.get(f"{PAGE}/uses/call-mood/confirm")).status_code == 303


async def test_a_second_step_too_late_turns_nothing_on(company: Town) -> None:
    async with company.visitor() as client:
        await company.enter(client)
        first = await press(client, "uses/call-mood", "yes")
        fields = form_of((await client.get(first.headers["location"])).text, "uses/call-mood")
        company.clock.advance(2 * DAY)
        await company.enter(client)
        token = form_of((await client.get(f"{PAGE}/uses/call-mood/confirm")).text, "uses/call-mood")["token"]
        late = await client.post(
            f"{PAGE}/uses/call-mood", data={**fields, "token": token, "answer": "yes"}, headers=OWN
        )

        assert late.status_code == 409
        assert "The first step is missing or too long ago" in late.text
        assert (await company.gate(client, "call-mood"))["decision"] == "deny"


async def test_a_consent_that_ended_is_off_and_can_be_given_again(company: Town) -> None:
    async with company.visitor() as client:
        await company.enter(client)
        await press(client, "uses/ai-training", "yes")
        company.clock.advance(800 * DAY)
        await company.enter(client)
        assert "Your consent has ended" in (await client.get(PAGE)).text

        await press(client, "uses/ai-training", "yes")

        assert (await company.gate(client, "ai-training"))["decision"] == "allow"


async def test_a_new_text_asks_again(company: Town) -> None:
    state, dpo = company.app.state, auth.operator("default", company.clock.now())
    async with company.visitor() as client:
        await company.enter(client)
        await press(client, "uses/ai-training", "yes")
        document = (await state.db.read(purposes.view, "default", "ai-training")).published
        assert document is not None
        await state.db.transact(
            purposes.draft, dpo, purposes.document_of(document.document), company.clock.advance(DAY // 99)
        )
        await state.db.transact(purposes.publish, dpo, "ai-training", company.clock.now(), material=True)
        assert "The text has changed since you allowed this" in (await client.get(PAGE)).text
        assert (await company.gate(client, "ai-training"))["decision"] == "deny"

        await press(client, "uses/ai-training", "yes")

        assert (await company.gate(client, "ai-training"))["purpose_version"] == 2
        assert (await company.gate(client, "ai-training"))["decision"] == "allow"


async def test_nobody_leaves_a_trace_until_the_first_choice(company: Town) -> None:
    async with company.visitor(**{"Sec-GPC": "1"}) as client:
        before = await company.app.state.db.read(store.events_between, 0, 1 << 62)
        seen = await client.get(PAGE)
        assert "set-cookie" not in seen.headers
        assert await company.app.state.db.read(store.events_between, 0, 1 << 62) == before

        came = await press(client, "uses/product-suggestions", "no")

        (cookie,) = came.headers.get_list("set-cookie")
        assert re.fullmatch(r"candor_device=[0-9a-f]{32}; HttpOnly; Max-Age=34560000; Path=/t; SameSite=lax", cookie)


async def test_behind_https_the_cookie_is_secure(
    database_url: str, tmp_path: Path, clock: FixedClock, keyring: KeyRing
) -> None:
    async with (
        town(database_url, tmp_path, clock, keyring, public_url="https://candor.example") as company,
        company.visitor(Host="candor.example") as client,
    ):
        html = (await client.get(PAGE)).text
        came = await client.post(
            f"{PAGE}/all",
            data={**form_of(html, "all"), "answer": "no"},
            headers={"Origin": "https://candor.example"},
        )
        assert came.headers["set-cookie"].endswith("; Secure")


async def test_the_signal_of_a_known_customer_is_recorded_on_sight(company: Town) -> None:
    async with company.visitor(**{"Sec-GPC": "1"}) as client:
        await company.enter(client, "customer-1001")
        html = (await client.get(PAGE)).text

        assert "We honour it" in html
        assert {(e.purpose, e.state, e.actor) for e in (await _history(company, "customer-1001"))[:2]} == {
            ("ad-profiling", "opted_out", "signal"),
            ("ad-sharing", "opted_out", "signal"),
        }
        await client.get(PAGE)
        assert len([e for e in await _history(company, "customer-1001") if e.actor == "signal"]) == 2


async def test_under_the_signal_a_device_can_still_allow_what_it_wants(company: Town) -> None:
    async with company.visitor(**{"Sec-GPC": "1"}) as client:
        for purpose in ("ad-sharing", "ad-profiling"):
            assert (await press(client, f"uses/{purpose}", "yes")).status_code == 303
        html = (await client.get(PAGE)).text

    assert "Left on, because you allowed it while the signal was on" in html
    assert "Turned off by it" not in html


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Origin": HOST, "Sec-Fetch-Site": "same-site"},
        {"Origin": "https://shop.tarnfield.example"},
        {"Origin": "http://127.0.0.1:9999"},
    ],
)
async def test_a_form_from_elsewhere_records_nothing(company: Town, headers: dict[str, str]) -> None:
    async with company.visitor() as client:
        form = form_of((await client.get(PAGE)).text, "all")
        came = await client.post(f"{PAGE}/all", data={**form, "answer": "no"}, headers=headers)

    assert came.status_code == 403
    assert "Nothing was recorded" in came.text
    assert "set-cookie" not in came.headers


async def test_a_form_made_for_another_visitor_or_button_records_nothing(company: Town) -> None:
    async with company.visitor() as client:
        html = (await client.get(PAGE)).text
        await company.enter(client)
        other = await client.post(f"{PAGE}/all", data={**form_of(html, "all"), "answer": "no"}, headers=OWN)
        crossed = await press(client, "all", "no", token=form_of(html, "uses/ai-training")["token"])

    assert (other.status_code, crossed.status_code) == (403, 403)
    assert "made for another visitor" in other.text


async def test_a_text_that_changed_meanwhile_is_not_taken_as_read(company: Town) -> None:
    async with company.visitor() as client:
        await company.enter(client)
        came = [
            await press(client, "uses/ai-training", "yes", text="0" * 64),
            await press(client, "uses/ai-training", "yes", version="2"),
        ]

    assert [answer.status_code for answer in came] == [409, 409]
    assert "The text changed while you were reading" in came[0].text


@pytest.mark.parametrize(
    "fields",
    [{"answer": "maybe"}, {"answer": "no", "token": "x" * 5000}, {"token": "é"}],
    ids=["odd", "long", "letters"],
)
async def test_odd_forms_are_refused_in_plain_words(company: Town, fields: dict[str, str]) -> None:
    async with company.visitor() as client:
        form = form_of((await client.get(PAGE)).text, "all")
        came = await client.post(f"{PAGE}/all", data={"answer": "no", **form, **fields}, headers=OWN)

    assert came.status_code in {403, 422}
    assert "Nothing was recorded" in came.text


async def test_an_unknown_site_is_told_plainly_in_the_language_asked_for(company: Town) -> None:
    async with company.visitor() as client:
        came = await client.get("/t/nowhere/de/choices")

    assert came.status_code == 404
    assert came.headers["content-type"] == "text/html; charset=utf-8"
    assert "Diese Seite gibt es nicht" in came.text


async def test_an_unknown_language_becomes_the_sites_first(company: Town) -> None:
    async with company.visitor() as client:
        came = await client.get("/t/shop/fr/choices")

    assert (came.status_code, came.headers["location"]) == (307, PAGE)


async def test_odd_questions_are_not_taken_amiss(company: Town) -> None:
    async with company.visitor() as client:
        await company.enter(client)
        for query in ("before=x", "before=99999999999999999999", "done=chc_nobodys", "done=<b>", "x=y", "before=30"):
            came = await client.get(f"{PAGE}?{query}")
            assert came.status_code == 200
            assert 'class="done"' not in came.text
        assert came.text.count('class="event"') < (await client.get(PAGE)).text.count('class="event"')


async def test_a_token_opens_the_page_only_from_the_sites_own_pages(company: Town) -> None:
    async with company.visitor() as client:
        token = {"token": company.token()}
        elsewhere = await client.post(f"{PAGE}/session", data=token, headers={"Origin": "https://evil.example"})
        silent = await client.post(f"{PAGE}/session", data=token)
        own = await client.post(f"{PAGE}/session", data=token, headers={"Origin": "https://shop.tarnfield.example"})

    assert (elsewhere.status_code, silent.status_code, own.status_code) == (403, 403, 303)
    assert re.search(r"HttpOnly; Max-Age=(899|900); Path=/t/shop; SameSite=lax$", own.headers["set-cookie"])
    assert own.headers["location"] == PAGE


async def test_a_token_of_another_site_or_a_bent_one_opens_nothing(company: Town) -> None:
    async with company.visitor() as client:
        for token in (company.token("help"), company.token() + "x", "nonsense"):
            came = await client.post(f"{PAGE}/session", data={"token": token}, headers=OWN)
            assert came.status_code == 401
            assert "set-cookie" not in came.headers
            assert "Your sign-in could not be used" in came.text


async def test_an_ended_token_makes_a_visitor_nobody_again(company: Town) -> None:
    async with company.visitor() as client:
        await company.enter(client)
        assert "You are signed in" in (await client.get(PAGE)).text
        company.clock.advance(DAY)

        assert "You have not chosen anything here yet" in (await client.get(PAGE)).text


async def test_nobody_gets_the_receipts_of_others(company: Town) -> None:
    receipt = (await _history(company))[0].receipt
    async with company.visitor() as client:
        assert (await client.get(f"{PAGE}/receipts/{receipt}")).status_code == 404
        await company.enter(client, "customer-1002")
        assert (await client.get(f"{PAGE}/receipts/{receipt}")).status_code == 404


async def test_every_page_carries_the_strict_policy(company: Town) -> None:
    async with company.visitor() as client:
        for path in (PAGE, "/t/nowhere/en/choices"):
            came = await client.get(path)
            assert came.headers["content-security-policy"] == (
                "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
            )
            assert came.headers["cache-control"] == "no-store"
            assert "<script" not in came.text
        sheet = re.search(r'href="(/assets/page\.[0-9a-f]{16}\.css)"', came.text)
        assert sheet is not None
        style = await client.get(sheet[1])
        assert style.headers["content-type"] == "text/css; charset=utf-8"
        assert style.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert (await client.get("/assets/page.0000000000000000.css")).status_code == 404


async def test_where_only_customers_choose_nobody_is_offered_buttons(company: Town) -> None:
    state, now = company.app.state, company.clock.now()
    sheet = SiteSheet("members", "Tarnfield Members", ("en",), (), anonymous_choices=False)
    site_id = ids.new("site", now)
    operator = auth.operator("default", now)
    await state.db.transact(auth.create_site, operator, site_id, api_keys.new_publishable_key(), sheet, now)
    async with company.visitor() as client:
        html = (await client.get("/t/members/en/choices")).text

    assert "choices belong to your customer account" in html
    assert "<form" not in html


async def test_too_many_requests_are_told_plainly(
    database_url: str, tmp_path: Path, clock: FixedClock, keyring: KeyRing
) -> None:
    async with town(database_url, tmp_path, clock, keyring, per_minute=2) as company, company.visitor() as client:
        came = [await client.get(PAGE) for _ in range(4)]

    assert [answer.status_code for answer in came][-1] == 429
    assert "Wait a minute" in came[-1].text
    assert "retry-after" in came[-1].headers
