"""Rates: how often one caller may ask, by the generic cell rate algorithm (ITU-T I.371), in memory.

Quotas are counted per serving process: N replicas let through up to N times the quota. The table is bounded; what
is forgotten is what was used longest ago. Announced by ``RateLimit`` fields (draft-ietf-httpapi-ratelimit-headers).
"""

import ipaddress
from collections.abc import Hashable, Iterable, MutableMapping
from typing import Any, NamedTuple

from api.headers import Fields
from api.problems import TooManyRequestsError
from core.clock import MICROS
from core.principal import Principal, Role
from core.settings import LimitSettings

WINDOW_SECONDS = 60
_BROWSERS = frozenset((Role.ANONYMOUS, Role.CUSTOMER))


class Quota(NamedTuple):
    """``most`` requests in each window of ``seconds``, all at once if the caller likes."""

    name: str
    most: int
    seconds: int = WINDOW_SECONDS


class Verdict(NamedTuple):
    """Whether a request is within its quota; what remains, and the seconds until it is whole or usable again."""

    quota: Quota
    allowed: bool
    remaining: int
    seconds: int

    def fields(self) -> Fields:
        """Return the header fields that tell the caller."""
        quota = self.quota
        return [
            (b"ratelimit-policy", f'"{quota.name}";q={quota.most};w={quota.seconds}'.encode()),
            (b"ratelimit", f'"{quota.name}";r={self.remaining};t={self.seconds}'.encode()),
        ]


class Limiter:
    """The quotas of one process."""

    def __init__(self, settings: LimitSettings, capacity: int = 200_000) -> None:
        """Keep at most ``capacity`` callers in mind."""
        self.customer = Quota("customer", settings.customer_per_minute)
        self.machine = Quota("machine", settings.machine_per_minute)
        self._half = max(1, capacity // 2)
        self._young: dict[Hashable, int] = {}
        self._old: dict[Hashable, int] = {}

    def hit(self, key: Hashable, quota: Quota, at: int) -> Verdict:
        """Count one request of ``key`` at the instant ``at`` and tell whether it is within ``quota``."""
        window = quota.seconds * MICROS
        interval = window // quota.most
        full_at = self._young.get(key)
        if full_at is None:
            full_at = self._old.get(key, 0)
        full_at = max(full_at, at) + interval
        over = full_at - at - window
        if over > 0:
            return Verdict(quota, False, 0, -(-over // MICROS))
        if len(self._young) >= self._half:
            self._old, self._young = self._young, {}
        self._young[key] = full_at
        return Verdict(quota, True, -over // interval, -(-(full_at - at) // MICROS))

    def charge(self, scope: MutableMapping[str, Any], principal: Principal, trusted: Iterable[str] = ()) -> None:
        """Count one request of ``principal``. Raises ``TooManyRequestsError`` when its quota is used up."""
        key: Hashable
        if principal.role in _BROWSERS:
            quota = self.customer
            who = principal.subject.pseudonym if principal.subject else client_address(scope, trusted)
            key = (principal.tenant, principal.site, who)
        else:
            quota, key = self.machine, principal.id
        verdict = self.hit(key, quota, scope["candor.at"])
        scope["candor.rate"] = verdict.fields()
        if not verdict.allowed:
            raise TooManyRequestsError(headers={"Retry-After": str(verdict.seconds)})


def client_address(scope: MutableMapping[str, Any], trusted: Iterable[str] = ()) -> str:
    """Return the caller's address: the peer's, or what the outermost trusted proxy saw.

    ``X-Forwarded-For`` counts only as far as its writers are ``trusted``; IPv6 is cut to its /64.
    """
    peer = (scope.get("client") or ("", 0))[0]
    proxies = frozenset(trusted)
    if peer in proxies:
        chain = [
            hop.strip()
            for name, value in scope["headers"]
            if name == b"x-forwarded-for"
            for hop in value.decode("latin-1").split(",")
        ]
        while peer in proxies and chain:
            peer = chain.pop()
    return _network(peer)


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address) and parsed.ipv4_mapped is None:
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
