"""One message to one recipient over the guarded client, signed; what came of it as an outcome, never an exception."""

from typing import Final, NamedTuple

from consent.propagation import messages
from consent.propagation.messages import FAILED, Outcome
from consent.propagation.recipients import secrets
from consent.propagation.recipients.store import RecipientRow
from core import canonical
from core.clock import MICROS, Clock
from core.http import CallFailedError, HttpClient, Limits, UrlRefusedError
from core.keys import KeyRing

_ANY: Final = Limits(seconds=10.0, body_bytes=65_536, media_types=())


class Message(NamedTuple):
    """What goes out: its id, the same at every attempt, its bytes, and when what it tells of was chosen."""

    id: str
    body: bytes
    chosen_at: int


class Sent(NamedTuple):
    """What came of an attempt, why if it failed, and how long it took (milliseconds)."""

    outcome: Outcome
    why: str | None
    millis: int


async def send(client: HttpClient, keyring: KeyRing, clock: Clock, row: RecipientRow, message: Message) -> Sent:
    """Post a message to a recipient."""
    now = clock.now()
    at = str(now // MICROS)
    headers = {
        "content-type": "application/json",
        "webhook-id": message.id,
        "webhook-timestamp": at,
        "webhook-signature": secrets.signatures(keyring, row, message.id, at, message.body, now),
    }
    why = None
    try:
        answer = await client.fetch("POST", row.url, headers=headers, body=message.body, limits=_ANY)
        outcome = messages.outcome_of(answer, canonical.loads(row.scopes), message.chosen_at, clock.now())
    except (UrlRefusedError, CallFailedError) as error:
        outcome, why = Outcome(FAILED), error.detail
    return Sent(outcome, why, (clock.now() - now) // 1000)
