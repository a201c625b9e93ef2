"""Signed notes (C2SP signed-note v1.0.0): a text and, below a blank line, who signed it with Ed25519.

- A key's name and its 4-byte id, SHA-256(name || 0x0A || 0x01 || public key)[:4], say which key signed.
- Signatures of unknown keys are ignored; a wrong signature of a known key refuses the whole note.
- A note that no known key has signed is refused.
"""

import re
from base64 import b64decode, b64encode
from binascii import Error as Base64Error
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

_ED25519 = b"\x01"
_SIGNATURES_MOST = 100
_NOTE_BYTES_MOST = 1_000_000
_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_NAME = re.compile(r"[^\s+]+")


class NoteError(Exception):
    """A note or key that is malformed, unsigned or wrongly signed."""


def key_id(name: str, public: Ed25519PublicKey) -> bytes:
    """Return the 4 bytes that, with its name, identify a key."""
    return sha256(name.encode() + b"\n" + _ED25519 + public.public_bytes_raw()).digest()[:4]


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key under the name it signs with."""

    name: str
    public: Ed25519PublicKey

    @property
    def id(self) -> bytes:
        """Return the key's 4-byte id."""
        return key_id(self.name, self.public)

    def vkey(self) -> str:
        """Write the key as text: ``name+hash+base64``."""
        encoded = b64encode(_ED25519 + self.public.public_bytes_raw()).decode()
        return f"{self.name}+{self.id.hex()}+{encoded}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: the key's name, its 4-byte id and the rest."""

    name: str
    id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A text whose signatures were checked; ``verified`` are those of known keys, never empty."""

    text: str
    verified: tuple[Signature, ...]
    unverified: tuple[Signature, ...] = ()


def _unbase64(text: str) -> bytes:
    try:
        raw = b64decode(text, validate=True)
    except (Base64Error, ValueError) as error:
        raise NoteError("not base64") from error
    if b64encode(raw).decode() != text:
        raise NoteError("not base64 in its one spelling")
    return raw


def parse_vkey(text: str) -> Verifier:
    """Read a public key from its text. Raises ``NoteError``; the 4-byte id must fit name and key."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not _NAME.fullmatch(parts[0]) or not re.fullmatch("[0-9a-f]{8}", parts[1]):
        raise NoteError("malformed verifier key")
    raw = _unbase64(parts[2])
    if len(raw) != 33 or raw[:1] != _ED25519:
        raise NoteError("not an Ed25519 verifier key")
    verifier = Verifier(parts[0], Ed25519PublicKey.from_public_bytes(raw[1:]))
    if verifier.id.hex() != parts[1]:
        raise NoteError("the verifier key's id does not fit its name and key")
    return verifier


def parse_signing_key(text: str) -> tuple[str, Ed25519PrivateKey]:
    """Read ``PRIVATE+KEY+name+hash+base64`` as the Go tools write it. Raises ``NoteError``."""
    parts = text.split("+", 4)
    if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"] or not _NAME.fullmatch(parts[2]):
        raise NoteError("malformed signing key")
    raw = _unbase64(parts[4])
    if len(raw) != 33 or raw[:1] != _ED25519:
        raise NoteError("not an Ed25519 signing key")
    private = Ed25519PrivateKey.from_private_bytes(raw[1:])
    if key_id(parts[2], private.public_key()).hex() != parts[3]:
        raise NoteError("the signing key's id does not fit its name and key")
    return parts[2], private


def sign(text: str, name: str, private: Ed25519PrivateKey) -> str:
    """Return ``text`` as a note signed by one key. Raises ``NoteError`` unless the text ends in a newline."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise NoteError("a note's text ends in a newline and has no control characters")
    if not _NAME.fullmatch(name):
        raise NoteError("a key's name has no spaces and no plus sign")
    signed = key_id(name, private.public_key()) + private.sign(text.encode())
    return f"{text}\n— {name} {b64encode(signed).decode()}\n"


def _split(raw: str) -> tuple[str, list[Signature]]:
    if _CONTROL.search(raw) or len(raw) > _NOTE_BYTES_MOST:
        raise NoteError("malformed note")
    text, blank, lines = raw.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise NoteError("malformed note")
    signatures: dict[Signature, None] = {}
    for count, line in enumerate(lines[:-1].split("\n"), 1):
        found = _LINE.fullmatch(line)
        if found is None or count > _SIGNATURES_MOST:
            raise NoteError("malformed note")
        signed = _unbase64(found[2])
        if len(signed) < 5:
            raise NoteError("malformed note")
        signatures[Signature(found[1], signed[:4], signed[4:])] = None
    return text + "\n", list(signatures)


def open_note(raw: str, verifiers: Iterable[Verifier]) -> Note:
    """Check a note against the known keys and return it. Raises ``NoteError``."""
    known: dict[tuple[str, bytes], list[Verifier]] = {}
    for verifier in verifiers:
        known.setdefault((verifier.name, verifier.id), []).append(verifier)
    text, signatures = _split(raw)
    message = text.encode()
    verified: list[Signature] = []
    unverified: list[Signature] = []
    seen: set[tuple[str, bytes]] = set()
    for signature in signatures:
        identity = (signature.name, signature.id)
        keys = known.get(identity, [])
        if len(keys) > 1:
            raise NoteError(f"ambiguous key {signature.name}+{signature.id.hex()}")
        if not keys:
            unverified.append(signature)
        elif identity not in seen:
            seen.add(identity)
            _check(keys[0], signature, message)
            verified.append(signature)
    if not verified:
        raise NoteError("the note has no signature of a known key")
    return Note(text, tuple(verified), tuple(unverified))


def _check(verifier: Verifier, signature: Signature, message: bytes) -> None:
    try:
        verifier.public.verify(signature.signature, message)
    except InvalidSignature as error:
        raise NoteError(f"invalid signature for key {verifier.name}+{verifier.id.hex()}") from error
