"""Request Tracker 5 (REST2): tickets with our key in the custom field ``HandoffId``; the transaction id is the order.

RT answers 200 to what it did not do, so the words of each answer are read. It has no hooks of its own: a scrip can post
signed JSON (docs/desks.md has it), and what is lost is pulled. RT opens a ticket by itself, as ``RT_System``, when the
customer's first words arrive: that is no person. Run against RT 5.0.3.
"""

from typing import Any
from urllib.parse import quote

from handoff.desks.speech import call, expect, fresh, parsed, signed, taken, told
from handoff.errors import DeskFailedError
from handoff.packs import plain
from handoff.port import Brief, Call, Hook, OutMessage, Received, Remote, RemoteEvent, Setup, Walk

_NOBODY = "Nobody"
_NO_PERSON = frozenset({_NOBODY, "RT_System"})
_DONE = frozenset({"resolved", "rejected"})


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

    def erase(self, remote: Remote, key: str) -> Walk[None]:
        """Mark the ticket as deleted; its administrator's ``rt-shredder`` takes those out of the database."""
        ticket = parsed((yield self._call("GET", f"/ticket/{remote.id}")))
        if ticket.get("Status") != "deleted":
            self._did(
                parsed((yield self._call("PUT", f"/ticket/{remote.id}", {"Status": "deleted"}))), "Ticket deleted"
            )

    def receive(self, hook: Hook) -> Received:
        """Read what the scrip posts: one transaction."""
        at = hook.header(self._setup.option("timestamp_header", "x-rt-timestamp"))
        given = hook.header(self._setup.option("signature_header", "x-rt-signature"))
        signed(self._setup.secret("webhook"), f"{at}.".encode() + hook.body, given, prefix="sha256=")
        fresh(hook, at)
        said = told(hook)
        order, actor = int(said["delivery"]), str(said["actor"])
        if said["type"] == "Correspond":
            event = self._said(order, actor, said.get("text"))
        elif said.get("field") == "Owner":
            event = self._owned(order, said["type"], str(said["owner"]))
        else:
            event = self._moved(order, said["type"], actor, said.get("old"), said.get("new"))
        return [] if event is None else [(str(said["ticket"]), event)]

    def _said(self, order: int, actor: str, text: str | None) -> RemoteEvent | None:
        """Return words of a person there; comments never come here."""
        if actor == self._bridge or actor in _NO_PERSON or not text:
            return None
        return RemoteEvent(f"txn:{order}", "message", order, actor, text)

    def _owned(self, order: int, kind: str, owner: str) -> RemoteEvent | None:
        """Return that somebody took the ticket, or gave it back. RT writes each change down twice."""
        if kind != "Set" or owner == self._bridge:
            return None
        if owner in _NO_PERSON:
            return RemoteEvent(f"txn:{order}", "released", order)
        return RemoteEvent(f"txn:{order}", "accepted", order, owner)

    def _moved(self, order: int, kind: str, actor: str, old: Any, new: Any) -> RemoteEvent | None:
        """Return a change of status by a person there."""
        if kind != "Status" or actor == self._bridge or actor in _NO_PERSON:
            return None
        if new in _DONE:
            return RemoteEvent(f"txn:{order}", "resolved", order, actor)
        if new != "open":
            return None
        return RemoteEvent(f"txn:{order}", "reopened" if old in _DONE else "accepted", order, actor)

    def pull(self, remote: Remote, cursor: str | None) -> Walk[tuple[list[RemoteEvent], str | None]]:
        """Read the transactions after the last one, in their order."""
        query = quote(f"ObjectType='RT::Ticket' AND ObjectId={remote.id} AND id > {int(cursor or 0)}")
        fields = "Type,Creator,Field,OldValue,NewValue"
        items = parsed((yield self._call("GET", f"/transactions?query={query}&fields={fields}&per_page=100")))["items"]
        found: list[RemoteEvent] = []
        last = int(cursor or 0)
        for item in sorted(items, key=lambda one: int(one["id"])):
            last = int(item["id"])
            event = yield from self._read(last, item)
            if event is not None:
                found.append(event)
        return found, str(last)

    def _read(self, order: int, item: dict[str, Any]) -> Walk[RemoteEvent | None]:
        """Return a transaction as an event, with what it leaves out asked for."""
        kind, actor = item["Type"], str((item.get("Creator") or {}).get("id"))
        if kind == "Correspond" and actor != self._bridge:
            return self._said(order, actor, (yield from self._words(order)))
        if kind == "Set" and item.get("Field") == "Owner":
            return self._owned(order, kind, (yield from self._name(str(item.get("NewValue")))))
        return self._moved(order, kind, actor, item.get("OldValue"), item.get("NewValue"))

    def _name(self, number: str) -> Walk[str]:
        """Return whom the ticket was given to: the transaction holds a number, and its creator may be someone else."""
        return taken(parsed((yield self._call("GET", f"/user/{quote(number)}"))), "Name")

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
