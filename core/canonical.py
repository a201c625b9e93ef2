"""Canonical JSON for hashing and signing: RFC 8785 (JCS) for the values Candor records.

Recorded values hold only ASCII keys, text, whole numbers below 2**53, booleans, null, lists and objects: for these
``orjson`` with sorted keys gives exactly the bytes of RFC 8785. A property test compares the two.
"""

from collections.abc import Mapping
from typing import Any

import orjson


def dumps(value: Mapping[str, Any] | list[Any]) -> bytes:
    """Return the canonical UTF-8 bytes of ``value``. Raises ``TypeError`` for what JSON can't hold."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def loads(raw: bytes | str) -> Any:
    """Read trusted JSON of our own making back. Hostile input goes through ``api.strict_json``."""
    return orjson.loads(raw)
