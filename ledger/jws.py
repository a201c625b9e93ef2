"""Compact JWS (RFC 7515) signed with Ed25519 (RFC 8037, RFC 9864), and the key set that verifies it.

- The header is exactly ``alg``, ``kid`` and ``typ``, spelled as we spell it; a key named by the token is refused.
- ``typ`` says what is signed, so that a token of one kind never passes for another (RFC 8725, 3.11).
- ``kid`` picks the key among ours; retired keys still verify what they signed.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from joserfc import jws as jose
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from core import canonical
from core.keys import KeyRing, SigningKey, Use

ALGORITHMS = ("Ed25519", "EdDSA")
MEDIA_TYPES: Mapping[str, str] = {"receipt": "consent-receipt+jwt"}
_HEADER = frozenset({"alg", "kid", "typ"})
_PART = r"(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2,3})?"
_COMPACT = re.compile(rf"({_PART})\.({_PART})\.({_PART})")
_BYTES_MOST = 64 * 1024


class JwsError(Exception):
    """A token that is malformed, of another kind, or not signed by a key of ours."""


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _unbase64url(text: str) -> bytes:
    raw = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if _base64url(raw) != text:
        raise JwsError("not base64url in its one spelling")
    return raw


def sign(payload: Mapping[str, Any], key: SigningKey, typ: str) -> str:
    """HOT PATH, 50 us, most of it Ed25519. Return ``payload`` as a compact JWS; its bytes are canonical JSON."""
    header = canonical.dumps({"alg": "Ed25519", "kid": key.kid, "typ": typ})
    signed = f"{_base64url(header)}.{_base64url(canonical.dumps(payload))}"
    return f"{signed}.{_base64url(key.private.sign(signed.encode()))}"


def _header(compact: str, typ: str) -> dict[str, Any]:
    parts = _COMPACT.fullmatch(compact) if len(compact) <= _BYTES_MOST else None
    if parts is None:
        raise JwsError("not a compact JWS")
    raw = _unbase64url(parts[1])
    _unbase64url(parts[2])
    _unbase64url(parts[3])
    try:
        header = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise JwsError("the header is not JSON") from error
    if not isinstance(header, dict) or set(header) != _HEADER or canonical.dumps(header) != raw:
        raise JwsError("the header must hold alg, kid and typ, each once, and nothing else")
    if header["typ"] != typ:
        raise JwsError("a token of another kind")
    if header["alg"] not in ALGORITHMS:
        raise JwsError("another algorithm than Ed25519")
    return header


def verify(compact: str, keys: Mapping[str, Ed25519PublicKey], typ: str) -> dict[str, Any]:
    """Check a token against the known keys and return its payload. Raises ``JwsError``."""
    header = _header(compact, typ)
    public = keys.get(header["kid"]) if isinstance(header["kid"], str) else None
    if public is None:
        raise JwsError("signed by an unknown key")
    try:
        token = jose.deserialize_compact(compact, OKPKey.import_key(public), algorithms=list(ALGORITHMS))
        payload = orjson.loads(token.payload)
    except (JoseError, ValueError) as error:
        raise JwsError("the signature is not right") from error
    if not isinstance(payload, dict):
        raise JwsError("the payload is not an object")
    return payload


def signers(keys: Mapping[str, Ed25519PublicKey], typ: str) -> dict[str, Ed25519PublicKey]:
    """Return the keys by the header of the tokens they signed, as it stands in front of them: for ``payload_of``."""
    return {
        _base64url(canonical.dumps({"alg": algorithm, "kid": kid, "typ": typ})): public
        for kid, public in keys.items()
        for algorithm in ALGORITHMS
    }


def payload_of(compact: object, known: Mapping[str, Ed25519PublicKey]) -> bytes:
    """HOT PATH of verification, 60 us, all of it Ed25519. Return the payload of a token of ours as it was signed.

    As strict as ``verify``: the header is one of ``known``, every part has its one spelling. Raises ``JwsError``.
    """
    parts = _COMPACT.fullmatch(compact) if isinstance(compact, str) and len(compact) <= _BYTES_MOST else None
    public = None if parts is None else known.get(parts[1])
    if parts is None or public is None:
        raise JwsError("not signed by a key of ours")
    try:
        public.verify(_unbase64url(parts[3]), f"{parts[1]}.{parts[2]}".encode())
    except InvalidSignature as error:
        raise JwsError("the signature is not right") from error
    return _unbase64url(parts[2])


def public_keys(keyring: KeyRing, use: Use) -> dict[str, Ed25519PublicKey]:
    """Return every public key of a use by its kid, retired ones included."""
    return {key.kid: key.public for key in keyring.all(use)}


def _jwk(public: Ed25519PublicKey) -> dict[str, str]:
    return {"kty": "OKP", "crv": "Ed25519", "x": _base64url(public.public_bytes_raw())}


def key_set(keyring: KeyRing, uses: Sequence[Use] = ("receipt",)) -> dict[str, list[dict[str, str]]]:
    """Return the public keys as a JWK Set (RFC 7517), newest first; retired ones stay, so old tokens verify."""
    keys = [key for use in uses for key in reversed(keyring.all(use))]
    return {"keys": [{**_jwk(key.public), "kid": key.kid, "use": "sig", "alg": "Ed25519"} for key in keys]}
