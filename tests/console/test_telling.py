"""Recipients and the proof that they stopped, in the consoles: set up, seen, sent again."""

from collections.abc import AsyncIterator

import pytest

from core.clock import DAY
from core.http import HttpClient
from core.principal import Role
from jobs.calendar import BusinessDays
from jobs.propagate import Propagate
from tests.api.pages_company import Town
from tests.api.pages_company import press as choose
from tests.consent.propagation.listening import APPLIED, Receiver
from tests.console.house import OWN, fields_of, form_of, sign_in
from tests.console.test_evidence import person

pytestmark = pytest.mark.anyio
HERE, LIST = "/console/recipients", "/console/propagation"


@pytest.fixture
async def receiver(company: Town) -> AsyncIterator[Receiver]:
    """A recipient that listens, and that the company may call."""
    made = Receiver()
    await made.open()
    object.__setattr__(company.app.state, "telling", HttpClient([made.place]))
    yield made
    await made.close()


async def register(company: Town, receiver: Receiver) -> tuple[str, str]:
    """Register the receiver in the browser; return its page and its secret."""
    async with sign_in(company, Role.ADMIN) as client:
        fields = fields_of((await client.get(HERE)).text, HERE)
        made = await client.post(HERE, data={**fields, "name": "Model trainer", "url": receiver.url}, headers=OWN)
    assert made.status_code == 200, made.text
    secret = made.text.partition('id="secret-text" tabindex="0">')[2].partition("<")[0]
    where = made.text.partition(f'action="{HERE}/')[2].partition("/")[0]
    return f"{HERE}/{where}", secret


async def says_no(company: Town) -> None:
    """Have the demo's customer consent and withdraw on the hosted page."""
    async with company.visitor() as client:
        await company.enter(client)
        for answer in ("yes", "no"):
            await choose(client, "uses/ai-training", answer, "/t/shop/de/choices")


async def run(company: Town) -> None:
    state = company.app.state
    days = BusinessDays("UTC", None)
    await Propagate(state.db, company.clock, state.keyring, state.telling, days).run()


async def test_an_admin_registers_a_recipient_and_sees_its_secret_once(company: Town, receiver: Receiver) -> None:
    page, secret = await register(company, receiver)
    async with sign_in(company, Role.ADMIN) as client:
        assert secret.startswith("whsec_")
        assert secret not in (await client.get(page)).text
        form = form_of((await client.get(page)).text, f"{page}/test")
        tested = await client.post(f"{page}/test", data=form, headers=OWN)
        assert "It took the test message." in tested.text
        assert receiver.taken[-1].is_signed_with(secret)

        form = form_of(tested.text, f"{page}/secret")
        rotated = (await client.post(f"{page}/secret", data=form, headers=OWN)).text
        assert "the former one signs as well" in rotated
        stale = {**fields_of(tested.text, page), "name": "Trainer"}
        refused = await client.post(page, data=stale, headers=OWN)
        assert (refused.status_code, "has changed since you read it" in refused.text) == (422, True)
        fresh = {**fields_of(rotated, page), "name": "Trainer", "url": "http://127.0.0.1:1/in"}
        refused = await client.post(page, data=fresh, headers=OWN)
        assert (refused.status_code, 'id="url-fault"' in refused.text) == (422, True)
        changed = await client.post(page, data={**fresh, "url": receiver.url}, headers=OWN)
        assert changed.status_code == 303, changed.text

        ending = form_of((await client.get(page)).text, f"{page}/retire")
        assert (await client.post(f"{page}/retire", data={**ending, "number": "?"}, headers=OWN)).status_code == 422
        gone = await client.post(f"{page}/retire", data={**ending, "number": "Trainer"}, headers=OWN)
        assert gone.status_code == 303
        assert f'action="{page}/test"' not in (await client.get(page)).text


async def test_a_dpo_sees_what_is_overdue_and_has_it_sent_again(company: Town, receiver: Receiver) -> None:
    await register(company, receiver)
    await says_no(company)
    await run(company)
    company.clock.advance(30 * DAY)
    await run(company)
    async with sign_in(company, Role.DPO) as client:
        assert "not acknowledged within 15 business days" in (await client.get("/console/overview")).text
        page = (await client.get(f"{LIST}?state=overdue")).text
        assert "Model trainer" in page
        [act] = {part.partition('"')[0] for part in page.split('action="') if part.startswith(f"{LIST}/ntc_")}
        receiver.answers({**APPLIED, "scope": ["inference"]})
        sent = await client.post(act, data=form_of(page, act), headers=OWN)
        assert sent.status_code == 303
        await run(company)

        assert "Nothing matches" in (await client.get(f"{LIST}?state=overdue")).text
        listed = (await client.get(sent.headers["location"])).text
        assert "acknowledged" in listed
        assert act not in listed
        record = listed.partition('class="go" href="')[2].partition('"')[0]
        why = await client.get(record)
        asked = f"/console/people/{person(company)}/why"
        await client.post(asked, data={**form_of(why.text, asked), "reason": "audit"}, headers=OWN)
        shown = (await client.get(record)).text
        assert "Who was told of it" in shown
        assert ">inference</td>" in shown
        assert (await client.get(f"{LIST}?before=x")).status_code == 422
