"""Zendesk Messaging (Sunshine Conversations): the switchboard passes the conversation to the agent workspace.

The order that works: control to our own integration, the transcript, then control to the workspace with its metadata,
then an offer to ourselves so that hooks keep arriving. Metadata is flat and at most 4 KB. ``passControl`` names the
workspace and no person: a person has accepted when one speaks. Documented wire format, not run against a live account.
"""

from handoff.desks.speech import basic, call, digest_key, expect, parsed, taken, token, told
from handoff.packs import plain
from handoff.port import Brief, Call, Hook, OutMessage, Received, Remote, RemoteEvent, Setup, Walk

_CONFLICT = 409


class ZendeskMessaging:
    """One app; ``url`` is ``https://{subdomain}.zendesk.com/sc/v2/apps/{app}``."""

    caps = frozenset({"live", "push", "pull"})

    def __init__(self, setup: Setup) -> None:
        """Call with a key id and its secret; ``ours`` names our integration on the switchboard."""
        self._setup = setup
        self._ours = setup.option("ours", "candor")
        self._auth = basic(setup.option("key_id"), setup.secret("token"))

    def _call(self, method: str, path: str, body: object = None) -> Call:
        return call(method, f"{self._setup.url}{path}", body, self._auth)

    def _user(self, brief: Brief) -> Walk[str]:
        profile = {"givenName": f"Customer {brief.reference}", "locale": brief.language}
        reply = yield self._call("POST", "/users", {"externalId": brief.handoff, "profile": profile})
        if reply.status == _CONFLICT:
            reply = yield self._call("GET", f"/users/{brief.handoff}")
        return taken(parsed(reply), "user", "id")

    def find(self, key: str) -> Walk[Remote | None]:
        """Find the conversation of the user that bears our key."""
        reply = yield self._call("GET", f"/conversations?filter[userExternalId]={key}")
        if reply.status == 404:
            return None
        found = parsed(reply)["conversations"]
        return Remote(taken(found[0], "id")) if found else None

    def open(self, brief: Brief) -> Walk[Remote]:
        """Make user and conversation, post the transcript, pass control."""
        user = yield from self._user(brief)
        who = [{"userId": user, "subscribeSDKClient": False}]
        asked = {"type": "personal", "participants": who, "metadata": {"handoff": brief.handoff}}
        made = taken(parsed((yield self._call("POST", "/conversations", asked))), "conversation", "id")
        at = f"/conversations/{made}"
        expect((yield self._call("POST", f"{at}/passControl", {"switchboardIntegration": self._ours})))
        author = {"type": "business", "displayName": "AI transcript"}
        text = {"author": author, "content": {"type": "text", "text": plain(brief.pack, 4000)}}
        said = parsed((yield self._call("POST", f"{at}/messages", text)))
        metadata = {
            "dataCapture.systemField.tags": "ai_handoff",
            "dataCapture.ticketField.reference": brief.reference,
            "first_message_id": taken(said, "messages", 0, "id"),
        }
        workspace = {"switchboardIntegration": "zd:agentWorkspace", "metadata": metadata}
        expect((yield self._call("POST", f"{at}/passControl", workspace)))
        expect((yield self._call("POST", f"{at}/offerControl", {"switchboardIntegration": self._ours})))
        return Remote(made, None, {"user": user})

    def send(self, remote: Remote, message: OutMessage, key: str) -> Walk[str | None]:
        """Post as the user."""
        author = {"type": "user", "userId": remote.extra.get("user", "")}
        body = {"author": author, "content": {"type": "text", "text": message.text}}
        made = parsed((yield self._call("POST", f"/conversations/{remote.id}/messages", body)))
        return "msg:" + taken(made, "messages", 0, "id")

    def close(self, remote: Remote, reason: str, key: str) -> Walk[None]:
        """Release control."""
        expect((yield self._call("POST", f"/conversations/{remote.id}/releaseControl", {"reason": reason})))

    def erase(self, remote: Remote, key: str) -> Walk[None]:
        """Delete the conversation."""
        expect((yield self._call("DELETE", f"/conversations/{remote.id}")), 404)

    def receive(self, hook: Hook) -> Received:
        """Read messages of people at the desk, and the end."""
        token(self._setup.secret("webhook"), hook.header("x-api-key"))
        found: Received = []
        for event in told(hook).get("events", ()):
            payload = event["payload"]
            where = str(payload["conversation"]["id"])
            if event["type"] == "conversation:message":
                found += [(where, one) for one in self._message(payload["message"])]
            elif event["type"] == "switchboard:releaseControl":
                found.append((where, RemoteEvent(str(event.get("id") or digest_key(hook)), "resolved")))
        return found

    def _message(self, message: dict[str, object]) -> list[RemoteEvent]:
        author = message["author"]
        metadata = message.get("metadata") or {}
        agent = metadata.get("__zendesk_msg.agent.id") if isinstance(metadata, dict) else None
        content = message["content"]
        if not isinstance(author, dict) or author.get("type") != "business" or agent is None:
            return []
        text = content.get("text") if isinstance(content, dict) else None
        name = str(author.get("displayName") or agent)
        return [RemoteEvent(f"msg:{message['id']}", "message", None, name, text)]

    def pull(self, remote: Remote, cursor: str | None) -> Walk[tuple[list[RemoteEvent], str | None]]:
        """Read messages after the last one seen."""
        after = f"?page[after]={cursor}" if cursor else ""
        page = parsed((yield self._call("GET", f"/conversations/{remote.id}/messages{after}")))
        found = [one for message in page["messages"] for one in self._message(message)]
        return found, (page.get("meta") or {}).get("afterCursor") or cursor

    def health(self) -> Walk[bool]:
        """Ask for the app."""
        return (yield self._call("GET", "")).status == 200
