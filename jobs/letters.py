"""Deliver the letters of requests for an explanation, and note that they were delivered (EXP-07).

A letter that was sent just before a crash may be sent twice, under the same Message-ID; never not at all.
"""

from typing import Any

from core.clock import Clock
from core.database import Database
from core.errors import ConflictError
from core.mail import Letter, Post
from explanations.requests import letters
from explanations.requests.errors import RequestNotFoundError
from explanations.requests.terms import Desk


class Letters:
    """Sends what was enqueued with a step of a case."""

    def __init__(self, db: Database, clock: Clock, desk: Desk, post: Post | None) -> None:
        """Send by ``post``; without one every letter is noted as not sent."""
        self._db, self._clock, self._desk, self._post = db, clock, desk, post

    async def run(self, payload: Any) -> None:
        """Send one letter. Raises ``NotDeliveredError``: then it is tried again."""
        tenant, request, letter = payload["tenant"], payload["request"], payload["letter"]
        try:
            made = await self._db.read(letters.compose, self._desk, tenant, request, letter, payload["seq"])
        except (RequestNotFoundError, ConflictError):
            return  # erased meanwhile: there is nobody to write to
        outcome = "no_address"
        if made is not None and self._post is None:
            outcome = "no_mail_server"
        elif made is not None and self._post is not None:
            name = f"{request}.{letter}.{payload['seq']}"
            await self._post.send(Letter(name, made.to, made.subject, made.text, made.language))
            outcome = "sent"
        if outcome != "no_address":
            now = self._clock.now()
            await self._db.transact(letters.note, self._desk, tenant, request, letter, outcome, now)
