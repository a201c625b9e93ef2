"""Freshdesk: tickets with our key in the custom field ``cf_handoff_id``; the context as a private note.

Configured webhooks count against the same quota as our calls, so we read less there. Automation webhooks carry no
signature: the operator adds a secret header. Documented wire format, not run against a live account.
"""

from typing import Any

from handoff.desks.speech import basic, call, digest_key, expect, parsed, taken, token, told
from handoff.packs import plain
from handoff.port import Brief, Call, Hook, OutMessage, Received, Remote, RemoteEvent, Setup, Walk

_OPEN, _RESOLVED, _CLOSED = 2, 4, 5


class Freshdesk:
    """One account; ``url`` is ``https://{domain}.freshdesk.com``."""

    caps = frozenset({"ticket", "push", "pull"})

    def __init__(self, setup: Setup) -> None:
        """Call with an API key."""
        self._setup = setup

    def _call(self, method: str, path: str, body: object = None) -> Call:
        return call(method, f"{self._setup.url}/api/v2{path}", body, basic(self._setup.secret("token"), "X"))

    def _remote(self, number: str) -> Remote:
        return Remote(number, f"{self._setup.url}/a/tickets/{number}")

    def find(self, key: str) -> Walk[Remote | None]:
        """Search by the custom field."""
        page = parsed((yield self._call("GET", f"/search/tickets?query=%22cf_handoff_id:%27{key}%27%22")))
        return self._remote(taken(page["results"][0], "id")) if page["results"] else None

    def open(self, brief: Brief) -> Walk[Remote]:
        """Make a ticket, then leave the context as a private note."""
        ticket = {
            "subject": brief.title,
            "description": brief.title,
            "email": f"{brief.customer}@{self._setup.option('domain', 'candor.invalid')}",
            "priority": 3 if brief.priority else 2,
            "status": _OPEN,
            "custom_fields": {"cf_handoff_id": brief.handoff},
            "tags": ["ai_handoff"],
        }
        number = taken(parsed((yield self._call("POST", "/tickets", ticket))), "id")
        note = {"body": plain(brief.pack, 60_000), "private": True}
        expect((yield self._call("POST", f"/tickets/{number}/notes", note)))
        return self._remote(number)

    def send(self, remote: Remote, message: OutMessage, key: str) -> Walk[str | None]:
        """Add a public note with who spoke."""
        note = {"body": message.labelled, "private": False, "incoming": True}
        return "note:" + taken(parsed((yield self._call("POST", f"/tickets/{remote.id}/notes", note))), "id")

    def close(self, remote: Remote, reason: str, key: str) -> Walk[None]:
        """Resolve the ticket; a reply opens it again."""
        expect((yield self._call("PUT", f"/tickets/{remote.id}", {"status": _RESOLVED})))

    def erase(self, remote: Remote, key: str) -> Walk[None]:
        """Delete the ticket; Freshdesk keeps it in its bin for 30 days."""
        expect((yield self._call("DELETE", f"/tickets/{remote.id}")), 404)

    def receive(self, hook: Hook) -> Received:
        """Read an automation's webhook: it says that something changed, and what is read by ``pull``."""
        token(self._setup.secret("webhook"), hook.header("x-candor-secret"))
        said = told(hook)
        where, agent = str(said["ticket_id"]), said.get("agent_name")
        if said.get("event") == "assigned" and agent:
            return [(where, RemoteEvent(f"assigned:{where}:{agent}", "accepted", None, str(agent)))]
        if said.get("event") == "resolved":
            return [(where, RemoteEvent(digest_key(hook), "resolved", None, agent))]
        return []

    def pull(self, remote: Remote, cursor: str | None) -> Walk[tuple[list[RemoteEvent], str | None]]:
        """Read the ticket and its conversations."""
        ticket = parsed((yield self._call("GET", f"/tickets/{remote.id}?include=conversations")))
        found: list[RemoteEvent] = []
        if ticket.get("responder_id"):
            who = str(ticket["responder_id"])
            found.append(RemoteEvent(f"assigned:{remote.id}:{who}", "accepted", None, who))
        entries = ticket.get("conversations", [])
        found += [one for entry in entries if int(entry["id"]) > int(cursor or 0) for one in _words(entry)]
        if ticket.get("status") in {_RESOLVED, _CLOSED}:
            found.append(RemoteEvent(f"status:{remote.id}:{ticket.get('updated_at')}", "resolved"))
        last = max((int(entry["id"]) for entry in entries), default=int(cursor or 0))
        return found, str(last)

    def health(self) -> Walk[bool]:
        """Ask who we are."""
        return (yield self._call("GET", "/agents/me")).status == 200


def _words(entry: dict[str, Any]) -> list[RemoteEvent]:
    """Return an agent's public reply; private notes and what came from the customer stop here."""
    if entry.get("private") or entry.get("incoming"):
        return []
    number = int(entry["id"])
    return [RemoteEvent(f"note:{number}", "message", number, str(entry.get("user_id")), str(entry.get("body_text")))]
