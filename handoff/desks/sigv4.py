"""Amazon's Signature Version 4 for one JSON request, pure: the time comes in with the setup."""

import hmac
from datetime import UTC, datetime
from hashlib import sha256
from urllib.parse import urlsplit

from handoff.port import Call, Setup


def version4(made: Call, setup: Setup, region: str) -> Call:
    """Return a request signed with Signature Version 4 for the service ``connect``."""
    at = datetime.fromtimestamp(setup.now, UTC)
    stamp, day = at.strftime("%Y%m%dT%H%M%SZ"), at.strftime("%Y%m%d")
    url, digest = urlsplit(made.url), sha256(made.body or b"").hexdigest()
    headers = f"host:{url.netloc}\nx-amz-date:{stamp}\n"
    request = f"{made.method}\n{url.path}\n{url.query}\n{headers}\nhost;x-amz-date\n{digest}"
    scope = f"{day}/{region}/connect/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{sha256(request.encode()).hexdigest()}"
    key = ("AWS4" + setup.secret("token")).encode()
    for part in (day, region, "connect", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    proof = hmac.digest(key, text.encode(), "sha256").hex()
    credential = f"{setup.option('access_key')}/{scope}"
    auth = f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host;x-amz-date, Signature={proof}"
    return made._replace(headers={**made.headers, "X-Amz-Date": stamp, "Authorization": auth})
