"""Zendesk Support: tickets with our key as ``external_id``; the context goes in as a private comment.

Events come by a webhook of the operator's with a trigger whose body is the template in docs/desks.md. ``closed`` can't
be undone there, so a cancelled case is ``solved``. Documented wire format, not run against a live account.
"""

from handoff.desks.speech import basic, bearer, call, expect, fresh, parsed, signed, taken, told
from handoff.packs import plain
from handoff.port import Brief, Call, Hook, OutMessage, Received, Remote, RemoteEvent, Setup, Walk

_PRIORITY = {0: "normal", 1: "high", 3: "high", 5: "urgent"}


class Zendesk:
    """One account; ``url`` is ``https://{subdomain}.zendesk.com``."""

    caps = frozenset({"ticket", "live", "idempotent_create", "push", "pull"})

    def __init__(self, setup: Setup) -> None:
        """Call as an OAuth client, or as ``user`` with an API token."""
        self._setup = setup
        user = setup.option("user")
        token = setup.secret("token")
        self._auth = basic(f"{user}/token", token) if user else bearer(token)

    def _call(self, method: str, path: str, body: object = None, **headers: str) -> Call:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return call(method, f"{self._setup.url}/api/v2{path}", body, {**self._auth, **named})

    def _remote(self, ticket: object) -> Remote:
        number = taken(ticket, "id")
        return Remote(number, f"{self._setup.url}/agent/tickets/{number}")

    def find(self, key: str) -> Walk[Remote | None]:
        """Find a ticket by its external id."""
        found = parsed((yield self._call("GET", f"/tickets.json?external_id={key}")))["tickets"]
        return self._remote(found[0]) if found else None

    def open(self, brief: Brief) -> Walk[Remote]:
        """Make a ticket; the same key again is answered with the first."""
        ticket = {
            "external_id": brief.handoff,
            "subject": brief.title,
            "priority": _PRIORITY.get(brief.priority, "high"),
            "requester": {
                "name": f"Customer {brief.reference}",
                "email": f"{brief.customer}@{self._setup.option('domain', 'candor.invalid')}",
            },
            "comment": {"body": plain(brief.pack, 60_000), "public": False},
            "tags": ["ai_handoff"],
        }
        made = parsed((yield self._call("POST", "/tickets.json", {"ticket": ticket}, Idempotency_Key=brief.handoff)))
        return self._remote(made["ticket"])

    def send(self, remote: Remote, message: OutMessage, key: str) -> Walk[str | None]:
        """Add a public comment."""
        comment = {"body": message.labelled, "public": True}
        made = parsed((yield self._call("PUT", f"/tickets/{remote.id}.json", {"ticket": {"comment": comment}})))
        events = (made.get("audit") or {}).get("events") or []
        return next((f"comment:{one['id']}" for one in events if one.get("type") == "Comment"), None)

    def close(self, remote: Remote, reason: str, key: str) -> Walk[None]:
        """Solve the ticket with a private word why."""
        ticket = {"status": "solved", "comment": {"body": f"The customer left: {reason}", "public": False}}
        expect((yield self._call("PUT", f"/tickets/{remote.id}.json", {"ticket": ticket})))

    def erase(self, remote: Remote, key: str) -> Walk[None]:
        """Delete the ticket; Zendesk keeps it among the deleted ones for 30 days."""
        expect((yield self._call("DELETE", f"/tickets/{remote.id}.json")), 404)

    def receive(self, hook: Hook) -> Received:
        """Read what the trigger's template says."""
        at = hook.header("x-zendesk-webhook-signature-timestamp")
        signature = hook.header("x-zendesk-webhook-signature")
        signed(self._setup.secret("webhook"), at.encode() + hook.body, signature, encoding="base64")
        # the field is RFC 3339; the age is checked where the trigger adds seconds too
        if hook.header("x-candor-timestamp"):
            fresh(hook, hook.header("x-candor-timestamp"))
        said = told(hook)
        kind = said.get("event")
        if kind == "comment" and said.get("public") not in {True, "true"}:
            return []
        kinds = {"comment": "message", "assigned": "accepted", "solved": "resolved", "reopened": "reopened"}
        if kind not in kinds:
            return []
        text = said.get("text") if kind == "comment" else None
        key = f"comment:{said['comment_id']}" if kind == "comment" else f"{kind}:{said['audit_id']}"
        order = int(said["audit_id"]) if str(said.get("audit_id", "")).isdigit() else None
        return [(str(said["ticket"]), RemoteEvent(key, kinds[kind], order, said.get("agent"), text))]  # type: ignore[arg-type]  # the values above are kinds

    def pull(self, remote: Remote, cursor: str | None) -> Walk[tuple[list[RemoteEvent], str | None]]:
        """Read the ticket's audits after the last one seen."""
        page = parsed((yield self._call("GET", f"/tickets/{remote.id}/audits.json?page[size]=100&sort=created_at")))
        found: list[RemoteEvent] = []
        last = int(cursor or 0)
        for audit in page["audits"]:
            if int(audit["id"]) <= int(cursor or 0):
                continue
            last = max(last, int(audit["id"]))
            found += [one for event in audit["events"] if (one := self._event(audit, event)) is not None]
        return found, str(last)

    def _event(self, audit: dict[str, object], event: dict[str, object]) -> RemoteEvent | None:
        order, actor = int(str(audit["id"])), str(audit.get("author_id"))
        if event["type"] == "Comment" and event.get("public") and actor != self._setup.option("bridge_user"):
            return RemoteEvent(f"comment:{event['id']}", "message", order, actor, str(event["body"]))
        if event["type"] == "Change" and event.get("field_name") == "assignee_id" and event.get("value"):
            return RemoteEvent(f"assigned:{audit['id']}", "accepted", order, str(event["value"]))
        if event["type"] == "Change" and event.get("field_name") == "status" and event.get("value") == "solved":
            return RemoteEvent(f"solved:{audit['id']}", "resolved", order, actor)
        return None

    def health(self) -> Walk[bool]:
        """Ask who we are."""
        return (yield self._call("GET", "/users/me.json")).status == 200
