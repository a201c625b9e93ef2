"""``/v1/reason-tables`` from outside: drafted, approved by a second person, versioned, and who may do what."""

from typing import Any

import pytest

from tests.api.shop import Shop
from tests.explanations.reasons.tabling import table_values

pytestmark = pytest.mark.anyio
PATH = "/v1/reason-tables"


async def drafted(shop: Shop, **changes: Any) -> str:
    """Draft a table and return its ETag."""
    made = await shop.post(PATH, table_values(**changes), "admin")
    assert made.status_code == 201, made.text
    assert made.headers["location"] == f"{PATH}/{made.json()['key']}"
    return str(made.headers["etag"])


async def approve(shop: Shop, tag: str, key: str = "credit-eu", role: str = "dpo") -> Any:
    return await shop.post(f"{PATH}/{key}/approve", None, role, {"If-Match": tag})


async def test_a_table_is_drafted_by_one_and_approved_by_another(shop: Shop) -> None:
    tag = await drafted(shop)
    before = (await shop.get(f"{PATH}/credit-eu", "agent")).json()
    answer = await approve(shop, tag)

    assert (before["approved"], before["draft"]["key"]) == (None, "credit-eu")
    assert answer.status_code == 200, answer.text
    made = answer.json()
    assert (made["draft"], made["approved"]["version"]) == (None, 1)
    assert made["approved"]["approved_by"] not in made["approved"]["drafted_by"]
    listed = (await shop.get(PATH, "auditor")).json()
    assert [one["key"] for one in listed["items"]] == ["credit-eu"]
    versions = (await shop.get(f"{PATH}/credit-eu/versions", "dpo")).json()["items"]
    assert versions == [made["approved"]]


async def test_whoever_wrote_on_it_is_refused_by_name_of_the_rule(shop: Shop) -> None:
    made = await shop.post(PATH, table_values(), "dpo")
    answer = await approve(shop, made.headers["etag"])

    assert answer.status_code == 403
    assert answer.json()["type"].endswith("/second-person-needed")
    other = await shop.colleague("dpo")
    path = f"{PATH}/credit-eu/approve"
    taken = await shop.client.post(path, headers={**other, "If-Match": made.headers["etag"]})
    assert taken.status_code == 200, taken.text


async def test_an_incomplete_or_generic_table_is_refused_and_names_the_place(shop: Shop) -> None:
    values = table_values()
    values["reasons"][0]["texts"]["en"]["adverse"] = "Score too low."
    values["inputs"].append("postcode")
    answer = await shop.post(PATH, values, "dpo")

    assert answer.status_code == 422
    assert {one["pointer"] for one in answer.json()["errors"]} == {"/reasons", "/reasons/0/texts/en/adverse"}


async def test_a_change_needs_the_tag_of_what_was_read(shop: Shop) -> None:
    tag = await drafted(shop)
    bare = await shop.client.put(f"{PATH}/credit-eu", json=table_values(), headers=shop.headers("dpo"))
    stale = await shop.client.put(
        f"{PATH}/credit-eu", json=table_values(), headers={**shop.headers("dpo"), "If-Match": '"7"'}
    )
    other = await shop.client.put(
        f"{PATH}/credit-eu", json=table_values(key="x"), headers={**shop.headers("dpo"), "If-Match": tag}
    )
    right = await shop.client.put(
        f"{PATH}/credit-eu", json=table_values(most=2), headers={**shop.headers("dpo"), "If-Match": tag}
    )

    assert [one.status_code for one in (bare, stale, other, right)] == [428, 412, 422, 200]
    assert right.json()["draft"]["most"] == 2


async def test_a_retired_table_stays_readable_and_changes_no_more(shop: Shop) -> None:
    tag = await drafted(shop)
    path = f"{PATH}/credit-eu"
    gone = await shop.client.delete(path, headers={**shop.headers("admin"), "If-Match": tag})
    after = await shop.get(path, "dpo")
    again = await approve(shop, str(after.headers["etag"]))

    assert gone.status_code == 204
    assert after.json()["retired_at"] is not None
    assert again.status_code == 409


async def test_who_may_read_write_and_approve(shop: Shop) -> None:
    tag = await drafted(shop)
    rights = {
        "anonymous": (403, 403, 403),
        "site": (403, 403, 403),
        "agent": (200, 403, 403),
        "auditor": (200, 403, 403),
        "admin": (200, 201, 403),
    }

    for role, (read, write, approved) in rights.items():
        assert (await shop.get(PATH, role)).status_code == read, role
        assert (await shop.post(PATH, table_values(key=f"of-{role}"), role)).status_code == write, role
        assert (await approve(shop, tag, role=role)).status_code == approved, role


async def test_an_unknown_table_is_not_found(shop: Shop) -> None:
    assert (await shop.get(f"{PATH}/nope", "dpo")).status_code == 404
    assert (await shop.get(f"{PATH}/nope/versions", "dpo")).status_code == 404
