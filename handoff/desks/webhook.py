"""Any system of your own: signed JSON both ways, in the form of Standard Webhooks 1.0.

We post ``handoff.opened``, ``handoff.message``, ``handoff.closed`` and ``handoff.erased`` to your URL with
``webhook-id``, ``webhook-timestamp`` and ``webhook-signature`` (``v1,`` base64 HMAC-SHA256 of ``id.timestamp.body``).
You post events the same way to ours: ``{"handoff", "kind", "order", "actor", "text", "private"}``; the id makes
repetitions harmless.
A 2xx is yes, unless its body is an object with ``error`` in it, or a page.
"""

import hmac
from typing import Any

import orjson

from core.crypto import event_secret, event_signature
from handoff.desks.speech import call, expect, fresh, parsed, told
from handoff.errors import BadSignatureError, DeskFailedError
from handoff.packs import plain
from handoff.port import Brief, Call, Hook, OutMessage, Received, Remote, RemoteEvent, Setup, Walk

KINDS = frozenset({"accepted", "released", "message", "resolved", "reopened", "failed"})


def signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """Return the signature of one message; a secret may be written ``whsec_`` and base64."""
    return event_signature(event_secret(secret), message_id, timestamp, body)


def verified(secret: str, hook: Hook) -> str:
    """Return the id of a delivery that is signed with ``secret`` and fresh. Raises ``BadSignatureError``."""
    message_id, at = hook.header("webhook-id"), hook.header("webhook-timestamp")
    fresh(hook, at)
    wanted = signature(secret, message_id, at, hook.body).encode()
    given = hook.header("webhook-signature").split(" ")
    if not secret or not any(hmac.compare_digest(wanted, one.encode()) for one in given):
        raise BadSignatureError
    return message_id


class Webhook:
    """A system that takes signed JSON."""

    caps = frozenset({"live", "ticket", "callback", "idempotent_create", "push"})

    def __init__(self, setup: Setup) -> None:
        """Post to the URL of ``setup``."""
        self._setup = setup

    def _post(self, kind: str, key: str, at: str, said: dict[str, Any]) -> Call:
        made = call("POST", self._setup.url, {"type": kind, "data": said})
        sign = signature(self._setup.secret("secret"), key, at, made.body or b"")
        return made._replace(
            headers={**made.headers, "webhook-id": key, "webhook-timestamp": at, "webhook-signature": sign}
        )

    def find(self, key: str) -> Walk[Remote | None]:
        """Never needed: the receiver takes each id once."""
        yield from ()
        return None

    def open(self, brief: Brief) -> Walk[Remote]:
        """Tell of a new case, with its context as data and as text."""
        said = {
            "handoff": brief.handoff,
            "reference": brief.reference,
            "customer": brief.customer,
            "language": brief.language,
            "mode": brief.mode,
            "callback_at": brief.callback_at,
            "context": dict(brief.pack),
            "text": plain(brief.pack, 30_000),
        }
        yield from self._tell("handoff.opened", brief.handoff, said)
        return Remote(brief.handoff)

    def _tell(self, kind: str, key: str, said: dict[str, Any]) -> Walk[None]:
        at = str(int(self._setup.now))
        answer = expect((yield self._post(kind, key, at, said))).body.lstrip()
        if answer.startswith(b"<") or (answer.startswith(b"{") and "error" in orjson.loads(answer)):
            raise DeskFailedError("It answered 200 with an error, or a page.")

    def send(self, remote: Remote, message: OutMessage, key: str) -> Walk[str | None]:
        """Pass the customer's words on."""
        yield from self._tell(
            "handoff.message", key, {"handoff": remote.id, "actor": message.actor, "text": message.text}
        )
        return None

    def close(self, remote: Remote, reason: str, key: str) -> Walk[None]:
        """Tell that the customer has left."""
        yield from self._tell("handoff.closed", key, {"handoff": remote.id, "reason": reason})

    def erase(self, remote: Remote, key: str) -> Walk[None]:
        """Tell that the customer was erased: a 2xx says that the case is deleted."""
        yield from self._tell("handoff.erased", key, {"handoff": remote.id})

    def receive(self, hook: Hook) -> Received:
        """Read one event; private ones stop here."""
        message_id = verified(self._setup.secret("secret"), hook)
        event = told(hook)
        kind = event.get("kind")
        if event.get("private") or kind not in KINDS:
            return []
        order = event.get("order")
        text = event.get("text") if kind == "message" else None
        return [(str(event["handoff"]), RemoteEvent(message_id, kind, order, event.get("actor"), text))]

    def pull(self, remote: Remote, cursor: str | None) -> Walk[tuple[list[RemoteEvent], str | None]]:
        """Read missed events from ``{url}/{id}/events?after=``, where the option ``pull`` says that there is one."""
        if self._setup.option("pull") != "yes":
            return [], cursor
        page = parsed((yield call("GET", f"{self._setup.url}/{remote.id}/events?after={cursor or ''}")))
        found = [
            RemoteEvent(str(one["id"]), one["kind"], one.get("order"), one.get("actor"), one.get("text"))
            for one in page["events"]
            if not one.get("private") and one.get("kind") in KINDS
        ]
        return found, page.get("next", cursor)

    def health(self) -> Walk[bool]:
        """Ask whether anybody is there."""
        return (yield Call("GET", self._setup.url)).status < 500
