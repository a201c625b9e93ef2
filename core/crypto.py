"""Pure cryptography of records: keyed pseudonyms, per-subject keys, sealed fields.

- A pseudonym is keyed BLAKE2b (RFC 7693) under the pepper over length-prefixed tenant and space, then the reference;
  16 bytes (GDPR Art. 4(5): still personal data, but useless without the pepper, which is outside the database).
- A subject's data key (DEK, AES-256) is wrapped by the key-encryption key with AES-KW (RFC 3394).
- A field is sealed with AES-256-GCM under the DEK, bound by its associated data to the row it belongs to, so that
  a ciphertext moved elsewhere does not open. Destroying the DEK destroys the field (crypto-shredding).
"""

import hashlib
import hmac
import os
from base64 import b64decode, b64encode

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap

PSEUDONYM_BYTES = 16
_NONCE_BYTES = 12


def _prefixed(part: str) -> bytes:
    raw = part.encode()
    return len(raw).to_bytes(2, "big") + raw


def pseudonymiser(pepper: bytes, tenant: str, space: str) -> "hashlib.blake2b":
    """Return the keyed hash state of one tenant and space; the gate copies it and adds the reference."""
    state = hashlib.blake2b(key=pepper, digest_size=PSEUDONYM_BYTES)
    state.update(_prefixed(tenant) + _prefixed(space))
    return state


def pseudonym(pepper: bytes, tenant: str, space: str, reference: str) -> bytes:
    """Return the 16-byte keyed pseudonym of a tenant's ``reference`` in ``space`` (``customer`` or ``device``)."""
    state = pseudonymiser(pepper, tenant, space)
    state.update(reference.encode())
    return state.digest()


def new_data_key() -> bytes:
    """Make a fresh 256-bit data key."""
    return AESGCM.generate_key(bit_length=256)


def wrap(kek: bytes, dek: bytes) -> bytes:
    """Wrap a data key for storage (RFC 3394), 40 bytes."""
    return aes_key_wrap(kek, dek)


def unwrap(kek: bytes, wrapped: bytes) -> bytes:
    """Unwrap a stored data key. Raises ``InvalidUnwrap`` under the wrong key-encryption key."""
    return aes_key_unwrap(kek, wrapped)


def seal(key: bytes, plaintext: bytes, place: str) -> bytes:
    """Encrypt ``plaintext`` so that it opens only at ``place`` (``tenant|subject|table|column|row``)."""
    nonce = os.urandom(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, plaintext, place.encode())


def unseal(key: bytes, sealed: bytes, place: str) -> bytes:
    """Decrypt what ``seal`` made at the same ``place``. Raises ``InvalidTag`` otherwise, also where nothing is left."""
    if len(sealed) < _NONCE_BYTES:
        raise InvalidTag
    return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())


def commitment_salt(dek: bytes, entry_id: str) -> bytes:
    """Derive the salt of one ledger entry's personal part; it dies with the subject's key."""
    return hmac.digest(dek, b"candor/ledger-salt" + entry_id.encode(), "sha256")


def commit(dek: bytes, entry_id: str, personal: bytes) -> str:
    """Return the hex commitment to the personal part of an entry, unguessable without the subject's key."""
    return hmac.digest(commitment_salt(dek, entry_id), personal, "sha256").hex()


def event_signature(secret: bytes, event_id: str, at: str, body: bytes) -> str:
    """Return the signature of an event we send or take: Standard Webhooks 1.0, ``v1,`` and base64 HMAC-SHA256.

    ``at`` is whole seconds since the epoch as text: the receiver refuses old ones.
    """
    return "v1," + b64encode(hmac.digest(secret, f"{event_id}.{at}.".encode() + body, "sha256")).decode()


def event_secret(text: str) -> bytes:
    """Return the bytes of an event secret as people write it: ``whsec_`` and base64, or any text."""
    return b64decode(text[6:]) if text.startswith("whsec_") else text.encode()


def derived_key(secret: bytes, purpose: str) -> bytes:
    """Derive a 256-bit key for one ``purpose`` from a secret of the key file (HKDF-SHA256, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"candor/{purpose}".encode()).derive(secret)
