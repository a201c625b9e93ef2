"""Twilio Flex: an interaction with its routing makes the task; words travel through Conversations.

200 means only that it was taken, so what became of it is read again. Conversations stay open after the task has ended:
we close both. Documented wire format, not run against a live account.
"""

import base64
import hmac
import json
from typing import Any
from urllib.parse import parse_qsl, urlencode

from handoff.desks.speech import basic, expect, parsed, taken
from handoff.errors import BadSignatureError
from handoff.packs import plain
from handoff.port import Brief, Call, Hook, OutMessage, Received, Remote, RemoteEvent, Setup, Walk

_INTERACTIONS = "https://flex-api.twilio.com/v1/Interactions"
_CONVERSATIONS = "https://conversations.twilio.com/v1/Conversations"


class TwilioFlex:
    """One workspace: options ``account``, ``workspace``, ``workflow`` and ``webhook_url`` (as Twilio calls it)."""

    caps = frozenset({"live", "push", "pull"})

    def __init__(self, setup: Setup) -> None:
        """Call with the account's SID and token."""
        self._setup = setup
        self._auth = basic(setup.option("account"), setup.secret("token"))

    def _post(self, url: str, fields: dict[str, str]) -> Call:
        headers = {**self._auth, "Content-Type": "application/x-www-form-urlencoded"}
        return Call("POST", url, urlencode(fields).encode(), headers)

    def find(self, key: str) -> Walk[Remote | None]:
        """Find the conversation by its unique name, which is our key."""
        reply = yield Call("GET", f"{_CONVERSATIONS}/{key}", None, self._auth)
        if reply.status == 404:
            return None
        attributes = json.loads(parsed(reply).get("attributes") or "{}")
        if "interaction" not in attributes:
            return None
        return Remote(key, None, {"interaction": attributes["interaction"], "channel": attributes["channel"]})

    def open(self, brief: Brief) -> Walk[Remote]:
        """Make conversation, stand-in and context, then the interaction that routes it to people."""
        key, name = brief.handoff, f"Customer {brief.reference}"
        expect((yield self._post(_CONVERSATIONS, {"UniqueName": key, "FriendlyName": brief.title})), 409)
        expect((yield self._post(f"{_CONVERSATIONS}/{key}/Participants", {"Identity": key})), 409)
        context = {"Author": "AI transcript", "Body": plain(brief.pack, 1600)}
        expect((yield self._post(f"{_CONVERSATIONS}/{key}/Messages", context)))
        channel = {"type": "web", "initiated_by": "api", "properties": {"media_channel_sid": key}}
        attributes = {"handoff": key, "reference": brief.reference, "from": name, "language": brief.language}
        properties = {
            "workspace_sid": self._setup.option("workspace"),
            "workflow_sid": self._setup.option("workflow"),
            "task_channel_unique_name": "chat",
            "attributes": attributes,
        }
        fields = {"Channel": json.dumps(channel), "Routing": json.dumps({"properties": properties})}
        made = parsed((yield self._post(_INTERACTIONS, fields)))
        extra = {"interaction": taken(made, "sid"), "channel": taken(made, "channel", "sid")}
        expect((yield self._post(f"{_CONVERSATIONS}/{key}", {"Attributes": json.dumps(extra)})))
        return Remote(key, None, extra)

    def send(self, remote: Remote, message: OutMessage, key: str) -> Walk[str | None]:
        """Post as the stand-in."""
        fields = {"Author": remote.id, "Body": message.text}
        return taken(parsed((yield self._post(f"{_CONVERSATIONS}/{remote.id}/Messages", fields))), "sid")

    def close(self, remote: Remote, reason: str, key: str) -> Walk[None]:
        """Close the channel and the conversation, which would stay open by itself."""
        extra = remote.extra
        at = f"{_INTERACTIONS}/{extra['interaction']}/Channels/{extra['channel']}"
        expect((yield self._post(at, {"Status": "closed"})), 404)
        expect((yield self._post(f"{_CONVERSATIONS}/{remote.id}", {"State": "closed"})), 404)

    def receive(self, hook: Hook) -> Received:
        """Read a form that is signed over the URL and its sorted fields (SHA-1, or SHA-256 where so set)."""
        fields = dict(parse_qsl(hook.body.decode("utf-8", "replace"), keep_blank_values=True))
        url = self._setup.option("webhook_url") or hook.url
        signed = (url + "".join(name + fields[name] for name in sorted(fields))).encode()
        digest = self._setup.option("digest", "sha1")
        secret = self._setup.secret("token")
        wanted = base64.b64encode(hmac.digest(secret.encode(), signed, digest)).decode()
        if not secret or not hmac.compare_digest(wanted.encode(), hook.header("x-twilio-signature").encode()):
            raise BadSignatureError
        return self._read(fields)

    def _read(self, fields: dict[str, str]) -> Received:
        kind = fields.get("EventType", "")
        if kind == "onMessageAdded":
            where, author = fields["ConversationSid"], fields.get("Author", "")
            where = fields.get("ConversationUniqueName") or where
            order = int(fields["Index"]) if fields.get("Index", "").isdigit() else None
            if author in {where, "AI transcript"}:
                return []
            return [(where, RemoteEvent(fields["MessageSid"], "message", order, author, fields.get("Body")))]
        attributes: dict[str, Any] = json.loads(fields.get("TaskAttributes") or "{}")
        where, key = str(attributes.get("handoff", "")), fields.get("Sid", "")
        if kind == "reservation.accepted":
            return [(where, RemoteEvent(key, "accepted", None, fields.get("WorkerName") or "Agent"))]
        if kind in {"task.completed", "task.canceled"}:
            return [(where, RemoteEvent(key, "resolved"))]
        return []

    def pull(self, remote: Remote, cursor: str | None) -> Walk[tuple[list[RemoteEvent], str | None]]:
        """Read the conversation's messages."""
        url = f"{_CONVERSATIONS}/{remote.id}/Messages?Order=asc&PageSize=100"
        messages = parsed((yield Call("GET", url, None, self._auth)))["messages"]
        fresh = [one for one in messages if int(one["index"]) > int(cursor or -1)]
        found = [
            RemoteEvent(one["sid"], "message", int(one["index"]), one["author"], one["body"])
            for one in fresh
            if one["author"] not in {remote.id, "AI transcript"}
        ]
        return found, str(max((int(one["index"]) for one in messages), default=cursor or -1))

    def health(self) -> Walk[bool]:
        """Ask for the conversations."""
        return (yield Call("GET", f"{_CONVERSATIONS}?PageSize=1", None, self._auth)).status == 200
