"""The files a page embeds, ready as bytes: the scripts, their types, and the words that some elements ask for.

An address with the version never changes what it means, so it may be kept for a year; each file goes out compressed
and with the hash that a page can hold it to (Subresource Integrity). All of it is public and the same for everybody.
"""

import gzip
import json
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from html import escape
from importlib.resources import files
from itertools import product
from typing import Final, NamedTuple

import orjson

from disclosures.widget import words

_KINDS: Final = {"js": "text/javascript; charset=utf-8", "ts": "text/plain; charset=utf-8"}
_FOREVER: Final = b"public, max-age=31536000, immutable"
_SHORT: Final = b"public, max-age=300, stale-while-revalidate=86400"
Fields = list[tuple[bytes, bytes]]


class Served(NamedTuple):
    """One file: as it is, compressed, and the header fields of its answer but length and caching."""

    plain: bytes
    packed: bytes
    etag: bytes
    kind: str

    def fields(self, *, packed: bool, pinned: bool) -> Fields:
        """Return the answer's header fields; ``pinned`` if the address names the version."""
        body = self.packed if packed else self.plain
        made = [
            (b"content-type", self.kind.encode()),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", _FOREVER if pinned else _SHORT),
            (b"etag", self.etag),
            (b"vary", b"Accept-Encoding"),
            (b"cross-origin-resource-policy", b"cross-origin"),
        ]
        return [*made, (b"content-encoding", b"gzip")] if packed else made


class Lock(NamedTuple):
    """The version of all files, and each script's hash as ``integrity`` takes it."""

    version: str
    integrity: Mapping[str, str]


@cache
def lock() -> Lock:
    """Return what the build wrote down of its files."""
    return Lock(**json.loads(files("disclosures.widget").joinpath("served", "lock.json").read_bytes()))


def _ready(raw: bytes, kind: str) -> Served:
    packed = gzip.compress(raw, 9, mtime=0)
    return Served(raw, packed, b'"' + sha256(raw).hexdigest()[:16].encode() + b'"', kind)


@cache
def shelf() -> Mapping[str, Served]:
    """Return every file by its name in the address."""
    served = files("disclosures.widget").joinpath("served")
    made = {
        name: _ready(served.joinpath(name).read_bytes(), _KINDS[name.rpartition(".")[2]]) for name in lock().integrity
    }
    made["lock.json"] = _ready(served.joinpath("lock.json").read_bytes(), "application/json")
    for group, language in product(words.GROUPS, words.languages()):
        raw = orjson.dumps(words.later_words_of(language, group))
        made[f"{group}.{language}.json"] = _ready(raw, "application/json")
    return made


def find(name: str) -> Served | None:
    """Return a file by its name; words in a language without a catalogue are those of the nearest."""
    group, _, rest = name.partition(".")
    if group in words.GROUPS and rest.endswith(".json"):
        return shelf()[f"{group}.{words.nearest(rest[:-5])}.json"]
    return shelf().get(name)


def snippet(origin: str, site_key: str, language: str, page: str) -> str:
    """Return the lines a page embeds: the pinned script with its hash, and the element with its link for no script."""
    script, known = f"{origin}/widget/{lock().version}/candor.js", lock().integrity["candor.js"]
    label = words.catalogue(words.nearest(language))["badge"]
    return (
        f'<script type="module" src="{script}"\n  integrity="{known}"\n  crossorigin="anonymous"></script>\n'
        f'<candor-widget site="{escape(site_key)}" lang="{escape(language)}">'
        f'<a href="{origin}{escape(page)}">{label}</a></candor-widget>'
    )
