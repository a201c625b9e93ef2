"""Tokens we sign: only ours, of the right kind, in their one spelling; retired keys still verify."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import pytest
from joserfc import jws as jose
from joserfc.jwk import KeySet, OKPKey

from core import canonical
from core.keys import KeyRing
from ledger import jws

TYP = jws.MEDIA_TYPES["receipt"]
PAYLOAD = {"sub": "sub_1", "n": 1, "text": "ü"}


def b64(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def signed(keyring: KeyRing, header: bytes, payload: bytes = b"{}") -> str:
    """A token with any header, rightly signed."""
    text = f"{b64(header)}.{b64(payload)}"
    return f"{text}.{b64(keyring.signing('receipt').private.sign(text.encode()))}"


def test_what_was_signed_is_read_back(keyring: KeyRing) -> None:
    token = jws.sign(PAYLOAD, keyring.signing("receipt"), TYP)

    assert jws.verify(token, jws.public_keys(keyring, "receipt"), TYP) == PAYLOAD


def test_another_library_accepts_the_token_with_the_published_keys(keyring: KeyRing) -> None:
    token = jws.sign(PAYLOAD, keyring.signing("receipt"), TYP)

    published: Any = jws.key_set(keyring)
    found = jose.deserialize_compact(token, KeySet.import_key_set(published), algorithms=["Ed25519"])

    assert canonical.loads(found.payload) == PAYLOAD
    assert found.headers() == {"alg": "Ed25519", "kid": keyring.signing("receipt").kid, "typ": TYP}


def test_a_retired_key_still_verifies_and_stays_published(keyring: KeyRing) -> None:
    token = jws.sign(PAYLOAD, keyring.signing("receipt"), TYP)
    rotated = keyring.rotated("receipt", 5)

    assert jws.verify(token, jws.public_keys(rotated, "receipt"), TYP) == PAYLOAD
    published = jws.key_set(rotated)["keys"]
    assert [key["kid"] for key in published] == [rotated.signing("receipt").kid, keyring.signing("receipt").kid]
    assert all("d" not in key for key in published)


def test_a_key_of_another_use_does_not_verify(keyring: KeyRing) -> None:
    token = jws.sign(PAYLOAD, keyring.signing("ledger"), TYP)

    with pytest.raises(jws.JwsError, match="unknown key"):
        jws.verify(token, jws.public_keys(keyring, "receipt"), TYP)


@pytest.mark.parametrize(
    "change",
    [
        {"typ": "JWT"},
        {"alg": "none"},
        {"alg": "HS256"},
        {"alg": "ES256"},
        {"kid": "other"},
        {"kid": None},
        {"jwk": {}},
        {"jku": "https://evil.example"},
        {"crit": ["exp"]},
        {"b64": False},
    ],
)
def test_other_headers_are_refused(keyring: KeyRing, change: dict[str, Any]) -> None:
    header = {"alg": "Ed25519", "kid": keyring.signing("receipt").kid, "typ": TYP, **change}

    with pytest.raises(jws.JwsError):
        jws.verify(signed(keyring, canonical.dumps(header)), jws.public_keys(keyring, "receipt"), TYP)


@pytest.mark.parametrize("missing", ["alg", "kid", "typ"])
def test_a_header_without_a_member_is_refused(keyring: KeyRing, missing: str) -> None:
    header = {"alg": "Ed25519", "kid": keyring.signing("receipt").kid, "typ": TYP}
    del header[missing]

    with pytest.raises(jws.JwsError):
        jws.verify(signed(keyring, canonical.dumps(header)), jws.public_keys(keyring, "receipt"), TYP)


def test_doubled_members_and_other_spellings_are_refused(keyring: KeyRing) -> None:
    kid = keyring.signing("receipt").kid
    keys = jws.public_keys(keyring, "receipt")
    doubled = f'{{"alg":"none","alg":"Ed25519","kid":"{kid}","typ":"{TYP}"}}'.encode()
    spaced = f'{{"alg": "Ed25519","kid":"{kid}","typ":"{TYP}"}}'.encode()
    token = jws.sign(PAYLOAD, keyring.signing("receipt"), TYP)
    for bad in (signed(keyring, doubled), signed(keyring, spaced), token + "=", token + ".", " " + token, token[:-1]):
        with pytest.raises(jws.JwsError):
            jws.verify(bad, keys, TYP)


def test_loose_bits_at_the_end_of_a_signature_are_refused(keyring: KeyRing) -> None:
    """A 64-byte signature leaves four bits unused in its last letter: they must be zero."""
    token = jws.sign(PAYLOAD, keyring.signing("receipt"), TYP)
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    loose = token[:-1] + alphabet[alphabet.index(token[-1]) + 1]

    assert urlsafe_b64decode(loose.split(".")[2] + "==") == urlsafe_b64decode(token.split(".")[2] + "==")
    with pytest.raises(jws.JwsError, match="spelling"):
        jws.verify(loose, jws.public_keys(keyring, "receipt"), TYP)


def test_a_changed_payload_or_signature_is_refused(keyring: KeyRing) -> None:
    header, _, signature = jws.sign(PAYLOAD, keyring.signing("receipt"), TYP).split(".")
    keys = jws.public_keys(keyring, "receipt")
    for bad in (f"{header}.{b64(b'{}')}.{signature}", f"{header}.{b64(b'{}')}."):
        with pytest.raises(jws.JwsError, match="signature"):
            jws.verify(bad, keys, TYP)


def test_a_payload_that_is_no_object_is_refused(keyring: KeyRing) -> None:
    header = canonical.dumps({"alg": "Ed25519", "kid": keyring.signing("receipt").kid, "typ": TYP})
    for payload in (b"[]", b"1", b"not json"):
        with pytest.raises(jws.JwsError):
            jws.verify(signed(keyring, header, payload), jws.public_keys(keyring, "receipt"), TYP)


def test_the_public_key_is_the_jwk_another_library_makes(keyring: KeyRing) -> None:
    key = keyring.signing("receipt")
    theirs = OKPKey.import_key(key.public).as_dict(private=False)

    ours = jws.key_set(keyring)["keys"][0]

    assert (ours["kty"], ours["crv"], ours["x"]) == (theirs["kty"], theirs["crv"], theirs["x"])


def test_our_own_tokens_are_read_back_as_signed_and_nothing_else_is(keyring: KeyRing) -> None:
    known = jws.signers(jws.public_keys(keyring, "receipt"), TYP)
    token = jws.sign(PAYLOAD, keyring.signing("receipt"), TYP)
    header, payload, signature = token.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    loose = token[:-1] + alphabet[alphabet.index(token[-1]) + 1]
    other = jws.sign(PAYLOAD, keyring.signing("receipt"), "JWT")
    stranger = jws.sign(PAYLOAD, keyring.signing("ledger"), TYP)

    assert jws.payload_of(token, known) == canonical.dumps(PAYLOAD)
    changed = (f"{header}.{b64(b'{}')}.{signature}", f"{header}.{payload}.", f"{header}.{payload}", token + "=")
    for bad in (*changed, loose, other, stranger, "", None, token.encode(), token + "A" * 70_000):
        with pytest.raises(jws.JwsError):
            jws.payload_of(bad, known)
