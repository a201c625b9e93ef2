"""``/v1/packs`` and ``/v1/disclosures`` from outside: sources with every answer, dry runs, overrides, refusals."""

from typing import Any

import pytest

from core.clock import DAY, rfc3339
from disclosures.packs.loading import bundled
from tests.api.shop import Shop

pytestmark = pytest.mark.anyio
COMPANION = {"kind": "companion", "residence": "US-NY", "sectors": ["other"], "contract": "other", "audience": "adult"}
AUTOMATED = ["solely_automated", "significant_effect"]


async def resolve(shop: Shop, question: dict[str, Any], role: str = "anonymous") -> dict[str, Any]:
    answer = await shop.post("/v1/disclosures/resolve", question, role)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def now(shop: Shop) -> int:
    return shop.whole.app.state.clock.now()


async def test_packs_are_listed_with_their_state_and_read_with_their_sources(shop: Shop) -> None:
    listed = (await shop.get("/v1/packs")).json()["items"]
    assert [pack["id"] for pack in listed] == sorted(bundled().packs)
    assert {pack["status"] for pack in listed} == {"draft"}
    assert {pack["verified_on"] for pack in listed} == {"2026-11-21"}

    today = (await shop.get("/v1/packs/us-ca?on=2026-11-21")).json()
    later = (await shop.get("/v1/packs/us-ca?on=2027-01-01")).json()
    preuse = next(rule for rule in today["rules"] if rule["id"] == "ca.admt-preuse")
    assert (preuse["citation"], preuse["confidence"], preuse["in_force"]) == ("11 CCR 7220", "B", False)
    assert preuse["says"]["must_convey"][0] == "specific_purpose"
    assert next(rule for rule in later["rules"] if rule["id"] == "ca.admt-preuse")["in_force"]
    assert all(rule["citation"] for rule in today["rules"])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/packs/zz", 404),
        ("/v1/packs/eu?on=2026-02-30", 422),
        ("/v1/packs/eu?on=soon", 422),
        ("/v1/packs/changes?after=2027-01-01&until=2026-01-01", 422),
        ("/v1/packs/changes?after=2027-01-01", 422),
    ],
)
async def test_a_wrong_question_about_packs_is_refused(shop: Shop, path: str, status: int) -> None:
    assert (await shop.get(path)).status_code == status


async def test_what_changes_between_two_days_is_listed_with_its_source(shop: Shop) -> None:
    items = (await shop.get("/v1/packs/changes?after=2026-11-21&until=2026-12-31")).json()["items"]

    assert [(one["on"], one["what"], one["rule"]) for one in items] == [
        ("2026-12-03", "legacy-ends", "eu.aia50-2"),
        ("2026-12-10", "begins", "au.1-7"),
        ("2026-12-28", "begins", "es.complaint"),
        ("2026-12-28", "begins", "es.handoff"),
        ("2026-12-28", "begins", "es.language"),
    ]
    assert items[1]["citation"] == "APP 1.7-1.9"


async def test_what_is_due_comes_with_source_reason_and_cadence(shop: Shop) -> None:
    found = await resolve(shop, {**COMPANION, "moment": "session_start", "at": "2026-11-23T09:00:00Z"})

    [due] = found["disclosures"]
    [rule] = due["rules"]
    assert found["day"] == "2026-11-23"
    assert (rule["rule"], rule["pack"], rule["citation"]) == ("ny.companion", "us-ny", "NY GBL 1700-1702")
    assert (rule["confidence"], rule["verified_on"], rule["advisory"]) == ("A", "2026-11-21", False)
    assert rule["reasons"] == [{"code": "residence", "about": "US-NY"}]
    assert (due["cadence"]["repeat_minutes"], due["cadence"]["set_by"]) == (180, ["ny.companion"])
    assert due["placement"]["manner"] == "written"
    assert due["now"] is None


async def test_who_was_told_hours_ago_is_told_again(shop: Shop) -> None:
    at = now(shop)
    seen = {"session_started_at": rfc3339(at - DAY // 6), "last_shown_at": rfc3339(at - DAY // 8)}

    due = (await resolve(shop, {**COMPANION, "moment": "ongoing", "at": rfc3339(at), "seen": seen}))["disclosures"][0]
    assert due["now"] == {"due": True, "because": "time-elapsed", "next_at": rfc3339(at + DAY // 8)}
    seen["last_shown_at"] = rfc3339(at - DAY // 24)
    due = (await resolve(shop, {**COMPANION, "moment": "ongoing", "at": rfc3339(at), "seen": seen}))["disclosures"][0]
    assert due["now"] == {"due": False, "because": None, "next_at": rfc3339(at + DAY // 12)}


async def test_a_dry_run_on_a_later_day_differs_and_the_difference_can_be_asked(shop: Shop) -> None:
    question = {"kind": "scorer", "facts": AUTOMATED, "residence": "US-CO", "sectors": ["other"], "contract": "other"}
    early, late = "2026-11-23T00:00:00Z", "2027-01-01T00:00:00Z"

    assert (await resolve(shop, {**question, "at": early}))["disclosures"] == []
    found = await resolve(shop, {**question, "at": late})
    assert [due["topic"] for due in found["disclosures"]] == ["automated_decision", "adverse_outcome"]
    assert found["disclosures"][1]["clock"]["length"] == "30d"
    answer = await shop.post("/v1/disclosures/compare", {**question, "before": early, "after": late})
    body = answer.json()
    assert ([one["rule"] for one in body["begins"]], body["ends"], body["changed"]) == (
        ["co.use", "co.adverse"],
        [],
        [],
    )


async def test_nothing_known_is_answered_by_the_strictest_default(shop: Shop) -> None:
    found = await resolve(shop, {"kind": "chatbot"})

    assert "default-strict" in {pack["pack"] for pack in found["packs"]}
    assert {"eu.aia50-1", "me.chat"} <= {rule["rule"] for due in found["disclosures"] for rule in due["rules"]}
    assert found["answer_within"]["clock"] == "eu_1m"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "toaster"}, "/kind"),
        ({"facts": ["costumer_service_only"]}, "/facts/0"),
        ({"sectors": ["credits"]}, "/sectors/0"),
        ({"contract": "mail"}, "/contract"),
        ({"residence": "Germany"}, "/residence"),
        ({"at": "tomorrow"}, "/at"),
        ({"at": "9999-12-31T23:00:00Z"}, "/at"),
        ({"at": "1969-12-31T23:00:00Z"}, "/at"),
        ({"seen": {"session_started_at": "x"}}, "/seen/session_started_at"),
        ({"moment": "someday"}, "/moment"),
        ({"colour": "red"}, "/colour"),
    ],
    ids=range(11),
)
async def test_a_wrong_question_names_its_fault(shop: Shop, change: dict[str, Any], pointer: str) -> None:
    answer = await shop.post("/v1/disclosures/resolve", {**COMPANION, **change})

    assert answer.status_code == 422
    assert answer.json()["errors"][0]["pointer"] == pointer


async def test_an_override_changes_what_is_due_from_then_on_until_it_is_revoked(shop: Shop) -> None:
    path = "/v1/packs/us-ny/overrides"
    body = {"rule": "ny.companion", "change": {"every_minutes": 60}, "reason": "We promised it."}

    made = await shop.post(path, body, "admin")
    assert (made.status_code, made.json()["direction"], made.json()["in_force"]) == (201, "stricter", True)
    assert made.headers["location"] == f"{path}/{made.json()['id']}"
    due = (await resolve(shop, COMPANION))["disclosures"][0]
    assert due["cadence"]["repeat_minutes"] == 60
    assert due["rules"][0]["overridden_by"] == [made.json()["id"]]
    assert (await shop.get(path)).status_code == 403
    assert [one["id"] for one in (await shop.get(path, "auditor")).json()["items"]] == [made.json()["id"]]

    gone = await shop.client.delete(made.headers["location"], headers=shop.headers("dpo"))
    assert gone.status_code == 204
    again = await shop.client.delete(made.headers["location"], headers=shop.headers("dpo"))
    assert (again.status_code, again.json()["type"].rsplit("/", 1)[1]) == (409, "override-ended")
    assert (await resolve(shop, COMPANION))["disclosures"][0]["cadence"]["repeat_minutes"] == 180
    [kept] = (await shop.get(path, "dpo")).json()["items"]
    assert not kept["in_force"]


async def test_asking_for_less_takes_a_dpo_a_reason_and_an_end(shop: Shop) -> None:
    path = "/v1/packs/us-ny/overrides"
    body = {"rule": "ny.companion", "change": {"switched_off": True}, "reason": "Out of scope, counsel of 3 November."}
    ends = {"expires_at": rfc3339(now(shop) + 30 * DAY)}

    refused = await shop.post(path, {**body, **ends}, "admin")
    assert (refused.status_code, refused.json()["type"].rsplit("/", 1)[1]) == (403, "loosening-refused")
    endless = await shop.post(path, body, "dpo")
    assert (endless.status_code, endless.json()["errors"][0]["pointer"]) == (422, "/expires_at")
    assert (await shop.post(path, {**body, **ends, "reason": " "}, "dpo")).status_code == 422
    assert (await resolve(shop, COMPANION))["disclosures"] != []

    signed = await shop.post(path, {**body, **ends}, "dpo")
    assert (signed.status_code, signed.json()["direction"]) == (201, "looser")
    assert signed.json()["signed_off_by"] == signed.json()["created_by"]
    found = await resolve(shop, COMPANION)
    assert found["disclosures"] == []
    assert [(one["because"], one["about"]) for one in found["not_due"]] == [("switched-off", signed.json()["id"])]


async def test_an_override_of_what_does_not_exist_is_refused(shop: Shop) -> None:
    body = {"rule": "ny.companion", "change": {"every_minutes": 60}, "reason": "x"}

    assert (await shop.post("/v1/packs/zz/overrides", body, "dpo")).status_code == 404
    assert (await shop.post("/v1/packs/eu/overrides", body, "dpo")).status_code == 422
    assert (await shop.post("/v1/packs/us-ny/overrides", {**body, "change": {"x": 1}}, "dpo")).status_code == 422
    answer = await shop.client.delete("/v1/packs/eu/overrides/ovr_0", headers=shop.headers("dpo"))
    assert answer.status_code == 404
