"""How desks are spoken to over HTTP: JSON in and out, what an answer means, and their zoo of signatures.

A 2xx is not success by itself: whoever needs to know reads the answer. 429 and 5xx may be tried again, after as long as
``Retry-After`` says; other refusals are final.
"""

import base64
import hmac
import re
from collections.abc import Mapping
from hashlib import sha1, sha256
from typing import Any

import orjson

from handoff.errors import BadSignatureError, DeskFailedError
from handoff.port import Call, Hook, Reply

OLDEST_SECONDS = 300
_DIGESTS = {"sha1": sha1, "sha256": sha256}


def call(method: str, url: str, body: object = None, headers: Mapping[str, str] | None = None) -> Call:
    """Return a request with a JSON body."""
    raw = None if body is None else orjson.dumps(body)
    typed = {} if raw is None else {"Content-Type": "application/json"}
    return Call(method, url, raw, {**typed, **(headers or {})})


def basic(user: str, password: str) -> dict[str, str]:
    """Return the header of Basic authentication (RFC 7617)."""
    return {"Authorization": "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()}


def bearer(token: str) -> dict[str, str]:
    """Return the header of a bearer token (RFC 6750)."""
    return {"Authorization": f"Bearer {token}"}


def expect(reply: Reply, *also: int) -> Reply:
    """Return a reply of 2xx, or of a status in ``also``. Raises ``DeskFailedError``."""
    if 200 <= reply.status < 300 or reply.status in also:
        return reply
    if reply.status in {408, 425, 429} or reply.status >= 500:
        raise DeskFailedError(f"It answered {reply.status}.", after=_after(reply))
    raise DeskFailedError(f"It answered {reply.status}.", permanent=True)


def _after(reply: Reply) -> float | None:
    given = reply.headers.get("retry-after", "")
    return min(float(given), 3600.0) if re.fullmatch(r"[0-9]{1,6}", given) else None


def parsed(reply: Reply, *also: int) -> Any:
    """Return the JSON of a good reply. Raises ``DeskFailedError``."""
    try:
        return orjson.loads(expect(reply, *also).body or b"null")
    except orjson.JSONDecodeError as error:
        raise DeskFailedError("It answered something else than JSON.") from error


def taken(value: Any, *path: str | int) -> str:
    """Return the text or number at a place of an answer. Raises ``DeskFailedError`` where it is missing."""
    for step in path:
        try:
            value = value[step]
        except (KeyError, IndexError, TypeError) as error:
            raise DeskFailedError("Its answer lacks what it should say.") from error
    if value is None or isinstance(value, dict | list):
        raise DeskFailedError("Its answer lacks what it should say.")
    return str(value)


def told(hook: Hook) -> Any:
    """Return the JSON of a delivery. Raises ``BadSignatureError`` for what is none: nobody signs that."""
    try:
        return orjson.loads(hook.body)
    except orjson.JSONDecodeError as error:
        raise BadSignatureError("It is not JSON.") from error


def signed(
    secret: str, message: bytes, given: str, *, digest: str = "sha256", encoding: str = "hex", prefix: str = ""
) -> None:
    """Check an HMAC in constant time. Raises ``BadSignatureError``; without a secret nothing is believed."""
    raw = hmac.digest(secret.encode(), message, _DIGESTS[digest])
    made = prefix + (raw.hex() if encoding == "hex" else base64.b64encode(raw).decode())
    if not secret or not hmac.compare_digest(made.encode(), given.encode()):
        raise BadSignatureError


def token(secret: str, given: str) -> None:
    """Check a static token in constant time. Raises ``BadSignatureError``."""
    if not secret or not hmac.compare_digest(secret.encode(), given.encode()):
        raise BadSignatureError


def fresh(hook: Hook, timestamp: str) -> None:
    """Check that a delivery is no older than five minutes. Raises ``BadSignatureError``."""
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]+)?", timestamp) or abs(hook.now - float(timestamp)) > OLDEST_SECONDS:
        raise BadSignatureError("It is too old, or does not say when it was sent.")


def digest_key(hook: Hook) -> str:
    """Return a dedupe key for deliveries that carry no id: the digest of their bytes."""
    return "sha:" + sha256(hook.body).hexdigest()[:40]
