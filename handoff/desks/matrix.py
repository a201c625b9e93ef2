"""Matrix as an application service: a room for each case, invited agents are the offer, a join is the acceptance.

The room's alias and the transaction ids are made from our key, so everything may be sent twice. A room's state event
holds the status; agents can't write it. Run against a real Synapse in the tests.
"""

from typing import Any
from urllib.parse import quote

from handoff.desks.speech import bearer, call, expect, parsed, taken, token, told
from handoff.packs import plain
from handoff.port import Brief, Call, Hook, OutMessage, Received, Remote, RemoteEvent, Setup, Walk

_BASE = "/_matrix/client/v3"
_IN_USE = 400
_STATE = "dev.candor.handoff"


class Matrix:
    """One homeserver: options ``server`` (its name), ``agents`` (Matrix ids, by commas), ``sender`` (our localpart)."""

    caps = frozenset({"live", "idempotent_create", "push", "pull"})

    def __init__(self, setup: Setup) -> None:
        """Act with the tokens of our registration."""
        self._setup = setup
        self._server = setup.option("server")
        self._agents = [one.strip() for one in setup.option("agents").split(",") if one.strip()]
        self._sender = f"@{setup.option('sender', 'candor')}:{self._server}"

    def _call(self, method: str, path: str, body: object = None, user: str = "") -> Call:
        who = f"?user_id={quote(user)}" if user else ""
        return call(method, f"{self._setup.url}{_BASE}{path}{who}", body, bearer(self._setup.secret("as_token")))

    def _customer(self, key: str) -> str:
        return f"@cust_{key}:{self._server}"

    def find(self, key: str) -> Walk[Remote | None]:
        """Look the alias up."""
        reply = yield self._call("GET", f"/directory/room/{quote(f'#handoff_{key}:{self._server}')}")
        if reply.status == 404:
            return None
        return Remote(taken(parsed(reply), "room_id"), None, {"key": key})

    def open(self, brief: Brief) -> Walk[Remote]:
        """Make the customer's stand-in and the room, invite the agents, post what was said."""
        key, user = brief.handoff, self._customer(brief.handoff)
        register = {"type": "m.login.application_service", "username": f"cust_{key}", "inhibit_login": True}
        expect((yield self._call("POST", "/register", register)), _IN_USE)
        name = {"displayname": f"Customer {brief.reference}"}
        expect((yield self._call("PUT", f"/profile/{quote(user)}/displayname", name, user)))
        status = {"handoff": key, "status": "queued", "reference": brief.reference, "language": brief.language}
        room = {
            "room_alias_name": f"handoff_{key}",
            "name": brief.title,
            "preset": "private_chat",
            "visibility": "private",
            "invite": [*self._agents, user],
            "initial_state": [{"type": _STATE, "state_key": "", "content": status}],
        }
        made = taken(parsed((yield self._call("POST", "/createRoom", room))), "room_id")
        expect((yield self._call("POST", f"/rooms/{quote(made)}/join", {}, user)))
        note = {"msgtype": "m.notice", "body": plain(brief.pack, 30_000)}
        expect((yield self._call("PUT", f"/rooms/{quote(made)}/send/m.room.message/{key}-pack", note)))
        return Remote(made, None, {"key": key})

    def send(self, remote: Remote, message: OutMessage, key: str) -> Walk[str | None]:
        """Say it as the customer; the same key gives the same event."""
        user = self._customer(remote.extra["key"])
        path = f"/rooms/{quote(remote.id)}/send/m.room.message/{quote(key)}"
        made = parsed((yield self._call("PUT", path, {"msgtype": "m.text", "body": message.text}, user)))
        return taken(made, "event_id")

    def close(self, remote: Remote, reason: str, key: str) -> Walk[None]:
        """Write the status and have the customer leave; the room stays."""
        status = {"handoff": remote.extra["key"], "status": "cancelled", "reason": reason}
        expect((yield self._call("PUT", f"/rooms/{quote(remote.id)}/state/{_STATE}/", status)))
        user = self._customer(remote.extra["key"])
        expect((yield self._call("POST", f"/rooms/{quote(remote.id)}/leave", {}, user)), 403)

    def receive(self, hook: Hook) -> Received:
        """Read a transaction; the homeserver repeats it until we answer 200."""
        given = hook.header("authorization").removeprefix("Bearer ")
        token(self._setup.secret("hs_token"), given)
        events = told(hook).get("events", ())
        return [(str(event["room_id"]), one) for event in events if (one := self._event(event)) is not None]

    def _event(self, event: dict[str, Any]) -> RemoteEvent | None:
        """Return what an agent did; the bridge's own and the customer's stand-in are echoes."""
        sender = str(event["sender"])
        if sender == self._sender or sender.startswith("@cust_"):
            return None
        key, at, content = str(event["event_id"]), int(event["origin_server_ts"]), event.get("content") or {}
        if event["type"] == "m.room.message" and content.get("msgtype") == "m.text":
            return RemoteEvent(key, "message", at, _short(sender), str(content.get("body") or ""))
        if event["type"] == "m.room.member" and event.get("state_key") == sender:
            kind = {"join": "accepted", "leave": "resolved"}.get(content.get("membership", ""))
            return None if kind is None else RemoteEvent(key, kind, at, _short(sender))  # type: ignore[arg-type]  # one of the two kinds
        return None

    def pull(self, remote: Remote, cursor: str | None) -> Walk[tuple[list[RemoteEvent], str | None]]:
        """Read the room on from where it was read."""
        start = f"&from={quote(cursor)}" if cursor else ""
        auth = bearer(self._setup.secret("as_token"))
        url = f"{self._setup.url}{_BASE}/rooms/{quote(remote.id)}/messages?dir=f&limit=100{start}"
        page = parsed((yield call("GET", url, None, auth)))
        found = [one for event in page["chunk"] if (one := self._event(event)) is not None]
        return found, page.get("end") or cursor

    def health(self) -> Walk[bool]:
        """Ask who we are."""
        return (yield self._call("GET", "/account/whoami")).status == 200


def _short(user: str) -> str:
    return user.removeprefix("@").split(":", maxsplit=1)[0]
