"""Tell every recipient of each no, again and again until it takes it, and sound the alarm where none acknowledges.

Runs in each process every second; what it finds it claims inside a transaction, so any number of replicas may do it
at once. A message that went out just before a crash goes out again, under the same ``webhook-id``; never not at all.
A recipient that fails three times in a row is left alone for half a minute: the others do not wait for it.
"""

import asyncio
from typing import Final

from consent.propagation import messages, sending, service, store
from consent.propagation.messages import FAILED, REFUSED
from consent.propagation.sending import Message
from consent.propagation.service import Claimed
from core import canonical, ids
from core.clock import DAY, Clock
from core.database import Database, Tx
from core.http import HttpClient
from core.keys import KeyRing
from explanations import alerts
from handoff.delivery.breaker import Breakers
from jobs.calendar import BusinessDays

_MOST: Final = 20
_AT_ONCE: Final = 4
_ALARMS: Final = 200
_KEPT: Final = 90 * DAY


class Propagate:
    """Follows the log for all tenants, tells recipients outside of any transaction, and watches the deadlines."""

    def __init__(self, db: Database, clock: Clock, keyring: KeyRing, client: HttpClient, days: BusinessDays) -> None:
        """Send with ``client``; count deadlines in ``days``."""
        self._db, self._clock, self._keyring, self._client, self._days = db, clock, keyring, client, days
        self._breakers = Breakers()
        self._purged_at = 0

    async def run(self, _: object = None) -> None:
        """Do all that is due now."""
        await self.note()
        await self.watch()
        await self.tell()
        await self._forget()

    async def note(self) -> None:
        """Note who has to be told of what was chosen since the last time."""
        while await self._db.read(service.is_behind):
            await self._db.transact(service.catch_up, self._days.deadlines)

    async def tell(self) -> None:
        """Tell what is due, each recipient beside the others."""
        found = await self._db.read(store.with_something_due, self._clock.now())
        await asyncio.gather(*(self._tell_one(tenant, recipient) for tenant, recipient in found))

    async def _tell_one(self, tenant: str, recipient: str) -> None:
        """Work through what a recipient has to hear, as long as it listens."""
        told = -1
        while told and not self._breakers.is_open(tenant, recipient, self._clock.now()):
            due = await self._db.read(store.due, recipient, self._clock.now(), _MOST)
            told = 0
            for start in range(0, len(due), _AT_ONCE):
                told += sum(await asyncio.gather(*(self._attempt(notice) for notice in due[start : start + _AT_ONCE])))

    async def _attempt(self, notice: str) -> bool:
        """Tell one notice; say whether its recipient took it."""
        claimed: Claimed | None = await self._db.transact(service.claim, self._keyring, notice, self._clock.now())
        if claimed is None:
            return False
        row, recipient = claimed.notice, claimed.recipient
        body = messages.body(row, claimed.reference, canonical.loads(recipient.scopes))
        message = Message(row.id, body, row.chosen_at)
        sent = await sending.send(self._client, self._keyring, self._clock, recipient, message)
        now = self._clock.now()
        failed = sent.outcome.kind in {FAILED, REFUSED}
        if failed:
            self._breakers.failed(row.tenant, row.recipient, now)
        else:
            self._breakers.worked(row.tenant, row.recipient)
        await self._db.transact(service.settle, self._keyring, row, sent.outcome, sent.millis, now)
        return not failed

    async def watch(self) -> None:
        """Warn of notices nobody acknowledged for ten business days, and call them overdue after fifteen."""
        while True:
            now = self._clock.now()
            late = await self._db.read(store.alarms, now, _ALARMS)
            for row in late:
                await self._db.transact(_raise, self._keyring, row.tenant, row.id, now)
            if not late:
                return

    async def _forget(self) -> None:
        """Once a day, forget attempts older than ninety days; what they led to stays in the ledger."""
        now = self._clock.now()
        if now - self._purged_at >= DAY:
            self._purged_at = now
            await self._db.transact(store.purge, ids.lowest("dlv", now - _KEPT))


async def _raise(tx: Tx, keyring: KeyRing, tenant: str, notice: str, now: int) -> None:
    alarm = await service.raise_alarm(tx, keyring, tenant, notice, now)
    if alarm is not None:
        await alerts.send(tx, alarm.event, alarm.tenant, alarm.seq, alarm.public, now)
