"""Genesys Cloud Open Messaging: inbound messages make the conversation, outbound ones come by a signed hook.

The customer's stand-in is our key, so one conversation for each case is Genesys's own rule. Call-backs are objects of
their own with number and time. Documented wire format, not run against a live organisation.
"""

from typing import Any

from handoff.desks.speech import bearer, call, expect, parsed, signed, taken, told
from handoff.packs import plain
from handoff.port import Brief, Call, Hook, OutMessage, Received, Remote, RemoteEvent, Setup, Walk

_FOUND = 200


class Genesys:
    """One integration: option ``integration``, ``queue`` for call-backs; ``url`` is ``https://api.{region}``."""

    caps = frozenset({"live", "callback", "push"})

    def __init__(self, setup: Setup) -> None:
        """Call with the access token of an OAuth client."""
        self._setup = setup
        self._inbound = f"/api/v2/conversations/messages/{setup.option('integration')}/inbound/open"

    def _call(self, method: str, path: str, body: object = None) -> Call:
        return call(method, self._setup.url + path, body, bearer(self._setup.secret("token")))

    def _message(self, key: str, message_id: str, text: str, metadata: dict[str, str]) -> Call:
        to = {"platform": "Open", "type": "Private", "messageId": message_id, "to": {"id": "candor"}}
        channel = {**to, "from": {"id": key, "idType": "Opaque", "nickname": "Customer"}}
        metadata = {**metadata, "handoff": key}
        return self._call("POST", f"{self._inbound}/message", {"channel": channel, "text": text, "metadata": metadata})

    def find(self, key: str) -> Walk[Remote | None]:
        """Nothing to look up: the stand-in's id is ours, and a second message joins the conversation it has."""
        yield from ()
        return None

    def open(self, brief: Brief) -> Walk[Remote]:
        """Send the first message with the context, or book the call-back."""
        if brief.mode == "callback":
            asked = {
                "queueId": self._setup.option("queue"),
                "callbackUserName": f"Customer {brief.reference}",
                "callbackNumbers": [self._setup.option("callback_number")],
                "callbackScheduledTime": brief.callback_at,
                "data": {"handoff": brief.handoff, "reference": brief.reference},
            }
            made = parsed((yield self._call("POST", "/api/v2/conversations/callbacks", asked)))
            return Remote(brief.handoff, None, {"conversation": taken(made, "conversation", "id")})
        metadata = {"reference": brief.reference, "language": brief.language}
        reply = yield self._message(brief.handoff, f"{brief.handoff}-open", plain(brief.pack, 20_000), metadata)
        made = parsed(reply)
        taken(made, "id")  # of the message: an answer without it has taken nothing
        return Remote(brief.handoff, None, {"conversation": str(made.get("conversationId") or "")})

    def send(self, remote: Remote, message: OutMessage, key: str) -> Walk[str | None]:
        """Send the customer's words; the message id is ours."""
        expect((yield self._message(remote.id, key, message.text, {})))
        return None

    def close(self, remote: Remote, reason: str, key: str) -> Walk[None]:
        """Disconnect the conversation."""
        conversation = remote.extra.get("conversation")
        if conversation:
            path = f"/api/v2/conversations/{conversation}/disconnect"
            expect((yield self._call("POST", path)), 404)
            return
        event = {"eventType": "Presence", "presence": {"type": "Disconnect"}}
        channel = {"platform": "Open", "type": "Private", "messageId": key, "from": {"id": remote.id}}
        expect((yield self._call("POST", f"{self._inbound}/event", {"channel": channel, "events": [event]})))

    def receive(self, hook: Hook) -> Received:
        """Read an outbound message or event."""
        signed(
            self._setup.secret("webhook"),
            hook.body,
            hook.header("x-hub-signature-256"),
            encoding="base64",
            prefix="sha256=",
        )
        said = told(hook)
        channel = said["channel"]
        where, key = str(channel["to"]["id"]), str(said["id"])
        name = str((channel.get("from") or {}).get("nickname") or "Agent")
        if said.get("type") == "Text" and said.get("originatingEntity", "Human") == "Human":
            return [(where, RemoteEvent(key, "message", None, name, str(said.get("text") or "")))]
        return [(where, one) for event in said.get("events") or () for one in _event(key, name, event)]

    def pull(self, remote: Remote, cursor: str | None) -> Walk[tuple[list[RemoteEvent], str | None]]:
        """Read who takes part in the conversation."""
        conversation = remote.extra.get("conversation")
        if not conversation:
            return [], cursor
        page = parsed((yield self._call("GET", f"/api/v2/conversations/messages/{conversation}")))
        found = [
            RemoteEvent(f"agent:{one['id']}", "accepted", None, str(one.get("name") or "Agent"))
            for one in page.get("participants", [])
            if one.get("purpose") == "agent" and one.get("state") == "connected"
        ]
        if page.get("participants") and all(one.get("state") == "disconnected" for one in page["participants"]):
            found.append(RemoteEvent(f"ended:{conversation}", "resolved"))
        return found, cursor

    def health(self) -> Walk[bool]:
        """Ask who we are."""
        return (yield self._call("GET", "/api/v2/oauth/clients")).status == _FOUND


def _event(key: str, name: str, event: dict[str, Any]) -> list[RemoteEvent]:
    presence = (event.get("presence") or {}).get("type")
    if presence == "Join":
        return [RemoteEvent(f"{key}:join", "accepted", None, name)]
    return [RemoteEvent(f"{key}:end", "resolved", None, name)] if presence == "Disconnect" else []
