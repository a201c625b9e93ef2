"""A mailbox as the last desk of a chain: one thread for each case (RFC 5322, 3.6.4), one letter a message.

The Message-ID is made from our key, so a repetition is recognised by systems that look, and threads hold by References.
With the option ``replies`` answers come back: each letter asks for them at an address that carries the case and a proof
(RFC 5233 detail), and your mail server posts what arrives there, signed as Standard Webhooks are; docs/desks.md has the
program for it. Whoever answers has taken the case; ``#done`` on a line of its own ends it, ``#note`` keeps a letter
among colleagues.
"""

import hmac
import re
from email.utils import parseaddr
from typing import Final

from handoff.desks.speech import told
from handoff.desks.webhook import verified
from handoff.errors import BadSignatureError, DeskFailedError
from handoff.packs import plain
from handoff.port import Brief, Hook, Letter, OutMessage, Received, Remote, RemoteEvent, Setup, Walk

_TAKEN: Final = 250
_LATER: Final = range(400, 500)
_TO: Final = re.compile(r"\+([0-9a-f]{32})\.([0-9a-f]{16})@")
# a quotation, a signature, "--- Original Message ---"
_QUOTE: Final = re.compile(r"\s*(>|-- $|-{2,} ?\w+ \w+ ?-{2,}$)")
_DONE, _NOTE = "#done", "#note"


def own_words(text: str) -> str:
    """Return what a letter itself says: without what it quotes, its introduction and the signature."""
    lines: list[str] = []
    for line in text.splitlines():
        if _QUOTE.match(line):
            while lines and (not lines[-1].strip() or lines[-1].rstrip().endswith(":")):
                lines.pop()
            break
        lines.append(line)
    return "\n".join(lines).strip()


class Mail:
    """A mailbox at the address ``to`` of the options; ``url`` is ``smtp://host:port`` or ``smtps://host:port``."""

    caps = frozenset({"ticket", "push"})

    def __init__(self, setup: Setup) -> None:
        """Write to the mailbox of ``setup``."""
        self._to = setup.option("to")
        self._domain = setup.option("domain", "candor.invalid")
        self._replies = setup.option("replies")
        self._secret = setup.secret("inbound")

    def _id(self, key: str) -> str:
        return f"<{key.replace(':', '.')}@{self._domain}>"

    def _proof(self, handoff: str) -> str:
        return hmac.digest(self._secret.encode(), f"reply:{handoff}".encode(), "sha256").hex()[:16]

    def _reply_to(self, handoff: str) -> str | None:
        """Return where answers go: at most 64 characters before the ``@`` (RFC 5321, 4.5.3.1.1)."""
        if not self._replies or not self._secret:
            return None
        name, _, host = self._replies.partition("@")
        return f"{name}+{handoff.removeprefix('hnd_')}.{self._proof(handoff)}@{host}"

    def _send(self, handoff: str, subject: str, text: str, key: str | None = None) -> Walk[None]:
        """Send the first letter of a case, or under a ``key`` a later one of its thread."""
        made = Letter(self._to, subject, text, self._id(key or handoff), reply_to=self._reply_to(handoff))
        reply = yield made if key is None else made._replace(reference=self._id(handoff))
        if reply.status != _TAKEN:
            raise DeskFailedError("The mail server did not take it.", permanent=reply.status not in _LATER)

    def find(self, key: str) -> Walk[Remote | None]:
        """A letter can't be found again: its Message-ID stands for it."""
        yield from ()
        return None

    def open(self, brief: Brief) -> Walk[Remote]:
        """Write the first letter."""
        yield from self._send(brief.handoff, brief.title, plain(brief.pack, 100_000))
        return Remote(brief.handoff, None, {"subject": brief.title})

    def send(self, remote: Remote, message: OutMessage, key: str) -> Walk[str | None]:
        """Write another letter in the thread."""
        yield from self._send(remote.id, self._again(remote), message.labelled, key)
        return None

    @staticmethod
    def _again(remote: Remote) -> str:
        return "Re: " + remote.extra.get("subject", remote.id)

    def close(self, remote: Remote, reason: str, key: str) -> Walk[None]:
        """Say that nobody waits any more."""
        text = f"The customer needs no answer any more ({reason})."
        yield from self._send(remote.id, self._again(remote), text, key)

    def erase(self, remote: Remote, key: str) -> Walk[None]:
        """Ask whoever reads the mailbox to delete the thread."""
        text = "The customer was erased. Please delete this thread for good, and what was copied from it."
        yield from self._send(remote.id, self._again(remote), text, key)

    def receive(self, hook: Hook) -> Received:
        """Read one letter; what machines answer (RFC 3834) and what is meant for colleagues tells nothing."""
        verified(self._secret, hook)
        letter = told(hook)
        place = next((match for one in letter["to"] if (match := _TO.search(one))), None)
        if place is None:
            raise BadSignatureError
        handoff = f"hnd_{place[1]}"
        if not hmac.compare_digest(self._proof(handoff), place[2]):
            raise BadSignatureError
        lines = own_words(letter["text"]).splitlines()
        if letter.get("auto") or _NOTE in (line.strip() for line in lines):
            return []
        who = parseaddr(letter["from"])[0] or "Agent"
        text = "\n".join(line for line in lines if line.strip() != _DONE).strip()
        found = [RemoteEvent(f"mail:{letter['id']}", "message", None, who, text)] if text else []
        if _DONE in (line.strip() for line in lines):
            found.append(RemoteEvent(f"mail:{letter['id']}:done", "resolved", None, who))
        return [(handoff, event) for event in found]

    def pull(self, remote: Remote, cursor: str | None) -> Walk[tuple[list[RemoteEvent], str | None]]:
        """There is nothing to read."""
        yield from ()
        return [], cursor

    def health(self) -> Walk[bool]:
        """A mail server is asked when there is something to send."""
        yield from ()
        return True
