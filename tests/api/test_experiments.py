"""``/v1/experiments``: a variant reaches nobody without an approved experiment, and only those whom it may reach."""

from base64 import urlsafe_b64decode
from typing import Any

import pytest
from joserfc import jws
from joserfc.jwk import OctKey

from api.auth import customer_tokens
from core import canonical, crypto
from core.clock import DAY, MICROS, rfc3339
from disclosures.experiments.assignment import key_of, variant_of
from tests.api.shop import Shop, given
from tests.api.test_notices import open_chat, step
from tests.contract.whole import Headers
from tests.disclosures.experimenting import SHORTER, experiment_document
from tests.disclosures.noticing import PLAIN, notice_document, notice_text

pytestmark = pytest.mark.anyio
EXPERIMENTS = "/v1/experiments"
HERE = "/v1/touchpoints/chat/resolve"
ADULT = {"residence": "DE", "moment": "session_start", "channel": "chat", "audience": "adult"}


def running_days(shop: Shop, **changes: Any) -> dict[str, Any]:
    """Return an experiment from yesterday to tomorrow, whatever the time of the day."""
    now = shop.whole.app.state.clock.now()
    days = {"starts_on": rfc3339(now - DAY)[:10], "ends_on": rfc3339(now + DAY)[:10]}
    return experiment_document(**{**days, **changes}).as_json()


async def set_aside(shop: Shop) -> None:
    """Publish the shorter first line for experiments alone."""
    document = notice_document(texts={"en": notice_text(text=SHORTER)}).as_json()
    headers = shop.headers("dpo", **{"If-Match": "*"})
    await shop.client.put("/v1/notices/first-line", json=document, headers=headers)
    await step(shop, "/v1/notices/first-line/approve", None, await shop.colleague("dpo"))
    aside = await step(shop, "/v1/notices/first-line/set-aside", None)
    assert aside["published"]["version"] == 1


async def drafted(shop: Shop) -> str:
    """Open the chat, set the shorter line aside, draft the experiment, and return its path."""
    await open_chat(shop)
    await set_aside(shop)
    made = await shop.post(EXPERIMENTS, running_days(shop), "dpo")
    assert made.status_code == 201, made.text
    return f"{EXPERIMENTS}/{made.json()['id']}"


async def started(shop: Shop) -> str:
    """Return the path of an experiment that runs."""
    path = await drafted(shop)
    await step(shop, f"{path}/approve", None, await shop.colleague("dpo"))
    assert (await step(shop, f"{path}/start", None))["phase"] == "running"
    return path


async def told(shop: Shop, who: str | Headers = "site", **body: Any) -> dict[str, Any]:
    """Return how the first line is told."""
    headers = shop.headers(who) if isinstance(who, str) else who
    answer = await shop.client.post(HERE, json={**ADULT, **body}, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()["told"][0]
    return {**found, "offer": answer.json()["offer"]}


def people_of(shop: Shop, path: str, version: int, number: int) -> list[str]:
    """Return the references of so many customers who belong to a version."""
    keyring = shop.whole.app.state.keyring

    def belongs(reference: str) -> bool:
        subject = crypto.pseudonym(keyring.pepper, "default", "customer", reference)
        variants = experiment_document().variants
        return variant_of(key_of(keyring), path.rpartition("/")[2], subject, variants).version == version

    return [one for one in (f"customer-{place}" for place in range(1000)) if belongs(one)][:number]


def somebody(shop: Shop, path: str, version: int) -> str:
    """Return the reference of a customer who belongs to a version."""
    return people_of(shop, path, version, 1)[0]


async def vouched(shop: Shop, customer: str) -> Headers:
    """Return what a browser sends for a customer whom the site's back-end vouches for."""
    [site] = (await shop.get("/v1/sites", "admin")).json()["items"]
    made = await shop.post(f"/v1/sites/{site['id']}/token-keys", {"kid": "k1"}, "admin")
    key = OctKey.import_key(urlsafe_b64decode(made.json()["secret"] + "="))
    issued = shop.whole.app.state.clock.now() // MICROS
    claims = {"aud": shop.headers()["X-Candor-Site"], "sub": customer, "iat": issued, "exp": issued + 600, "jti": "1"}
    header = {"alg": "HS256", "typ": customer_tokens.TYPE, "kid": "k1"}
    token = jws.serialize_compact(header, canonical.dumps(claims), key, algorithms=["HS256"])
    return {"Authorization": f"Bearer {token}"}


async def test_nothing_is_shown_before_a_second_person_approved_and_it_was_started(shop: Shop) -> None:
    path = await drafted(shop)
    her = somebody(shop, path, 2)
    tag = (await shop.get(path, "dpo")).headers["etag"]
    early = await shop.post(f"{path}/start", None, "dpo", {"If-Match": tag})
    assert (early.status_code, early.json()["type"].rpartition("/")[2]) == (409, "experiment-not-approved")
    own = await shop.post(f"{path}/approve", None, "dpo", {"If-Match": tag})
    assert (own.status_code, own.json()["type"].rpartition("/")[2]) == (403, "second-person-needed")
    assert (await shop.post(f"{path}/approve", None, "admin", {"If-Match": tag})).status_code == 403
    assert (await shop.post(f"{path}/approve", None, "dpo")).status_code == 428
    assert (await told(shop, subject=her))["version"] == 1

    await step(shop, f"{path}/approve", None, await shop.colleague("dpo"))
    assert (await told(shop, subject=her))["version"] == 1
    await step(shop, f"{path}/start", None)
    found = await told(shop, subject=her)
    assert (found["version"], found["experiment"], found["variant"]) == (2, path.rpartition("/")[2], "shorter")
    assert found["content"]["text"] == SHORTER
    him = await told(shop, subject=somebody(shop, path, 1))
    assert (him["version"], him["variant"], him["content"]["text"]) == (1, "as-it-is", PLAIN)

    await step(shop, f"{path}/stop", {"reason": "It is confusing."})
    after = await told(shop, subject=her)
    assert (after["version"], after["experiment"]) == (1, None)


async def test_who_can_t_be_asked_or_said_no_is_shown_what_is_in_force(shop: Shop) -> None:
    path = await started(shop)
    her = somebody(shop, path, 2)
    site = shop.headers("site")
    assert (await told(shop, subject=her))["version"] == 2
    in_force = [
        await told(shop),  # nobody known
        await told(shop, "anonymous"),  # a device's number was kept for choices alone
        await told(shop, subject=her, audience="minor"),
        await told(shop, subject=her, audience="unknown"),
        await told(shop, {**site, "Sec-GPC": "1"}, subject=her),
        await told(shop, subject=her, at="2027-01-01T00:00:00Z"),  # a dry run
    ]
    assert {(one["version"], one["experiment"]) for one in in_force} == {(1, None)}
    config = await shop.client.get(f"/v1/widget/{shop.headers()['X-Candor-Site']}/en")
    assert [(one["version"], "experiment" in one) for one in config.json()["notices"]] == [(1, False)]
    assert PLAIN in (await shop.client.get("/t/shop/en")).text

    no = {"subject": her, "choices": [{"purpose": "profile", "state": "opted_out"}]}
    assert (await shop.post("/v1/choices", no, "site")).status_code == 201
    refused = await told(shop, subject=her)
    assert (refused["version"], refused["experiment"]) == (1, None)


async def test_a_customer_s_choice_is_on_record_with_the_variant_she_saw(shop: Shop) -> None:
    path = await started(shop)
    her = somebody(shop, path, 2)
    browser = await vouched(shop, her)
    found = await told(shop, browser)
    assert (found["version"], found["variant"]) == (2, "shorter")
    shown = {"notice": "first-line", "version": 2, "lang": "en", "surface": "chat", "session": "s-1"}
    bare = await shop.client.post("/v1/showings", json=shown, headers=browser)
    assert (bare.status_code, bare.json()["errors"][0]["pointer"]) == (422, "/experiment")
    proof = await shop.client.post("/v1/showings", json={**shown, "experiment": found["experiment"]}, headers=browser)
    assert (proof.status_code, proof.json()["experiment"]) == (201, found["experiment"]), proof.text

    body = {"offer": found["offer"], "choices": [{"purpose": "profile", "state": "opted_out"}]}
    chosen = await shop.client.post("/v1/choices", json=body, headers=browser)
    assert chosen.status_code == 201, chosen.text
    text = f"/v1/offered-texts/{chosen.json()['choices'][0]['notice_hash']}"
    [notice] = (await shop.get(text, "auditor")).json()["text"]["notices"]
    assert (notice["text"], notice["experiment"], notice["variant"]) == (SHORTER, found["experiment"], "shorter")
    assert (await shop.get(text)).status_code == 403
    assert (await shop.get(f"/v1/offered-texts/{'0' * 64}", "auditor")).status_code == 404
    listed = await shop.get(f"/v1/showings?subject={her}", "auditor")
    assert [one["experiment"] for one in listed.json()["items"]] == [found["experiment"]]


async def shown_to(shop: Shop, path: str, version: int, number: int) -> list[str]:
    """Show a version to so many customers, and return them."""
    people = people_of(shop, path, version, number)
    for one in people:
        shown = {"notice": "first-line", "version": version, "lang": "en", "surface": "chat", "session": one}
        body = {**shown, "subject": one, "experiment": path.rpartition("/")[2]}
        proof = await shop.post("/v1/showings", body, "site")
        assert proof.status_code == 201, proof.text
    return people


async def say(shop: Shop, customer: str, state: str, purpose: str = "train") -> None:
    """Record a choice as the company's back-end."""
    body = {"subject": customer, "choices": [given(purpose, state=state)]}
    answer = await shop.post("/v1/choices", body, "site")
    assert answer.status_code == 201, answer.text


async def test_figures_say_what_people_did_and_nothing_of_small_groups(shop: Shop) -> None:
    path = await started(shop)
    early, *rest = people_of(shop, path, 1, 8)
    await say(shop, early, "given")  # before anything was shown to her: no answer to the text
    await shown_to(shop, path, 1, 8)
    for one in rest[:5]:
        await say(shop, one, "refused")
    for number, one in enumerate(await shown_to(shop, path, 2, 6)):
        await say(shop, one, "given")
        if number < 5:
            await say(shop, one, "withdrawn")
    found = await shop.get(f"{path}/figures", "auditor")
    assert found.status_code == 200, found.text
    control, shorter = found.json()["variants"]
    assert (control["showings"], control["people"]) == (8, {"number": 8, "percent": 57.1})
    assert (control["yes"], control["no"]) == ({"number": 0, "percent": 0.0}, {"number": 5, "percent": 62.5})
    assert control["took_back"] == {"number": None, "percent": None}
    assert (shorter["share"], shorter["yes"]) == (50, {"number": 6, "percent": 100.0})
    assert shorter["took_back"] == {"number": 5, "percent": 83.3}
    assert [found.json()["complete"], control["nudges"], shorter["nudges"]] == [True, False, False]
    assert (await shop.get(f"{path}/figures", "admin")).status_code == 403


async def test_an_offer_of_a_variant_is_outdated_when_the_experiment_stops(shop: Shop) -> None:
    path = await started(shop)
    browser = await vouched(shop, somebody(shop, path, 2))
    found = await told(shop, browser)
    await step(shop, f"{path}/stop", {"reason": "Enough."})
    body = {"offer": found["offer"], "choices": [{"purpose": "profile", "state": "opted_out"}]}
    late = await shop.client.post("/v1/choices", json=body, headers=browser)
    assert (late.status_code, late.json()["type"].rpartition("/")[2]) == (409, "offer-outdated")


async def test_what_is_set_aside_is_read_by_its_keepers_alone(shop: Shop) -> None:
    await drafted(shop)
    versions = "/v1/notices/first-line/versions"
    assert [one["version"] for one in (await shop.get(versions)).json()["items"]] == [1]
    assert [one["aside"] for one in (await shop.get(versions, "auditor")).json()["items"]] == [True, False]
    for who, status in (("anonymous", 404), ("site", 404), ("dpo", 200)):
        assert (await shop.get(f"{versions}/2/rendering", who)).status_code == status
        assert (await shop.get("/v1/notices/first-line/differences?before=1&after=2", who)).status_code == status


async def test_what_can_t_be_run_names_its_fields(shop: Shop) -> None:
    path = await drafted(shop)
    wrong = running_days(shop)
    wrong["variants"][1]["version"] = 9
    wrong["variants"][1]["share"] = 40
    found = await shop.post(EXPERIMENTS, wrong, "dpo")
    assert found.status_code == 422
    assert {one["pointer"] for one in found.json()["errors"]} == {"/variants", "/variants/1/version"}
    assert (await shop.get(EXPERIMENTS)).status_code == 403
    listed = (await shop.get(EXPERIMENTS, "auditor")).json()["items"]
    assert [f"{EXPERIMENTS}/{one['id']}" for one in listed] == [path]
    other = await shop.client.put(
        path, json={**running_days(shop), "name": "Another"}, headers=shop.headers("dpo", **{"If-Match": '"1"'})
    )
    assert (other.status_code, other.json()["document"]["name"], other.json()["revision"]) == (200, "Another", 2)
    named = await shop.post(HERE, {"subject": "customer-1"})
    assert (named.status_code, named.json()["errors"][0]["pointer"]) == (422, "/subject")
