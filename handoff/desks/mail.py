"""A mailbox as the last desk of a chain: one thread for each case (RFC 5322, 3.6.4), one letter a message.

The Message-ID is made from our key, so a repetition is recognised by systems that look, and threads hold by References.
Answers do not come back by this way: an agent answers in the mailbox, and the customer has the reference number.
"""

from handoff.errors import BadSignatureError, DeskFailedError
from handoff.packs import plain
from handoff.port import Brief, Hook, Letter, OutMessage, Received, Remote, RemoteEvent, Setup, Walk

_TAKEN = 250
_LATER = range(400, 500)


class Mail:
    """A mailbox at the address ``to`` of the options; ``url`` is ``smtp://host:port`` or ``smtps://host:port``."""

    caps = frozenset({"ticket"})

    def __init__(self, setup: Setup) -> None:
        """Write to the mailbox of ``setup``."""
        self._to = setup.option("to")
        self._domain = setup.option("domain", "candor.invalid")

    def _id(self, key: str) -> str:
        return f"<{key.replace(':', '.')}@{self._domain}>"

    def _send(self, letter: Letter) -> Walk[None]:
        reply = yield letter
        if reply.status != _TAKEN:
            raise DeskFailedError("The mail server did not take it.", permanent=reply.status not in _LATER)

    def find(self, key: str) -> Walk[Remote | None]:
        """A letter can't be found again: its Message-ID stands for it."""
        yield from ()
        return None

    def open(self, brief: Brief) -> Walk[Remote]:
        """Write the first letter."""
        yield from self._send(Letter(self._to, brief.title, plain(brief.pack, 100_000), self._id(brief.handoff)))
        return Remote(brief.handoff, None, {"subject": brief.title})

    def send(self, remote: Remote, message: OutMessage, key: str) -> Walk[str | None]:
        """Write another letter in the thread."""
        subject = "Re: " + remote.extra.get("subject", remote.id)
        yield from self._send(Letter(self._to, subject, message.labelled, self._id(key), self._id(remote.id)))
        return None

    def close(self, remote: Remote, reason: str, key: str) -> Walk[None]:
        """Say that nobody waits any more."""
        subject = "Re: " + remote.extra.get("subject", remote.id)
        text = f"The customer needs no answer any more ({reason})."
        yield from self._send(Letter(self._to, subject, text, self._id(key), self._id(remote.id)))

    def receive(self, hook: Hook) -> Received:
        """Nothing is believed that comes by this way."""
        raise BadSignatureError

    def pull(self, remote: Remote, cursor: str | None) -> Walk[tuple[list[RemoteEvent], str | None]]:
        """There is nothing to read."""
        yield from ()
        return [], cursor

    def health(self) -> Walk[bool]:
        """A mail server is asked when there is something to send."""
        yield from ()
        return True
