"""Taking an act back, for ten seconds, instead of being asked beforehand whether one is sure.

Only for acts whose reverse is an act of its own, open to the same person: the page after the act offers it as a form.
What it holds travels in a cookie sealed for this session; after ten seconds the browser has forgotten it.
"""

import hmac
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping
from typing import Final, NamedTuple

from starlette.responses import Response

from api.console.desk import HOME, Desk

COOKIE: Final = "candor_undo"
SECONDS: Final = 10
_LONGEST = 3000


class Undo(NamedTuple):
    """What was done, in words, and the form that takes it back."""

    words: str
    act: str
    fields: Mapping[str, str]


def offer(desk: Desk, answer: Response, undo: Undo) -> Response:
    """Have the page that ``answer`` leads to offer the way back; what is too long for a cookie is not offered."""
    raw = urlsafe_b64encode(json.dumps(undo, ensure_ascii=False).encode()).decode()
    if len(raw) <= _LONGEST:
        secure = desk.state.settings.serve.public_url.startswith("https:")
        value = f"{raw}.{desk.token(f'undo {raw}')}"
        answer.set_cookie(COOKIE, value, SECONDS, path=HOME, secure=secure, httponly=True, samesite="lax")
    return answer


def offered(desk: Desk) -> Undo | None:
    """Return what this session may still take back."""
    raw, _, seal = desk.request.cookies.get(COOKIE, "").rpartition(".")
    if not raw or desk.session is None or not hmac.compare_digest(seal, desk.token(f"undo {raw}")):
        return None
    try:
        return Undo(*json.loads(urlsafe_b64decode(raw)))
    except (ValueError, TypeError, Error):
        return None
