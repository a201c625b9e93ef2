"""Detached Ed25519 signatures (RFC 8032) of pack files: an operator's own packs carry the operator's signature.

The signature is over a domain label and the file's exact bytes, and stands beside it as ``NAME.json.sig``: one line
with the public key, one with the signature, both base64url. The packs that ship with a release are not signed: a
key beside the code it vouches for would prove nothing (docs/decisions/0011).
"""

import base64
import binascii
from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from disclosures.packs.errors import PackRefusedError

SUFFIX = ".sig"
_LABEL = b"candor/rulepack/1\n"


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise PackRefusedError("a key or signature is not base64url") from error


def public_key(text: str) -> Ed25519PublicKey:
    """Read a public key, base64url of its 32 bytes. Raises ``PackRefusedError``."""
    try:
        return Ed25519PublicKey.from_public_bytes(_bytes(text))
    except ValueError as error:
        raise PackRefusedError(f"{text!r} is not the base64url of an Ed25519 public key") from error


def shown(key: Ed25519PublicKey) -> str:
    """Return a public key as settings name it."""
    return _text(key.public_bytes_raw())


def new_key(path: Path) -> str:
    """Make a private key at ``path`` (PKCS#8 PEM, mode 0600) and return its public key as settings name it."""
    made = Ed25519PrivateKey.generate()
    pem = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(pem)
    return shown(made.public_key())


def sign(pack: Path, key_file: Path) -> Path:
    """Write the signature beside a pack and return its path. Raises ``PackRefusedError`` for another kind of key."""
    try:
        key = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise PackRefusedError(f"{key_file} holds no private key without passphrase") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise PackRefusedError(f"{key_file} holds no Ed25519 key")
    made = pack.with_name(pack.name + SUFFIX)
    made.write_text(f"{shown(key.public_key())}\n{_text(key.sign(_LABEL + pack.read_bytes()))}\n", encoding="ascii")
    return made


def read_signed(pack: Path, trusted: Iterable[Ed25519PublicKey]) -> bytes:
    """Return a pack's bytes if a trusted key signed exactly them. Raises ``PackRefusedError``."""
    beside = pack.with_name(pack.name + SUFFIX)
    if not beside.is_file():
        raise PackRefusedError(f"{pack.name} is not signed: {beside.name} is missing (candor packs sign)")
    try:
        signer, signature = beside.read_text(encoding="ascii").split()
    except ValueError as error:
        raise PackRefusedError(f"{beside.name} does not hold a public key and a signature") from error
    key = next((known for known in trusted if shown(known) == signer), None)
    if key is None:
        raise PackRefusedError(f"{pack.name} is signed by {signer}, which is no trusted key")
    raw = pack.read_bytes()
    try:
        key.verify(_bytes(signature), _LABEL + raw)
    except InvalidSignature as error:
        raise PackRefusedError(f"{pack.name} is not what {signer} signed") from error
    return raw
