"""Request Tracker 5 (REST2): tickets with our key in the custom field ``HandoffId``; the transaction id is the order.

RT answers 200 to what it did not do, so the words of each answer are read. It has no hooks of its own: a scrip can post
signed JSON, and what is lost is pulled. Wire format as measured on RT 5.0.3.
"""

from typing import Any
from urllib.parse import quote

from handoff.desks.speech import call, expect, fresh, parsed, signed, taken, told
from handoff.errors import DeskFailedError
from handoff.packs import plain
from handoff.port import Brief, Call, Hook, OutMessage, Received, Remote, RemoteEvent, Setup, Walk

_NOBODY = "Nobody"


class RequestTracker:
    """One server; option ``queue`` names where tickets go, ``bridge`` the user we act as."""

    caps = frozenset({"ticket", "live", "pull", "push"})

    def __init__(self, setup: Setup) -> None:
        """Call with an authentication token."""
        self._setup = setup
        self._queue = setup.option("queue", "Human")
        self._bridge = setup.option("bridge", "candor")

    def _call(self, method: str, path: str, body: object = None) -> Call:
        auth = {"Authorization": f"token {self._setup.secret('token')}"}
        return call(method, f"{self._setup.url}/REST/2.0{path}", body, auth)

    def find(self, key: str) -> Walk[Remote | None]:
        """Query by the custom field; of two tickets with one key the first is ours."""
        query = quote(f"Queue='{self._queue}' AND CF.{{HandoffId}}='{key}'")
        items = parsed((yield self._call("GET", f"/tickets?query={query}&orderby=id&fields=Status,Owner")))["items"]
        return self._remote(taken(items[0], "id")) if items else None

    def _remote(self, number: str) -> Remote:
        return Remote(number, f"{self._setup.url}/Ticket/Display.html?id={number}")

    def open(self, brief: Brief) -> Walk[Remote]:
        """Make a ticket. Two at once would make two: the core lets one run at a time for each case."""
        ticket = {
            "Queue": self._queue,
            "Subject": brief.title,
            "Requestor": f"{brief.customer}@{self._setup.option('domain', 'candor.invalid')}",
            "Content": plain(brief.pack, 250_000),
            "ContentType": "text/plain",
            "CustomFields": {"HandoffId": brief.handoff},
        }
        return self._remote(taken(parsed((yield self._call("POST", "/ticket", ticket))), "id"))

    def send(self, remote: Remote, message: OutMessage, key: str) -> Walk[str | None]:
        """Correspond as the bridge, labelled with who spoke."""
        body = {"Content": message.labelled, "ContentType": "text/plain"}
        self._did(parsed((yield self._call("POST", f"/ticket/{remote.id}/correspond", body))), "added")
        return None  # echoes are known by their creator, the bridge

    @staticmethod
    def _did(answer: Any, *words: str) -> None:
        said = " ".join(str(one) for one in answer) if isinstance(answer, list) else str(answer)
        if not any(word in said for word in words):
            raise DeskFailedError("It answered that it did not do it.", permanent=True)

    def close(self, remote: Remote, reason: str, key: str) -> Walk[None]:
        """Reject the ticket, which can be opened again; one that is done already is left."""
        ticket = parsed((yield self._call("GET", f"/ticket/{remote.id}")))
        if ticket.get("Status") in {"resolved", "rejected", "deleted"}:
            return
        self._did(parsed((yield self._call("PUT", f"/ticket/{remote.id}", {"Status": "rejected"}))), "changed from")

    def receive(self, hook: Hook) -> Received:
        """Read what the scrip posts: one transaction."""
        at = hook.header(self._setup.option("timestamp_header", "x-rt-timestamp"))
        given = hook.header(self._setup.option("signature_header", "x-rt-signature"))
        signed(self._setup.secret("webhook"), f"{at}.".encode() + hook.body, given, prefix="sha256=")
        fresh(hook, at)
        said = told(hook)
        event = self._event(
            int(said["delivery"]), said["type"], said.get("field"), said["actor"], said.get("owner"), said.get("new")
        )
        return [] if event is None else [(str(said["ticket"]), event)]

    def _event(self, order: int, kind: str, field: str | None, actor: str, owner: Any, new: Any) -> RemoteEvent | None:
        """Return a transaction as an event; words come by ``pull``, comments never."""
        key = f"txn:{order}"
        if kind == "Set" and field == "Owner" and owner and owner != _NOBODY:
            return RemoteEvent(key, "accepted", order, str(owner))
        if kind == "Status" and new in {"resolved", "rejected"} and actor != self._bridge:
            return RemoteEvent(key, "resolved", order, actor)
        if kind == "Status" and new == "open" and actor != self._bridge:
            return RemoteEvent(key, "accepted", order, actor)
        return None

    def pull(self, remote: Remote, cursor: str | None) -> Walk[tuple[list[RemoteEvent], str | None]]:
        """Read the transactions after the last one, in their order."""
        query = quote(f"ObjectType='RT::Ticket' AND ObjectId={remote.id} AND id > {int(cursor or 0)}")
        fields = "Type,Creator,Field,NewValue"
        items = parsed((yield self._call("GET", f"/transactions?query={query}&fields={fields}&per_page=100")))["items"]
        found, last = [], int(cursor or 0)
        for item in sorted(items, key=lambda one: int(one["id"])):
            last = int(item["id"])
            actor = str((item.get("Creator") or {}).get("id"))
            if item["Type"] == "Correspond" and actor != self._bridge:
                text = yield from self._words(last)
                found.append(RemoteEvent(f"txn:{last}", "message", last, actor, text))
            elif event := self._event(last, item["Type"], item.get("Field"), actor, actor, item.get("NewValue")):
                found.append(event)
        return found, str(last)

    def _words(self, transaction: int) -> Walk[str]:
        page = parsed((yield self._call("GET", f"/transaction/{transaction}/attachments?fields=Content,ContentType")))
        return "\n".join(
            str(one.get("Content") or "")
            for one in page["items"]
            if str(one.get("ContentType")).startswith("text/plain")
        )

    def health(self) -> Walk[bool]:
        """Ask for the server."""
        return expect((yield self._call("GET", "/rt")), 401, 403).status == 200
