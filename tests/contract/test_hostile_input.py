"""Hostile input on every operation of the contract: a problem document, never a fault, and no row more or less."""

import json
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from core.principal import Role
from tests.api.test_strict_json import MALFORMED, WRONG_AT
from tests.contract.whole import Operation, Whole

pytestmark = pytest.mark.anyio
JSON = {"Content-Type": "application/json"}
CHANGING = ("POST", "PUT", "PATCH", "DELETE")

BODIES: dict[str, tuple[bytes, dict[str, str], int]] = {
    **{f"malformed {number}": (raw, JSON, 400) for number, raw in enumerate(MALFORMED) if raw},
    **{f"wrong {number}": (raw, JSON, 422) for number, (raw, _, _) in enumerate(WRONG_AT)},
    "plain text": (b"{}", {"Content-Type": "text/plain"}, 415),
    "a form": (b"a=b", {"Content-Type": "application/x-www-form-urlencoded"}, 415),
    "parts": (b"--x--", {"Content-Type": "multipart/form-data; boundary=x"}, 415),
    "xml": (b"<a/>", {"Content-Type": "application/xml"}, 415),
    "no type": (b"{}", {}, 415),
    "gzip": (b"\x1f\x8b", {**JSON, "Content-Encoding": "gzip"}, 415),
    "two megabytes": (b"[" * 2_000_000, JSON, 413),
}
VALUES: dict[str, Any] = {
    "null": None,
    "a list": [],
    "a number": 7,
    "text": "hello",
    "unknown fields": {"__proto__": {"admin": True}, "constructor": 1, "tenant": "other"},
    "nested": {"a": {"b": [{"c": {}}]}},
}
PATHS = {
    "nul": "%00",
    "up": "..%2F..%2Fetc%2Fpasswd",
    "dots": "..;",
    "sql": "x'%20OR%201%3D1--",
    "right to left": "%E2%80%AE",
    "bad utf-8": "%FF%FE",
    "half a surrogate": "%ED%A0%80",
    "long": "x" * 1500,
    "too long": "x" * 3000,
    "template": "%7B%7B7*7%7D%7D",
    "line break": "a%0D%0AX-Injected:%201",
    "negative": "-1",
    "wide digits": "%EF%BC%97",
}
QUERIES = {
    "empty": "",
    "sql": "'; DROP TABLE choice; --",
    "huge": "9" * 400,
    "negative": "-99999999999999999999",
    "fraction": "1e309",
    "right to left": "\u202eabc",
    "long": "x" * 5000,
    "bracket": "[]",
    "not a time": "2026-13-45T99:99:99Z",
    "far future": "9999-12-31T23:59:59.999999Z",
    "before time": "0001-01-01T00:00:00Z",
    "emoji": "\U0001f512" * 40,
    "cursor": "A" * 200,
}
CREDENTIALS: dict[str, dict[str, str]] = {
    "none": {},
    "basic": {"Authorization": "Basic YTpi"},
    "empty": {"Authorization": "Bearer "},
    "unknown key": {"Authorization": "Bearer ck_" + "0" * 60},
    "no algorithm": {"Authorization": "Bearer eyJhbGciOiJub25lIn0.e30."},
    "three dots": {"Authorization": "Bearer ...."},
    "a megabyte": {"Authorization": "Bearer " + "x" * 15_000},
    "unknown site": {"X-Candor-Site": "pk_unknown"},
    "latin letters": {"X-Candor-Site": "pk_\xe9\xff"},
    "a bad device": {"X-Candor-Site": "pk_unknown", "X-Candor-Device": "../../x"},
}


def assert_refused(operation: Operation, answer: httpx.Response, *statuses: int) -> None:
    what = f"{operation.method} {answer.request.url}: {answer.status_code} {answer.text[:300]}"
    assert 400 <= answer.status_code < 500, what
    assert not statuses or answer.status_code in statuses, what
    assert answer.headers["content-type"] == "application/problem+json", what
    assert answer.json()["status"] == answer.status_code, what
    assert "x-injected" not in answer.headers, what
    assert str(answer.status_code) in operation.declared["responses"], f"{what} is not in the contract"


def empty(operation: Operation) -> dict[str, Any] | None:
    return {} if operation.takes_body else None


async def ask(whole: Whole, client: httpx.AsyncClient, operation: Operation, **request: Any) -> httpx.Response:
    headers = {**whole.credential(operation.permission), **request.pop("headers", {})}
    path = request.pop("path", operation.sample_path())
    return await client.request(operation.method, path, headers=headers, **request)


@pytest.mark.parametrize("case", BODIES)
async def test_a_body_that_is_no_good_changes_nothing(whole: Whole, case: str) -> None:
    raw, headers, status = BODIES[case]
    before = await whole.counts()
    async with whole.client() as client:
        for operation in whole.operations():
            if operation.method in CHANGING:
                answer = await ask(whole, client, operation, content=raw, headers=headers)
                lines = "x-ndjson" in json.dumps(operation.declared) and status in {415, 422}
                assert_refused(operation, answer, status, *((400, 422) if lines else ()))

    assert await whole.counts() == before


@pytest.mark.parametrize("case", VALUES)
async def test_a_body_of_the_wrong_shape_is_told_where(whole: Whole, case: str) -> None:
    before = await whole.counts()
    async with whole.client() as client:
        for operation in whole.operations():
            if operation.takes_body:
                answer = await ask(whole, client, operation, json=VALUES[case])
                assert_refused(operation, answer, 422, 404)
                if answer.status_code == 422:
                    assert answer.json()["errors"], operation

    assert await whole.counts() == before


@pytest.mark.parametrize("case", PATHS)
async def test_a_path_that_names_nothing_finds_nothing(whole: Whole, case: str) -> None:
    before = await whole.counts()
    async with whole.client() as client:
        for operation in whole.operations():
            for parameter in operation.declared.get("parameters", ()):
                if parameter["in"] == "path":
                    path = operation.path.replace(f"{{{parameter['name']}}}", PATHS[case])
                    filled = Operation(operation.method, path, None, operation.declared).sample_path()
                    answer = await ask(whole, client, operation, path=filled)
                    assert_refused(operation, answer)
                    if operation.method == "GET":
                        assert answer.status_code in {404, 414}, answer.url

    assert await whole.counts() == before


def _values(operation: Operation, place: str) -> Iterator[str]:
    for parameter in operation.declared.get("parameters", ()):
        if parameter["in"] == place:
            yield parameter["name"]


@pytest.mark.parametrize("case", QUERIES)
async def test_a_hostile_parameter_is_refused_or_harmless(whole: Whole, case: str) -> None:
    before = await whole.counts()
    async with whole.client() as client:
        for operation in whole.operations():
            for name in _values(operation, "query"):
                answer = await ask(whole, client, operation, params={name: QUERIES[case]})
                if answer.status_code >= 300:
                    assert_refused(operation, answer)
                else:
                    assert operation.method == "GET", f"{operation.method} {answer.url} took it"

    assert await whole.counts() == before


@pytest.mark.parametrize("case", ["", "\xff", "x" * 5000, '"', "W/", "\u00e9", "*, *"])
async def test_a_hostile_header_field_is_refused_or_harmless(whole: Whole, case: str) -> None:
    before = await whole.counts()
    async with whole.client() as client:
        for operation in whole.operations():
            for name in (*_values(operation, "header"), "Accept-Language", "Sec-GPC", "X-Candor-Role", "Accept"):
                answer = await ask(whole, client, operation, headers={name: case.encode("latin-1")})
                if operation.takes_body or answer.status_code >= 300:
                    assert_refused(operation, answer)

    assert await whole.counts() == before


@pytest.mark.parametrize("case", CREDENTIALS)
async def test_nobody_gets_in_without_a_credential_that_holds(whole: Whole, case: str) -> None:
    before = await whole.counts()
    async with whole.client() as client:
        for operation in whole.operations():
            if operation.permission is not None:
                sent = CREDENTIALS[case].items()
                headers = [(name.encode(), value.encode("latin-1")) for name, value in sent]
                path = operation.sample_path()
                answer = await client.request(operation.method, path, headers=headers, json=empty(operation))
                assert_refused(operation, answer, 401)

    assert await whole.counts() == before


# what an auditor may read but must not put into a URL, or only with a reason
HANDED_OUT = {"/v1/packs/{pack}/impact", "/v1/subjects/lookup", "/v1/explanation-requests/{request_id}/annex"}


async def test_an_auditor_changes_nothing_anywhere(whole: Whole) -> None:
    before = await whole.counts()
    auditor = whole.credentials[Role.AUDITOR.value]
    async with whole.client() as client:
        for operation in whole.operations():
            asks = operation.permission in {None, "permissions.check", "disclosures.resolve"}
            reads = asks or operation.path in HANDED_OUT
            if operation.method in CHANGING and not reads:
                path = operation.sample_path()
                answer = await client.request(operation.method, path, headers=auditor, json=empty(operation))
                assert_refused(operation, answer, 403)

    assert await whole.counts() == before


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1.evil.test", "localhost:80@evil.test"])
async def test_no_operation_answers_for_another_host(whole: Whole, host: str) -> None:
    async with whole.client() as client:
        for operation in whole.operations():
            answer = await ask(whole, client, operation, headers={"Host": host})
            assert_refused(operation, answer, 421)
