"""What the demo company's own back-end would do: vouch for its customers with short-lived tokens (RFC 7515, HS256)."""

import secrets
from base64 import urlsafe_b64decode

from joserfc import jws
from joserfc.jwk import OctKey

from api.auth import customer_tokens
from api.demo.seed import DemoFacts
from core import canonical
from core.clock import MICROS


def customer_token(facts: DemoFacts, site: str, customer: str, now: int) -> str:
    """Return a token for a customer at a site (its short name), valid for 15 minutes from ``now`` (microseconds)."""
    secret = urlsafe_b64decode(facts.token_secrets[site] + "=")
    header = {"alg": "HS256", "typ": customer_tokens.TYPE, "kid": facts.token_kid}
    issued = now // MICROS
    claims = {
        "aud": facts.publishable_keys[site],
        "sub": customer,
        "iat": issued,
        "exp": issued + customer_tokens.LONGEST // MICROS,
        "jti": secrets.token_hex(8),
    }
    return jws.serialize_compact(header, canonical.dumps(claims), OctKey.import_key(secret), algorithms=["HS256"])
