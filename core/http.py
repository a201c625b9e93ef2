"""The one guarded HTTP client: every call that leaves Candor goes through ``HttpClient.fetch``.

- The name is resolved once; if ANY of its addresses is not a public one (after unwrapping IPv4-mapped, 6to4
  and NAT64 forms) the call is refused, otherwise the checked address itself is dialled, with Host and SNI
  kept. A second, different DNS answer therefore never matters (CWE-918).
- https on ports 443 and 8443 only; a ``host:port`` the operator lists may be private, plain and on any port.
- No redirects, no proxies from the environment, no cookies, no compression, one deadline for the whole call,
  a cap on the answer's size while it streams, and its media type checked.
- Never inside a transaction: the ledger's lock would be held for as long as the other machine pleases.

Headers and bodies are never logged, here or by the library below.
"""

import asyncio
import ipaddress
import logging
import socket
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from core.database.guard import in_transaction
from core.errors import InvalidError, UnavailableError

if TYPE_CHECKING:
    import httpx2

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Resolver = Callable[[str, int], Awaitable[list[str]]]

_PORTS = frozenset({443, 8443})
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_UNICAST = ipaddress.IPv6Network("2000::/3")
_MOST_ORIGINS = 64
_URL_LIMIT = 2048
_PASSED = ("authorization", "content-type")


class UrlRefusedError(InvalidError):
    """Candor does not call this URL: its scheme, port, form or address is not one it may reach."""

    code = "url-refused"
    title = "This URL can't be called."


class CallFailedError(UnavailableError):
    """The other service did not answer well in time; ``detail`` says how, never what it sent."""

    code = "outgoing-call-failed"
    title = "Another service that is needed here did not answer well."


class AnswerTooLargeError(CallFailedError):
    """The other service sent more than this call was to cost."""

    def __init__(self) -> None:
        """Say so, and nothing of what it sent."""
        super().__init__("Its answer is too large.")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the other service answered: status number, header fields in lower case, whole body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may cost: seconds in all, bytes of the body; and the media types it may bring."""

    seconds: float = 5.0
    body_bytes: int = 262_144
    media_types: tuple[str, ...] = ("application/json",)


def unwrapped(address: Address) -> Address | None:
    """Return the IPv4 address an IPv6 form carries, the address itself, or ``None`` if never dialled."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    # Everything public lies in 2000::/3; Teredo carries an address that its far end chose.
    return address if address in _UNICAST and address.teredo is None else None


def is_public(text: str) -> bool:
    """Tell whether a literal address is a public unicast one, outside every network of our own."""
    try:
        address = unwrapped(ipaddress.ip_address(text.split("%", 1)[0]))
    except ValueError:
        return False
    return address is not None and address.is_global and not (address.is_multicast or address.is_reserved)


async def resolve(host: str, port: int) -> list[str]:
    """Ask the system for all addresses of ``host``. Raises ``OSError``."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _checked_url(url: str, listed: Collection[str]) -> tuple[httpx.URL, str, int, bool]:
    """Return the URL, its host and port, and whether the operator listed them; or refuse it."""
    try:
        parsed = httpx.URL(url)
        host = parsed.raw_host.decode("ascii").lower().rstrip(".")
    except (httpx.InvalidURL, UnicodeError, TypeError, ValueError) as error:
        raise UrlRefusedError("It is not a valid URL.") from error
    if len(url) > _URL_LIMIT or not url.isascii() or not url.isprintable() or not host:
        raise UrlRefusedError("It is not a valid URL.")
    if parsed.scheme not in {"https", "http"}:
        raise UrlRefusedError("Only https URLs are called.")
    if parsed.userinfo or "@" in parsed.netloc.decode("ascii") or parsed.fragment or "#" in url or "\\" in url:
        raise UrlRefusedError("A URL to call carries no user, password or fragment.")
    port = parsed.port or (443 if parsed.scheme == "https" else 80)
    private = f"{host}:{port}" in listed
    if not private and parsed.scheme != "https":
        raise UrlRefusedError("Only https URLs are called.")
    if not private and port not in _PORTS:
        raise UrlRefusedError("Only ports 443 and 8443 are called; others have to be listed by the operator.")
    return parsed, host, port, private


class HttpClient:
    """Makes outgoing calls; one for the process, made in the composition root."""

    def __init__(
        self,
        allow_private: Collection[str] = (),
        *,
        resolver: Resolver = resolve,
        transport: Callable[[], httpx.AsyncBaseTransport] | None = None,
    ) -> None:
        """Allow exactly these ``host:port`` on private networks and without TLS; the rest are test seams."""
        # httpcore writes header fields at debug level; tokens and personal data travel there.
        logging.getLogger("httpcore").setLevel(logging.WARNING)
        self._listed = frozenset(entry.lower() for entry in allow_private)
        self._resolver = resolver
        self._transport = transport or _own_transport
        # One connection pool for each origin: a TLS connection proven for one name must not serve another
        # name that happens to live at the same address.
        self._pools: OrderedDict[tuple[str, str, int], httpx.AsyncBaseTransport] = OrderedDict()

    async def check(self, url: str) -> None:
        """Refuse at set-up what would be refused when sent. Raises as ``fetch`` does."""
        _, host, port, private = _checked_url(url, self._listed)
        await self._address(host, port, private=private)

    async def fetch(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        limits: Limits = Limits(),
    ) -> Answer:
        """Call ``url`` and return the whole answer, whatever its status; a redirect is just an answer.

        Raises ``UrlRefusedError`` before anything is sent, ``CallFailedError`` for what happens then, and
        ``RuntimeError`` inside a transaction.
        """
        if in_transaction.get():
            raise RuntimeError("no network call inside a transaction: make it before or after")
        try:
            async with asyncio.timeout(limits.seconds):
                answer = await self._fetch(method, url, dict(headers or {}), body, limits)
                await self._trim()
                return answer
        except TimeoutError as error:
            raise CallFailedError("It did not answer in time.") from error
        except httpx.HTTPError as error:
            raise CallFailedError("It could not be reached.") from error

    async def _fetch(
        self, method: str, url: str, headers: dict[str, str], body: bytes | None, limits: Limits
    ) -> Answer:
        parsed, host, port, private = _checked_url(url, self._listed)
        address = await self._address(host, port, private=private)
        named = parsed.raw_host.decode("ascii")
        request = httpx.Request(
            method,
            parsed.copy_with(host=address),
            headers={
                **headers,
                "host": parsed.netloc.decode("ascii"),
                "accept": ", ".join(limits.media_types),
                "accept-encoding": "identity",
            },
            content=body,
            extensions={
                "sni_hostname": named,
                "timeout": httpx.Timeout(limits.seconds).as_dict(),
            },
        )
        response = await self._pool(parsed.scheme, host, port).handle_async_request(request)
        try:
            return await _read(response, limits)
        finally:
            await response.aclose()

    async def _address(self, host: str, port: int, *, private: bool) -> str:
        try:
            found = await self._resolver(host.strip("[]"), port)
        except (OSError, UnicodeError) as error:
            raise CallFailedError("Its name can't be resolved.") from error
        if not found:
            raise CallFailedError("Its name can't be resolved.")
        if not private and not all(is_public(address) for address in found):
            raise UrlRefusedError("It leads to an address that is not public.")
        return found[0]

    def _pool(self, scheme: str, host: str, port: int) -> httpx.AsyncBaseTransport:
        key = (scheme, host, port)
        pool = self._pools.pop(key, None) or self._transport()
        self._pools[key] = pool
        return pool

    async def _trim(self) -> None:
        """Close the connections of the origin not called for longest."""
        while len(self._pools) > _MOST_ORIGINS:
            _, oldest = self._pools.popitem(last=False)
            await oldest.aclose()

    async def open(self) -> None:
        """Do nothing: connections are opened when they are needed."""

    async def close(self) -> None:
        """Close every connection."""
        while self._pools:
            _, pool = self._pools.popitem()
            await pool.aclose()


def library_client(client: HttpClient, limits: Limits) -> "httpx2.AsyncClient":
    """Return a client for libraries that bring their own calls: every one of them goes through ``client.fetch``.

    Only credentials and media type are passed on, no telling of our platform; nothing is streamed.
    """
    import httpx2  # noqa: PLC0415 - only who asks a language model pays for it

    class Guarded(httpx2.AsyncBaseTransport):
        async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
            passed = {name: request.headers[name] for name in _PASSED if name in request.headers}
            body = await request.aread()
            try:
                answer = await client.fetch(request.method, str(request.url), headers=passed, body=body, limits=limits)
            except (UrlRefusedError, CallFailedError) as error:
                raise httpx2.ConnectError(error.title) from None
            kept = {"content-type": answer.headers.get("content-type", "")}
            return httpx2.Response(answer.status, headers=kept, content=answer.body)

    return httpx2.AsyncClient(transport=Guarded(), follow_redirects=False, trust_env=False)


def _own_transport() -> httpx.AsyncBaseTransport:
    return httpx.AsyncHTTPTransport(
        trust_env=False,
        retries=0,
        limits=httpx.Limits(max_connections=32, max_keepalive_connections=8, keepalive_expiry=30),
    )


async def _read(response: httpx.Response, limits: Limits) -> Answer:
    media_type = response.headers.get("content-type", "").split(";", 1)[0].strip().lower()
    declared = response.headers.get("content-length", "0")
    succeeded = 200 <= response.status_code < 300 and response.status_code != 204
    if response.headers.get("content-encoding", "identity").lower() != "identity":
        raise CallFailedError("It answered in an encoding that was not asked for.")
    if succeeded and limits.media_types and media_type not in limits.media_types:
        raise CallFailedError("It answered with a media type that was not asked for.")
    if declared.isdigit() and int(declared) > limits.body_bytes:
        raise AnswerTooLargeError
    body = bytearray()
    async for chunk in response.aiter_raw():
        body += chunk
        if len(body) > limits.body_bytes:
            raise AnswerTooLargeError
    return Answer(response.status_code, {name.lower(): text for name, text in response.headers.items()}, bytes(body))
