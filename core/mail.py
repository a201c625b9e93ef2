"""Letters by e-mail: one port, and SMTP behind it (RFC 5321, RFC 8314). Never inside a transaction.

What a letter says is never logged; an error names its class only.
"""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from typing import Literal, NamedTuple, Protocol

from core.database.guard import in_transaction
from core.errors import UnavailableError

_SECONDS = 20.0
Encryption = Literal["starttls", "tls", "none"]


class NotDeliveredError(UnavailableError):
    """The mail server did not take the letter; it is tried again."""

    code = "letter-not-delivered"
    title = "A letter could not be handed to the mail server."


class Letter(NamedTuple):
    """A letter in plain text; ``id`` makes a repetition recognisable."""

    id: str
    to: str
    subject: str
    text: str
    language: str = "en"


class Post(Protocol):
    """Whoever delivers letters."""

    async def send(self, letter: Letter) -> None:
        """Deliver. Raises ``NotDeliveredError``."""
        ...


class Smtp:
    """Hands letters to a mail server."""

    def __init__(
        self, server: str, port: int, sender: str, encryption: Encryption, login: tuple[str, str] | None = None
    ) -> None:
        """Log in as ``login`` (user, password) where it is given; certificates are checked."""
        self._server, self._port, self._sender = server, port, sender
        self._encryption, self._login = encryption, login

    async def send(self, letter: Letter) -> None:
        """Deliver one letter, in a thread of its own."""
        if in_transaction.get():
            raise RuntimeError("no network call inside a transaction: make it before or after")
        try:
            await asyncio.to_thread(self._send, letter)
        except (OSError, smtplib.SMTPException) as error:
            raise NotDeliveredError from error

    def _send(self, letter: Letter) -> None:
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, letter.to, letter.subject
        message["Message-ID"] = f"<{letter.id}@{self._sender.rpartition('@')[2]}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = letter.language
        message.set_content(letter.text)
        context = ssl.create_default_context()
        if self._encryption == "tls":
            with smtplib.SMTP_SSL(self._server, self._port, timeout=_SECONDS, context=context) as made:
                self._deliver(made, message)
            return
        with smtplib.SMTP(self._server, self._port, timeout=_SECONDS) as made:
            if self._encryption == "starttls":
                made.starttls(context=context)
            self._deliver(made, message)

    def _deliver(self, server: smtplib.SMTP, message: EmailMessage) -> None:
        if self._login is not None:
            server.login(*self._login)
        server.send_message(message)
