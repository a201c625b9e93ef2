"""API keys and origins by their form."""

import pytest

from api.auth import api_keys, origins
from core import ids


def test_a_key_is_recognised_by_its_checksum_and_found_by_its_digest() -> None:
    made = api_keys.make(ids.new("key", 1_700_000_000_000_000))

    assert api_keys.is_well_formed(made.token)
    assert made.digest == api_keys.digest(made.token.encode())
    assert made.token.encode() not in made.digest


def test_no_key_is_like_another() -> None:
    key_id = ids.new("key", 0)

    assert len({api_keys.make(key_id).token for _ in range(100)}) == 100


def test_a_mistyped_key_is_recognised() -> None:
    token = api_keys.make(ids.new("key", 0)).token
    other = "1" if token[50] == "0" else "0"

    for bent in (token[:50] + other + token[51:], token[:-1], token + "0", token.upper(), ""):
        assert not api_keys.is_well_formed(bent)


@pytest.mark.parametrize(
    "origin",
    [
        "https://shop.example",
        "https://shop.example:8443",
        "http://localhost:3000",
        "http://127.0.0.1",
        "http://[::1]:80000"[:-1],
    ],
)
def test_an_exact_origin_can_be_registered(origin: str) -> None:
    assert origins.why_not(origin) is None


@pytest.mark.parametrize(
    "origin",
    [
        "null",
        "*",
        "https://*.shop.example",
        "https://shop.example/",
        "https://shop.example/path",
        "https://SHOP.example",
        "https://shop.example:443",
        "https://shop.example:70000",
        "https://shop.example:0",
        "http://shop.example",
        "http://localhost:80",
        "https://user@shop.example",
        "https://shop.example.",
        "https://.example",
        "https://-a.example",
        "https://shop.example\n",
        "shop.example",
        "//shop.example",
        "ftp://shop.example",
        "file://",
        "https://",
        "https://é.example",
        "https://" + "a." * 200 + "example",
        "",
    ],
)
def test_anything_but_an_exact_origin_is_refused(origin: str) -> None:
    assert origins.why_not(origin) is not None


@pytest.mark.parametrize(
    ("url", "origin"),
    [
        ("https://candor.example:443/path?x#y", "https://candor.example"),
        ("http://127.0.0.1:8787", "http://127.0.0.1:8787"),
        ("https://[2001:db8::1]:8443/", "https://[2001:db8::1]:8443"),
        ("https://User@CANDOR.example", "https://candor.example"),
    ],
)
def test_the_origin_of_an_address_is_written_as_browsers_do(url: str, origin: str) -> None:
    assert origins.of_url(url) == origin
