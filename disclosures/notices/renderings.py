"""A notice as each channel takes it: page and app, chat card, text message, e-mail, speech (SSML 1.1).

Made from the layers unless the operator wrote an own wording for the channel. What a channel can't carry (a web
address read aloud, a message of three parts) needs an own wording, and is a finding before publication.
"""

import re
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

from disclosures.notices.documents import NoticeText

SMS_MOST: Final = 306  # two parts of 7-bit text
SPOKEN_MOST: Final = 600  # characters: about 40 seconds
_ADDRESS: Final = re.compile(r"https?://|www\.", re.IGNORECASE)
_SENTENCES: Final = re.compile(r"(?<=[.!?\u2026\u061f\u0964\u3002])\s+")
MEDIA: Final = {
    "web": "application/json",
    "app": "application/json",
    "kiosk": "application/json",
    "api": "application/json",
    "chat": "application/json",
    "messenger": "application/json",
    "sms": "text/plain",
    "email": "application/json",
    "voice": "application/ssml+xml",
}


def second_layer(text: NoticeText) -> str | None:
    """Return the second layer: what stands in ``more``, and every element that neither layer says already."""
    said = f"{text.text}\n{text.more or ''}"
    parts = [text.more] if text.more else []
    parts += [element for element in text.elements.values() if element not in said]
    return "\n".join(parts) or None


def _spoken(text: NoticeText) -> str:
    return text.renderings.get("voice") or " ".join(part for part in (text.text, text.human) if part)


def _message(text: NoticeText) -> str:
    return text.renderings.get("sms") or " ".join(part for part in (text.text, text.human) if part)


def ssml(words: str, language: str) -> str:
    """Return words as SSML 1.1: one sentence element each, so that a pause follows it."""
    sentences = "".join(f"<s>{escape(part)}</s>" for part in _SENTENCES.split(words) if part)
    return (
        '<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis"'
        f" xml:lang={quoteattr(language)}><p>{sentences}</p></speak>"
    )


def render(text: NoticeText, channel: str, language: str) -> str | dict[str, Any]:
    """Return the notice for a channel: text for messages and speech, members for the rest."""
    own = text.renderings.get(channel)  # type: ignore[call-overload]  # any word may be asked for
    if channel == "voice":
        return ssml(_spoken(text), language)
    if channel == "sms":
        return _message(text)
    if channel == "email":
        body = own or "\n\n".join(part for part in (text.text, second_layer(text), text.human) if part)
        return {"subject": text.title, "body": body}
    if channel in {"chat", "messenger"}:
        buttons = [{"type": "human", "title": text.human}] if text.human else []
        return {"type": "card", "title": text.title, "text": own or text.text, "buttons": buttons}
    return {
        "title": text.title,
        "text": own or text.text,
        "more": second_layer(text),
        "human": text.human,
        "label": text.label,
    }


def cannot(text: NoticeText, channel: str) -> str | None:
    """Return why a channel can't carry the notice, or nothing."""
    if channel == "voice":
        words = _spoken(text)
        if _ADDRESS.search(words):
            return "a web address can't be read aloud: write an own wording for voice"
        return "too long to be spoken first" if len(words) > SPOKEN_MOST else None
    if channel == "sms" and len(_message(text)) > SMS_MOST:
        return f"longer than two text messages ({SMS_MOST} characters): write an own wording for sms"
    return None
