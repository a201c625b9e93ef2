"""Intercom: a conversation of a contact that bears our key, assigned to a team; the context goes in as a note.

Accepted means assigned to a person, not to the team. Hooks are signed with HMAC-SHA1 and carry no time; their id stops
replays. Documented wire format, not run against a live account.
"""

from typing import Any

from handoff.desks.speech import bearer, call, expect, parsed, signed, taken, told
from handoff.packs import plain
from handoff.port import Brief, Call, Hook, OutMessage, Received, Remote, RemoteEvent, Setup, Walk

_CONFLICT = 409
_KINDS = {
    "conversation.admin.assigned": "accepted",
    "conversation.admin.replied": "message",
    "conversation.admin.closed": "resolved",
    "conversation.admin.opened": "reopened",
}


class Intercom:
    """One workspace: options ``admin`` (who acts for us) and ``team``; ``url`` is ``https://api.intercom.io``."""

    caps = frozenset({"live", "ticket", "push", "pull"})

    def __init__(self, setup: Setup) -> None:
        """Call with an access token."""
        self._setup = setup
        self._admin = setup.option("admin")

    def _call(self, method: str, path: str, body: object = None) -> Call:
        headers = {**bearer(self._setup.secret("token")), "Intercom-Version": self._setup.option("version", "2.11")}
        return call(method, self._setup.url + path, body, headers)

    def _contact(self, brief: Brief) -> Walk[str]:
        reply = yield self._call("POST", "/contacts", {"role": "user", "external_id": brief.handoff})
        if reply.status == _CONFLICT:
            wanted = {"query": {"field": "external_id", "operator": "=", "value": brief.handoff}}
            return taken(parsed((yield self._call("POST", "/contacts/search", wanted))), "data", 0, "id")
        return taken(parsed(reply), "id")

    def find(self, key: str) -> Walk[Remote | None]:
        """Search by our attribute."""
        wanted = {"query": {"field": "custom_attributes.handoff_id", "operator": "=", "value": key}}
        found = parsed((yield self._call("POST", "/conversations/search", wanted)))["conversations"]
        if not found:
            return None
        contact = found[0]["contacts"]["contacts"][0]["id"]
        return Remote(taken(found[0], "id"), None, {"contact": str(contact)})

    def open(self, brief: Brief) -> Walk[Remote]:
        """Make contact and conversation, mark it with our key, add the context, give it to the team."""
        contact = yield from self._contact(brief)
        asked = {"from": {"type": "user", "id": contact}, "body": brief.title}
        made = taken(parsed((yield self._call("POST", "/conversations", asked))), "conversation_id")
        attributes = {"custom_attributes": {"handoff_id": brief.handoff, "reference": brief.reference}}
        expect((yield self._call("PUT", f"/conversations/{made}", attributes)))
        note = {"message_type": "note", "type": "admin", "admin_id": self._admin, "body": plain(brief.pack, 30_000)}
        expect((yield self._call("POST", f"/conversations/{made}/reply", note)))
        team = {
            "message_type": "assignment",
            "type": "team",
            "admin_id": self._admin,
            "assignee_id": self._setup.option("team"),
        }
        expect((yield self._call("POST", f"/conversations/{made}/parts", team)))
        return Remote(made, None, {"contact": contact})

    def send(self, remote: Remote, message: OutMessage, key: str) -> Walk[str | None]:
        """Reply as the contact."""
        body = {
            "message_type": "comment",
            "type": "user",
            "intercom_user_id": remote.extra.get("contact", ""),
            "body": message.text,
        }
        made = parsed((yield self._call("POST", f"/conversations/{remote.id}/reply", body)))
        parts = (made.get("conversation_parts") or {}).get("conversation_parts") or []
        return f"part:{parts[-1]['id']}" if parts else None

    def close(self, remote: Remote, reason: str, key: str) -> Walk[None]:
        """Close it; a reply opens it again."""
        part = {"message_type": "close", "type": "admin", "admin_id": self._admin}
        expect((yield self._call("POST", f"/conversations/{remote.id}/parts", part)))

    def erase(self, remote: Remote, key: str) -> Walk[None]:
        """Delete the conversation."""
        expect((yield self._call("DELETE", f"/conversations/{remote.id}")), 404)

    def receive(self, hook: Hook) -> Received:
        """Read one notification; notes are another topic and stop here."""
        signed(self._setup.secret("webhook"), hook.body, hook.header("x-hub-signature"), digest="sha1", prefix="sha1=")
        said = told(hook)
        kind = _KINDS.get(said.get("topic", ""))
        item = said["data"]["item"]
        parts = (item.get("conversation_parts") or {}).get("conversation_parts") or []
        found = [one for part in parts if (one := self._part(part)) is not None]
        if kind == "accepted" and not found and item.get("admin_assignee_id"):
            found = [RemoteEvent(str(said["id"]), "accepted", None, str(item["admin_assignee_id"]))]
        if kind in {"resolved", "reopened"}:
            found = [*found, RemoteEvent(str(said["id"]), kind)]  # type: ignore[arg-type]  # one of the two kinds
        return [(str(item["id"]), one) for one in found]

    def _part(self, part: dict[str, Any]) -> RemoteEvent | None:
        author, order = part.get("author") or {}, part.get("created_at")
        name = str(author.get("name") or author.get("id") or "Agent")
        if part.get("part_type") == "comment" and author.get("type") == "admin":
            return RemoteEvent(f"part:{part['id']}", "message", order, name, str(part.get("body") or ""))
        to = part.get("assigned_to") or {}
        if part.get("part_type") == "assignment" and to.get("type") == "admin":
            return RemoteEvent(f"part:{part['id']}", "accepted", order, str(to.get("name") or to.get("id")))
        return None

    def pull(self, remote: Remote, cursor: str | None) -> Walk[tuple[list[RemoteEvent], str | None]]:
        """Read the conversation again."""
        item = parsed((yield self._call("GET", f"/conversations/{remote.id}?display_as=plaintext")))
        found = [one for part in item["conversation_parts"]["conversation_parts"] if (one := self._part(part))]
        if item.get("state") == "closed":
            found.append(RemoteEvent(f"closed:{item['updated_at']}", "resolved", item["updated_at"]))
        return found, str(item.get("updated_at"))

    def health(self) -> Walk[bool]:
        """Ask who we are."""
        return (yield self._call("GET", "/me")).status == 200
