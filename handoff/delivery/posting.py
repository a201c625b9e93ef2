"""Making the calls that desks ask for: HTTP through the guarded client, letters by SMTP (RFC 5321) in a thread.

A call that fails on its way is a failure of the desk, whatever the reason; nothing of what it sent is told.
"""

import asyncio
import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import urlsplit

from core.database.guard import in_transaction
from core.http import CallFailedError, HttpClient, Limits, UrlRefusedError
from handoff.errors import DeskFailedError
from handoff.port import Call, Letter, Reply

_LIMITS = Limits(seconds=8.0, body_bytes=1_048_576, media_types=())
_SMTP_SECONDS = 10


class Posting:
    """Sends calls and letters."""

    def __init__(self, client: HttpClient, sender: str) -> None:
        """Write letters as ``sender``."""
        self._client = client
        self._sender = sender

    async def __call__(self, where: str, step: Call | Letter) -> Reply:
        """Make one call; ``where`` is the desk's own URL, the mail server of letters. Raises ``DeskFailedError``."""
        if isinstance(step, Letter):
            if in_transaction.get():
                raise RuntimeError("no network call inside a transaction: make it before or after")
            return await asyncio.to_thread(self._post, where, step)
        try:
            answer = await self._client.fetch(
                step.method, step.url, headers=step.headers, body=step.body, limits=_LIMITS
            )
        except CallFailedError as error:
            raise DeskFailedError(error.detail) from error
        except UrlRefusedError as error:
            raise DeskFailedError(error.detail, permanent=True) from error
        return Reply(answer.status, answer.headers, answer.body)

    def _post(self, where: str, letter: Letter) -> Reply:
        server = urlsplit(where)
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, letter.to, letter.subject
        message["Message-ID"], message["Auto-Submitted"] = letter.message_id, "auto-generated"
        if letter.reference is not None:
            message["In-Reply-To"] = message["References"] = letter.reference
        if letter.reply_to is not None:
            message["Reply-To"] = letter.reply_to
        message.set_content(letter.text)
        try:
            with self._connection(server.scheme, server.hostname or "", server.port) as smtp:
                smtp.send_message(message)
        except smtplib.SMTPResponseException as error:
            return Reply(error.smtp_code, {}, b"")
        except (OSError, smtplib.SMTPException) as error:
            raise DeskFailedError("The mail server could not be reached.") from error
        return Reply(250, {}, b"")

    @staticmethod
    def _connection(scheme: str, host: str, port: int | None) -> smtplib.SMTP:
        if scheme == "smtps":
            context = ssl.create_default_context()
            return smtplib.SMTP_SSL(host, port or 465, timeout=_SMTP_SECONDS, context=context)
        return smtplib.SMTP(host, port or 25, timeout=_SMTP_SECONDS)
