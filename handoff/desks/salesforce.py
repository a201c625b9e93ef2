"""Salesforce Messaging (Interaction Service API, bring your own channel): the transcript goes in as entries.

The create is idempotent by channel address and participant. A representative's acceptance shows as the routing's end
(AgentWork). Events come by an authenticated relay of the organisation's. Documented wire format, not run live.
"""

from typing import Any

from handoff.desks.speech import bearer, call, expect, fresh, parsed, signed, taken, told
from handoff.port import Brief, Call, Hook, OutMessage, Received, Remote, RemoteEvent, Setup, Walk

_MOST_ENTRIES = 100
_ROLES = {"customer": "EndUser", "ai": "Chatbot", "human": "Agent", "system": "System"}


class Salesforce:
    """One channel: options ``organisation``, ``channel`` (its address) and ``flow``."""

    caps = frozenset({"live", "idempotent_create", "push", "pull"})

    def __init__(self, setup: Setup) -> None:
        """Call with an OAuth access token."""
        self._setup = setup

    def _call(self, method: str, path: str, body: object = None) -> Call:
        headers = {
            **bearer(self._setup.secret("token")),
            "OrgId": self._setup.option("organisation"),
            "AuthorizationContext": self._setup.option("context", "candor"),
        }
        return call(method, f"{self._setup.url}/api/v1{path}", body, headers)

    def _asked(self, key: str) -> dict[str, Any]:
        who = [{"subject": key, "role": "EndUser", "appType": "custom"}]
        return {"channelAddressIdentifier": self._setup.option("channel"), "participants": who}

    def find(self, key: str) -> Walk[Remote | None]:
        """The create itself answers with the conversation there is."""
        yield from ()
        return None

    def open(self, brief: Brief) -> Walk[Remote]:
        """Make the conversation, hand over the transcript as entries, start the routing."""
        made = parsed((yield self._call("POST", "/conversation", self._asked(brief.handoff))))
        conversation = taken(made, "conversationIdentifier")
        entries = [
            {
                "clientTimestamp": turn.get("at"),
                "sender": {"subject": brief.handoff, "role": _ROLES.get(str(turn["speaker"]), "System")},
                "messageText": turn["text"],
            }
            for turn in list(brief.pack.get("transcript", []))[-_MOST_ENTRIES:]
        ]
        if entries:
            path = f"/conversation/{conversation}/entries/historical"
            expect((yield self._call("POST", path, {"conversationEntries": entries})))
        attributes = {"reference": brief.reference, "handoff": brief.handoff, "language": brief.language}
        route = {"flow": self._setup.option("flow"), "routingAttributes": attributes}
        expect((yield self._call("POST", f"/conversation/{conversation}/route", route)))
        return Remote(conversation, None, {"key": brief.handoff, "session": str(made.get("messagingSessionId") or "")})

    def send(self, remote: Remote, message: OutMessage, key: str) -> Walk[str | None]:
        """Send the customer's words under our id."""
        entry = {"id": key, "entryType": "Message", "messageText": message.text}
        sender = {"subject": remote.extra.get("key", ""), "role": "EndUser"}
        expect((yield self._call("POST", f"/conversation/{remote.id}/entry", {**entry, "sender": sender})))
        return f"entry:{key}"

    def close(self, remote: Remote, reason: str, key: str) -> Walk[None]:
        """Cancel the routing and set the session inactive; the customer may come back to it."""
        expect((yield self._call("DELETE", f"/conversation/{remote.id}/route")), 404, 409)
        path = f"/conversation/{remote.id}/session/end"
        expect((yield self._call("POST", path, {"status": "Inactive", "reason": reason})), 404)

    def receive(self, hook: Hook) -> Received:
        """Read what the relay passes on."""
        at = hook.header("x-candor-timestamp")
        given = hook.header("x-candor-signature")
        signed(self._setup.secret("webhook"), f"{at}.".encode() + hook.body, given, prefix="sha256=")
        fresh(hook, at)
        said = told(hook)
        event = _event(said)
        return [] if event is None else [(str(said["conversationIdentifier"]), event)]

    def pull(self, remote: Remote, cursor: str | None) -> Walk[tuple[list[RemoteEvent], str | None]]:
        """Read the conversation's entries after the last one seen."""
        after = f"?startTimestamp={cursor}" if cursor else ""
        page = parsed((yield self._call("GET", f"/conversation/{remote.id}/entries{after}")))
        entries = page["conversationEntries"]
        found = [event for entry in entries if (event := _event(entry)) is not None]
        last = max((int(entry["serverTimestamp"]) for entry in entries), default=None)
        return found, cursor if last is None else str(last)

    def health(self) -> Walk[bool]:
        """Ask for the channel."""
        return (yield self._call("GET", f"/channel/{self._setup.option('channel')}")).status == 200


def _event(entry: dict[str, Any]) -> RemoteEvent | None:
    """Return what a representative did; whispers and bots stop here."""
    sender = entry.get("sender") or {}
    name, order = str(sender.get("displayName") or "Agent"), entry.get("serverTimestamp")
    key = f"entry:{entry['id']}"
    kind = entry.get("entryType")
    if kind == "Message" and sender.get("role") == "Agent" and entry.get("visibility", "All") == "All":
        return RemoteEvent(key, "message", order, name, str(entry.get("messageText") or ""))
    if kind == "ParticipantChanged" and sender.get("role") == "Agent" and entry.get("operation") == "add":
        return RemoteEvent(key, "accepted", order, name)
    return RemoteEvent(key, "resolved", order, name) if kind == "SessionEnded" else None
