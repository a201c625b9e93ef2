"""Chatwoot through an API-channel inbox: the customer's side without a secret, the desk's with ``api_access_token``.

``pending`` there means that a bot holds it, ``open`` that people do. Hooks are signed from 4.11.2 (account) and 4.13
(API channel) on; an unsigned one is refused. Documented wire format, not run against a live server.
"""

import hmac

from handoff.desks.speech import call, digest_key, expect, fresh, parsed, signed, taken, told
from handoff.packs import plain
from handoff.port import Brief, Call, Hook, OutMessage, Received, Remote, RemoteEvent, Setup, Walk

_RESOLVED = "resolved"


class Chatwoot:
    """One inbox: options ``account``, ``inbox`` (its identifier) and perhaps ``team``."""

    caps = frozenset({"live", "ticket", "push", "pull"})

    def __init__(self, setup: Setup) -> None:
        """Call both APIs at the URL of ``setup``."""
        self._setup = setup
        self._desk = f"{setup.url}/api/v1/accounts/{setup.option('account')}"
        self._inbox = f"{setup.url}/public/api/v1/inboxes/{setup.option('inbox')}"

    def _staff(self, method: str, path: str, body: object = None) -> Call:
        return call(method, self._desk + path, body, {"api_access_token": self._setup.secret("token")})

    def find(self, key: str) -> Walk[Remote | None]:
        """Find the conversation with our key among its attributes."""
        wanted = [
            {"attribute_key": "handoff_id", "filter_operator": "equal_to", "values": [key], "query_operator": None}
        ]
        page = parsed((yield self._staff("POST", "/conversations/filter", {"payload": wanted})))
        found = page["payload"]
        if not found:
            return None
        source = ((found[0].get("meta") or {}).get("sender") or {}).get("identifier") or key
        return Remote(taken(found[0], "id"), None, {"source": str(source)})

    def open(self, brief: Brief) -> Walk[Remote]:
        """Make contact and conversation, leave the context as a private note, open it to people."""
        secret = self._setup.secret("hmac")
        proof = hmac.digest(secret.encode(), brief.handoff.encode(), "sha256").hex() if secret else None
        who = {"identifier": brief.handoff, "identifier_hash": proof, "name": f"Customer {brief.reference}"}
        source = taken(parsed((yield call("POST", f"{self._inbox}/contacts", who))), "source_id")
        attributes = {"handoff_id": brief.handoff, "reference": brief.reference, "locale": brief.language}
        path = f"{self._inbox}/contacts/{source}/conversations"
        made = taken(parsed((yield call("POST", path, {"custom_attributes": attributes}))), "id")
        note = {"content": plain(brief.pack, 60_000), "message_type": "outgoing", "private": True}
        expect((yield self._staff("POST", f"/conversations/{made}/messages", note)))
        if team := self._setup.option("team"):
            expect((yield self._staff("POST", f"/conversations/{made}/assignments", {"team_id": int(team)})))
        expect((yield self._staff("POST", f"/conversations/{made}/toggle_status", {"status": "open"})))
        return Remote(made, f"{self._desk}/conversations/{made}", {"source": source})

    def send(self, remote: Remote, message: OutMessage, key: str) -> Walk[str | None]:
        """Post as the contact; ``echo_id`` is only echoed, so our key stays in our own table."""
        path = f"{self._inbox}/contacts/{remote.extra['source']}/conversations/{remote.id}/messages"
        made = parsed((yield call("POST", path, {"content": message.text, "echo_id": key})))
        return "msg:" + taken(made, "id")

    def close(self, remote: Remote, reason: str, key: str) -> Walk[None]:
        """Resolve it; it can be opened again."""
        expect((yield self._staff("POST", f"/conversations/{remote.id}/toggle_status", {"status": _RESOLVED})))

    def erase(self, remote: Remote, key: str) -> Walk[None]:
        """Delete the conversation."""
        expect((yield self._staff("DELETE", f"/conversations/{remote.id}")), 404)

    def receive(self, hook: Hook) -> Received:
        """Read a signed hook."""
        at = hook.header("x-chatwoot-timestamp")
        signature = hook.header("x-chatwoot-signature")
        signed(self._setup.secret("webhook"), f"{at}.".encode() + hook.body, signature, prefix="sha256=")
        fresh(hook, at)
        said = told(hook)
        event = said.get("event")
        key = hook.header("x-chatwoot-delivery") or digest_key(hook)
        if event == "message_created":
            where = str(said["conversation"]["id"])
            return [(where, one) for one in _message(said)]
        if event == "conversation_updated":
            changed = {name: value for one in said.get("changed_attributes") or () for name, value in one.items()}
            who = (changed.get("assignee_id") or {}).get("current_value")
            name = ((said.get("meta") or {}).get("assignee") or {}).get("name")
            return [(str(said["id"]), RemoteEvent(key, "accepted", None, str(name or who)))] if who else []
        if event == "conversation_status_changed" and said.get("status") == _RESOLVED:
            return [(str(said["id"]), RemoteEvent(key, "resolved"))]
        return []

    def pull(self, remote: Remote, cursor: str | None) -> Walk[tuple[list[RemoteEvent], str | None]]:
        """Read messages after the last one seen."""
        after = f"?after={cursor}" if cursor else ""
        page = parsed((yield self._staff("GET", f"/conversations/{remote.id}/messages{after}")))
        messages = page["payload"]
        last = max((int(one["id"]) for one in messages), default=int(cursor or 0))
        return [one for message in messages for one in _message(message)], str(last)

    def health(self) -> Walk[bool]:
        """Ask for the inboxes."""
        return (yield self._staff("GET", "/inboxes")).status == 200


def _message(said: dict[str, object]) -> list[RemoteEvent]:
    """Return a person's public words; notes and our own stop here."""
    sender = said.get("sender") or {}
    by_person = isinstance(sender, dict) and sender.get("type", "user") == "user"
    if said.get("private") or said.get("message_type") not in {"outgoing", 1} or not by_person:
        return []
    number = int(str(said["id"]))
    name = str(sender.get("name") or "Agent") if isinstance(sender, dict) else "Agent"
    return [RemoteEvent(f"msg:{number}", "message", number, name, str(said.get("content") or ""))]
