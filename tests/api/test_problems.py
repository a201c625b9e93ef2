"""Every refusal is a problem document (RFC 9457) that names the place and never repeats what was sent."""

from typing import Any

import httpx
import pytest

from api import problems
from core.errors import ConflictError, FieldError, InvalidError, NotFoundError, UnavailableError

pytestmark = pytest.mark.anyio
SECRET = "anna@example.org"


def assert_problem(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    said: dict[str, Any] = answer.json()
    assert said["type"] == f"https://candor.dev/problems/{code}"
    assert said["status"] == status
    assert said["title"]
    assert said["detail"]
    assert said["instance"].startswith("urn:uuid:")
    assert said["instance"].replace("-", "").removeprefix("urn:uuid:") == answer.headers["x-request-id"][4:]
    return said


async def test_an_unknown_path_is_not_found(client: httpx.AsyncClient) -> None:
    for path in ("/", "/v1", "/v1/orders/", "//v1/orders", "/v1/orders/a/b", "/../etc/passwd", "/v1/;/orders"):
        assert_problem(await client.get(path), 404, "not-found")


async def test_a_wrong_method_is_told_all_methods_of_the_path(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/v1/orders")

    assert_problem(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, POST"


async def test_options_lists_the_methods(client: httpx.AsyncClient) -> None:
    answer = await client.options("/v1/orders/7")

    assert answer.status_code == 204
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS, PUT"


async def test_head_answers_like_get_without_a_body(client: httpx.AsyncClient) -> None:
    answer = await client.head("/v1/orders")

    assert answer.status_code == 200
    assert answer.headers["content-length"] == "11"
    assert answer.content == b""


async def test_a_wrong_field_is_named_by_its_pointer_in_plain_words(client: httpx.AsyncClient) -> None:
    body = {"name": SECRET, "count": 12, "tags": ["a", 5], "colour": SECRET, SECRET: 1}

    answer = await client.post("/v1/orders", json=body)

    said = assert_problem(answer, 422, "invalid-input")
    assert {error["pointer"]: error["detail"] for error in said["errors"]} == {
        "/name": "does not have the form ^[a-z ]+$",
        "/count": "must be at most 9",
        "/tags/1": "must be text",
        "/colour": "there is no such field here",
        "": "there is a field here that is not known; its name is not shown",
    }
    assert SECRET not in answer.text


async def test_a_missing_field_is_named(client: httpx.AsyncClient) -> None:
    said = assert_problem(await client.post("/v1/orders", json={}), 422, "invalid-input")

    assert said["errors"] == [{"pointer": "/name", "detail": "this field is required"}]


async def test_a_wrong_query_parameter_is_named(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/orders", params={"limit": SECRET})

    said = assert_problem(answer, 422, "invalid-input")
    assert said["errors"] == [{"pointer": "?limit", "detail": "must be a whole number"}]
    assert SECRET not in answer.text


@pytest.mark.parametrize("value", ["7", True, 1.0, None, [1], {"a": 1}])
async def test_values_are_not_bent_into_numbers(client: httpx.AsyncClient, value: object) -> None:
    answer = await client.post("/v1/orders", json={"name": "tea", "count": value})

    said = assert_problem(answer, 422, "invalid-input")
    assert said["errors"][0]["pointer"] == "/count"


async def test_a_fault_of_ours_tells_an_id_and_nothing_else(client: httpx.AsyncClient) -> None:
    answer = await client.post(f"/v1/fails/{SECRET}", params={"q": SECRET}, json={"b": SECRET})

    assert_problem(answer, 500, "internal-error")
    assert SECRET not in answer.text


async def test_a_change_must_name_the_version_it_applies_to(client: httpx.AsyncClient) -> None:
    assert_problem(await client.put("/v1/orders/1"), 428, "version-required")
    assert_problem(await client.put("/v1/orders/1", headers={"If-Match": '"6"'}), 412, "stale-version")
    assert_problem(await client.put("/v1/orders/1", headers={"If-Match": "6"}), 400, "bad-request")
    changed = await client.put("/v1/orders/1", headers={"If-Match": '"6", "7"'})
    assert changed.status_code == 200
    assert changed.headers["etag"] == '"8"'


@pytest.mark.parametrize(
    ("error", "status"),
    [(NotFoundError(), 404), (ConflictError(), 409), (InvalidError.field("/a", "no"), 422), (UnavailableError(), 503)],
)
def test_each_kind_of_domain_error_has_one_status(error: NotFoundError, status: int) -> None:
    answer = problems.response(error, {"candor.at": 0})

    assert answer.status_code == status
    assert ("retry-after" in answer.headers) == (status == 503)


def test_at_most_twenty_places_are_named() -> None:
    error = InvalidError(fields=tuple(FieldError(f"/{n}", "no") for n in range(500)))

    assert len(problems.document(error, "urn:uuid:0")["errors"]) == 20
