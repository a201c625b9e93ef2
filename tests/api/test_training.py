"""Training of staff over HTTP: who records it, whom it lets review, until when, and how cohorts compare."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.clock import FixedClock, parse_rfc3339
from core.keys import KeyRing
from core.principal import Role
from tests.api.requesting import REASONS, Bank, open_bank

pytestmark = pytest.mark.anyio
RECORDS = "/v1/training-records"


@pytest.fixture
async def bank(database_url: str, tmp_path: Path, clock: FixedClock, keyring: KeyRing) -> AsyncIterator[Bank]:
    async with open_bank(database_url, tmp_path, clock, keyring) as opened:
        await opened.hire("admin", Role.ADMIN)
        yield opened


def ask_for_training(bank: Bank, zone: str = "UTC") -> None:
    """Switch it on that reviewers need training."""
    state = bank.town.app.state
    terms = state.desk.terms._replace(training=True, zone=zone)
    object.__setattr__(state, "desk", state.desk._replace(terms=terms))


async def train(bank: Bank, who: str, by: str = "dpo", **changes: Any) -> httpx.Response:
    """Record a course of somebody's that ends with the 30th."""
    told = {
        "person": bank.ids[who],
        "course": "Credit decisions",
        "cohort": "2026 autumn",
        "completed_on": "2027-08-18",
        "expires_on": "2027-08-30",
        **changes,
    }
    return await bank.client.post(RECORDS, json=told, headers=bank.headers(by))


async def contested(bank: Bank, number: int = 1) -> str:
    """Take a request to where it waits for a reviewer."""
    asked = await bank.ask(await bank.decline(number))
    await bank.release(asked["id"])
    await bank.post("customer-4711", f"/{asked['id']}/contest", {"view": "My payslips were not seen."})
    return str(asked["id"])


async def assign(bank: Bank, request: str) -> httpx.Response:
    """Give a review to Cleo."""
    told = {"reviewer": bank.ids["cleo"], "authority": "may grant loans", "competence": "see her record"}
    return await bank.step("dpo", request, "assign_review", **told)


def lacks(answer: httpx.Response) -> dict[str, str]:
    """Return what a refused step says is missing."""
    assert answer.status_code == 409, answer.text
    return {error["pointer"]: error["detail"] for error in answer.json()["errors"]}


async def test_without_training_nobody_is_given_a_review_where_it_is_asked_for(bank: Bank) -> None:
    ask_for_training(bank)
    request = await contested(bank)

    refused = lacks(await assign(bank, request))
    assert list(refused) == ["/training"]
    assert "there is no record" in refused["/training"]

    made = await train(bank, "cleo")
    assert made.status_code == 201, made.text
    assert (await assign(bank, request)).status_code == 200
    history = (await bank.get("dpo", f"/{request}/history")).json()["items"]
    assert [one["facts"]["training"] for one in history if "training" in one["facts"]] == [made.json()["id"]]


async def test_training_ends_with_its_last_day_where_the_controller_is(bank: Bank, clock: FixedClock) -> None:
    ask_for_training(bank, "Europe/Berlin")
    await train(bank, "cleo")
    request = await contested(bank)
    assert (await assign(bank, request)).status_code == 200
    await bank.post("cleo", f"/{request}/evidence")

    clock.at = parse_rfc3339("2027-08-30T22:00:00Z")  # midnight in Berlin
    refused = lacks(await bank.step("cleo", request, "uphold", reasons=REASONS))
    assert list(refused) == ["/training"]
    assert "ended with 2027-08-30" in refused["/training"]
    clock.at -= 1
    await bank.done("cleo", request, "uphold", reasons=REASONS)


async def test_training_that_ended_counts_again_once_repeated(bank: Bank, clock: FixedClock) -> None:
    ask_for_training(bank)
    await train(bank, "cleo")
    request = await contested(bank)
    clock.at = parse_rfc3339("2027-08-31T00:00:00Z")
    assert "/training" in lacks(await assign(bank, request))

    await train(bank, "cleo", completed_on="2027-08-31", expires_on="2028-08-30")
    assert (await assign(bank, request)).status_code == 200


async def test_nothing_is_asked_of_reviewers_unless_switched_on(bank: Bank) -> None:
    request = await bank.contested()
    await bank.post("cleo", f"/{request}/evidence")

    await bank.done("cleo", request, "uphold", reasons=REASONS)


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"completed_on": "2027-08-25"}, "/completed_on"),
        ({"expires_on": "2027-08-17"}, "/expires_on"),
        ({"expires_on": "2027-02-30"}, "/expires_on"),
        ({"person": "ann@bank.example"}, "/person"),
        ({"cohort": ""}, "/cohort"),
    ],
)
async def test_a_record_that_can_not_be_true_is_refused(bank: Bank, changes: dict[str, Any], pointer: str) -> None:
    refused = await train(bank, "cleo", **changes)

    assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
    assert (await bank.client.get(RECORDS, headers=bank.headers("dpo"))).json()["items"] == []


async def test_nobody_records_his_own_training_and_agents_and_auditors_record_none(bank: Bank) -> None:
    own = await train(bank, "dpo", by="dpo")
    assert (own.status_code, own.json()["type"].rsplit("/", 1)[-1]) == (403, "own-training")
    assert [(await train(bank, "cleo", by=who)).status_code for who in ("ann", "auditor")] == [403, 403]
    assert (await train(bank, "dpo", by="admin")).status_code == 201


async def test_records_are_listed_newest_first_by_page_and_by_person_and_stand_in_the_ledger(bank: Bank) -> None:
    made = [(await train(bank, who)).json() for who in ("ann", "ben", "cleo")]

    async def page(query: str) -> dict[str, Any]:
        found = await bank.client.get(f"{RECORDS}?{query}", headers=bank.headers("auditor"))
        assert found.status_code == 200, found.text
        return dict(found.json())

    first = await page("limit=2")
    rest = await page(f"limit=2&cursor={first['next_cursor']}")
    assert [one["id"] for one in first["items"] + rest["items"]] == [one["id"] for one in reversed(made)]
    assert rest["next_cursor"] is None
    assert (await page(f"person={bank.ids['ben']}"))["items"] == [made[1]]
    entry = await bank.client.get(
        f"/v1/ledger/entries?after={made[2]['seq'] - 1}&limit=1", headers=bank.headers("auditor")
    )
    assert entry.status_code == 200, entry.text
    assert "training.recorded" in entry.text
    assert bank.ids["cleo"] in entry.text


async def test_figures_compare_overturns_by_the_cohort_of_the_reviewer(bank: Bank) -> None:
    changed = {"cause": "input_data", "new_outcome": "granted", "adverse": False}
    for number, verdict in enumerate(("overturn", "uphold", "overturn")):
        if number == 1:
            await train(bank, "cleo")
        request = await bank.contested(number)
        await bank.post("cleo", f"/{request}/evidence")
        await bank.done("cleo", request, verdict, reasons=REASONS, **(changed if verdict == "overturn" else {}))

    figures = (await bank.get("dpo", "/figures")).json()
    # a cohort is that of the day: whoever is trained in the morning was trained when deciding that day
    assert figures["cohorts"] == [
        {"cohort": "2026 autumn", "reviews": 3, "overturned": 2, "overturn_rate": pytest.approx(2 / 3)}
    ]
