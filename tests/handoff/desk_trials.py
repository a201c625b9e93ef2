"""Each desk's documented wire format, written down: answers to our calls, and deliveries as the desk signs them."""

import base64
from typing import Any

from handoff.conformance import BRIEF, KEY, NOTE, NOW, Trial
from handoff.desks.chatwoot import Chatwoot
from handoff.desks.intercom import Intercom
from handoff.desks.mail import Mail
from handoff.desks.webhook import Webhook, signature
from handoff.desks.zammad import Zammad
from handoff.desks.zendesk import Zendesk
from handoff.desks.zendesk_messaging import ZendeskMessaging
from handoff.port import Hook, Letter, Reply, Setup
from tests.handoff.cloud_trials import (
    amazon_connect,
    freshdesk,
    genesys,
    matrix,
    request_tracker,
    salesforce,
    twilio_flex,
)
from tests.handoff.deliveries import HI, SECRET, _setup, hook, mac, signed_by


def webhook() -> Trial:
    def sign(secret: str, raw: bytes, stamp: str) -> dict[str, str]:
        return {
            "webhook-id": "evt-1",
            "webhook-timestamp": stamp,
            "webhook-signature": signature(secret, "evt-1", stamp, raw),
        }

    bodies: dict[str, object] = {
        "accepted": {"handoff": KEY, "kind": "accepted", "actor": "Ana", "order": 1},
        "message": {"handoff": KEY, "kind": "message", "actor": "Ana", "text": HI, "order": 2},
        "note": {"handoff": KEY, "kind": "message", "actor": "Ana", "text": NOTE, "private": True},
        "resolved": {"handoff": KEY, "kind": "resolved", "actor": "Ana", "order": 3},
    }
    setup = Setup("desk", "https://desk.example/in", {}, {"secret": SECRET}, NOW)
    return Trial(Webhook, setup, [{}], KEY, hooks=signed_by(sign, bodies))


def mail() -> Trial:
    def sign(secret: str, raw: bytes, stamp: str) -> dict[str, str]:
        proof = signature(secret, "<m1@shop>", stamp, raw)
        return {"webhook-id": "<m1@shop>", "webhook-timestamp": stamp, "webhook-signature": proof}

    taken = Reply(250, {}, b"")
    options = {"to": "help@shop.example", "replies": "replies@shop.example"}
    setup = Setup("desk", "smtp://mail.example:25", options, {"inbound": SECRET}, NOW)
    letter = next(Mail(setup).open(BRIEF))
    assert isinstance(letter, Letter)
    said = {"id": "<m1@shop>", "to": [letter.reply_to], "from": "Ana <ana@shop.example>", "auto": False}
    quoted = "\n\nOn Monday somebody wrote:\n> the customer's words"
    bodies: dict[str, object] = {
        "message": {**said, "text": HI + quoted},
        "note": {**said, "text": f"#note\n{NOTE}"},
        "resolved": {**said, "text": "#done" + quoted},
    }
    return Trial(Mail, setup, [taken], KEY, [taken], [taken], hooks=signed_by(sign, bodies))


def zendesk() -> Trial:
    def sign(secret: str, raw: bytes, stamp: str) -> dict[str, str]:
        return {
            "x-zendesk-webhook-signature-timestamp": "2026-11-21T08:00:00Z",
            "x-zendesk-webhook-signature": base64.b64encode(mac(secret, b"2026-11-21T08:00:00Z" + raw)).decode(),
            "x-candor-timestamp": stamp,
        }

    bodies: dict[str, object] = {
        "accepted": {"ticket": 123, "event": "assigned", "agent": "Ana", "audit_id": "7"},
        "message": {
            "ticket": 123,
            "event": "comment",
            "public": "true",
            "agent": "Ana",
            "text": HI,
            "comment_id": 9,
            "audit_id": "8",
        },
        "note": {"ticket": 123, "event": "comment", "public": "false", "text": NOTE, "comment_id": 10, "audit_id": "9"},
        "resolved": {"ticket": 123, "event": "solved", "agent": "Ana", "audit_id": "10"},
    }
    return Trial(
        Zendesk,
        _setup("https://shop.zendesk.com", user="bridge@shop.example"),
        [{"ticket": {"id": 123}}],
        "123",
        [{"ticket": {"id": 123}, "audit": {"events": [{"id": 44, "type": "Comment"}]}}],
        missing={"tickets": []},
        hooks=signed_by(sign, bodies),
    )


def zendesk_messaging() -> Trial:
    def delivery(event: dict[str, Any], key: str = SECRET) -> Hook:
        return hook({"events": [event]}, {"x-api-key": key})

    def said(text: str, **metadata: str) -> dict[str, Any]:
        author = {"type": "business", "displayName": "Ana"}
        message = {"id": "m2", "author": author, "content": {"type": "text", "text": text}, "metadata": metadata}
        return {
            "id": "e",
            "type": "conversation:message",
            "payload": {"conversation": {"id": "c1"}, "message": message},
        }

    ended = {"id": "e2", "type": "switchboard:releaseControl", "payload": {"conversation": {"id": "c1"}}}
    spoken = said(HI, **{"__zendesk_msg.agent.id": "a1"})
    return Trial(
        ZendeskMessaging,
        _setup("https://shop.zendesk.com/sc/v2/apps/app1", key_id="k"),
        [{"user": {"id": "u1"}}, {"conversation": {"id": "c1"}}, {}, {"messages": [{"id": "m1"}]}, {}, {}],
        "c1",
        [{"messages": [{"id": "m3"}]}],
        missing={"conversations": []},
        hooks={
            "message": delivery(spoken),
            "note": delivery(said(NOTE)),
            "resolved": delivery(ended),
            "forged": delivery(spoken, "another"),
        },
    )


def chatwoot() -> Trial:
    def sign(secret: str, raw: bytes, stamp: str) -> dict[str, str]:
        proof = mac(secret, f"{stamp}.".encode() + raw).hex()
        return {
            "x-chatwoot-timestamp": stamp,
            "x-chatwoot-signature": f"sha256={proof}",
            "x-chatwoot-delivery": "d-1",
        }

    message = {
        "event": "message_created",
        "id": 5,
        "content": HI,
        "message_type": "outgoing",
        "private": False,
        "sender": {"type": "user", "name": "Ana"},
        "conversation": {"id": 567},
    }
    bodies: dict[str, object] = {
        "accepted": {
            "event": "conversation_updated",
            "id": 567,
            "changed_attributes": [{"assignee_id": {"previous_value": None, "current_value": 3}}],
            "meta": {"assignee": {"name": "Ana"}},
        },
        "message": message,
        "note": {**message, "private": True, "content": NOTE},
        "resolved": {"event": "conversation_status_changed", "id": 567, "status": "resolved"},
    }
    return Trial(
        Chatwoot,
        _setup("https://chat.shop.example", account="1", inbox="ib", team="2"),
        [{"source_id": "s1"}, {"id": 567}, {}, {}, {}],
        "567",
        [{"id": 6}],
        missing={"payload": []},
        hooks=signed_by(sign, bodies),
    )


def zammad() -> Trial:
    def sign(secret: str, raw: bytes, stamp: str) -> dict[str, str]:
        return {"x-hub-signature": f"sha1={mac(secret, raw, 'sha1').hex()}", "x-zammad-delivery": "z-1"}

    ticket = {"id": 9, "owner_id": 4, "owner": {"firstname": "Ana"}, "state": "open"}
    article = {"id": 31, "internal": False, "sender": "Agent", "from": "Ana", "body": HI}
    bodies: dict[str, object] = {
        "accepted": {"ticket": ticket, "article": None},
        "message": {"ticket": ticket, "article": article},
        "note": {"ticket": ticket, "article": {**article, "internal": True, "body": NOTE}},
        "resolved": {"ticket": {**ticket, "state": "closed"}},
    }
    return Trial(
        Zammad,
        _setup("https://zammad.shop.example", group="Human"),
        [{"id": 9, "customer_id": 77}],
        "9",
        [{"id": 32}],
        missing=[],
        hooks=signed_by(sign, bodies, stale=False),
    )


def intercom() -> Trial:
    def sign(secret: str, raw: bytes, stamp: str) -> dict[str, str]:
        return {"x-hub-signature": f"sha1={mac(secret, raw, 'sha1').hex()}"}

    def body(topic: str, *parts: dict[str, Any]) -> dict[str, Any]:
        item = {"id": "55", "conversation_parts": {"conversation_parts": list(parts)}}
        return {"id": "notif_1", "topic": topic, "data": {"item": item}}

    ana = {"type": "admin", "id": "8", "name": "Ana"}
    comment = {"id": "p1", "part_type": "comment", "author": ana, "body": HI, "created_at": 1}
    assigned = {"id": "p0", "part_type": "assignment", "author": ana, "assigned_to": ana, "created_at": 1}
    bodies: dict[str, object] = {
        "accepted": body("conversation.admin.assigned", assigned),
        "message": body("conversation.admin.replied", comment),
        "note": body("conversation.admin.noted", {**comment, "part_type": "note", "body": NOTE}),
        "resolved": body("conversation.admin.closed"),
    }
    return Trial(
        Intercom,
        _setup("https://api.intercom.io", admin="1", team="2"),
        [{"id": "ct"}, {"conversation_id": "55"}, {}, {}, {}],
        "55",
        [{"conversation_parts": {"conversation_parts": [{"id": "p9"}]}}],
        missing={"conversations": []},
        hooks=signed_by(sign, bodies, stale=False),
    )


TRIALS = {
    one.__name__: one
    for one in (
        *(webhook, mail, zendesk, zendesk_messaging, chatwoot, zammad, intercom, salesforce, genesys, freshdesk),
        *(twilio_flex, amazon_connect, matrix, request_tracker),
    )
}
