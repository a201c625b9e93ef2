"""Amazon's Signature Version 4 for requests to SageMaker: pure, the instant comes in (as documented by the vendor).

The keys are credentials of the endpoint named ``aws-access-key-id``, ``aws-secret-access-key`` and, for temporary ones,
``aws-session-token``; they sign the request and are never sent themselves.
"""

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple
from urllib.parse import parse_qsl, quote, urlsplit

from core.clock import rfc3339
from explanations.tokens import PREFIX

_KEY, _SECRET, _TOKEN = "aws-access-key-id", "aws-secret-access-key", "aws-session-token"
_SERVICE = "sagemaker"
_ALGORITHM = "AWS4-HMAC-SHA256"


class Keys(NamedTuple):
    """Whose signature, and for where."""

    key: str
    secret: str
    region: str
    service: str
    token: str | None = None


def keys_in(credentials: Mapping[str, str], url: str) -> Keys | None:
    """Return the signing keys among credentials; the region is the second-to-last part of Amazon's host names."""
    named = {name.lower(): value for name, value in credentials.items()}
    if _KEY not in named or _SECRET not in named:
        return None
    parts = (urlsplit(url).hostname or "").split(".")
    region = parts[2] if len(parts) > 3 else "us-east-1"
    return Keys(named[_KEY], named[_SECRET], region, _SERVICE, named.get(_TOKEN))


def unsigned(credentials: Mapping[str, str]) -> dict[str, str]:
    """Return the credentials that are sent as header fields."""
    return {name: value for name, value in credentials.items() if not name.lower().startswith(("aws-", PREFIX))}


def signed(method: str, url: str, headers: Mapping[str, str], body: bytes, keys: Keys, at: int) -> dict[str, str]:
    """Return the header fields with ``X-Amz-Date`` and ``Authorization``; ``at`` in microseconds."""
    stamp = rfc3339(at)[:19].replace("-", "").replace(":", "") + "Z"
    parts = urlsplit(url)
    made = {**headers, "Host": parts.netloc, "X-Amz-Date": stamp}
    if keys.token is not None:
        made["X-Amz-Security-Token"] = keys.token
    names = sorted(name.lower() for name in made)
    plain = {name.lower(): " ".join(value.split()) for name, value in made.items()}
    listed = ";".join(names)
    request = "\n".join(
        [
            method,
            quote(parts.path or "/", safe="/-_.~"),
            "&".join(f"{quote(k, safe='-_.~')}={quote(v, safe='-_.~')}" for k, v in sorted(parse_qsl(parts.query))),
            *(f"{name}:{plain[name]}" for name in names),
            "",
            listed,
            sha256(body).hexdigest(),
        ]
    )
    scope = f"{stamp[:8]}/{keys.region}/{keys.service}/aws4_request"
    text = "\n".join([_ALGORITHM, stamp, scope, sha256(request.encode()).hexdigest()])
    secret = f"AWS4{keys.secret}".encode()
    for part in (stamp[:8], keys.region, keys.service, "aws4_request"):
        secret = hmac.digest(secret, part.encode(), "sha256")
    signature = hmac.digest(secret, text.encode(), "sha256").hex()
    del made["Host"]
    made["Authorization"] = f"{_ALGORITHM} Credential={keys.key}/{scope}, SignedHeaders={listed}, Signature={signature}"
    return made
