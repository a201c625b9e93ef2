"""What a body may be: refused before any room sees it, with the place where something is wrong."""

import contextlib
import json
import string
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import strict_json
from api.problems import MalformedJsonError
from core.errors import InvalidError
from tests.api.test_problems import assert_problem

pytestmark = pytest.mark.anyio
JSON = {"Content-Type": "application/json"}

MALFORMED = [
    b"",
    b" ",
    b"nope",
    b"{",
    b'{"name":"tea",}',
    b"[1 2]",
    b'{"name":NaN}',
    b'{"count":Infinity}',
    b'{"count":-Infinity}',
    b'{"name":"a\x00b"}',
    b'{"name":"a\nb"}',
    b"\xef\xbb\xbf{}",
    b'{"name":"\xff"}',
    b'{"name":"\xed\xa0\x80"}',
    '{"name":"tea"}'.encode("utf-16"),
    b"[" * 33 + b"]" * 33,
    b"[" * 60_000,
    b'{"a":' * 100 + b"1" + b"}" * 100,
    b'{"name":"tea"}{"name":"tea"}',
]
WRONG_AT = [
    (b'{"name":"tea","name":"tea"}', "/name", "the field appears twice"),
    (b'{"name":"tea","n\\u0061me":"x"}', "/name", "the field appears twice"),
    (b'{"a":1,"a":"\\u003a"}', "/a", "the field appears twice"),
    (b'{"x":{"y":[0,{"k":1,"k":1}]}}', "/x/y/1/k", "the field appears twice"),
    (b'{"anna@example.org":1,"anna@example.org":2}', "", "the field appears twice"),
    (b'{"count":1e999}', "/count", "the number is too large"),
    (b'{"count":-1e999}', "/count", "the number is too large"),
    (b'{"count":9007199254740992}', "/count", "the number is too large"),
    (b'{"count":' + b"9" * 300 + b"}", "/count", "the number is too large"),
    (b'{"name":"\\ud800"}', "/name", "text must not contain half of a surrogate pair"),
    (b'{"name":"\\udfff\\ud800"}', "/name", "text must not contain half of a surrogate pair"),
    (b'{"name":"a\\u0000"}', "/name", "text must not contain the NUL character"),
    (b'{"\\u0000":1}', "", "a field's name: text must not contain the NUL character"),
    (b'{"name":"' + b"x" * 4097 + b'"}', "/name", "text may have at most 4096 bytes"),
    (b'{"name":"' + "é".encode() * 2049 + b'"}', "/name", "text may have at most 4096 bytes"),
    (b'{"tags":[' + b"1," * 1000 + b"1]}", "/tags", "a list may have at most 1000 items"),
]


@pytest.mark.parametrize("raw", MALFORMED, ids=range(len(MALFORMED)))
async def test_what_is_not_json_is_refused(client: httpx.AsyncClient, raw: bytes) -> None:
    answer = await client.post("/v1/orders", content=raw, headers=JSON)

    if raw:
        assert_problem(answer, 400, "malformed-json")
    else:
        assert_problem(answer, 422, "invalid-input")


@pytest.mark.parametrize(("raw", "pointer", "detail"), WRONG_AT, ids=range(len(WRONG_AT)))
async def test_what_json_allows_and_we_do_not_is_named(
    client: httpx.AsyncClient, raw: bytes, pointer: str, detail: str
) -> None:
    answer = await client.post("/v1/orders", content=raw, headers=JSON)

    said = assert_problem(answer, 422, "invalid-input")
    assert said["errors"] == [{"pointer": pointer, "detail": detail}]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/jsonp"},
        {"Content-Type": "application/json; charset=latin-1"},
        {"Content-Type": "multipart/form-data; boundary=x"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
        {"Content-Type": "application/json", "Content-Encoding": "br"},
    ],
)
async def test_other_content_is_refused(client: httpx.AsyncClient, headers: dict[str, str]) -> None:
    answer = await client.post("/v1/orders", content=b'{"name":"tea"}', headers=headers)

    assert_problem(answer, 415, "unsupported-content")


@pytest.mark.parametrize(
    "kind", ["application/json", "Application/JSON;charset=UTF-8", 'application/json; charset="utf-8"']
)
async def test_json_in_utf8_is_taken(client: httpx.AsyncClient, kind: str) -> None:
    answer = await client.post("/v1/orders", content=b'{"name":"tea"}', headers={"Content-Type": kind})

    assert answer.status_code == 201


async def test_a_large_body_is_refused_unless_the_route_is_for_bulk(client: httpx.AsyncClient) -> None:
    large = json.dumps(["x" * 1000] * 70).encode()

    assert_problem(await client.post("/v1/orders", content=large, headers=JSON), 413, "body-too-large")
    assert (await client.post("/v1/bulk", content=large, headers=JSON)).json() == {"bytes": len(large)}
    assert_problem(await client.post("/v1/bulk", content=large * 16, headers=JSON), 413, "body-too-large")


async def test_a_body_of_untold_length_is_counted_while_it_arrives(client: httpx.AsyncClient) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while sent < 100_000_000:
            sent += 8192
            yield b"[" * 8192

    answer = await client.post("/v1/orders", content=endless(), headers=JSON)

    assert_problem(answer, 413, "body-too-large")
    assert sent < 200_000


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.text(string.printable, max_size=8), inner, max_size=5)
    ),
    max_leaves=20,
)


@given(VALUES, st.booleans())
def test_what_is_good_is_read_as_it_was_written(value: Any, escaped: bool) -> None:
    assert strict_json.loads(json.dumps(value, ensure_ascii=escaped).encode()) == value


@given(st.lists(st.tuples(st.text(":abn\\", max_size=3), VALUES), min_size=1, max_size=6), st.booleans())
def test_a_repeated_name_never_passes(pairs: list[tuple[str, Any]], escaped: bool) -> None:
    written = ",".join(f"{json.dumps(name)}:{json.dumps(value, ensure_ascii=escaped)}" for name, value in pairs)
    raw = f"{{{written}}}".encode()

    if len({name for name, _ in pairs}) == len(pairs):
        assert strict_json.loads(raw) == dict(pairs)
    else:
        with pytest.raises(InvalidError):
            strict_json.loads(raw)


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(raw: bytes) -> None:
    with contextlib.suppress(MalformedJsonError, InvalidError):
        strict_json.loads(raw)
