"""Customer tokens: what a site's back-end may vouch for, and for how long."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa, x25519
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc import jws
from joserfc.jwk import ECKey, Key, OctKey, OKPKey

from api.auth import compact, customer_tokens
from api.auth.errors import BadCredentialError, WeakKeyError
from core.clock import MICROS, FixedClock

SITE = "pk_" + "0" * 32
SECRET = b"0123456789abcdef0123456789abcdef"
LEEWAY = 30 * MICROS


def token(clock: FixedClock, key: Key, algorithm: str, kid: str | None = "k1", **changes: Any) -> str:
    now = clock.now() // MICROS
    claims = {"aud": SITE, "sub": "customer-4711", "iat": now, "exp": now + 900, "jti": "1", **changes}
    header = {"alg": algorithm, "typ": customer_tokens.TYPE} | ({"kid": kid} if kid else {})
    kept = {name: value for name, value in claims.items() if value is not None}
    return jws.serialize_compact(header, json.dumps(kept), key, algorithms=[algorithm])


def known(key: Key, algorithm: str, kid: str = "k1") -> customer_tokens.TokenKey:
    return customer_tokens.TokenKey("key_1", kid, algorithm, key)


def verified(raw: str, clock: FixedClock, *keys: customer_tokens.TokenKey) -> str:
    return customer_tokens.verify(compact.parse(raw), keys, clock.now(), LEEWAY)[0]


@pytest.mark.parametrize("algorithm", ["Ed25519", "ES256", "HS256"])
def test_a_registered_key_vouches_for_its_customer(
    algorithm: str, clock: FixedClock, ed_key: OKPKey, ec_key: ECKey
) -> None:
    signing: Key = {"Ed25519": ed_key, "ES256": ec_key, "HS256": OctKey.import_key(SECRET)}[algorithm]  # type: ignore[assignment]  # one of three kinds

    raw = token(clock, signing, algorithm)

    assert verified(raw, clock, known(signing, algorithm)) == "customer-4711"


def test_the_old_name_of_ed25519_is_understood(clock: FixedClock, ed_key: OKPKey) -> None:
    with pytest.warns(match="EdDSA is deprecated"):
        raw = token(clock, ed_key, "EdDSA")

    assert verified(raw, clock, known(ed_key, "Ed25519")) == "customer-4711"


def test_two_live_keys_are_told_apart_by_kid(clock: FixedClock, ed_key: OKPKey, ec_key: ECKey) -> None:
    fresh = OKPKey.generate_key("Ed25519")
    keys = known(ed_key, "Ed25519", "old"), known(fresh, "Ed25519", "new")

    assert verified(token(clock, fresh, "Ed25519", "new"), clock, *keys)
    for raw in (token(clock, fresh, "Ed25519", "old"), token(clock, fresh, "Ed25519", None)):
        with pytest.raises(BadCredentialError):
            verified(raw, clock, *keys)


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": "ana@example.com"},
        {"sub": "a b"},
        {"sub": ""},
        {"sub": None},
        {"sub": "x" * 129},
        {"sub": 4711},
        {"jti": None},
        {"jti": ""},
        {"iat": None},
        {"exp": None},
    ],
    ids=str,
)
def test_a_token_with_a_wrong_claim_is_refused(clock: FixedClock, ed_key: OKPKey, changes: dict[str, Any]) -> None:
    with pytest.raises(BadCredentialError):
        verified(token(clock, ed_key, "Ed25519", **changes), clock, known(ed_key, "Ed25519"))


def test_a_token_lives_fifteen_minutes_at_most(clock: FixedClock, ed_key: OKPKey) -> None:
    now = clock.now() // MICROS
    raw = token(clock, ed_key, "Ed25519")
    keys = known(ed_key, "Ed25519")

    with pytest.raises(BadCredentialError):
        verified(token(clock, ed_key, "Ed25519", exp=now + 901), clock, keys)
    clock.advance(929 * MICROS)
    assert verified(raw, clock, keys)
    clock.advance(2 * MICROS)
    with pytest.raises(BadCredentialError):
        verified(raw, clock, keys)


def test_a_public_key_is_no_shared_secret(clock: FixedClock, ed_key: OKPKey) -> None:
    public = OctKey.import_key({"kty": "oct", "k": ed_key.as_dict(private=False)["x"]})

    with pytest.raises(BadCredentialError):
        verified(token(clock, public, "HS256"), clock, known(ed_key, "Ed25519"))


def test_an_access_token_is_no_customer_token(clock: FixedClock, ed_key: OKPKey) -> None:
    raw = token(clock, ed_key, "Ed25519")
    parsed = compact.parse(raw)
    other = compact.Compact(parsed.algorithm, parsed.kid, "at+jwt", parsed.claims, parsed.signed, parsed.signature)

    with pytest.raises(BadCredentialError):
        customer_tokens.verify(other, (known(ed_key, "Ed25519"),), clock.now(), LEEWAY)


def pem(key: Any) -> str:
    return str(key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode())


def test_only_ed25519_and_p256_public_keys_can_be_registered() -> None:
    private = ed25519.Ed25519PrivateKey.generate()
    assert customer_tokens.read_public_key(pem(private.public_key()), "/key")[0] == "Ed25519"
    curve = ec.generate_private_key(ec.SECP256R1()).public_key()
    assert customer_tokens.read_public_key(pem(curve), "/key")[0] == "ES256"

    secret = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    refused = [
        pem(rsa.generate_private_key(65537, 2048).public_key()),
        pem(ec.generate_private_key(ec.SECP384R1()).public_key()),
        pem(x25519.X25519PrivateKey.generate().public_key()),
        secret,
        "",
        "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----",
        "\ud800",
    ]
    for text in refused:
        with pytest.raises(WeakKeyError) as weak:
            customer_tokens.read_public_key(text, "/key")
        assert weak.value.fields[0].pointer == "/key"


@pytest.mark.parametrize("text", ["AA", "", "A" * 42, "!" * 50, "LS0tLS1CRUdJTiBQVUJMSUMgS0VZLS0tLS0K" * 3, "é" * 43])
def test_a_weak_secret_can_not_be_registered(text: str) -> None:
    with pytest.raises(WeakKeyError):
        customer_tokens.read_secret(text, "/secret")


def test_a_secret_of_32_bytes_can_be_registered() -> None:
    assert len(customer_tokens.read_secret("A" * 43, "/secret")) == 32
