"""Amazon Connect: a chat contact under our key as ``ClientToken``; a task for tickets and call-backs.

Requests are signed with Signature Version 4; the participant API takes the connection's own token. Events come by SNS,
whose signature is checked against the certificate the operator pinned. Documented wire format, not run live.
"""

import json
from base64 import b64decode

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate

from handoff.desks.sigv4 import version4
from handoff.desks.speech import call, expect, parsed, taken, told
from handoff.errors import BadSignatureError
from handoff.packs import plain, shortened
from handoff.port import Brief, Call, Hook, OutMessage, Received, Remote, RemoteEvent, Setup, Walk

_SIGNED = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")


class AmazonConnect:
    """One instance: options ``instance``, ``flow``, ``region``, ``access_key``, ``participant_url``, ``stream``."""

    caps = frozenset({"live", "ticket", "callback", "idempotent_create", "push"})

    def __init__(self, setup: Setup) -> None:
        """Call the control API at the URL of ``setup``."""
        self._setup = setup
        self._participant = setup.option("participant_url").rstrip("/")

    def _signed(self, method: str, path: str, body: object) -> Call:
        return version4(call(method, self._setup.url + path, body), self._setup, self._setup.option("region"))

    def find(self, key: str) -> Walk[Remote | None]:
        """The ``ClientToken`` makes a repeated start answer with the first contact."""
        yield from ()
        return None

    def open(self, brief: Brief) -> Walk[Remote]:
        """Start a chat, or a task for what is not live."""
        attributes = {"handoff_id": brief.handoff, "reference": brief.reference, "language": brief.language}
        where = {"InstanceId": self._setup.option("instance"), "ContactFlowId": self._setup.option("flow")}
        if brief.mode != "live":
            task = {
                **where,
                "Name": brief.title,
                "Description": plain(brief.pack, 4096),
                "Attributes": attributes,
                "ClientToken": brief.handoff,
            }
            return Remote(taken(parsed((yield self._signed("PUT", "/contact/task", task))), "ContactId"))
        chat = {
            **where,
            "Attributes": {**attributes, "context": plain(brief.pack, 24_000)},
            "ParticipantDetails": {"DisplayName": f"Customer {brief.reference}"},
            "InitialMessage": {"ContentType": "text/plain", "Content": shortened(brief.title, 1024)},
            "ClientToken": brief.handoff,
        }
        made = parsed((yield self._signed("PUT", "/contact/chat", chat)))
        contact = taken(made, "ContactId")
        if stream := self._setup.option("stream"):
            start = {
                "InstanceId": where["InstanceId"],
                "ContactId": contact,
                "ChatStreamingConfiguration": {"StreamingEndpointArn": stream},
                "ClientToken": brief.handoff,
            }
            expect((yield self._signed("POST", "/contact/start-streaming", start)))
        who = {"X-Amz-Bearer": taken(made, "ParticipantToken")}
        asked = call("POST", f"{self._participant}/participant/connection", {"Type": ["CONNECTION_CREDENTIALS"]}, who)
        connection = taken(parsed((yield asked)), "ConnectionCredentials", "ConnectionToken")
        return Remote(contact, None, {"connection": connection})

    def send(self, remote: Remote, message: OutMessage, key: str) -> Walk[str | None]:
        """Say it as the participant."""
        body = {"ContentType": "text/plain", "Content": shortened(message.text, 16_384), "ClientToken": key}
        headers = {"X-Amz-Bearer": remote.extra.get("connection", "")}
        return taken(parsed((yield call("POST", f"{self._participant}/participant/message", body, headers))), "Id")

    def close(self, remote: Remote, reason: str, key: str) -> Walk[None]:
        """Stop the contact, in whatever state it is."""
        body = {"InstanceId": self._setup.option("instance"), "ContactId": remote.id}
        expect((yield self._signed("POST", "/contact/stop", body)), 404, 410)

    def receive(self, hook: Hook) -> Received:
        """Read an SNS notification of the chat stream."""
        envelope = told(hook)
        self._verify(envelope)
        said = orjson.loads(envelope["Message"])
        key, who = str(said["Id"]), said.get("DisplayName") or "Agent"
        if said.get("ParticipantRole") == "AGENT" and said.get("Type") == "MESSAGE":
            return [(str(said["ContactId"]), RemoteEvent(key, "message", None, who, said.get("Content")))]
        kind = str(said.get("ContentType", "")).rpartition(".")[2]
        if kind == "joined" and said.get("ParticipantRole") == "AGENT":
            return [(str(said["ContactId"]), RemoteEvent(key, "accepted", None, who))]
        return [(str(said["ContactId"]), RemoteEvent(key, "resolved", None, who))] if kind == "ended" else []

    def _verify(self, envelope: dict[str, str]) -> None:
        text = "".join(f"{name}\n{envelope[name]}\n" for name in _SIGNED if name in envelope)
        pinned = self._setup.secret("sns_certificate")
        try:
            public = load_pem_x509_certificate(pinned.encode()).public_key()
            if not isinstance(public, RSAPublicKey) or envelope.get("SignatureVersion") != "2":
                raise BadSignatureError
            public.verify(b64decode(envelope["Signature"]), text.encode(), PKCS1v15(), SHA256())
        except (InvalidSignature, ValueError, KeyError, json.JSONDecodeError) as error:
            raise BadSignatureError from error

    def pull(self, remote: Remote, cursor: str | None) -> Walk[tuple[list[RemoteEvent], str | None]]:
        """Read the transcript after the last item seen."""
        if "connection" not in remote.extra:
            return [], cursor
        headers = {"X-Amz-Bearer": remote.extra["connection"]}
        body = {"MaxResults": 100, "SortOrder": "ASCENDING", **({"NextToken": cursor} if cursor else {})}
        page = parsed((yield call("POST", f"{self._participant}/participant/transcript", body, headers)))
        found = [
            RemoteEvent(str(one["Id"]), "message", None, one.get("DisplayName") or "Agent", one.get("Content"))
            for one in page["Transcript"]
            if one.get("Type") == "MESSAGE" and one.get("ParticipantRole") == "AGENT"
        ]
        return found, page.get("NextToken") or cursor

    def health(self) -> Walk[bool]:
        """Ask for the instance."""
        made = version4(
            Call("GET", f"{self._setup.url}/instance/{self._setup.option('instance')}"),
            self._setup,
            self._setup.option("region"),
        )
        return (yield made).status == 200
