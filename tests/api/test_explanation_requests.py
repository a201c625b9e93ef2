"""Requests for an explanation over HTTP: from the question to an overturned decision, and what is refused between."""

from base64 import b64encode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from core.clock import DAY, FixedClock, parse_rfc3339
from core.keys import KeyRing
from tests.api.requesting import BASE, REASONS, SIGNED, Bank, open_bank

pytestmark = pytest.mark.anyio
NOBODYS = "exr_" + "0" * 32


@pytest.fixture
async def bank(database_url: str, tmp_path: Path, clock: FixedClock, keyring: KeyRing) -> AsyncIterator[Bank]:
    async with open_bank(database_url, tmp_path, clock, keyring) as opened:
        yield opened


def lacks(answer: httpx.Response) -> list[str]:
    """Return the pointers of a refused step."""
    assert answer.status_code == 409, answer.text
    assert answer.json()["type"].endswith("/explanation-step-refused")
    return [error["pointer"] for error in answer.json()["errors"]]


def days(request: dict[str, Any]) -> float:
    """Return how many days the answer may take."""
    return (parse_rfc3339(request["due_at"]) - parse_rfc3339(request["received_at"])) / DAY


async def test_a_customer_asks_is_answered_contests_and_is_proved_right(bank: Bank) -> None:
    decision = await bank.decline()
    asked = await bank.ask(decision)
    request = asked["id"]
    assert (asked["state"], asked["identity"], asked["identity_needed"]) == ("scoped", "high", "substantial")
    assert 27 < days(asked) < 36

    await bank.release(request)
    answer = (await bank.get("customer-4711", f"/{request}/answer")).json()
    texts = [one["text"] for part in answer["document"]["sections"] for one in part["sentences"]]
    assert any("duration in month (48) spoke against you" in text for text in texts)
    assert all(one["source"] for part in answer["document"]["sections"] for one in part["sentences"])

    view = {"view": "My payslips were not seen."}
    assert (await bank.post("customer-4711", f"/{request}/contest", view)).json()["state"] == "contested"
    paper = {"media_type": "application/pdf", "content": b64encode(b"%PDF-1.7 payslip").decode()}
    assert (await bank.post("customer-4711", f"/{request}/documents", paper)).status_code == 201
    told = {"reviewer": bank.ids["cleo"], "authority": "may grant loans", "competence": "credit training 2026"}
    await bank.done("dpo", request, "assign_review", **told)
    evidence = (await bank.post("cleo", f"/{request}/evidence")).json()
    assert evidence["view"] == view["view"]
    assert evidence["decisions"][0]["inputs"]["duration_in_month"] == 48
    held = await bank.get("cleo", f"/{request}/documents/{evidence['documents'][0]['id']}")
    assert held.content == b"%PDF-1.7 payslip"
    assert held.headers["content-disposition"].startswith("attachment")
    overturned = await bank.done(
        "cleo", request, "overturn", reasons=REASONS, cause="input_data", new_outcome="granted", adverse=False
    )
    assert overturned["state"] == "overturned"

    read = (await bank.client.get(f"/v1/decisions/{decision}", headers=bank.headers("ann"))).json()
    assert read["outcome"]["label"] == "declined"
    assert read["override"]["outcome"] == "granted"
    assert (await bank.done("site", request, "confirm_effect", confirmation="core-1"))["state"] == "closed"
    history = (await bank.get("auditor", f"/{request}/history")).json()["items"]
    kinds = [one["kind"].removeprefix("explanation-request.") for one in history]
    assert kinds == [
        "opened", "acknowledged", "identity-proven", "scoped", "drafted", "submitted", "approved", "released",
        "contested", "document-added", "review-assigned", "evidence-opened", "overturned", "effect-confirmed",
    ]  # fmt: skip
    assert [one["seq"] for one in history] == sorted({one["seq"] for one in history})


async def test_the_same_question_again_is_the_same_request_and_only_for_the_same_person(bank: Bank) -> None:
    decision = await bank.decline()
    first = await bank.ask(decision)
    again = await bank.post("customer-4711", "", {"decisions": [decision]})
    other = await bank.post("customer-2", "", {"decisions": [decision]})
    unknown = await bank.post("customer-2", "", {"decisions": ["dec_" + "0" * 32]})

    assert (again.status_code, again.json()["id"], again.json()["opened"]) == (200, first["id"], False)
    assert other.status_code == unknown.status_code == 404
    assert {**other.json(), "instance": ""} == {**unknown.json(), "instance": ""}


async def test_nobody_else_reads_a_request_or_learns_that_there_is_one(bank: Bank) -> None:
    request = (await bank.ask(await bank.decline()))["id"]

    for path in ("", "/answer"):
        foreign = await bank.get("customer-2", f"/{request}{path}")
        absent = await bank.get("customer-2", f"/{NOBODYS}{path}")
        assert foreign.status_code == absent.status_code == 404
        assert {**foreign.json(), "instance": ""} == {**absent.json(), "instance": ""}
    for path, body in (("/contest", {"view": "x"}), ("/code", {}), ("/code/check", {"code": "000000"})):
        foreign = await bank.post("customer-2", f"/{request}{path}", body)
        assert foreign.status_code == 404
    assert (await bank.get("customer-4711", f"/{request}/history")).status_code == 403
    assert (await bank.step("site", request, "claim")).status_code == 403
    assert set((await bank.get("customer-4711", f"/{request}")).json()) >= {"number", "state"}
    assert "drafters" not in (await bank.get("customer-4711", f"/{request}")).json()


async def test_who_drafted_can_not_approve_and_what_is_not_approved_is_not_released(bank: Bank) -> None:
    request = (await bank.ask(await bank.decline()))["id"]
    assert lacks(await bank.step("ann", request, "release")) == ["/state", "/approval"]
    await bank.done("ann", request, "draft")
    assert lacks(await bank.step("ben", request, "approve", **SIGNED)) == ["/state"]
    await bank.done("ann", request, "submit")

    assert lacks(await bank.step("ann", request, "approve", **SIGNED)) == ["/reviewer"]
    assert lacks(await bank.step("ben", request, "approve")) == ["/checklist", "/signed_warnings"]
    await bank.done("ben", request, "approve", **SIGNED)
    await bank.done("ben", request, "send_back", notes="Shorter, please.")
    assert lacks(await bank.step("ann", request, "release")) == ["/state", "/approval"]


async def test_a_sentence_without_a_source_or_a_reason_that_fits_anybody_is_not_ready(bank: Bank) -> None:
    request = (await bank.ask(await bank.decline()))["id"]
    bare = [{"id": "result", "sentences": [{"text": "Your income is too low."}]}]
    general = [{"id": "result", "sentences": [{"text": "Internal policy.", "source": "policy:7"}]}]

    refused = await bank.step("ann", request, "draft", sections=bare)
    kept = await bank.done("ann", request, "draft", sections=general)

    assert refused.status_code == 422
    assert refused.json()["errors"][0]["pointer"] == "/sections/result/sentences/0/source"
    assert kept["gaps"] == ["result"]
    assert lacks(await bank.step("ann", request, "submit")) == ["/draft"]
    await bank.done(
        "ann", request, "draft", sections=[{"id": "result", "sentences": [], "absent": "The model is gone."}]
    )
    await bank.done("ann", request, "submit")


async def test_a_redaction_needs_a_ground_and_goes_to_the_authority_only(bank: Bank) -> None:
    request = (await bank.ask(await bank.decline()))["id"]
    await bank.done("ann", request, "draft")
    bare = await bank.step("ann", request, "redact", section="result", sentences=[0])
    odd = await bank.step("ann", request, "redact", section="result", sentences=[0], ground="embarrassing")
    await bank.done("ann", request, "redact", section="result", sentences=[0], ground="trade_secret")
    await bank.done("ann", request, "submit")
    await bank.done("ben", request, "approve", **SIGNED)
    await bank.done("ann", request, "release")

    answer = (await bank.get("customer-4711", f"/{request}/answer")).text
    annex = await bank.post("dpo", f"/{request}/annex", {"authority": "The Authority"})
    assert lacks(bare) == lacks(odd) == ["/ground"]
    assert "(48) spoke against" not in answer
    assert "it is a trade secret" in answer
    assert "(48) spoke against" in annex.text
    assert (await bank.post("ann", f"/{request}/annex", {"authority": "me"})).status_code == 403


async def test_more_time_is_taken_once_and_only_before_the_first_due_date(bank: Bank) -> None:
    request = (await bank.ask(await bank.decline()))["id"]
    letter = "We need more time, because your request is complex."
    odd = await bank.step("ann", request, "extend", reason="holidays", letter=letter)
    extended = await bank.done("ann", request, "extend", reason="complexity", letter=letter)
    twice = await bank.step("ann", request, "extend", reason="complexity", letter=letter)
    late = (await bank.ask(await bank.decline(2)))["id"]
    bank.town.clock.advance(36 * DAY)

    assert lacks(odd) == ["/extend"]
    assert 88 < days(extended) < 97
    assert lacks(twice)[0] == "/extend"
    assert lacks(await bank.step("ann", late, "extend", reason="complexity", letter=letter)) == ["/extend"]
    assert (await bank.get("ann", f"/{late}")).json()["overdue"] is True


async def test_an_agent_opens_for_a_caller_and_releases_nothing_before_the_identity_is_proven(bank: Bank) -> None:
    decision = await bank.decline()
    body = {"subject": "customer-4711", "channel": "phone", "decisions": [decision], "residence": "DE"}
    opened = await bank.post("ann", "", body)
    request = opened.json()["id"]
    await bank.done("ann", request, "draft")
    await bank.done("ann", request, "submit")
    await bank.done("ben", request, "approve", **SIGNED)

    assert lacks(await bank.step("ann", request, "release")) == ["/identity"]
    assert lacks(await bank.step("ann", request, "ask_identity")) == ["/state", "/reason"]
    assert (await bank.step("ann", request, "vouch")).status_code == 403
    await bank.done("ben", request, "check_document")
    await bank.done("ann", request, "release")


async def test_california_asks_for_a_high_identity_level_and_freezes_its_pack(bank: Bank) -> None:
    bank.town.clock.advance(60 * DAY)  # its rules are in force from 2027
    decision = await bank.decline()
    opened = await bank.ask(decision, residence="US-CA")
    whole = (await bank.get("ann", f"/{opened['id']}")).json()

    assert opened["identity_needed"] == "high"
    assert [law["right"] for law in whole["laws"]] == ["ca.7222"]
    assert len(whole["laws"][0]["pack_sha256"]) == 64
    assert whole["acknowledgement_due_on"] is not None


async def test_a_review_is_independent_and_sees_the_evidence_first(bank: Bank) -> None:
    request = await bank.contested()
    given = {"authority": "may grant loans", "competence": "credit training 2026"}
    drafter = await bank.step("dpo", request, "assign_review", reviewer=bank.ids["ann"], **given)
    approver = await bank.step("dpo", request, "assign_review", reviewer=bank.ids["ben"], **given)
    untrained = await bank.step("dpo", request, "assign_review", reviewer=bank.ids["dpo"])
    decided: dict[str, Any] = {"reasons": REASONS, "cause": "model", "new_outcome": "granted"}

    assert lacks(drafter) == lacks(approver) == ["/reviewer"]
    assert lacks(untrained) == ["/authority", "/competence"]
    assert lacks(await bank.step("cleo", request, "overturn", **decided)) == ["/evidence"]
    assert lacks(await bank.post("dpo", f"/{request}/evidence")) == ["/reviewer"]
    await bank.post("cleo", f"/{request}/evidence")
    assert lacks(await bank.step("cleo", request, "overturn", reasons=REASONS)) == ["/cause", "/new_outcome"]
    assert lacks(await bank.step("cleo", request, "uphold", reasons="no")) == ["/reasons"]
    assert (await bank.done("cleo", request, "uphold", reasons=REASONS))["state"] == "upheld"


async def test_who_took_part_in_the_decision_by_its_own_reference_is_no_reviewer(bank: Bank) -> None:
    decision = await bank.decline(human={"role": "approved", "reference": "clerk-9"})
    request = (await bank.ask(decision))["id"]
    await bank.release(request)
    await bank.post("customer-4711", f"/{request}/contest", {"view": "Wrong."})
    given = {"authority": "may grant loans", "competence": "credit training 2026", "reviewer": bank.ids["cleo"]}

    assert lacks(await bank.step("dpo", request, "assign_review", reviewer_reference="clerk-9", **given)) == [
        "/reviewer"
    ]
    await bank.done("dpo", request, "assign_review", reviewer_reference="clerk-3", **given)


async def test_a_refusal_carries_ground_reasons_and_remedy(bank: Bank) -> None:
    request = (await bank.ask(await bank.decline()))["id"]

    assert lacks(await bank.step("ann", request, "refuse")) == ["/ground", "/reasons", "/remedy"]
    refused = await bank.done(
        "ann", request, "refuse", ground="excessive", reasons=REASONS, remedy="Complain to the authority, or sue."
    )
    assert (refused["state"], refused["owed"]) == ("refused", False)


async def test_two_colleagues_do_not_hold_one_request(bank: Bank) -> None:
    request = (await bank.ask(await bank.decline()))["id"]
    held = await bank.done("ann", request, "claim")

    assert lacks(await bank.step("ben", request, "claim")) == ["/assignee"]
    assert lacks(await bank.step("ben", request, "draft")) == ["/assignee"]
    moved = await bank.done("ann", request, "transfer", to=bank.ids["ben"])
    assert moved["due_at"] == held["due_at"]
    assert moved["assignee"] == bank.ids["ben"]


async def test_a_step_over_a_version_that_is_gone_is_refused_where_the_caller_names_one(bank: Bank) -> None:
    request = (await bank.ask(await bank.decline()))["id"]
    seen = (await bank.get("ann", f"/{request}")).headers["etag"]
    path, told = f"{BASE}/{request}/steps", {"step": "draft"}

    first = await bank.client.post(path, json=told, headers={**bank.headers("ben"), "If-Match": seen})
    late = await bank.client.post(path, json=told, headers={**bank.headers("ann"), "If-Match": seen})

    assert (first.status_code, first.headers["etag"] != seen) == (200, True)
    assert (late.status_code, late.json()["type"].rpartition("/")[2]) == (412, "stale-version")
    assert (await bank.get("ann", f"/{request}")).json()["draft"] == 1
    again = {**bank.headers("ann"), "If-Match": first.headers["etag"]}
    assert (await bank.client.post(path, json=told, headers=again)).json()["draft"] == 2


async def test_bent_and_oversized_documents_are_refused(bank: Bank) -> None:
    request = (await bank.ask(await bank.decline()))["id"]
    page = b64encode(b"<html><script>alert(1)</script>").decode()
    sent = [
        {"media_type": "application/pdf", "content": page},
        {"media_type": "text/html", "content": page},
        {"media_type": "image/png", "content": "not base64!"},
        {"media_type": "text/plain", "content": b64encode(b"\xff\xfe").decode()},
        {"media_type": "text/plain", "content": b64encode(b"a" * 500_001).decode()},
    ]

    for one in sent:
        answer = await bank.post("customer-4711", f"/{request}/documents", one)
        assert answer.status_code == 422, one["media_type"]
        assert answer.json()["type"].endswith("/document-refused")
    assert (await bank.get("ann", f"/{request}")).json()["state"] == "scoped"


async def test_the_board_lists_by_due_date_page_by_page(bank: Bank) -> None:
    asked = []
    for number in range(5):
        asked.append((await bank.ask(await bank.decline(number)))["id"])
        bank.town.clock.advance(DAY)
    await bank.release(asked[1])

    found, cursor = [], ""
    while True:
        page = (await bank.get("ann", f"?limit=2{cursor}")).json()
        found += [one["id"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    counts = (await bank.get("dpo", "/counts")).json()["laws"]
    bank.town.clock.advance(40 * DAY)
    late = (await bank.get("ann", "?overdue=true")).json()["items"]

    assert found == [asked[0], *asked[2:]]
    assert sum(one["open"] for one in counts) == 4
    assert [one["id"] for one in late] == found


async def test_what_happened_in_a_request_is_read_page_by_page(bank: Bank) -> None:
    request = (await bank.ask(await bank.decline()))["id"]
    await bank.release(request)
    whole = (await bank.get("ann", f"/{request}/history")).json()
    found, cursor = [], ""
    while True:
        page = (await bank.get("ann", f"/{request}/history?limit=3{cursor}")).json()
        assert len(page["items"]) <= 3
        found += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    other = (await bank.ask(await bank.decline(2)))["id"]

    assert (found, whole["next_cursor"]) == (whole["items"], None)
    assert len(found) >= 8
    assert (await bank.get("ann", f"/{other}/history?limit=3{cursor}")).status_code == 400


async def test_figures_say_who_may_only_be_rubber_stamping_and_a_repeated_cause_opens_an_incident(bank: Bank) -> None:
    for number in range(3):
        request = await bank.contested(number)
        await bank.post("cleo", f"/{request}/evidence")
        await bank.done("cleo", request, "overturn", reasons=REASONS, cause="model", new_outcome="granted")

    figures = (await bank.get("dpo", "/figures")).json()
    assert figures["models"] == [{"model": "credit", "reviews": 3, "overturned": 3, "overturn_rate": 1.0}]
    assert figures["reviewers"][0]["agreement"] == 0.0
    assert figures["reviewers"][0]["rubber_stamp"] is False
    assert [(one["cause"], one["overturns"]) for one in figures["incidents"]] == [("model", 3)]
    assert figures["on_time_rate"] == 1.0


async def test_an_e_mail_opens_a_request_and_the_next_one_belongs_to_it(bank: Bank) -> None:
    mail = {"sender": "Ann@example.org", "subject_line": "My loan", "text": "Why was I declined?"}
    first = await bank.post("site", "/mail", mail)
    again = await bank.post("site", "/mail", {**mail, "sender": "ann@example.org", "text": "Are you there?"})
    other = await bank.post("site", "/mail", {**mail, "sender": "bob@example.org"})

    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 201)
    assert again.json()["id"] == first.json()["id"] != other.json()["id"]
    assert first.json()["identity"] == "none"
    assert "ann@" not in first.text.lower()
    decision = await bank.decline()
    await bank.done("ann", first.json()["id"], "scope", decisions=[decision], subject="customer-4711")
    whole = (await bank.get("ann", f"/{first.json()['id']}")).json()
    assert whole["decisions"] == [decision]
    assert whole["question"] == "My loan\nWhy was I declined?"
    assert (await bank.get("customer-4711", f"/{first.json()['id']}")).status_code == 200


async def test_an_adverse_decision_opens_its_own_notice_with_its_clock(bank: Bank) -> None:
    state = bank.town.app.state
    wanted = state.settings.requests.model_copy(update={"notices_for": ("US",), "sectors": ("credit",)})
    settings = state.settings.model_copy(update={"requests": wanted})
    object.__setattr__(state, "settings", settings)
    await bank.decline(1)
    await bank.decline(2, outcome={"label": "granted", "adverse": False})
    await bank.decline(3, effect="limited")

    [line] = (await bank.get("ann", "")).json()["items"]
    whole = (await bank.get("ann", f"/{line['id']}")).json()
    assert (whole["kind"], whole["state"]) == ("notice", "scoped")
    assert {law["right"] for law in whole["laws"]} >= {"us.regb"}
    assert 29 < days(whole) < 32
    await bank.done("ann", line["id"], "draft")
    draft = (await bank.get("ann", f"/{line['id']}/draft")).json()["document"]
    result = next(part for part in draft["sections"] if part["id"] == "result")
    assert sum("against you" in one["text"] for one in result["sentences"]) <= 4


async def test_five_decisions_in_a_year_are_answered_with_their_figures_too(bank: Bank) -> None:
    for number in range(5):
        decision = await bank.decline(number, output=0.5 + number / 10)
    request = (await bank.ask(decision))["id"]
    await bank.done("ann", request, "draft")

    draft = (await bank.get("ann", f"/{request}/draft")).json()["document"]
    told = next(part for part in draft["sections"] if part["id"] == "aggregate")
    assert "5 decisions about you. 5 of them" in told["sentences"][0]["text"]
    assert "0.7" in told["sentences"][1]["text"]
