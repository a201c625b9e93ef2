"""Models and explanations in the consoles: connected and tried with a sample; read beside the facts; stopped ones."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest

from api.console.explaining import sheet
from core.database import Sql, Tx
from core.errors import InvalidError
from core.principal import Principal, Role
from explanations.deployed import service as deployed
from explanations.deployed.documents import ReferenceDocument
from explanations.explaining import Budget
from explanations.kept import store
from explanations.kept.store import StoppedRow
from tests.api.lending import group
from tests.api.pages_company import Town
from tests.console.house import OWN, form_of, press, sign_in
from tests.explanations.credit import APPLICANTS, FEATURES
from tests.explanations.serving import SECRET, ModelServer, running

pytestmark = pytest.mark.anyio
SAMPLE = {
    "input-0": "... < 0 DM",
    "input-1": "48",
    "input-2": "6000",
    "input-3": "... < 100 DM",
    "input-4": "unemployed",
    "input-5": "4",
    "input-6": "23",
    "input-7": "none",
    "threshold": "0.45",
}


@asynccontextmanager
async def model(company: Town, mode: str = "no explainer") -> AsyncIterator[ModelServer]:
    """Run a model's server and let the company call it."""
    async with running(mode) as server:
        state = company.app.state
        state.models._listed = frozenset({f"127.0.0.1:{server.port}"})
        state.explainer._budget = Budget(seconds=60)  # a busy machine is no slow model
        yield server


def filled(server: ModelServer, **changes: str) -> dict[str, str]:
    """Return the form that connects the model."""
    lines = [*FEATURES]
    lines[1] += ", can go down"
    lines[6] += ", protected"
    return {
        "system": "credit-scorer",
        "model": "credit",
        "kind": "http-json",
        "url": f"http://127.0.0.1:{server.port}",
        "features": "\n".join(lines),
        "credentials": f"Authorization: {SECRET}",
        "version_at": "/version",
        "class_name": "bad",
        "class_index": "1",
        "space": "probability",
        "direction": "higher_is_adverse",
        "rows_per_call": "2000",
        **changes,
    }


async def published(company: Town) -> None:
    """Publish whom people are compared with."""
    state, by = company.app.state, Principal("default", "oidc_dpo", Role.DPO)
    document = ReferenceDocument.model_validate(group()["document"])
    await state.db.transact(deployed.publish, state.keyring, by, document, APPLICANTS[:100], company.clock.now())


async def connected(client: httpx.AsyncClient, server: ModelServer, **changes: str) -> str:
    """Connect the model and return its page's address."""
    html = (await client.get("/console/models/new")).text
    fields = form_of(html, "/console/models")
    came = await client.post("/console/models", data={**fields, **filled(server, **changes)}, headers=OWN)
    assert came.status_code == 303, came.text
    return came.headers["location"]


async def test_an_administrator_connects_a_model_and_sees_how_a_sample_is_explained(company: Town) -> None:
    async with model(company) as server, sign_in(company, Role.ADMIN) as client:
        page = await connected(client, server)
        before = (await client.get(page)).text
        shown = (await press(client, page, f"{page}/sample", **SAMPLE)).text
        listed = (await client.get("/console/models")).text

    assert "not asked since the start" in before.lower()
    assert "A person can change it" in before
    assert "It answered one number for the row." in shown
    assert "Nobody is configured to compare people with" in shown
    assert "Not an explanation: a person has to look" in shown
    assert "credit" in listed
    assert "answers" in listed


async def test_with_a_reference_group_the_sample_shows_reasons_changes_and_their_grade(small: Town) -> None:
    async with model(small) as server, sign_in(small, Role.ADMIN) as client:
        await published(small)
        page = await connected(client, server, reference_group="applicants")
        shown = (await press(client, page, f"{page}/sample", **SAMPLE)).text
        rows = await small.app.state.db.read(lambda tx: tx.rows(Sql("SELECT count(*) FROM explanation")))

    assert "B: one point is open" in shown or "A: every check passed" in shown
    assert "Worked out from the model" in shown
    assert re.search(r"duration in month</th>.*?\+0\.\d{4}", shown)
    assert [tuple(row) for row in rows] == [(0,)]


async def test_a_secret_is_never_shown_again_not_even_when_the_form_comes_back(small: Town) -> None:
    async with model(small) as server, sign_in(small, Role.ADMIN) as client:
        fields = form_of((await client.get("/console/models/new")).text, "/console/models")
        wrong = {**fields, **filled(server, features="age, ancient"), "model": "credit two"}
        refused = await client.post("/console/models", data=wrong, headers=OWN)
        page = await connected(client, server)
        shown = (await client.get(page)).text

    assert refused.status_code == 422
    assert "line 1: say one of protected, secret" in refused.text
    assert 'value="credit two"' in refused.text
    assert SECRET not in refused.text + shown
    assert "Authorization" in shown


async def test_an_address_inside_the_network_is_refused_beside_its_field(small: Town) -> None:
    async with model(small) as server, sign_in(small, Role.ADMIN) as client:
        fields = form_of((await client.get("/console/models/new")).text, "/console/models")
        inside = {**fields, **filled(server, url="http://10.0.0.7:8080")}
        refused = await client.post("/console/models", data=inside, headers=OWN)

    assert refused.status_code == 422
    assert "Only https URLs are called." in refused.text


async def test_an_endpoint_is_changed_over_the_revision_that_was_read_and_taken_out_of_use(small: Town) -> None:
    async with model(small) as server, sign_in(small, Role.ADMIN) as client:
        page = await connected(client, server)
        old = (await client.get(page)).text
        assert (await press(client, page, f"{page}/credentials", credentials="X-Key: other")).status_code == 303
        stale = await client.post(
            f"{page}/credentials", data={**form_of(old, f"{page}/credentials"), "credentials": ""}, headers=OWN
        )
        now = (await client.get(page)).text
        assert (await press(client, page, f"{page}/retire", number="credit")).status_code == 303
        after = (await client.get(page)).text

    assert stale.status_code == 409
    assert "X-Key" in now
    assert "Taken out of use" in after
    assert f'action="{page}/sample"' not in after


async def test_a_dpo_reads_words_beside_raw_factors_for_a_stated_reason(small: Town) -> None:
    decided = small.facts.decisions["customer-4711"]
    place = f"/console/decisions/{decided}/explanation"
    async with sign_in(small, Role.DPO) as client:
        asked = (await client.get(place)).text
        why = asked.partition('action="/console/people/')[2].partition('"')[0]
        assert (await press(client, place, f"/console/people/{why}", reason="audit")).status_code == 303
        bare = (await client.get(place)).text
        assert (await press(client, place, place)).status_code == 303
        shown = (await client.get(place)).text
        german = (await client.get(f"{place}?language=de")).text

    assert "Why do you read this record?" in asked
    assert "Nobody has explained this decision yet." in bare
    assert "C: recorded or stated, not tested here" in shown
    assert "What was checked" in shown
    assert "The raw factors" in shown
    assert "duration in month" in shown
    assert "It is what the producer said when it decided" in shown
    assert 'lang="de"' in german
    assert "Ihre" in german or "Gründe" in german


async def test_a_reference_group_is_shown_with_its_reason_and_never_its_rows(small: Town) -> None:
    async with sign_in(small, Role.DPO) as client:
        listed = (await client.get("/console/reference-groups")).text
        shown = (await client.get("/console/reference-groups/all-applicants")).text
        none = await client.get("/console/reference-groups/no-such")

    assert "everybody who applied" in listed
    assert "It answers what people ask first" in shown
    assert "their rows are sealed and never shown" in shown
    assert none.status_code == 404


async def test_what_was_stopped_stands_on_the_overview_until_somebody_has_looked(company: Town) -> None:
    state, decided = company.app.state, company.facts.decisions["customer-4711"]
    row = StoppedRow("exp_" + "1" * 32, "default", decided, "credit", "3", 1, 1, None, None)

    async def stop(tx: Tx) -> None:
        store.add_stopped(tx, row)

    await state.db.transact(stop)
    async with sign_in(company, Role.DPO) as client:
        before = (await client.get("/console/overview")).text
        page = (await client.get("/console/stopped")).text
        pressed = await press(client, "/console/stopped", f"/console/stopped/{row.explanation}", note="It is gone.")
        assert pressed.status_code == 303
        after = (await client.get("/console/stopped")).text
        overview = (await client.get("/console/overview")).text

    assert "1 explanation was stopped: a protected trait is among the reasons." in before
    assert f"/console/decisions/{decided}/explanation" in page
    assert "Nothing is stopped that nobody has looked at." in after
    assert "explanation was stopped" not in overview


def test_inputs_are_read_a_line_each() -> None:
    told = "age, protected\nduration, can go down\n\ncar_new, with car\ncar_old, with car, can change"
    made = [sheet.features_of(told)[place] for place in range(4)]

    assert made == [
        {"name": "age", "sensitivity": "protected"},
        {"name": "duration", "mutable": True, "direction": "down"},
        {"name": "car_new", "group": "car"},
        {"name": "car_old", "group": "car", "mutable": True},
    ]
    for wrong in ("", "age, ancient"):
        with pytest.raises(InvalidError):
            sheet.features_of(wrong)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("48", 48),
        ("4.5", 4.5),
        ("-1e3", -1000.0),
        ("007", 7.0),
        ('"48"', "48"),
        ("true", True),
        (" a b ", "a b"),
        ("", None),
    ],
)
def test_a_sample_is_typed_as_it_is_meant(typed: str, value: object) -> None:
    [found] = sheet.row_of({"input-0": typed}, ["x"]).values()

    assert found == value
    assert type(found) is type(value) or isinstance(value, float)
