#!/usr/bin/env python3
"""Check a Candor consent receipt without Candor: one file, Python 3.11 and the ``cryptography`` package.

    python candor_verify.py receipt.json [--keys trusted.json]

``receipt.json`` is what Candor hands out with a receipt:

    {"receipt": "<compact JWS>",
     "proof": {"leaf_index": 0, "tree_size": 1, "hashes": ["<base64>"], "checkpoint": "<note>", "entry": "<text>"},
     "keys": {"keys": [...]}, "vkey": "<name+hash+base64>"}

Checked are: the receipt's signature (RFC 7515, Ed25519) and type; that the log's entry is the one the receipt
names; that this entry is in the log's tree (RFC 9162); and the log's signature on that tree (C2SP signed-note).
Keys in the file itself only show that it is whole. To know WHO signed, give keys you got elsewhere with ``--keys``:
a file ``{"keys": [...], "vkeys": ["..."]}``; then the file's own keys are ignored.

Exit code 0: everything holds. 1: something does not. 2: the question could not be put (no such file, malformed).
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

RECEIPT_TYPE = "consent-receipt+jwt"
HOLDS, FAILS, UNUSABLE = 0, 1, 2
_NOTE_LINE = re.compile(r"— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})")
_BYTES_MOST = 4 * 1024 * 1024


class WrongError(Exception):
    """Something that was checked does not hold."""


class UnusableError(Exception):
    """The input is not what this program reads."""


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UnusableError("a JSON object names a member twice")
    return found


def _json(raw: bytes | str) -> Any:
    try:
        return json.loads(raw, object_pairs_hook=_object)
    except (ValueError, RecursionError) as error:
        raise UnusableError("not JSON") from error


def _base64(text: object, *, url: bool = False) -> bytes:
    if not isinstance(text, str):
        raise UnusableError("base64 text is missing")
    try:
        if url:
            raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            again = base64.urlsafe_b64encode(raw).decode().rstrip("=")
        else:
            raw = base64.b64decode(text, validate=True)
            again = base64.b64encode(raw).decode()
    except ValueError as error:
        raise UnusableError("not base64") from error
    if again != text:
        raise UnusableError("not base64 in its one spelling")
    return raw


def _signed(public: Ed25519PublicKey, signature: bytes, message: bytes) -> bool:
    try:
        public.verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _member(holder: dict[str, Any], name: str, kind: type) -> Any:
    value = holder.get(name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise UnusableError(f"{name!r} is missing or not what it should be")
    return value


def key_of(key_set: dict[str, Any], kid: object) -> Ed25519PublicKey:
    """Find a signing key in a JWK Set by its id."""
    for key in _member(key_set, "keys", list):
        if isinstance(key, dict) and key.get("kid") == kid and key.get("kty") == "OKP":
            raw = _base64(key.get("x"), url=True)
            if key.get("crv") == "Ed25519" and len(raw) == 32:
                return Ed25519PublicKey.from_public_bytes(raw)
    raise WrongError(f"the receipt is signed with key {kid!r}, which is not among the keys given")


def check_receipt(compact: str, key_set: dict[str, Any]) -> dict[str, Any]:
    """Check the receipt's form and signature and return what it says."""
    parts = compact.split(".")
    if len(parts) != 3:
        raise UnusableError("the receipt is not a compact JWS")
    header, payload, signature = (_base64(part, url=True) for part in parts)
    said = _json(header)
    if not isinstance(said, dict) or set(said) != {"alg", "kid", "typ"}:
        raise WrongError("the receipt's header must hold alg, kid and typ and nothing else")
    if said["typ"] != RECEIPT_TYPE:
        raise WrongError(f"this is not a consent receipt but {said['typ']!r}")
    if said["alg"] not in {"Ed25519", "EdDSA"}:
        raise WrongError(f"algorithm {said['alg']!r} is not allowed")
    if not _signed(key_of(key_set, said["kid"]), signature, ".".join(parts[:2]).encode()):
        raise WrongError("the receipt's signature is not right: it was changed, or signed by someone else")
    receipt = _json(payload)
    if not isinstance(receipt, dict):
        raise UnusableError("the receipt's content is not a JSON object")
    return receipt


def parse_vkey(text: str) -> tuple[str, bytes, Ed25519PublicKey]:
    """Read a log's public key: its name, its 4-byte id, the key."""
    name, _, rest = text.partition("+")
    stated, _, encoded = rest.partition("+")
    raw = _base64(encoded)
    if not name or len(raw) != 33 or raw[0] != 1:
        raise UnusableError("malformed log key")
    key_id = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    if key_id.hex() != stated:
        raise UnusableError("the log key's id does not fit it")
    return name, key_id, Ed25519PublicKey.from_public_bytes(raw[1:])


def check_checkpoint(note: str, vkeys: Sequence[str]) -> tuple[str, int, bytes]:
    """Check the log's signature on a checkpoint and return origin, size and root."""
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not lines.endswith("\n"):
        raise UnusableError("the checkpoint is not a signed note")
    text += "\n"
    known = {(name, key_id): public for name, key_id, public in map(parse_vkey, vkeys)}
    verified = set()
    for line in lines[:-1].split("\n"):
        found = _NOTE_LINE.fullmatch(line)
        if found is None:
            raise UnusableError("the checkpoint is not a signed note")
        raw = _base64(found[2])
        public = known.get((found[1], raw[:4]))
        if public is not None:
            if not _signed(public, raw[4:], text.encode()):
                raise WrongError("the checkpoint's signature is not right")
            verified.add(found[1])
    stated = text.split("\n")
    if len(stated) < 4 or not re.fullmatch(r"[1-9]\d{0,18}", stated[1]):
        raise UnusableError("malformed checkpoint")
    if stated[0] not in verified:
        raise WrongError("the checkpoint is not signed by the log's key")
    return stated[0], int(stated[1]), _base64(stated[2])


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry as RFC 9162 does a leaf."""
    return hashlib.sha256(b"\x00" + entry).digest()


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Follow an inclusion proof to the root it leads to (RFC 9162, 2.1.3.2)."""
    if size < 1 or not 0 <= index < size or any(len(h) != 32 for h in (leaf, *proof)):
        raise WrongError("the inclusion proof is malformed")
    place, last, root = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise WrongError("the inclusion proof is too long")
        if place & 1 or place == last:
            root = hashlib.sha256(b"\x01" + sibling + root).digest()
            while not place & 1 and place:
                place >>= 1
                last >>= 1
        else:
            root = hashlib.sha256(b"\x01" + root + sibling).digest()
        place >>= 1
        last >>= 1
    if last:
        raise WrongError("the inclusion proof is too short")
    return root


def check_entry(receipt: dict[str, Any], proof: dict[str, Any]) -> None:
    """Check that the log's entry is the very one that the receipt names, by id and place."""
    entry = _json(_member(proof, "entry", str))
    named = _member(receipt, "ledger", dict)
    if not isinstance(entry, dict) or entry.get("v") != 1:
        raise UnusableError("the entry is not one of Candor's, version 1")
    if named.get("entry") != entry.get("id") or named.get("seq") != entry.get("seq"):
        raise WrongError("the receipt names another entry of the log than the one that is proved")
    if entry.get("seq") != _member(proof, "leaf_index", int):
        raise WrongError("the entry is proved at another place than its own")


def check_inclusion(proof: dict[str, Any], size: int, root: bytes) -> None:
    """Check that the entry is in the tree that the checkpoint signs."""
    index, stated = _member(proof, "leaf_index", int), _member(proof, "tree_size", int)
    hashes = [_base64(item) for item in _member(proof, "hashes", list)]
    if stated != size:
        raise WrongError("the proof is for a tree of another size than the checkpoint's")
    if root_from_inclusion(index, size, leaf_hash(proof["entry"].encode()), hashes) != root:
        raise WrongError("the entry is not in the log: it was changed, or the proof belongs to another")


def verify(document: dict[str, Any], trusted: dict[str, Any] | None, say: Callable[[str], object]) -> None:
    """Check a whole document, saying what holds. Raises ``WrongError`` or ``UnusableError``."""
    key_set = trusted if trusted is not None else _member(document, "keys", dict)
    vkeys = _member(trusted, "vkeys", list) if trusted is not None else [_member(document, "vkey", str)]
    receipt = check_receipt(_member(document, "receipt", str), key_set)
    say("OK  the receipt is signed and unchanged")
    proof = _member(document, "proof", dict)
    check_entry(receipt, proof)
    say(f"OK  it names entry {receipt['ledger']['entry']}, number {receipt['ledger']['seq']} of the log")
    origin, size, root = check_checkpoint(_member(proof, "checkpoint", str), [str(v) for v in vkeys])
    say(f"OK  the log {origin} signed its first {size} entries")
    check_inclusion(proof, size, root)
    say("OK  the entry is one of them, unchanged")
    if trusted is None:
        say("??  the keys came with the receipt itself; use --keys with keys you trust to know who signed")


def _read(path: str) -> dict[str, Any]:
    try:
        with Path(path).open("rb") as file:
            raw = file.read(_BYTES_MOST + 1)
    except OSError as error:
        raise UnusableError(f"cannot read {path}: {error.strerror}") from error
    document = _json(raw) if len(raw) <= _BYTES_MOST else None
    if not isinstance(document, dict):
        raise UnusableError(f"{path} is not a JSON object of a reasonable size")
    return document


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code."""
    parser = argparse.ArgumentParser(description="Check a Candor consent receipt, offline.")
    parser.add_argument("receipt", help="the JSON file with receipt and proof")
    parser.add_argument("--keys", help="a JSON file with the keys you trust: {keys: [...], vkeys: [...]}")
    options = parser.parse_args(arguments)

    def say(line: str) -> None:
        sys.stdout.write(line + "\n")

    try:
        verify(_read(options.receipt), _read(options.keys) if options.keys else None, say)
    except WrongError as error:
        say(f"NO  {error}")
        return FAILS
    except (UnusableError, UnicodeError) as error:
        say(f"??  {error}")
        return UNUSABLE
    say("The receipt holds.")
    return HOLDS


if __name__ == "__main__":
    sys.exit(main())
