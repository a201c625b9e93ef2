"""Tell the source system what a human review made of its decision, signed (Standard Webhooks 1.0: HMAC-SHA256).

The receiver checks ``webhook-signature`` over ``{id}.{timestamp}.{body}`` and refuses old timestamps. Anything but a
2xx answer is tried again; the same ``webhook-id`` means the same event.
"""

from typing import Any

from core import canonical
from core.clock import MICROS, Clock
from core.crypto import event_signature
from core.errors import UnavailableError
from core.http import HttpClient, Limits

_ANY = Limits(seconds=10.0, body_bytes=65_536, media_types=())


class WebhookRefusedError(UnavailableError):
    """The source system did not take the event; it is sent again."""

    code = "webhook-refused"
    title = "The source system did not take an event."


class Webhooks:
    """Sends events to one address."""

    def __init__(self, client: HttpClient, clock: Clock, url: str, secret: bytes) -> None:
        """Send to ``url``; an empty one means that nobody is to be told."""
        self._client, self._clock, self._url, self._secret = client, clock, url, secret

    async def run(self, payload: Any) -> None:
        """Send one event. Raises ``WebhookRefusedError``, ``CallFailedError``: then it is tried again."""
        if not self._url:
            return
        body = canonical.dumps(payload)
        name, at = f"evt_{payload['seq']}", str(self._clock.now() // MICROS)
        headers = {
            "content-type": "application/json",
            "webhook-id": name,
            "webhook-timestamp": at,
            "webhook-signature": event_signature(self._secret, name, at, body),
        }
        answer = await self._client.fetch("POST", self._url, headers=headers, body=body, limits=_ANY)
        if not 200 <= answer.status < 300:
            raise WebhookRefusedError
