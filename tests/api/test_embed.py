"""The files that pages embed: pinned to a version, held to a hash, compressed, open to all origins."""

import gzip
from base64 import b64encode
from hashlib import sha384

import httpx
import pytest

from api.widget import files
from tests.api.shop import Shop

pytestmark = pytest.mark.anyio
SCRIPTS = ("candor.js", "candor-panel.js", "candor-marks.js", "candor-chat.js", "candor-core.js")


def pinned(name: str) -> str:
    """Return the address of a file of this version."""
    return f"/widget/{files.lock().version}/{name}"


async def get(shop: Shop, path: str, **headers: str) -> httpx.Response:
    """Ask as a browser of any origin would."""
    return await shop.client.get(path, headers={"Origin": "https://anybody.example", **headers})


@pytest.mark.parametrize("name", SCRIPTS)
async def test_a_pinned_script_is_what_its_hash_says_and_is_kept_for_a_year(shop: Shop, name: str) -> None:
    answer = await get(shop, pinned(name))

    assert f"sha384-{b64encode(sha384(answer.content).digest()).decode()}" == files.lock().integrity[name]
    fields = answer.headers
    assert fields["cache-control"] == "public, max-age=31536000, immutable"
    assert fields["content-type"] == "text/javascript; charset=utf-8"
    assert fields["access-control-allow-origin"] == "*"
    assert fields["cross-origin-resource-policy"] == "cross-origin"
    assert fields["x-content-type-options"] == "nosniff"
    assert fields["vary"] == "Accept-Encoding"
    assert "set-cookie" not in fields


async def test_who_takes_gzip_gets_it_and_who_does_not_gets_it_plain(shop: Shop) -> None:
    for coding, expected in (("gzip", "gzip"), ("identity", None)):
        async with shop.client.stream("GET", pinned("candor.js"), headers={"Accept-Encoding": coding}) as answer:
            raw = b"".join([part async for part in answer.aiter_raw()])
        assert answer.headers.get("content-encoding") == expected
        assert int(answer.headers["content-length"]) == len(raw)
        plain = gzip.decompress(raw) if expected else raw
        assert plain == files.shelf()["candor.js"].plain


async def test_who_has_it_already_gets_304(shop: Shop) -> None:
    first = await get(shop, pinned("candor.js"))
    again = await get(shop, pinned("candor.js"), **{"If-None-Match": first.headers["etag"]})

    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["cache-control"] == first.headers["cache-control"]


async def test_another_version_and_another_file_are_not_there(shop: Shop) -> None:
    for path in ("/widget/0.0.1-00000000/candor.js", pinned("nothing.js"), "/widget/nothing.js"):
        assert (await get(shop, path)).status_code == 404


async def test_without_a_version_it_is_kept_for_minutes_only(shop: Shop) -> None:
    answer = await get(shop, "/widget/candor.js")

    assert answer.headers["cache-control"] == "public, max-age=300, stale-while-revalidate=86400"
    assert (await get(shop, "/widget/lock.json")).json()["version"] == files.lock().version


async def test_words_come_in_the_nearest_language(shop: Shop) -> None:
    german = (await get(shop, pinned("words.de-AT.json"))).json()
    english = (await get(shop, pinned("words.xx.json"))).json()

    assert german["off"] == "Aus"
    assert english["off"] == "Off"
    assert "badge" not in german


def test_the_lines_to_paste_hold_nothing_but_what_was_meant() -> None:
    lines = files.snippet("https://candor.example", 'pk_"><script>', "de", "/t/shop/de")

    assert lines.count("<script") == 1
    assert files.lock().integrity["candor.js"] in lines
    assert "So nutzen wir KI" in lines
