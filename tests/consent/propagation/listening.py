"""A recipient on this machine that takes real requests over a socket, and everything it takes to tell it something."""

import asyncio
import contextlib
import hmac
import json
from base64 import b64decode, b64encode
from typing import Any, NamedTuple

from consent.notary import Notary
from consent.propagation import store
from consent.propagation.recipients import service as recipients
from consent.propagation.recipients.service import Sheet
from consent.propagation.recipients.store import RecipientRow
from consent.propagation.store import NEWEST, NoticeRow
from core import canonical
from core.clock import FixedClock
from core.database import Database, Reader
from core.http import HttpClient
from core.principal import Principal, Role
from jobs.calendar import BusinessDays
from jobs.propagate import Propagate
from ledger import service as ledger
from ledger.entries import EntryRow
from tests.consent.keeping import TENANT

ADMIN = Principal(TENANT, "adm_1", Role.ADMIN)
DPO = Principal(TENANT, "dpo_1", Role.DPO)
APPLIED = {"applied": True, "scope": ["inference", "training"]}


class Taken(NamedTuple):
    """One request as it came in."""

    headers: dict[str, str]
    body: bytes

    @property
    def said(self) -> dict[str, Any]:
        """Return what the message says."""
        found: dict[str, Any] = json.loads(self.body)["data"]
        return found

    def is_signed_with(self, secret: str) -> bool:
        """Check the signature as Standard Webhooks 1.0 asks, with nothing of ours."""
        name, at = self.headers["webhook-id"], self.headers["webhook-timestamp"]
        signed = f"{name}.{at}.".encode() + self.body
        wanted = b64encode(hmac.digest(b64decode(secret.removeprefix("whsec_")), signed, "sha256")).decode()
        return f"v1,{wanted}" in self.headers["webhook-signature"].split(" ")


class Receiver:
    """A recipient: answers ``status`` and ``answer``; while it is ``down`` it hangs up on whoever calls."""

    def __init__(self) -> None:
        self.status, self.answer, self.down = "200 OK", b"", False
        self.taken: list[Taken] = []
        self.url = self.place = ""
        self._server: asyncio.Server | None = None

    def answers(self, said: object, status: str = "200 OK") -> None:
        """Answer with JSON from now on."""
        self.status, self.answer = status, json.dumps(said).encode()

    async def open(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.place = f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        self.url = f"http://{self.place}/optouts"

    async def close(self) -> None:
        """Listen no more."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            pairs = (line.partition(":") for line in head.split("\r\n")[1:] if line)
            headers = {name.lower(): value.strip() for name, _, value in pairs}
            body = await reader.readexactly(int(headers.get("content-length", "0")))
            if not self.down:
                self.taken.append(Taken(headers, body))
                length = f"Content-Length: {len(self.answer)}\r\nConnection: close\r\n\r\n"
                writer.write(f"HTTP/1.1 {self.status}\r\n{length}".encode() + self.answer)
                await writer.drain()
        writer.close()


class House:
    """A database with choices, recipients and the job that tells them."""

    def __init__(self, db: Database, notary: Notary, clock: FixedClock, receiver: Receiver) -> None:
        self.db, self.notary, self.clock, self.receiver = db, notary, clock, receiver
        self.keyring = notary.keyring
        self.client = HttpClient([receiver.place])
        self.job = self.runner()

    def runner(self, place: str | None = None) -> Propagate:
        """Return the job as another process would run it."""
        return Propagate(self.db, self.clock, self.keyring, self.client, BusinessDays("UTC", place))

    async def register(self, url: str | None = None, **told: Any) -> tuple[RecipientRow, str]:
        """Register a recipient, at the receiver unless told otherwise."""
        sheet = Sheet("Model trainer", url or self.receiver.url, scopes=("inference", "training"))._replace(**told)
        return await self.db.transact(recipients.register, self.keyring, ADMIN, sheet, self.clock.now())

    async def notices(self, **narrowing: Any) -> list[NoticeRow]:
        """Return the notices there are, newest choice first."""
        return await self.db.read(store.listed, TENANT, narrowing, (NEWEST, ""), 100)

    async def one(self) -> NoticeRow:
        """Return the only notice there is."""
        [found] = await self.notices()
        return found

    async def entries(self, start: str = "recipient.") -> list[EntryRow]:
        """Return the ledger's entries of some kinds, in order."""

        async def work(tx: Reader) -> list[EntryRow]:
            return await ledger.entries(tx, limit=1000)

        return [entry for entry in await self.db.read(work) if entry.kind.startswith(start)]

    async def kinds(self) -> list[str]:
        """Return what happened with recipients, in order."""
        return [entry.kind.removeprefix("recipient.") for entry in await self.entries()]

    async def last(self) -> dict[str, Any]:
        """Return what the last entry about a recipient says in public."""
        body = canonical.loads((await self.entries())[-1].body)
        found: dict[str, Any] = body["public"]
        return found
