"""Customer tokens: a site's back-end vouches for its customer for at most 15 minutes.

A compact JWS of type ``customer+jwt``: ``aud`` is the site's publishable key, ``sub`` the tenant's own reference,
with ``iat``, ``exp`` and ``jti``. Signed with a registered Ed25519 or P-256 key, or HS256 with at least 32 bytes of
secret. The site is found by ``aud`` before any key is looked up, so a token of one site never opens another.
"""

import re
from base64 import urlsafe_b64decode
from dataclasses import dataclass

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from joserfc.jwk import ECKey, Key, OctKey, OKPKey

from api.auth import compact
from api.auth.errors import BadCredentialError, WeakKeyError
from core.clock import MICROS
from core.errors import FieldError

TYPE = "customer+jwt"
LONGEST = 900 * MICROS
SECRET_BYTES = 32
_SECRET_LIMIT = 512
_REFERENCE = re.compile(r"[A-Za-z0-9._:~-]{1,128}")
_NAMES = {"Ed25519": frozenset({"Ed25519", "EdDSA"}), "ES256": frozenset({"ES256"}), "HS256": frozenset({"HS256"})}


@dataclass(frozen=True, slots=True)
class TokenKey:
    """One live key of a site, ready to verify; ``algorithm`` is ``Ed25519``, ``ES256`` or ``HS256``."""

    id: str
    kid: str
    algorithm: str
    key: Key


def is_reference(text: str) -> bool:
    """Tell whether ``text`` can be a tenant's reference to a subject: no spaces and no ``@``."""
    return _REFERENCE.fullmatch(text) is not None


def read_public_key(pem: str, pointer: str) -> tuple[str, str]:
    """Return the algorithm and the normalised PEM of a public key to register. Raises ``WeakKeyError``."""
    try:
        key = load_pem_public_key(pem.encode())
    except (ValueError, TypeError) as error:
        raise _weak(pointer, "not a public key in PEM (BEGIN PUBLIC KEY)") from error
    except Exception as error:  # cryptography raises UnsupportedAlgorithm outside ValueError
        raise _weak(pointer, "a kind of key that is not supported") from error
    if isinstance(key, Ed25519PublicKey):
        return "Ed25519", OKPKey.import_key(key).as_pem(private=False).decode()
    if isinstance(key, EllipticCurvePublicKey) and isinstance(key.curve, SECP256R1):
        return "ES256", ECKey.import_key(key).as_pem(private=False).decode()
    raise _weak(pointer, "the key has to be Ed25519 or P-256")


def read_secret(text: str, pointer: str) -> bytes:
    """Return a shared secret given in base64url; 32 bytes or more. Raises ``WeakKeyError``."""
    try:
        secret = urlsafe_b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4))
    except ValueError as error:
        raise _weak(pointer, "not base64url") from error
    if not SECRET_BYTES <= len(secret) <= _SECRET_LIMIT:
        raise _weak(pointer, f"the secret has to have at least {SECRET_BYTES} bytes")
    if secret.lstrip().startswith((b"-----BEGIN", b"ssh-", b"ecdsa-")):
        raise _weak(pointer, "that is a key file, not a secret")
    return secret


def _weak(pointer: str, detail: str) -> WeakKeyError:
    return WeakKeyError(fields=(FieldError(pointer, detail),))


def verifying_key(algorithm: str, material: bytes) -> Key:
    """Make the key that verifies, from a stored PEM or an unsealed secret."""
    if algorithm == "HS256":
        return OctKey.import_key(material)
    return OKPKey.import_key(material) if algorithm == "Ed25519" else ECKey.import_key(material)


def audience(token: compact.Compact) -> str:
    """Return the publishable key of the site a token is for; nothing is proven yet."""
    return compact.text_claim(token.claims, "aud")


def verify(token: compact.Compact, keys: tuple[TokenKey, ...], now: int, leeway: int) -> tuple[str, TokenKey]:
    """Prove a token of type ``customer+jwt`` and return the subject's reference and the key that proved it.

    Raises ``BadCredentialError``. Times are microseconds.
    """
    if token.type != TYPE:
        raise BadCredentialError("type")
    compact.check_times(token.claims, now, leeway, LONGEST)
    compact.text_claim(token.claims, "jti", 128)
    reference = compact.text_claim(token.claims, "sub", 128)
    if not is_reference(reference):
        raise BadCredentialError("claim-sub")
    fitting = [key for key in keys if token.algorithm in _NAMES[key.algorithm]]
    if token.kid is not None:
        fitting = [key for key in fitting if key.kid == token.kid]
    if len(fitting) != 1:
        raise BadCredentialError("unknown-key")
    compact.verify_signature(token, fitting[0].key, _NAMES[fitting[0].algorithm])
    return reference, fitting[0]
