"""Compact JWS (RFC 7515, section 3.1) read strictly, before any key is touched.

joserfc verifies the signature; the rules here close what it leaves open (it checks neither ``typ`` nor duplicate
members, and takes padded base64url):

- three parts of canonical base64url without padding, 8 KiB at most;
- the header holds ``alg``, ``typ`` and perhaps ``kid`` and nothing else: ``jku``, ``jwk``, ``x5c``, ``x5u`` and
  ``crit`` refuse the token;
- header and claims are JSON objects without duplicate names, NaN or Infinity.
"""

import json
import math
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any

from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry

from api.auth.errors import BadCredentialError

LENGTH_LIMIT = 8192
_SHAPE = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_HEADER_NAMES = frozenset({"alg", "kid", "typ"})
_KID_LIMIT = 200
# RFC 9864 gave EdDSA over Ed25519 the name Ed25519; most issuers still write the old one.
_SAME = {"EdDSA": "Ed25519"}


@dataclass(frozen=True, slots=True)
class Compact:
    """A token that is well-formed and of which nothing is proven yet."""

    algorithm: str
    kid: str | None
    type: str
    claims: dict[str, Any]
    signed: bytes
    signature: bytes


def _decoded(part: str) -> bytes:
    raw = urlsafe_b64decode(part + "=" * (-len(part) % 4))
    # The last character carries unused bits: two texts of one signature would be two names of one token.
    if urlsafe_b64encode(raw).rstrip(b"=").decode() != part:
        raise BadCredentialError("encoding")
    return raw


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise BadCredentialError("duplicate-member")
    return found


def _constant(name: str) -> float:  # noqa: ARG001 -- json passes what it found
    raise BadCredentialError("number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise BadCredentialError("number")
    return number


def strict_object(raw: bytes) -> dict[str, Any]:
    """Parse a JSON object that names nothing twice. Raises ``BadCredentialError``."""
    try:
        parsed = json.loads(raw.decode(), object_pairs_hook=_unique, parse_constant=_constant, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise BadCredentialError("json") from error
    if not isinstance(parsed, dict):
        raise BadCredentialError("json")
    return parsed


def parse(raw: str, *, type_needed: bool = True) -> Compact:
    """Read a compact token without trusting it; ID tokens need not tell their type. Raises ``BadCredentialError``."""
    if len(raw) > LENGTH_LIMIT or _SHAPE.fullmatch(raw) is None:
        raise BadCredentialError("encoding")
    signed, _, signature = raw.rpartition(".")
    head, _, body = signed.partition(".")
    try:
        header = strict_object(_decoded(head))
        claims = strict_object(_decoded(body))
        proof = _decoded(signature)
    except ValueError as error:
        raise BadCredentialError("encoding") from error
    if not _HEADER_NAMES.issuperset(header):
        raise BadCredentialError("header")
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", None if type_needed else "")
    if not isinstance(algorithm, str) or not isinstance(kind, str):
        raise BadCredentialError("header")
    if kid is not None and not (isinstance(kid, str) and 0 < len(kid) <= _KID_LIMIT and kid.isprintable()):
        raise BadCredentialError("header")
    return Compact(algorithm, kid, kind, claims, signed.encode(), proof)


def verify_signature(token: Compact, key: Key, algorithms: frozenset[str]) -> None:
    """Prove the signature under one key and the allowed algorithms. Raises ``BadCredentialError``."""
    if token.algorithm not in algorithms:
        raise BadCredentialError("algorithm")
    algorithm = JWSRegistry.algorithms[_SAME.get(token.algorithm, token.algorithm)]
    try:
        algorithm.check_key(key)
        proven = algorithm.verify(token.signed, token.signature, key)
    except (JoseError, ValueError, TypeError) as error:
        raise BadCredentialError("signature") from error
    if not proven:
        raise BadCredentialError("signature")


def text_claim(claims: dict[str, Any], name: str, limit: int = 255) -> str:
    """Return a claim that must be printable text of 1 to ``limit`` characters."""
    found = claims.get(name)
    if not isinstance(found, str) or not 0 < len(found) <= limit or not found.isprintable():
        raise BadCredentialError(f"claim-{name}")
    return found


def time_claim(claims: dict[str, Any], name: str) -> int:
    """Return a NumericDate claim (RFC 7519, section 2) as microseconds since the epoch."""
    found = claims.get(name)
    if isinstance(found, bool) or not isinstance(found, (int, float)) or not 0 <= found < 253_402_300_800:
        raise BadCredentialError(f"claim-{name}")
    return int(found * 1_000_000)


def check_times(claims: dict[str, Any], now: int, leeway: int, longest: int) -> None:
    """Check ``iat``, ``exp`` and ``nbf``; all in microseconds. A token may live no longer than ``longest``."""
    issued, expires = time_claim(claims, "iat"), time_claim(claims, "exp")
    if expires <= now - leeway:
        raise BadCredentialError("expired")
    if issued > now + leeway or ("nbf" in claims and time_claim(claims, "nbf") > now + leeway):
        raise BadCredentialError("not-yet-valid")
    if not 0 < expires - issued <= longest:
        raise BadCredentialError("lifetime")
