"""The pages about handing over: desks with write-only secrets, queues with their hours, figures with a picture."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from core.clock import FixedClock
from core.keys import KeyRing
from core.principal import Role
from handoff import rulebook
from tests.api.pages_company import Town, town
from tests.console.house import OWN, fields_of, form_of, sign_in

pytestmark = pytest.mark.anyio
SECRET = "hunter2-hunter2"
DESK = {"key": "tickets", "kind": "mail", "url": "smtp://mail.example:25", "mode-ticket": "yes", "options": ""}


@pytest.fixture
async def company(sqlite_template: Path, tmp_path: Path, clock: FixedClock, keyring: KeyRing) -> AsyncIterator[Town]:
    path = tmp_path / "handing.db"
    path.write_bytes(sqlite_template.read_bytes())
    async with town(f"sqlite:///{path}", tmp_path, clock, keyring) as made:
        yield made


async def send(client: httpx.AsyncClient, page: str, act: str, **fields: str) -> httpx.Response:
    """Send a form of a page as a browser would: what stands in it, with some fields changed."""
    shown = fields_of((await client.get(page)).text, act)
    return await client.post(act, data={**shown, **fields}, headers=OWN)


async def test_a_desk_is_set_up_and_its_secret_never_shown_again(company: Town) -> None:
    async with sign_in(company, Role.ADMIN) as client:
        made = await send(client, "/console/desks", "/console/desks", **DESK, secrets=f"secret = {SECRET}")
        assert made.status_code == 303, made.text
        page = (await client.get("/console/desks/tickets")).text
        assert SECRET not in page
        assert "smtp://mail.example:25" in page
        assert "/hooks/default/tickets" in page

        changed = await send(
            client, "/console/desks/tickets", "/console/desks/tickets", options="to = help@shop.example"
        )
        assert changed.status_code == 303
        page = (await client.get("/console/desks/tickets")).text
        assert "to = help@shop.example" in page
        assert "<dd>secret</dd>" in page  # it was kept


async def test_a_fault_in_a_desk_comes_back_beside_its_field_and_without_the_secret(company: Town) -> None:
    async with sign_in(company, Role.ADMIN) as client:
        wrong = {**DESK, "url": "ftp://desk.example", "secrets": f"secret = {SECRET}"}
        refused = await send(client, "/console/desks", "/console/desks", **wrong)

        assert refused.status_code == 422
        assert SECRET not in refused.text
        assert 'id="url-fault"' in refused.text
        assert 'value="ftp://desk.example"' in refused.text


async def test_a_desk_is_removed_only_by_whoever_types_its_name(company: Town) -> None:
    act = "/console/desks/tickets"
    async with sign_in(company, Role.ADMIN) as client:
        await send(client, "/console/desks", "/console/desks", **DESK, secrets="")
        assert (await send(client, act, f"{act}/remove", number="ticket")).status_code == 422
        assert (await send(client, act, f"{act}/remove", number="tickets")).status_code == 303
        assert (await client.get(act)).status_code == 404


async def test_hours_written_on_the_page_are_the_queues_hours(company: Town) -> None:
    act = "/console/queues/main"
    hours = {"mon": "09:00-13:00, 14:00-18:00", "zone": "Europe/Madrid", "holidays": "ES", "closed": "2026-12-24"}
    async with sign_in(company, Role.ADMIN) as client:
        changed = await send(client, act, act, **hours, skills="credit", threshold_share="90")
        assert changed.status_code == 303, changed.text
        page = (await client.get(act)).text
        assert "09:00 to 13:00, 14:00 to 18:00" in page

    rules = await company.app.state.db.read(rulebook.one, "default", "main")
    assert rules.hours.weekly == {"mon": (("09:00", "13:00"), ("14:00", "18:00"))}
    assert (rules.hours.zone, rules.hours.holidays, rules.hours.closed) == (
        "Europe/Madrid",
        "ES",
        frozenset({"2026-12-24"}),
    )
    assert (rules.skills, rules.threshold_share, rules.version) == (("credit",), 0.9, 1)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("mon", "nine to five"),
        ("mon", "18:00-09:00"),
        ("zone", "Mars/Base"),
        ("target_seconds", "soon"),
        ("name", ""),
        ("lawful", "all"),
        ("thresholds-sentiment", "sad"),
    ],
)
async def test_a_fault_in_a_queue_stands_beside_its_field_and_changes_nothing(
    company: Town, field: str, value: str
) -> None:
    act = "/console/queues/main"
    async with sign_in(company, Role.ADMIN) as client:
        refused = await send(client, act, act, **{field: value})

    assert refused.status_code == 422
    assert f'id="{field}-fault"' in refused.text
    assert (await company.app.state.db.read(rulebook.one, "default", "main")).version == 0


async def test_a_new_queue_is_opened_with_everything_the_form_asks(company: Town) -> None:
    page = "/console/new-queue"
    told = {"key": "credit", "name": "Credit", "skills": "credit, debt", "languages": "de", "tue": "08:00-12:00"}
    signals = {"thresholds-confidence": "40", "thresholds-sentiment": "-70", "lawful": "transcript = support"}
    async with sign_in(company, Role.ADMIN) as client:
        assert page in (await client.get("/console/queues")).text
        made = await send(client, page, page, **told, **signals, offers_before_broadcast="2")
        assert made.headers["location"] == "/console/queues/credit", made.text
        taken = await send(client, page, page, **told)
        main = await send(client, page, page, **{**told, "key": "main"})

    rules = await company.app.state.db.read(rulebook.one, "default", "credit")
    assert (rules.name, rules.skills, rules.languages, rules.version) == ("Credit", ("credit", "debt"), ("de",), 1)
    assert rules.hours.weekly == {"tue": (("08:00", "12:00"),)}
    assert (rules.thresholds.confidence, rules.thresholds.sentiment) == (0.4, -0.7)
    assert (rules.lawful, rules.offers_before_broadcast) == ({"transcript": "support"}, 2)
    for refused in (taken, main):
        assert refused.status_code == 422
        assert "this short name is taken" in refused.text
        assert 'value="Credit"' in refused.text


async def test_a_change_of_a_queue_can_be_taken_back_and_never_overwrites_another(company: Town) -> None:
    act = "/console/queues/main"
    async with sign_in(company, Role.ADMIN) as client:
        before = fields_of((await client.get(act)).text, act)
        assert (await send(client, act, act, name="Night desk")).status_code == 303
        shown = (await client.get(act)).text
        late = await client.post(act, data={**before, "name": "Day desk"}, headers=OWN)
        undone = fields_of(shown[shown.index('class="undo"') :], act)
        assert (await client.post(act, data=undone, headers=OWN)).status_code == 303

    assert late.status_code == 409
    rules = await company.app.state.db.read(rulebook.one, "default", "main")
    assert (rules.name, rules.version) == ("Customer service", 2)


async def test_the_figures_show_all_fourteen_criteria_and_a_picture_beside_its_table(company: Town) -> None:
    headers = {"Authorization": f"Bearer {company.facts.api_key}"}
    async with company.visitor() as client:
        asked = await client.post("/v1/handoffs", json={"subject": "customer-4711"}, headers=headers)
        assert asked.status_code == 201
    async with sign_in(company, Role.AGENT) as client:
        await client.post("/console/conversations/here", data={"token": await _token(client), **HERE}, headers=OWN)
        case = f"/console/conversations/{asked.json()['id']}"
        await send(client, case, f"{case}/take")
    async with sign_in(company, Role.DPO) as client:
        page = (await client.get("/console/handing-over?days=7")).text

    for number in range(1, 15):
        assert f">F{number}</th>" in page
    assert '<svg class="chart"' in page
    assert "95 % within 180 s" in page


HERE = {"presence": "online", "alias": "Ana", "capacity": "3", "languages": ""}


async def _token(client: httpx.AsyncClient) -> str:
    return form_of((await client.get("/console/conversations")).text, "/console/conversations/here")["token"]
