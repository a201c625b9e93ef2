"""Deliveries of desks as they sign them, for the trials."""

import hmac
import json
from typing import Any

from handoff.conformance import NOW
from handoff.port import Hook, Setup

HI = "Good morning"
SECRET = "hook-secret"
STAMP = str(int(NOW))
OLD = str(int(NOW) - 3600)


def mac(secret: str, message: bytes, digest: str = "sha256") -> bytes:
    return hmac.digest(secret.encode(), message, digest)


def hook(body: object, headers: dict[str, str], method: str = "POST") -> Hook:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return Hook(method, "https://candor.example/hooks/default/desk", headers, raw, NOW)


def signed_by(sign: Any, bodies: dict[str, object], *, stale: bool = True) -> dict[str, Hook]:
    """Return deliveries signed by ``sign(secret, raw, stamp) -> headers``, with a forged and a stale one."""
    raw = {name: json.dumps(body).encode() for name, body in bodies.items()}
    made = {name: hook(body, sign(SECRET, body, STAMP)) for name, body in raw.items()}
    made["forged"] = hook(raw["message"], sign("another", raw["message"], STAMP))
    if stale:
        made["stale"] = hook(raw["message"], sign(SECRET, raw["message"], OLD))
    return made


def _setup(url: str, webhook: str = SECRET, **options: str) -> Setup:
    return Setup("desk", url, options, {"token": "api-token", "webhook": webhook}, NOW)
