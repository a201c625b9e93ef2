"""``/v1/sites`` and ``/v1/keys`` from outside: rights, versions, foreign objects, and what the ledger says."""

import json
from typing import Any

import httpx
import pytest
from joserfc.jwk import ECKey, OKPKey

from core.principal import Role

pytestmark = pytest.mark.anyio
World = Any  # the class stands in conftest, which tests can't import
SITE = {"slug": "new-shop", "name": "New", "languages": ["en"], "origins": ["https://new.example"]}


async def admin_of(world: World, tenant: str) -> httpx.AsyncClient:
    client: httpx.AsyncClient = world.client(await world.key(tenant, Role.ADMIN))
    return client


def problem(response: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = response.json()
    assert body["type"].endswith("/" + code)
    return body


async def test_a_site_is_made_read_changed_and_retired_and_the_ledger_says_so(world: World) -> None:
    client = await admin_of(world, "ten_a")

    made = await client.post("/v1/sites", json=SITE)
    path = made.headers["location"]
    read = await client.get(path)
    changed = await client.patch(
        path, json={"name": "Newer", "origins": []}, headers={"if-match": read.headers["etag"]}
    )
    retired = await client.delete(path, headers={"if-match": changed.headers["etag"]})

    assert (made.status_code, read.status_code) == (201, 200)
    assert made.json() == read.json()
    assert (made.headers["etag"], changed.headers["etag"]) == ('"1"', '"2"')
    assert changed.json() == {**read.json(), "name": "Newer", "origins": [], "version": 2}
    assert retired.status_code == 204
    assert (await client.get(path)).json()["retired_at"] is not None
    assert [kind for kind, facts in await world.entries() if facts.get("site") == made.json()["id"]] == [
        "site.created",
        "site.changed",
        "site.retired",
    ]
    problem(await client.patch(path, json={"name": "X"}, headers={"if-match": "*"}), 409, "retired")


async def test_a_change_must_name_the_version_it_applies_to(world: World) -> None:
    client = await admin_of(world, "ten_a")
    path = f"/v1/sites/{world.sites['shop'].site.id}"
    before = len(await world.entries())

    problem(await client.patch(path, json={"name": "X"}), 428, "version-required")
    problem(await client.patch(path, json={"name": "X"}, headers={"if-match": '"7"'}), 412, "stale-version")
    problem(await client.delete(path), 428, "version-required")

    assert len(await world.entries()) == before
    assert (await client.get(path)).json()["name"] == "Shop"


async def test_a_new_site_and_its_key_work_at_once(world: World) -> None:
    client = await admin_of(world, "ten_a")
    site = (await client.post("/v1/sites", json=SITE)).json()

    answer = await world.client(x_candor_site=site["publishable_key"], origin="https://new.example").get("/v1/sites")

    problem(answer, 403, "permission-denied")  # known, and not allowed
    assert answer.headers["access-control-allow-origin"] == "https://new.example"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"origins": ["https://ok.example", "null"]}, "/origins/1"),
        ({"origins": ["https://*.example"]}, "/origins/0"),
        ({"origins": ["https://a.example", "https://a.example"]}, "/origins"),
        ({"slug": "Bad Slug"}, "/slug"),
        ({"slug": "../etc"}, "/slug"),
        ({"languages": []}, "/languages"),
        ({"languages": ["../../x"]}, "/languages/0"),
        ({"name": ""}, "/name"),
        ({"name": 7}, "/name"),
        ({"anonymous_choices": "yes"}, "/anonymous_choices"),
        ({"tenant": "ten_b"}, "/tenant"),
    ],
    ids=str,
)
async def test_wrong_input_names_the_field_and_changes_nothing(
    world: World, change: dict[str, Any], pointer: str
) -> None:
    client = await admin_of(world, "ten_a")
    before = len(await world.entries())

    body = problem(await client.post("/v1/sites", json={**SITE, **change}), 422, "invalid-input")

    assert pointer in {error["pointer"] for error in body["errors"]}
    assert len(await world.entries()) == before


async def test_a_short_name_is_given_once(world: World) -> None:
    client = await admin_of(world, "ten_b")

    problem(await client.post("/v1/sites", json={**SITE, "slug": "shop"}), 409, "slug-taken")


async def test_what_belongs_to_another_tenant_is_like_what_is_not_there(world: World, ed_key: OKPKey) -> None:
    client = await admin_of(world, "ten_b")
    row = await world.customer_key("shop", ed_key)
    foreign, absent = world.sites["shop"].site.id, "site_" + "0" * 32
    own = world.sites["rival"].site.id
    etag = {"if-match": '"1"'}

    async def asked(site: str) -> list[httpx.Response]:
        return [
            await client.get(f"/v1/sites/{site}"),
            await client.patch(f"/v1/sites/{site}", json={"name": "X"}, headers=etag),
            await client.delete(f"/v1/sites/{site}", headers=etag),
            await client.get(f"/v1/sites/{site}/token-keys"),
            await client.post(f"/v1/sites/{site}/token-keys", json={}),
            await client.delete(f"/v1/sites/{site}/token-keys/{row.id}"),
            await client.post("/v1/keys", json={"name": "n", "scopes": ["choices:read"], "site": site}),
        ]

    pairs = [await asked(site) for site in (foreign, absent, "site_x", "..%2f", "%00")]

    for answers in pairs[:3]:
        for answer in answers:
            problem(answer, 404, "site-not-found")
    for answer in [answer for answers in pairs[3:] for answer in answers]:
        assert 400 <= answer.status_code < 500
    problem(await client.delete(f"/v1/sites/{own}/token-keys/{row.id}"), 404, "key-not-found")
    assert [site["id"] for site in (await client.get("/v1/sites")).json()["items"]] == [own]


async def test_a_key_bound_to_a_site_reaches_no_other(world: World) -> None:
    shop, bank = world.sites["shop"].site.id, world.sites["bank"].site.id
    client = world.client(await world.key("ten_a", Role.ADMIN, site=shop))

    assert [site["id"] for site in (await client.get("/v1/sites")).json()["items"]] == [shop]
    problem(await client.get(f"/v1/sites/{bank}"), 404, "site-not-found")
    problem(await client.post("/v1/sites", json=SITE), 403, "grant-refused")
    wide = {"name": "n", "role": "admin", "scopes": ["sites:read"]}
    problem(await client.post("/v1/keys", json=wide), 403, "grant-refused")
    problem(await client.post("/v1/keys", json={**wide, "site": bank}), 404, "site-not-found")
    assert (await client.post("/v1/keys", json={**wide, "site": shop})).status_code == 201


async def test_a_key_is_shown_once_and_works_until_it_is_revoked(world: World) -> None:
    client = await admin_of(world, "ten_a")

    made = await client.post(
        "/v1/keys", json={"name": "reader", "role": "admin", "scopes": ["sites:read", "keys:read"]}
    )
    path, token = made.headers["location"], made.json()["token"]
    reader = world.client(token)

    assert made.status_code == 201
    assert "token" not in (await reader.get(path)).json()
    assert token not in (await reader.get("/v1/keys")).text
    problem(await reader.post("/v1/sites", json=SITE), 403, "permission-denied")
    assert (await client.delete(path)).status_code == 204
    problem(await reader.get(path), 401, "unauthenticated")
    problem(await client.delete(path), 409, "retired")
    facts = [facts for kind, facts in await world.entries() if kind.startswith("key.")]
    assert token not in json.dumps(facts)


async def test_nobody_makes_a_key_that_may_more_than_he(world: World) -> None:
    client = world.client(await world.key("ten_a", Role.ADMIN, scopes=["keys:write", "sites:read"]))
    before = len(await world.entries())

    for body in (
        {"name": "n", "role": "admin", "scopes": ["sites:write"]},
        {"name": "n", "role": "site", "scopes": ["choices:read"]},
        {"name": "n", "role": "site", "scopes": ["sites:read"]},
        {"name": "n", "role": "admin", "scopes": ["made:up"]},
    ):
        problem(await client.post("/v1/keys", json=body), 403, "grant-refused")
    problem(await client.post("/v1/keys", json={"name": "n", "role": "dpo", "scopes": ["x:y"]}), 422, "invalid-input")

    assert len(await world.entries()) == before


async def test_two_keys_of_one_name_live_for_a_rotation(world: World) -> None:
    client = await admin_of(world, "ten_a")
    body = {"name": "back-end", "scopes": ["choices:read"]}
    first, second = [await client.post("/v1/keys", json=body) for _ in range(2)]

    problem(await client.post("/v1/keys", json=body), 409, "too-many-live-keys")
    await client.delete(first.headers["location"])

    assert (await client.post("/v1/keys", json=body)).status_code == 201
    assert second.json()["token"] != first.json()["token"]


@pytest.mark.parametrize("text", ["2020-01-01T00:00:00Z", "tomorrow", "2030-01-01T00:00:00"])
async def test_a_key_ends_at_an_instant_to_come(world: World, text: str) -> None:
    client = await admin_of(world, "ten_a")

    body = problem(
        await client.post("/v1/keys", json={"name": "n", "scopes": ["choices:read"], "expires_at": text}),
        422,
        "invalid-input",
    )

    assert body["errors"][0]["pointer"] == "/expires_at"


async def test_a_repeated_request_makes_one_key(world: World) -> None:
    client = await admin_of(world, "ten_a")
    body = {"name": "n", "scopes": ["choices:read"]}

    answers = [await client.post("/v1/keys", json=body, headers={"idempotency-key": "k-1"}) for _ in range(2)]

    assert answers[0].content == answers[1].content
    assert len([kind for kind, facts in await world.entries() if facts.get("name") == "n"]) == 1


async def test_customer_token_keys_are_registered_listed_and_retired(
    world: World, ed_key: OKPKey, ec_key: ECKey
) -> None:
    client = await admin_of(world, "ten_a")
    path = f"/v1/sites/{world.sites['shop'].site.id}/token-keys"

    public = await client.post(path, json={"kid": "k1", "public_key": ed_key.as_pem(private=False).decode()})
    secret = await client.post(path, json={})

    assert (public.json()["algorithm"], public.json()["secret"]) == ("Ed25519", None)
    assert (secret.json()["algorithm"], len(secret.json()["secret"])) == ("HS256", 43)
    problem(await client.post(path, json={}), 409, "too-many-live-keys")
    browser = world.client(world.customer_token("shop", ed_key))
    problem(await browser.get("/v1/sites"), 403, "permission-denied")
    assert (await client.delete(f"{path}/{public.json()['id']}")).status_code == 204
    problem(await browser.get("/v1/sites"), 401, "unauthenticated")
    listed = await client.get(path)
    live = {key["id"]: key["retired_at"] is None for key in listed.json()["items"]}
    assert live == {public.json()["id"]: False, secret.json()["id"]: True}
    assert secret.json()["secret"] not in listed.text


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"secret": "AA"}, "weak-key"),
        ({"public_key": "nonsense"}, "weak-key"),
        ({"public_key": "x", "secret": "y"}, "invalid-input"),
        ({"kid": "a b"}, "invalid-input"),
    ],
    ids=str,
)
async def test_a_weak_token_key_is_refused_at_set_up(world: World, body: dict[str, Any], code: str) -> None:
    client = await admin_of(world, "ten_a")

    problem(await client.post(f"/v1/sites/{world.sites['shop'].site.id}/token-keys", json=body), 422, code)


ROUTES = [
    ("GET", "/v1/sites"),
    ("POST", "/v1/sites"),
    ("GET", "/v1/sites/{site}"),
    ("PATCH", "/v1/sites/{site}"),
    ("DELETE", "/v1/sites/{site}"),
    ("GET", "/v1/sites/{site}/token-keys"),
    ("POST", "/v1/sites/{site}/token-keys"),
    ("DELETE", "/v1/sites/{site}/token-keys/{key}"),
    ("GET", "/v1/keys"),
    ("POST", "/v1/keys"),
    ("GET", "/v1/keys/{key}"),
    ("DELETE", "/v1/keys/{key}"),
]
BODIES = {"/v1/sites": SITE, "/v1/keys": {"name": "n", "scopes": ["choices:read"]}}


async def test_other_callers_are_known_and_refused_everywhere(world: World, ed_key: OKPKey) -> None:
    shop = world.sites["shop"].site
    key = await world.customer_key("shop", ed_key)
    callers = [
        (world.client(), 401, "unauthenticated"),
        (world.client(x_candor_site=shop.publishable_key), 403, "permission-denied"),
        (world.client(world.customer_token("shop", ed_key)), 403, "permission-denied"),
        (world.client(await world.key("ten_a")), 403, "permission-denied"),
    ]
    before = len(await world.entries())

    for method, path in ROUTES:
        body = {"POST": BODIES.get(path, {}), "PATCH": {"name": "X"}}.get(method)
        for client, status, code in callers:
            answer = await client.request(method, path.format(site=shop.id, key=key.id), json=body)
            problem(answer, status, code)

    assert len(await world.entries()) == before
