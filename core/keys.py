"""The key file: everything secret that must live outside the database, mode 0600.

Holds the pepper of pseudonyms, the key-encryption keys of subjects' keys, and the Ed25519 signing keys of the
ledger and of receipts. Rotation adds a key and keeps the old one: pseudonyms and old receipts go on verifying.
There is no default secret: a file is made at first start of the embedded default, and never in production.
"""

import json
import os
from base64 import b64decode, b64encode
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from core.clock import rfc3339

Use = Literal["ledger", "receipt", "offer"]
USES: tuple[Use, ...] = ("ledger", "receipt", "offer")
_GROUP_OR_OTHERS = 0o077


class KeyFileError(Exception):
    """The key file is missing, readable by others, or not one of ours; the sentence says what to do."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One Ed25519 key pair; ``kid`` is the first 8 bytes of SHA-256 of its public half, in hex."""

    kid: str
    use: Use
    private: Ed25519PrivateKey
    created_at: int
    retired_at: int | None = None

    @property
    def public(self) -> Ed25519PublicKey:
        """Return the public half."""
        return self.private.public_key()


@dataclass(frozen=True, slots=True)
class KeyRing:
    """All secrets of one installation. Immutable: rotation returns a new ring to be saved."""

    pepper: bytes
    keks: tuple[tuple[str, bytes], ...]
    signing_keys: tuple[SigningKey, ...]

    @property
    def kek(self) -> bytes:
        """Return the key-encryption key for new subjects' keys (the newest)."""
        return self.keks[-1][1]

    @property
    def kek_id(self) -> str:
        """Return the id of the newest key-encryption key."""
        return self.keks[-1][0]

    def kek_by_id(self, kek_id: str) -> bytes:
        """Return a key-encryption key by its id. Raises ``KeyFileError`` if the file does not hold it."""
        for known, secret in self.keks:
            if known == kek_id:
                return secret
        raise KeyFileError(f"the key file holds no key-encryption key {kek_id}: restore the file that made it")

    def signing(self, use: Use) -> SigningKey:
        """Return the key that signs now for ``use``."""
        live = [key for key in self.signing_keys if key.use == use and key.retired_at is None]
        if not live:
            raise KeyFileError(f"the key file holds no live {use} key: run `candor keys rotate {use}`")
        return live[-1]

    def all(self, use: Use) -> list[SigningKey]:
        """Return every key ever used for ``use``, oldest first; retired ones still verify."""
        return [key for key in self.signing_keys if key.use == use]

    def rotated(self, use: Use, at: int) -> "KeyRing":
        """Return the ring with a new live key for ``use``; the former one is retired, not removed."""
        kept = tuple(
            replace(key, retired_at=at) if key.use == use and key.retired_at is None else key
            for key in self.signing_keys
        )
        return replace(self, signing_keys=(*kept, _new_signing_key(use, at)))

    def with_new_kek(self) -> "KeyRing":
        """Return the ring with a new key-encryption key for new subjects; old subjects' keys keep theirs."""
        return replace(self, keks=(*self.keks, _new_kek()))


def _new_kek() -> tuple[str, bytes]:
    secret = os.urandom(32)
    return sha256(b"candor/kek" + secret).hexdigest()[:8], secret


def _new_signing_key(use: Use, at: int) -> SigningKey:
    return _signing_key(use, Ed25519PrivateKey.generate(), at, None)


def _signing_key(use: Use, private: Ed25519PrivateKey, at: int, retired_at: int | None) -> SigningKey:
    kid = sha256(private.public_key().public_bytes_raw()).hexdigest()[:16]
    return SigningKey(kid, use, private, at, retired_at)


def generate(at: int) -> KeyRing:
    """Make a fresh ring: one pepper, one key-encryption key, one signing key for each use."""
    return KeyRing(os.urandom(32), (_new_kek(),), tuple(_new_signing_key(use, at) for use in USES))


def save(ring: KeyRing, path: Path) -> None:
    """Write the ring atomically with mode 0600, fsynced before it replaces the old file."""
    document = {
        "format": "candor-keys/1",
        "pepper": b64encode(ring.pepper).decode(),
        "keks": [{"id": kek_id, "key": b64encode(secret).decode()} for kek_id, secret in ring.keks],
        "signing_keys": [
            {
                "use": key.use,
                "private": b64encode(key.private.private_bytes_raw()).decode(),
                "created_at": key.created_at,
                "created": rfc3339(key.created_at),
                "retired_at": key.retired_at,
            }
            for key in ring.signing_keys
        ],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(document, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def load(path: Path) -> KeyRing:
    """Read a ring. Raises ``KeyFileError`` if it is absent, readable by others, or malformed."""
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise KeyFileError(f"cannot read the key file: {error.strerror}") from error
    if mode & _GROUP_OR_OTHERS:
        raise KeyFileError("others may read the key file: set its mode to 0600")
    try:
        document = json.loads(text)
        return KeyRing(
            b64decode(document["pepper"]),
            tuple((item["id"], b64decode(item["key"])) for item in document["keks"]),
            tuple(_read_signing_key(item) for item in document["signing_keys"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise KeyFileError("the key file is not a candor-keys/1 document") from error


def _read_signing_key(item: dict[str, object]) -> SigningKey:
    use, private, created_at, retired_at = (
        item["use"],
        item["private"],
        item["created_at"],
        item["retired_at"],
    )
    if use not in USES or not isinstance(private, str) or not isinstance(created_at, int):
        raise ValueError("malformed signing key")
    if retired_at is not None and not isinstance(retired_at, int):
        raise ValueError("malformed signing key")
    return _signing_key(
        use,
        Ed25519PrivateKey.from_private_bytes(b64decode(private)),
        created_at,
        retired_at,
    )
