"""Zammad: tickets with our key in an attribute ``handoff_id`` that the administrator made; the context as a note.

An internal article of type ``email`` would still be sent, so ours is a ``note``. Hooks come by triggers, signed with
HMAC-SHA1 and without a timestamp: replays are stopped by the delivery's id. Documented wire format, not run live.
"""

from typing import Any

from handoff.desks.speech import call, expect, parsed, signed, taken, told
from handoff.errors import BadSignatureError
from handoff.packs import plain
from handoff.port import Brief, Call, Hook, OutMessage, Received, Remote, RemoteEvent, Setup, Walk

_NOBODY = 1  # the user every unowned ticket belongs to


class Zammad:
    """One server; option ``group`` names where tickets go."""

    caps = frozenset({"ticket", "live", "push", "pull"})

    def __init__(self, setup: Setup) -> None:
        """Call with an access token."""
        self._setup = setup

    def _call(self, method: str, path: str, body: object = None) -> Call:
        auth = {"Authorization": f"Token token={self._setup.secret('token')}"}
        return call(method, f"{self._setup.url}/api/v1{path}", body, auth)

    def _remote(self, ticket: Any) -> Remote:
        number = taken(ticket, "id")
        customer = {"customer": str(ticket["customer_id"])} if ticket.get("customer_id") else {}
        return Remote(number, f"{self._setup.url}/#ticket/zoom/{number}", customer)

    def find(self, key: str) -> Walk[Remote | None]:
        """Search by the attribute."""
        page = parsed((yield self._call("GET", f"/tickets/search?query=handoff_id:{key}&expand=true&limit=1")))
        found = page if isinstance(page, list) else page.get("tickets", [])
        return self._remote(found[0]) if found else None

    def open(self, brief: Brief) -> Walk[Remote]:
        """Make a ticket with the context as an internal note."""
        customer = f"guess:{brief.customer}@{self._setup.option('domain', 'candor.invalid')}"
        article = {"type": "note", "internal": True, "body": plain(brief.pack, 60_000), "content_type": "text/plain"}
        ticket = {
            "title": brief.title,
            "group": self._setup.option("group", "Users"),
            "customer_id": customer,
            "priority": "3 high" if brief.priority else "2 normal",
            "handoff_id": brief.handoff,
            "article": article,
        }
        return self._remote(parsed((yield self._call("POST", "/tickets", ticket))))

    def send(self, remote: Remote, message: OutMessage, key: str) -> Walk[str | None]:
        """Add an article as the customer."""
        article = {
            "ticket_id": int(remote.id),
            "body": message.text,
            "content_type": "text/plain",
            "type": "web",
            "sender": "Customer",
            "origin_by_id": int(remote.extra.get("customer", "0")) or None,
            "internal": False,
        }
        return "article:" + taken(parsed((yield self._call("POST", "/ticket_articles", article))), "id")

    def close(self, remote: Remote, reason: str, key: str) -> Walk[None]:
        """Close the ticket, which can be opened again, with an internal word why."""
        article = {"type": "note", "internal": True, "body": f"The customer left: {reason}"}
        expect((yield self._call("PUT", f"/tickets/{remote.id}", {"state": "closed", "article": article})))

    def erase(self, remote: Remote, key: str) -> Walk[None]:
        """Delete the ticket."""
        expect((yield self._call("DELETE", f"/tickets/{remote.id}")), 404)

    def receive(self, hook: Hook) -> Received:
        """Read a trigger's hook."""
        signed(self._setup.secret("webhook"), hook.body, hook.header("x-hub-signature"), digest="sha1", prefix="sha1=")
        delivery = hook.header("x-zammad-delivery")
        if not delivery:
            raise BadSignatureError("It has no delivery id, the only guard against replays here.")
        said = told(hook)
        ticket, article = said["ticket"], said.get("article")
        where, found = str(ticket["id"]), []
        owner = (ticket.get("owner") or {}).get("firstname")
        if int(ticket.get("owner_id") or _NOBODY) != _NOBODY:
            found.append(RemoteEvent(f"owner:{ticket['id']}:{ticket['owner_id']}", "accepted", None, owner))
        if article:
            found += _article(article)
        if ticket.get("state") == "closed":
            found.append(RemoteEvent(delivery, "resolved", None, owner))
        return [(where, one) for one in found]

    def pull(self, remote: Remote, cursor: str | None) -> Walk[tuple[list[RemoteEvent], str | None]]:
        """Read the ticket's articles and its present state."""
        articles = parsed((yield self._call("GET", f"/ticket_articles/by_ticket/{remote.id}")))
        ticket = parsed((yield self._call("GET", f"/tickets/{remote.id}?expand=true")))
        found = []
        if int(ticket.get("owner_id") or _NOBODY) != _NOBODY:
            key = f"owner:{ticket['id']}:{ticket['owner_id']}"
            found.append(RemoteEvent(key, "accepted", None, str(ticket.get("owner") or "Agent")))
        found += [one for article in articles for one in _article(article) if int(article["id"]) > int(cursor or 0)]
        if ticket.get("state") == "closed":
            found.append(RemoteEvent(f"closed:{ticket['id']}:{ticket.get('close_at')}", "resolved"))
        last = max((int(article["id"]) for article in articles), default=int(cursor or 0))
        return found, str(last)

    def health(self) -> Walk[bool]:
        """Ask who we are."""
        return (yield self._call("GET", "/users/me")).status == 200


def _article(article: dict[str, Any]) -> list[RemoteEvent]:
    """Return an agent's public words; internal ones stop here."""
    if article.get("internal") or article.get("sender") != "Agent":
        return []
    number = int(article["id"])
    name = str(article.get("from") or "Agent")
    return [RemoteEvent(f"article:{number}", "message", number, name, str(article.get("body") or ""))]
