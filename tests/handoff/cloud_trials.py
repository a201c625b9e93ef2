"""Trials of contact centres, telephony, tickets and Matrix: each desk's documented wire format, written down."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from handoff.conformance import KEY, NOTE, NOW, Trial
from handoff.desks.amazon_connect import AmazonConnect
from handoff.desks.freshdesk import Freshdesk
from handoff.desks.genesys import Genesys
from handoff.desks.matrix import Matrix
from handoff.desks.request_tracker import RequestTracker
from handoff.desks.salesforce import Salesforce
from handoff.desks.twilio_flex import TwilioFlex
from handoff.port import Hook, Reply, Setup
from tests.handoff.deliveries import HI, SECRET, _setup, hook, mac, signed_by


def salesforce() -> Trial:
    def sign(secret: str, raw: bytes, stamp: str) -> dict[str, str]:
        proof = mac(secret, f"{stamp}.".encode() + raw).hex()
        return {"x-candor-timestamp": stamp, "x-candor-signature": f"sha256={proof}"}

    ana = {"role": "Agent", "displayName": "Ana"}
    entry = {"conversationIdentifier": "cv1", "id": "e1", "serverTimestamp": 5, "sender": ana}
    bodies: dict[str, object] = {
        "accepted": {**entry, "entryType": "ParticipantChanged", "operation": "add"},
        "message": {**entry, "entryType": "Message", "messageText": HI},
        "note": {**entry, "entryType": "Message", "messageText": NOTE, "visibility": "Agents"},
        "resolved": {**entry, "entryType": "SessionEnded"},
    }
    return Trial(
        Salesforce,
        _setup("https://shop.my.salesforce-scrt.com", organisation="00D", channel="ch", flow="f"),
        [{"conversationIdentifier": "cv1", "messagingSessionId": "0Mw"}, {}, {}],
        "cv1",
        hooks=signed_by(sign, bodies),
    )


def genesys() -> Trial:
    def sign(secret: str, raw: bytes, stamp: str) -> dict[str, str]:
        return {"x-hub-signature-256": "sha256=" + base64.b64encode(mac(secret, raw)).decode()}

    channel = {"to": {"id": KEY}, "from": {"nickname": "Ana"}}
    bodies: dict[str, object] = {
        "accepted": {"id": "g1", "channel": channel, "type": "Event", "events": [{"presence": {"type": "Join"}}]},
        "message": {"id": "g2", "channel": channel, "type": "Text", "text": HI, "originatingEntity": "Human"},
        "note": {"id": "g3", "channel": channel, "type": "Structured", "text": NOTE, "originatingEntity": "Bot"},
        "resolved": {"id": "g4", "channel": channel, "type": "Event", "events": [{"presence": {"type": "Disconnect"}}]},
    }
    return Trial(
        Genesys,
        _setup("https://api.mypurecloud.de", integration="i1"),
        [{"id": "m", "conversationId": "cv"}],
        KEY,
        hooks=signed_by(sign, bodies, stale=False),
    )


def freshdesk() -> Trial:
    def delivery(body: dict[str, Any], key: str = SECRET) -> Hook:
        return hook({"ticket_id": 12, **body}, {"x-candor-secret": key})

    assigned = {"event": "assigned", "agent_name": "Ana"}
    return Trial(
        Freshdesk,
        _setup("https://shop.freshdesk.com"),
        [{"id": 12}, {}],
        "12",
        [{"id": 13}],
        missing={"results": []},
        hooks={
            "accepted": delivery(assigned),
            "note": delivery({"event": "note", "text": NOTE}),
            "resolved": delivery({"event": "resolved", "agent_name": "Ana"}),
            "forged": delivery(assigned, "another"),
        },
    )


def twilio_flex() -> Trial:
    url = "https://candor.example/hooks/default/desk"

    def delivery(fields: dict[str, str], token: str = "api-token") -> Hook:
        text = url + "".join(name + fields[name] for name in sorted(fields))
        proof = base64.b64encode(mac(token, text.encode(), "sha1")).decode()
        headers = {"x-twilio-signature": proof, "content-type": "application/x-www-form-urlencoded"}
        return hook(urlencode(fields).encode(), headers)

    said = {
        "EventType": "onMessageAdded",
        "ConversationSid": "CH1",
        "ConversationUniqueName": KEY,
        "MessageSid": "IM1",
        "Index": "3",
        "Author": "ana",
        "Body": HI,
    }
    task = {"TaskAttributes": json.dumps({"handoff": KEY}), "Sid": "EV1", "WorkerName": "ana"}
    return Trial(
        TwilioFlex,
        _setup("https://flex-api.twilio.com", account="AC1", workspace="WS", workflow="WW"),
        [{"sid": "CH1"}, {}, {}, {"sid": "KD1", "channel": {"sid": "UO1"}}, {}],
        KEY,
        [{"sid": "IM2"}],
        hooks={
            "accepted": delivery({**task, "EventType": "reservation.accepted"}),
            "message": delivery(said),
            "resolved": delivery({**task, "EventType": "task.completed"}),
            "forged": delivery(said, "another"),
        },
    )


def _certificate() -> tuple[rsa.RSAPrivateKey, str]:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.example")])
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    made = made.serial_number(1).not_valid_before(start).not_valid_after(start + timedelta(days=3650))
    return key, made.sign(key, SHA256()).public_bytes(Encoding.PEM).decode()


def amazon_connect() -> Trial:
    key, pem = _certificate()
    other = rsa.generate_private_key(65537, 2048)

    def delivery(said: dict[str, Any], signer: rsa.RSAPrivateKey = key) -> Hook:
        envelope = {
            "Type": "Notification",
            "MessageId": "n1",
            "TopicArn": "arn",
            "Timestamp": "2026-11-21T08:00:00Z",
            "Message": json.dumps({"ContactId": "ct1", "Id": "i1", "DisplayName": "Ana", **said}),
            "SignatureVersion": "2",
        }
        names = ("Message", "MessageId", "Timestamp", "TopicArn", "Type")
        text = "".join(f"{name}\n{envelope[name]}\n" for name in names)
        envelope["Signature"] = base64.b64encode(signer.sign(text.encode(), PKCS1v15(), SHA256())).decode()
        return hook(envelope, {"content-type": "text/plain; charset=UTF-8"})

    event = "application/vnd.amazonaws.connect.event."
    said = {"ParticipantRole": "AGENT", "Type": "MESSAGE", "ContentType": "text/plain", "Content": HI}
    options = {
        "instance": "in1",
        "flow": "cf1",
        "region": "eu-west-1",
        "access_key": "AKIA",
        "participant_url": "https://participant.connect.eu-west-1.amazonaws.com",
        "stream": "arn:stream",
    }
    secrets = {"token": "aws-secret", "sns_certificate": pem}
    setup = Setup("desk", "https://connect.eu-west-1.amazonaws.com", options, secrets, NOW)
    return Trial(
        AmazonConnect,
        setup,
        [
            {"ContactId": "ct1", "ParticipantId": "p", "ParticipantToken": "pt"},
            {},
            {"ConnectionCredentials": {"ConnectionToken": "conn"}},
        ],
        "ct1",
        [{"Id": "i9"}],
        hooks={
            "accepted": delivery(
                {"ParticipantRole": "AGENT", "Type": "EVENT", "ContentType": event + "participant.joined"}
            ),
            "message": delivery(said),
            "note": delivery({**said, "ParticipantRole": "SUPERVISOR", "Content": NOTE}),
            "resolved": delivery({"Type": "EVENT", "ContentType": event + "chat.ended"}),
            "forged": delivery(said, other),
        },
    )


def matrix() -> Trial:
    def delivery(event: dict[str, Any], token: str = SECRET) -> Hook:
        whole = {"room_id": "!r:hs", "event_id": "$1", "origin_server_ts": 5, **event}
        return hook({"events": [whole]}, {"authorization": f"Bearer {token}"}, "PUT")

    said = {"type": "m.room.message", "sender": "@ana:hs", "content": {"msgtype": "m.text", "body": HI}}
    options = {"server": "hs", "agents": "@ana:hs, @ben:hs", "sender": "candor"}
    secrets = {"as_token": "as-token", "hs_token": SECRET}
    member = {"type": "m.room.member", "sender": "@ana:hs", "state_key": "@ana:hs"}
    return Trial(
        Matrix,
        Setup("desk", "https://matrix.example", options, secrets, NOW),
        [{"user_id": "u"}, {}, {"room_id": "!r:hs"}, {"room_id": "!r:hs"}, {"event_id": "$0"}],
        "!r:hs",
        [{"event_id": "$2"}],
        missing=Reply(404, {}, b'{"errcode":"M_NOT_FOUND"}'),
        hooks={
            "accepted": delivery({**member, "content": {"membership": "join"}}),
            "message": delivery(said),
            "note": delivery({**said, "content": {"msgtype": "dev.candor.note", "body": NOTE}}),
            "resolved": delivery({**member, "content": {"membership": "leave"}}),
            "forged": delivery(said, "another"),
        },
    )


def request_tracker() -> Trial:
    def sign(secret: str, raw: bytes, stamp: str) -> dict[str, str]:
        proof = mac(secret, f"{stamp}.".encode() + raw).hex()
        return {"x-rt-timestamp": stamp, "x-rt-signature": f"sha256={proof}"}

    base = {"actor": "agent1", "event": "transaction", "handoff_id": KEY, "ticket": 1, "owner": "agent1"}
    bodies: dict[str, object] = {
        "accepted": {**base, "delivery": 45, "type": "Set", "field": "Owner", "new": "28", "old": "6"},
        "message": {**base, "delivery": 46, "type": "Status", "field": "Status", "new": "resolved"},
        "note": {**base, "delivery": 47, "type": "Comment", "content": NOTE},
        "resolved": {**base, "delivery": 48, "type": "Status", "field": "Status", "new": "resolved"},
    }
    hooks = signed_by(sign, bodies)
    del hooks["message"]  # words come by reading; a scrip tells only that something happened
    return Trial(
        RequestTracker,
        _setup("https://rt.example", queue="Human", bridge="candor"),
        [{"type": "ticket", "id": "1", "_url": "https://rt.example/REST/2.0/ticket/1"}],
        "1",
        [["Correspondence added"]],
        [{"Status": "open"}, ["Ticket 1: Status changed from 'open' to 'rejected'; Ticket deleted"]],
        missing={"count": 0, "items": []},
        hooks=hooks,
    )
