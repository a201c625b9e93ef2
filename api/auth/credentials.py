"""What a request's header fields offer as credentials; nothing is proven here.

``Authorization: Bearer`` holds an API key, a customer token or an access token. ``X-Candor-Site`` names a site by its
publishable key, ``X-Candor-Device`` (or the hosted page's cookie) an anonymous device, ``X-Candor-Role`` which of
several roles a person acts in. A field given twice refuses the request: two readers could choose differently.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from api.auth.errors import BadCredentialError

DEVICE_COOKIE = "candor_device"
DEVICE = re.compile(r"[0-9a-f]{32}")
_COOKIE = re.compile(rf"(?:^|;) *{DEVICE_COOKIE}=([^;]*)")
_FIELDS = frozenset({b"authorization", b"x-candor-site", b"x-candor-device", b"x-candor-role", b"origin", b"cookie"})
Method = Literal["api-key", "token", "site-key", "none"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """The fields that matter, as text; ``bearer`` without its scheme."""

    bearer: str | None = None
    site: str | None = None
    device: str | None = None
    role: str | None = None
    origin: str | None = None

    @property
    def method(self) -> Method:
        """Return the sort of credential, for the security log."""
        if self.bearer is not None:
            return "api-key" if self.bearer.startswith("ck_") else "token"
        return "site-key" if self.site is not None else "none"


def _bearer(value: str | None) -> str | None:
    if value is None:
        return None
    scheme, _, rest = value.partition(" ")
    if scheme.lower() != "bearer" or not rest:
        raise BadCredentialError("scheme")
    return rest


def _device(fields: dict[bytes, str]) -> str | None:
    device = fields.get(b"x-candor-device")
    if device is None:
        match = _COOKIE.search(fields.get(b"cookie", ""))
        device = match.group(1) if match else None
    if device is not None and DEVICE.fullmatch(device) is None:
        raise BadCredentialError("device")
    return device


def read(headers: Iterable[tuple[bytes, bytes]]) -> Credentials:
    """Return what ASGI header fields offer. Raises ``BadCredentialError``."""
    fields: dict[bytes, str] = {}
    for name, value in headers:
        if name in _FIELDS:
            if name in fields and name != b"cookie":
                raise BadCredentialError("field-twice")
            fields[name] = value.decode("latin-1")
    return Credentials(
        bearer=_bearer(fields.get(b"authorization")),
        site=fields.get(b"x-candor-site"),
        device=_device(fields),
        role=fields.get(b"x-candor-role"),
        origin=fields.get(b"origin"),
    )
