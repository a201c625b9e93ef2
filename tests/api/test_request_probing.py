"""People who try what is not theirs: guess codes and numbers, use others' links, forge documents. All in vain.

Each is refused like something that does not exist, and stands in the security log without a word about the person.
"""

import re
import statistics
import time
from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from structlog.testing import capture_logs

from core.clock import DAY, FixedClock
from core.keys import KeyRing
from explanations.requests import links, record
from tests.api.requesting import BASE, Bank, open_bank

pytestmark = pytest.mark.anyio
NOBODYS = "exr_" + "0" * 32
TEXT = {"media_type": "text/plain", "content": b64encode(b"a payslip").decode()}
ROUTES: list[tuple[str, str, dict[str, Any] | None]] = [
    ("GET", "", None),
    ("GET", "/answer", None),
    ("POST", "/contest", {"view": "It is wrong."}),
    ("POST", "/documents", TEXT),
    ("POST", "/code", {}),
    ("POST", "/code/check", {"code": "000000"}),
]


@pytest.fixture
async def bank(database_url: str, tmp_path: Path, clock: FixedClock, keyring: KeyRing) -> AsyncIterator[Bank]:
    async with open_bank(database_url, tmp_path, clock, keyring) as opened:
        yield opened


async def call(bank: Bank, who: str, method: str, path: str, body: dict[str, Any] | None) -> httpx.Response:
    """Call as somebody."""
    return await bank.client.request(method, f"{BASE}{path}", json=body, headers=bank.headers(who))


def seen(answer: httpx.Response) -> tuple[int, Any, list[str]]:
    """Return what a caller can tell answers apart by: status, body and header fields."""
    return answer.status_code, {**answer.json(), "instance": ""}, sorted(answer.headers)


async def code_of(bank: Bank, request: str) -> str:
    """Return the code that was sent for a request."""
    state = bank.town.app.state

    async def work(tx: Any) -> str:
        found = await links.written(tx, state.keyring, await record.load(tx, "default", request), links.CODE)
        assert found is not None
        return found

    return await state.db.read(work)


async def called_for(bank: Bank) -> str:
    """Have Ann open a request for a caller with an address; nobody knows who it is."""
    told = {"subject": "customer-4711", "decisions": [await bank.decline()], "address": "ann@example.org"}
    return str((await bank.post("ann", "", {**told, "address_known": True, "residence": "DE"})).json()["id"])


async def test_somebody_elses_request_and_none_at_all_are_answered_and_logged_alike(bank: Bank) -> None:
    request = (await bank.ask(await bank.decline()))["id"]
    await bank.release(request)
    number = (await bank.get("ann", f"/{request}")).json()["number"]

    for method, path, body in ROUTES:
        with capture_logs() as lines:
            answers = [
                await call(bank, "customer-2", method, f"/{tried}{path}", body)
                for tried in (request, NOBODYS, number, "exr_x")
            ]
        warned = [(line["event"], line["role"]) for line in lines if line["log_level"] == "warning"]
        assert {one.status_code for one in answers} == {404}, path
        assert all(seen(one) == seen(answers[0]) for one in answers), path
        assert warned == [("request-refused", "customer")] * 4
        assert not any(word in str(lines) for word in (request, number, "customer-2"))


async def test_guessed_codes_are_refused_logged_and_void_the_code(bank: Bank) -> None:
    request = await called_for(bank)
    without = await bank.post("customer-4711", f"/{request}/code/check", {"code": "000000"})
    await bank.post("customer-4711", f"/{request}/code")
    code = await code_of(bank, request)
    wrong = [f"{number:06d}" for number in range(6) if f"{number:06d}" != code][:5]

    with capture_logs() as lines:
        guesses = [await bank.post("customer-4711", f"/{request}/code/check", {"code": one}) for one in wrong]
        right = await bank.post("customer-4711", f"/{request}/code/check", {"code": code})

    assert {one.status_code for one in (*guesses, right)} == {403}
    assert all(seen(one) == seen(without) for one in (*guesses, right))
    assert [line["event"] for line in lines if line["log_level"] == "warning"] == ["identity-code-refused"] * 6
    assert code not in str(lines)
    assert (await bank.get("ann", f"/{request}")).json()["identity"] == "none"


async def test_a_code_of_one_request_opens_no_other(bank: Bank) -> None:
    first, second = await called_for(bank), (await bank.ask(await bank.decline(2, "customer-2"), "customer-2"))["id"]
    await bank.post("customer-4711", f"/{first}/code")
    code = await code_of(bank, first)

    answer = await bank.post("customer-2", f"/{second}/code/check", {"code": code})

    assert answer.status_code == 403
    assert (await bank.post("customer-4711", f"/{first}/code/check", {"code": code})).status_code == 200


async def test_forged_and_oversized_documents_are_refused_and_logged_whosever_request_it_is(bank: Bank) -> None:
    request = (await bank.ask(await bank.decline()))["id"]
    forged = {"media_type": "application/pdf", "content": b64encode(b"<script>alert(1)</script>").decode()}
    large = {"media_type": "text/plain", "content": b64encode(b"a" * 500_001).decode()}
    huge = {"media_type": "text/plain", "content": "a" * 20_000_000}

    for body, statuses in ((forged, {422}), (large, {422}), (huge, {413, 422})):
        with capture_logs() as lines:
            own = await bank.post("customer-4711", f"/{request}/documents", body)
            others = await bank.post("customer-2", f"/{request}/documents", body)
            nobodys = await bank.post("customer-2", f"/{NOBODYS}/documents", body)
        assert own.status_code in statuses
        assert seen(own) == seen(others) == seen(nobodys)
        warned = [line["event"] for line in lines if line["log_level"] == "warning"]
        assert warned == ["document-refused" if body is not huge else "body-refused"] * 3
    assert (await bank.get("ann", f"/{request}")).json()["state"] == "scoped"


async def test_bent_expired_and_foreign_links_lead_nowhere_and_are_logged(bank: Bank) -> None:
    request = (await bank.ask(await bank.decline()))["id"]
    await bank.release(request)
    state = bank.town.app.state

    async def work(tx: Any) -> str:
        found = await links.written(tx, state.keyring, await record.load(tx, "default", request), links.ANSWER)
        assert found is not None
        return found

    link = await state.db.read(work)
    bent = link[:-1] + ("A" if link[-1] != "A" else "B")
    answers = []
    with capture_logs() as lines:
        answers += [await bank.client.get(f"/r/{one}/answer") for one in (bent, "x" * 43, request)]
        bank.town.clock.advance(91 * DAY)
        answers.append(await bank.client.get(f"/r/{link}/answer"))

    assert {one.status_code for one in answers} == {404}
    assert len({re.sub(r"/r/[\w-]+", "", one.text) for one in answers}) == 1
    assert [line["event"] for line in lines if line["log_level"] == "warning"] == ["link-refused"] * 4
    assert link not in str(lines)


@pytest.mark.full
async def test_how_long_an_answer_takes_does_not_tell_whether_a_request_exists(bank: Bank) -> None:
    request = (await bank.ask(await bank.decline()))["id"]
    took: dict[str, list[float]] = {request: [], NOBODYS: []}

    for _ in range(400):
        for tried, spent in took.items():
            began = time.perf_counter()
            assert (await bank.get("customer-2", f"/{tried}")).status_code == 404
            spent.append(time.perf_counter() - began)

    foreign, absent = (statistics.median(spent) for spent in took.values())
    print(f"\nTIMING foreign {foreign * 1000:.2f} ms, absent {absent * 1000:.2f} ms")  # noqa: T201 -- what this is run for
    assert 0.8 < foreign / absent < 1.25


async def test_a_signed_in_customer_gets_a_link_and_another_one_for_asking_the_same_again(bank: Bank) -> None:
    decision = await bank.decline()
    first = await bank.post("customer-4711", "", {"decisions": [decision]})
    again = await bank.post("customer-4711", "", {"decisions": [decision]})
    by_site = await bank.post("site", "", {"decisions": [decision], "subject": "customer-4711"})

    assert (first.status_code, again.status_code, by_site.status_code) == (201, 200, 200)
    assert first.json()["number"] == again.json()["number"]
    assert by_site.json()["link"] is None
    for answer in (first, again):
        page = await bank.client.get(answer.json()["link"])
        assert page.status_code == 200
        assert first.json()["number"] in page.text
