"""Identifiers: a public prefix that says what the thing is, and a UUIDv7 (RFC 9562, section 5.7)."""

import os
import re

_VARIANT = 0x8 << 60
_SHAPE = re.compile(r"[a-z]{3,4}_[0-9a-f]{32}")


def new(prefix: str, at: int) -> str:
    """Make an id such as ``chc_0199...`` from the instant ``at`` (microseconds): 74 of its bits are random."""
    noise = int.from_bytes(os.urandom(10), "big")
    high = ((at // 1000) << 16) | 0x7000 | (noise >> 68)
    low = _VARIANT | (noise & ((1 << 62) - 1))
    return f"{prefix}_{high:016x}{low:016x}"


def lowest(prefix: str, at: int) -> str:
    """Return what sorts before every id made at or after the instant ``at`` (microseconds)."""
    return f"{prefix}_{(at // 1000) << 16:016x}{0:016x}"


def is_id(text: str, prefix: str) -> bool:
    """Tell whether ``text`` has the shape of an id with this prefix; says nothing of its existence."""
    return _SHAPE.fullmatch(text) is not None and text.startswith(prefix + "_")
