"""API keys of machines: ``ck_live_<id>_<secret><checksum>``.

The secret has 256 random bits, so one SHA-256 is enough to store it (a password hash protects guessable secrets).
The checksum lets a scanner recognise a leaked key, and lets Candor refuse a mistyped one, without the database.
"""

import re
import secrets
from dataclasses import dataclass
from hashlib import sha256
from zlib import crc32

PREFIX = "ck_live_"
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SECRET_LENGTH = 43  # 62**43 > 2**256
_CHECKSUM_LENGTH = 6  # 62**6 > 2**32
PATTERN = re.compile(rf"ck_live_([0-9a-f]{{32}})_([0-9A-Za-z]{{{_SECRET_LENGTH + _CHECKSUM_LENGTH}}})")


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key just made: ``token`` is shown once and never stored."""

    token: str
    digest: bytes


def _base62(number: int, length: int) -> str:
    letters = []
    for _ in range(length):
        number, rest = divmod(number, 62)
        letters.append(_LETTERS[rest])
    return "".join(reversed(letters))


def _checksum(text: str) -> str:
    return _base62(crc32(text.encode()), _CHECKSUM_LENGTH)


def make(key_id: str) -> NewKey:
    """Make the token of the key ``key_...`` and the digest to store."""
    body = f"{PREFIX}{key_id.removeprefix('key_')}_{_base62(secrets.randbits(256), _SECRET_LENGTH)}"
    token = body + _checksum(body)
    return NewKey(token, digest(token.encode()))


def digest(token: bytes) -> bytes:
    """Return what is stored of a token, and what it is found by."""
    return sha256(token).digest()


def is_well_formed(token: str) -> bool:
    """Tell whether a text is a key of ours by shape and checksum; for scanners of leaks."""
    if PATTERN.fullmatch(token) is None:
        return False
    return _checksum(token[:-_CHECKSUM_LENGTH]) == token[-_CHECKSUM_LENGTH:]


def new_publishable_key() -> str:
    """Make a site's public name ``pk_...``: it identifies, it proves nothing."""
    return f"pk_{secrets.token_hex(16)}"
