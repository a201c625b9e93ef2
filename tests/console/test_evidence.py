"""Records, people and the log: what was chosen by which text, who looked at whom, what was taken away."""

import csv
import io
import re
from datetime import UTC

import pytest

from consent import listing, store
from core.clock import DAY, MICROS
from core.crypto import pseudonym
from core.database import Sql, Tx
from core.principal import Role
from jobs.seal import Seal
from ledger import service as ledger
from tests.api.pages_company import Town
from tests.api.pages_company import press as choose
from tests.console.house import OWN, form_of, press, sign_in

pytestmark = pytest.mark.anyio
WHY = "rights-request"


def person(town: Town, reference: str = "customer-4711") -> str:
    return "sub_" + pseudonym(town.app.state.keyring.pepper, "default", "customer", reference).hex()


async def seal(town: Town) -> None:
    state = town.app.state
    await Seal(state.db, town.clock, state.keyring, state.settings.ledger.origin, None).run({})


async def a_choice(town: Town) -> int:
    """Give a consent on the hosted page, in German, and return its entry."""
    async with town.visitor() as client:
        await town.enter(client)
        await choose(client, "uses/ai-training", "yes", "/t/shop/de/choices")
    await seal(town)
    newest: int = await town.app.state.db.read(store.newest_seq)
    return newest


async def test_a_dpo_proves_that_this_customer_consented_to_that_text(company: Town) -> None:
    seq = await a_choice(company)
    async with sign_in(company, Role.DPO) as client:
        found = await press(client, "/console/people", "/console/people", reference="customer-4711", reason=WHY)
        assert (found.status_code, found.headers["location"]) == (303, f"/console/people/{person(company)}")
        page = (await client.get(found.headers["location"])).text
        assert f'href="/console/records/{seq}"' in page
        record = (await client.get(f"/console/records/{seq}")).text

    assert "Exactly this text, to the byte" in record
    assert 'class="shown" lang="de" dir="ltr"' in record
    assert "The proof holds" in record
    assert "A request about the person&#39;s rights" in record


async def test_a_record_is_read_for_a_reason_and_every_reading_is_on_record(company: Town) -> None:
    seq = await a_choice(company)
    async with sign_in(company, Role.AUDITOR) as client:
        before = await company.app.state.db.read(store.newest_seq)
        asked = await client.get(f"/console/records/{seq}")
        assert "Why do you read this record?" in asked.text
        assert "text/SHA" not in asked.text
        act = f"/console/people/{person(company)}/why"
        fields = form_of(asked.text, act)
        wrong = await client.post(act, data={**fields, "reason": "curious"}, headers=OWN)
        assert wrong.status_code == 422
        came = await client.post(act, data={**fields, "reason": "audit"}, headers=OWN)
        assert came.headers["location"] == f"/console/records/{seq}"
        for _ in range(2):
            assert "The text shown" in (await client.get(f"/console/records/{seq}")).text
        looks = (await client.get("/console/audit?kind=record.viewed")).text
        assert looks.count("consent record: audit") == 2
        company.clock.advance(31 * 60 * MICROS - 1)
    assert before == await company.app.state.db.read(store.newest_seq)
    async with sign_in(company, Role.AUDITOR) as client:
        assert "Why do you read this record?" in (await client.get(f"/console/records/{seq}")).text


async def test_a_changed_entry_is_told_as_a_proof_that_does_not_hold(small: Town) -> None:
    seq = await a_choice(small)

    async def forge(tx: object) -> None:
        from core.database import Sql

        spoil = Sql("UPDATE ledger_entry SET body = replace(body, 'given', 'taken') WHERE seq = :seq")
        await tx.execute(spoil, seq=seq)  # type: ignore[attr-defined]  # the engine passes its transaction

    await small.app.state.db.transact(forge)
    async with sign_in(small, Role.DPO) as client:
        page = (await client.get(f"/console/audit/{seq}")).text

    assert "The proof does not hold" in page


async def test_the_log_s_seal_is_checked_on_demand_and_a_forged_tree_is_told(company: Town) -> None:
    db, settings = company.app.state.db, company.app.state.settings
    await a_choice(company)

    async def seal(tx: Tx) -> object:
        return await ledger.seal(tx, company.app.state.keyring, settings.ledger.origin, company.clock.now())

    await db.transact(seal)
    async with sign_in(company, Role.AUDITOR) as client:
        whole = (await client.get("/console/audit/verify")).text
        assert "The log holds" in whole
        assert "taken by chance" in whole
        await db.transact(_spoil_every_entry)
        assert "The log does not hold" in (await client.get("/console/audit/verify")).text


async def _spoil_every_entry(tx: Tx) -> int:
    return await tx.execute(Sql("UPDATE ledger_entry SET body = replace(body, 'tenant', 'tenants')"))


async def test_what_stood_at_a_past_moment_is_shown_as_it_was(company: Town) -> None:
    start = company.clock.now()
    await a_choice(company)
    company.clock.advance(10 * DAY)
    async with company.visitor() as client:
        await company.enter(client)
        await choose(client, "uses/ai-training", "no")
    async with sign_in(company, Role.DPO) as client:
        await press(client, "/console/people", "/console/people", reference="customer-4711", reason=WHY)
        from api.console.moments import field

        page = f"/console/people/{person(company)}"
        then = (await client.get(page, params={"at": field(start + DAY, UTC)})).text
        now = (await client.get(page)).text
    row = re.compile(r"<th[^>]*>ai-training</th>\s*<td[^>]*>.*?</svg>([a-z ]+)</span>", re.DOTALL)

    assert row.search(then)[1] == "allowed"  # type: ignore[index]  # it is there
    assert row.search(now)[1] == "not allowed"  # type: ignore[index]  # it is there


async def test_lists_are_narrowed_by_the_address_and_go_on_by_key(company: Town) -> None:
    await a_choice(company)
    async with sign_in(company, Role.DPO) as client:
        whole = (await client.get("/console/records")).text
        only = (await client.get("/console/records?purpose=ai-training&state=given")).text
        rows = re.compile(r'class="go" href="/console/records/(\d+)"')
        assert set(rows.findall(only)) < set(rows.findall(whole))
        assert "Given" in only
        person_rows = (await client.get("/console/records", params={"person": person(company)})).text
        assert rows.findall(person_rows)
        first = rows.findall(whole)
        older = (await client.get(f"/console/records?before={first[1]}")).text
        assert rows.findall(older)[0] == first[2]
        for wrong in ("state=perhaps", "before=x", "person=customer-4711", "from=soon", "purpose=none-such"):
            assert (await client.get(f"/console/records?{wrong}")).status_code == 422
        none = (await client.get("/console/records?notice_version=none-such")).text
        assert "Nothing matches" in none


async def test_an_export_holds_exactly_the_filter_and_is_on_record(company: Town) -> None:
    await a_choice(company)
    async with sign_in(company, Role.DPO) as client:
        page = "/console/records?state=given"
        came = await press(client, page, "/console/records/export", format="csv")
        rows = list(csv.DictReader(io.StringIO(came.text)))
        assert rows
        assert {row["state"] for row in rows} == {"given"}
        expected = await company.app.state.db.read(listing.count, "default", {"state": "given"}, listing.Span())
        assert (len(rows), True) == expected
        came = await press(client, page, "/console/records/export", format="json")
        assert [row["entry"] for row in came.json()["rows"]] == [int(row["entry"]) for row in rows]
        logged = (await client.get("/console/audit?kind=records.exported")).text
        assert f"{len(rows)} rows of consent records" in logged


async def test_an_export_takes_a_fresh_sign_in(small: Town) -> None:
    async with sign_in(small, Role.DPO, age=11 * 60 * MICROS) as client:
        came = await press(client, "/console/records", "/console/records/export", format="csv")

        assert came.status_code == 403
        assert "/console/again?after=" in came.text


async def test_saved_views_are_private_or_shared_and_counted(company: Town) -> None:
    await a_choice(company)
    async with sign_in(company, Role.DPO, "one") as client, sign_in(company, Role.AUDITOR, "two") as other:
        page = "/console/records?state=given"
        assert (await press(client, page, "/console/views", name="Given", shared="yes")).status_code == 303
        assert (await press(client, page, "/console/views", name="Mine alone")).status_code == 303
        mine, theirs = (await client.get("/console/records")).text, (await other.get("/console/records")).text
        assert "Mine alone" in mine
        assert "Mine alone" not in theirs
        view = re.search(r"/console/views/(vew_\w+)/count", theirs)
        assert view is not None
        number = re.search(r">([\d,]+)", (await other.get(view[0])).text)
        assert number is not None
        expected, _ = await company.app.state.db.read(listing.count, "default", {"state": "given"}, listing.Span())
        assert int(number[1]) == expected
        fields = form_of(mine, f"/console/views/{view[1]}/delete")
        assert (await client.post(f"/console/views/{view[1]}/delete", data=fields, headers=OWN)).status_code == 303
        assert "/console/views/" + view[1] not in (await other.get("/console/records")).text


async def test_an_erasure_takes_two_people_and_the_number_typed(company: Town) -> None:
    await a_choice(company)
    page, number = f"/console/people/{person(company)}", person(company)[-4:]
    async with sign_in(company, Role.DPO, "one") as one, sign_in(company, Role.DPO, "two") as two:
        await press(one, "/console/people", "/console/people", reference="customer-4711", reason=WHY)
        act = f"{page}/erasure"
        wrong = await press(one, page, act, reason="consent-withdrawn", number="none")
        assert wrong.status_code == 422
        came = await press(one, page, act, reason="consent-withdrawn", number=number)
        assert came.headers["location"] == "/console/approvals"
        assert f'action="{act}/approve"' not in (await one.get("/console/approvals")).text
        token = form_of((await two.get("/console/approvals")).text, f"{act}/approve")
        foreign = await one.post(f"{act}/approve", data={**token, "number": number}, headers=OWN)
        assert foreign.status_code == 403
        came = await two.post(f"{act}/approve", data={**token, "number": number}, headers=OWN)
        assert came.status_code == 303
        assert "oidc_two" in (await two.get("/console/approvals")).text
        gone = await press(one, "/console/people", "/console/people", reference="customer-4711", reason=WHY)
        assert gone.status_code == 404


async def test_a_decision_made_although_the_gate_did_not_allow_it_is_told_and_found(company: Town) -> None:
    decided = {
        "subject": "customer-4711",
        "system": "support-chatbot",
        "purpose": "ai-training",
        "model": {"name": "scorer", "version": "1"},
        "inputs": {"messages": 3},
        "output": 0.2,
        "outcome": {"label": "used for training", "adverse": False},
        "effect": "limited",
        "ai_role": "decided",
        "human": {"role": "none"},
    }
    headers = {"Authorization": f"Bearer {company.facts.api_key}"}
    async with company.visitor() as customer, sign_in(company, Role.DPO) as client:
        await company.enter(customer)
        await choose(customer, "uses/ai-training", "no")
        before = (await client.get("/console/decisions?gate=no")).text.count("/console/decisions/dec_")
        made = await customer.post("/v1/decisions", json={**decided, "id": "after-a-no"}, headers=headers)
        assert made.status_code == 201, made.text
        assert "although the gate did not allow it" in (await client.get("/console/overview")).text
        found = (await client.get("/console/decisions?gate=no")).text
        assert found.count("/console/decisions/dec_") == before + 1
        assert made.json()["id"] in found

        assert made.json()["id"] not in (await client.get("/console/decisions?gate=yes")).text
