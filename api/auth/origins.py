"""Web origins (RFC 6454): scheme, host and port exactly; no suffixes, patterns or ``null``."""

import re
from urllib.parse import urlsplit

_HOST = r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*"
_ORIGIN = re.compile(rf"(https?)://({_HOST}|\[[0-9a-f:.]+\])(?::([1-9][0-9]{{0,4}}))?")
_LIMIT = 253 + 16
_DEFAULT_PORTS = {"https": "443", "http": "80"}
_LOCAL = frozenset({"localhost", "127.0.0.1", "[::1]"})


def why_not(text: str) -> str | None:
    """Return why ``text`` can't be registered as an origin, or ``None`` if it can."""
    match = _ORIGIN.fullmatch(text)
    if match is None or len(text) > _LIMIT:
        return "not an origin in the form a browser sends, such as https://www.example.com"
    scheme, host, port = match.groups()
    if port is not None and (port == _DEFAULT_PORTS[scheme] or int(port) > 65535):
        return "browsers leave the scheme's own port out"
    if scheme == "http" and host not in _LOCAL:
        return "only https origins, except on this machine"
    return None


def of_url(url: str) -> str:
    """Return the origin of a URL as a browser writes it: without path and without the scheme's own port."""
    parts = urlsplit(url)
    port = parts.port
    shown = "" if port is None or str(port) == _DEFAULT_PORTS.get(parts.scheme) else f":{port}"
    host = parts.hostname or ""
    return f"{parts.scheme}://{f'[{host}]' if ':' in host else host}{shown}"
