"""What we tell desks: open, say, close, read again. One writer at a time for each case keeps the order.

Every operation first finds by our key, so a retry after a timeout makes no second case. A desk that fails three times
in a row is left alone for a while (circuit breaker); cases go on down the chain meanwhile. What a desk opened too late,
after the case had gone elsewhere, is closed there again.
"""

from collections.abc import Callable
from typing import Any

from core import canonical, crypto, queue, subjects
from core.clock import MICROS, Clock, rfc3339
from core.database import Database, Reader, Tx
from core.keys import KeyRing
from handoff import cases, placing
from handoff import store as handoffs
from handoff.cases import INTERNAL
from handoff.delivery import erasing, incoming, store
from handoff.delivery.store import RemoteRow
from handoff.delivery.walking import Post, Walker
from handoff.errors import DeskFailedError, DeskNotFoundError
from handoff.lifecycle import ENDED
from handoff.packs import PARTS
from handoff.port import Brief, Desk, Erasing, OutMessage, Remote, Walk
from handoff.rows import HandoffRow

_BUSY = 30 * MICROS
_PULL = 60 * MICROS
_MOST_PULLS = 50


class BusyError(Exception):
    """Another runner is talking to the desk about this case: the job is tried again."""


class Outgoing:
    """Talks to desks outside of any transaction, and writes down what came of it."""

    def __init__(
        self, db: Database, clock: Clock, keyring: KeyRing, post: Post, changed: Callable[[str, str], None]
    ) -> None:
        """Send with ``post``; ``changed`` hears of tenant and handoff after each commit."""
        self._db = db
        self._clock = clock
        self._keyring = keyring
        self._walk = Walker(db, clock, keyring, post)
        self.breakers = self._walk.breakers
        self._changed = changed

    async def open(self, payload: dict[str, Any]) -> None:
        """Open a case at a desk; a case that is elsewhere by now is closed there if it exists."""
        tenant, handoff, desk = payload["tenant"], payload["handoff"], payload["desk"]
        await self._db.transact(_claim, tenant, handoff, desk, self._clock.now())
        try:
            brief = await self._db.read(_brief, self._keyring, tenant, handoff, desk)
            found = await self._walk(tenant, desk, lambda one: one.find(handoff))
            if brief is None:
                if found is not None:
                    await self._walk(tenant, desk, _closing(found, "elsewhere", f"{handoff}-late"))
                return
            made = found if found is not None else await self._walk(tenant, desk, _opening(brief))
        except (DeskFailedError, DeskNotFoundError) as error:
            await self._failed(tenant, handoff, desk, error, payload)
            return
        finally:
            await self._db.transact(_release, handoff, desk)
        await self._db.transact(_opened, self._keyring, tenant, handoff, desk, made, self._clock.now())
        self._changed(tenant, handoff)

    async def _failed(
        self, tenant: str, handoff: str, desk: str, error: DeskFailedError | DeskNotFoundError, payload: dict[str, Any]
    ) -> None:
        """Go down the chain at once where the desk can't; else try again when it says."""
        final = not isinstance(error, DeskFailedError) or error.permanent
        if final or self.breakers.is_open(tenant, desk, self._clock.now()):
            await self._db.transact(_fell_back, self._keyring, tenant, handoff, desk, self._clock.now())
            self._changed(tenant, handoff)
            return
        after = error.after if isinstance(error, DeskFailedError) and error.after else 1.0
        now = self._clock.now()
        run_at = now + int(after * MICROS)
        await self._db.transact(_again, "desk-open", payload, now, run_at)

    async def push(self, payload: dict[str, Any]) -> None:
        """Send the customer's words that the desk has not got yet, in order."""
        tenant, handoff, desk = payload["tenant"], payload["handoff"], payload["desk"]
        at = await self._db.transact(_claim, tenant, handoff, desk, self._clock.now())
        try:
            if at is None or at.remote is None:
                return  # not open there yet: what was said by then goes out once it is
            while (said := await self._db.read(_unsent, self._keyring, tenant, handoff, desk)) is not None:
                seq, text = said
                remote = Remote(at.remote, at.url, canonical.loads(at.extra))
                key = f"{handoff}-{seq}"
                echo = None
                if text is not None:
                    words = OutMessage(text)
                    echo = await self._walk(tenant, desk, _sending(remote, words, key))
                await self._db.transact(_sent, tenant, handoff, desk, seq, echo, self._clock.now())
        except DeskFailedError as error:
            if error.permanent:
                await self._db.transact(_undelivered, self._keyring, tenant, handoff, desk, self._clock.now())
                return
            now = self._clock.now()
            await self._db.transact(_again, "desk-push", payload, now, now + int((error.after or 1.0) * MICROS))
        finally:
            await self._db.transact(_release, handoff, desk)

    async def close(self, payload: dict[str, Any]) -> None:
        """Take a case back from a desk; raises to be tried again."""
        tenant, handoff, desk = payload["tenant"], payload["handoff"], payload["desk"]
        at = await self._db.transact(_claim, tenant, handoff, desk, self._clock.now())
        try:
            known = None if at is None or at.remote is None else Remote(at.remote, at.url, canonical.loads(at.extra))
            remote = known or await self._walk(tenant, desk, lambda one: one.find(handoff))
            if remote is not None:
                await self._walk(tenant, desk, _closing(remote, payload["reason"], f"{handoff}-close"))
        except (DeskNotFoundError, DeskFailedError) as error:
            if isinstance(error, DeskFailedError) and not error.permanent:
                raise
        finally:
            await self._db.transact(_release, handoff, desk)
        await self._db.transact(_stop_reading, handoff, desk)

    async def erase(self, payload: dict[str, Any]) -> None:
        """Have a desk delete a case whose person was erased; one that can't closes it. Raises to be tried again."""
        tenant, handoff, desk = payload["tenant"], payload["handoff"], payload["desk"]
        at = await self._db.transact(_claim, tenant, handoff, desk, self._clock.now())
        done = False
        try:
            known = None if at is None or at.remote is None else Remote(at.remote, at.url, canonical.loads(at.extra))
            remote = known or await self._walk(tenant, desk, lambda one: one.find(handoff))
            done = remote is None or await self._walk(tenant, desk, _erasing(remote, f"{handoff}-erase"))
        except (DeskNotFoundError, DeskFailedError) as error:
            if isinstance(error, DeskFailedError) and not error.permanent:
                raise
        finally:
            await self._db.transact(_release, handoff, desk)
        now = self._clock.now()
        await self._db.transact(erasing.erased_there, self._keyring, tenant, handoff, desk, now, done=done)
        await self._db.transact(_stop_reading, handoff, desk)

    async def pull(self, _: object = None) -> None:
        """Read again, once a minute, what is open at desks: hooks get lost, and some desks have none."""
        now = self._clock.now()
        for row in await self._db.read(store.due, now, _MOST_PULLS):
            if row.remote is None or not await self._db.transact(_take_pull, row, now + _PULL):
                continue
            remote = Remote(row.remote, row.url, canonical.loads(row.extra))
            try:
                found, cursor = await self._walk(row.tenant, row.desk, _pulling(remote, row.cursor))
            except (DeskFailedError, DeskNotFoundError):
                continue
            told = [(row.remote, event) for event in found]
            await self._db.transact(_pulled, self._keyring, row, told, cursor, self._clock.now())
            if told:
                self._changed(row.tenant, row.handoff)


def _opening(brief: Brief) -> Callable[[Desk], Walk[Remote]]:
    return lambda one: one.open(brief)


def _sending(remote: Remote, words: OutMessage, key: str) -> Callable[[Desk], Walk[str | None]]:
    return lambda one: one.send(remote, words, key)


def _closing(remote: Remote, reason: str, key: str) -> Callable[[Desk], Walk[None]]:
    return lambda one: one.close(remote, reason, key)


def _erasing(remote: Remote, key: str) -> Callable[[Desk], Walk[bool]]:
    def act(one: Desk) -> Walk[bool]:
        if isinstance(one, Erasing):
            yield from one.erase(remote, key)
            return True
        yield from one.close(remote, "erased", key)
        return False

    return act


def _pulling(remote: Remote, cursor: str | None) -> Callable[[Desk], Walk[Any]]:
    return lambda one: one.pull(remote, cursor)


def _blank(tenant: str, handoff: str, desk: str) -> RemoteRow:
    return RemoteRow(handoff, desk, tenant, None, None, "{}", None, None, "[]", None, 0, None, None)


async def _claim(tx: Tx, tenant: str, handoff: str, desk: str, now: int) -> RemoteRow | None:
    """Take a case at a desk for ourselves. Raises ``BusyError`` while another runner has it."""
    row = await store.remote(tx, handoff, desk)
    if row is not None and row.busy_until is not None and row.busy_until > now:
        raise BusyError
    store.put_remote(tx, (row or _blank(tenant, handoff, desk))._replace(busy_until=now + _BUSY))
    return row


async def _release(tx: Tx, handoff: str, desk: str) -> None:
    row = await store.remote(tx, handoff, desk)
    if row is not None:
        store.put_remote(tx, row._replace(busy_until=None))


async def _brief(tx: Reader, keyring: KeyRing, tenant: str, handoff: str, desk: str) -> Brief | None:
    """Return what the desk is told; nothing where the case is elsewhere by now."""
    row = await handoffs.handoff(tx, tenant, handoff)
    if row is None or row.desk != desk or row.delivery != "pending" or row.state != "queued":
        return None
    dek = await subjects.data_key(tx, keyring, tenant, row.subject)
    pack = _pack(row, dek)
    due = None if row.mode != "callback" else rfc3339(row.due_at or row.opened_at)
    customer = f"sub-{row.subject.hex()[:12]}"
    said = (row.id, row.reference, customer, row.language, row.mode, row.priority, pack, due, row.decision)
    return Brief(*said)


def _pack(row: HandoffRow, dek: bytes | None) -> dict[str, Any]:
    if row.pack is not None and dek is not None:
        found: dict[str, Any] = canonical.loads(crypto.unseal(dek, row.pack, cases.pack_place(row)))
        return found
    reason = {"rule": row.rule, "trigger": row.trigger}
    return {"reason": reason, "language": row.language, "withheld": {}, **{name: [] for name in PARTS}}


async def _opened(tx: Tx, keyring: KeyRing, tenant: str, handoff: str, desk: str, made: Remote, now: int) -> None:
    case = await cases.load(tx, keyring, tenant, handoff, now)
    row = case.row
    pack = _pack(row, case.dek)
    given = [name for name in PARTS if pack.get(name)]
    at = await store.remote(tx, handoff, desk) or _blank(tenant, handoff, desk)
    extra, fields = canonical.dumps(dict(made.extra)).decode(), canonical.dumps(given).decode()
    # words from before the request are in the pack; words since then go out one by one
    sent = at.sent_seq
    opened = at._replace(remote=made.id, url=made.url, extra=extra, fields=fields, opened_at=now, sent_seq=sent)
    store.put_remote(tx, opened._replace(pull_at=now + _PULL))
    here = row.desk == desk and row.delivery == "pending" and row.state == "queued"
    case.note("remote_opened", "system", visible=INTERNAL, desk=desk, fields=given, kept=here)
    case.fact("handoff.shared", desk=desk, fields=given)
    if here:
        row.remote, row.delivery, row.desk_by = made.id, "delivered", None
        row.next_at = placing.wait_limit(case)
        await placing.push(case)
    else:
        payload = {"tenant": tenant, "handoff": handoff, "desk": desk, "reason": "elsewhere"}
        await queue.enqueue(tx, "desk-close", payload, now=now)
    await case.save()


async def _fell_back(tx: Tx, keyring: KeyRing, tenant: str, handoff: str, desk: str, now: int) -> None:
    case = await cases.load(tx, keyring, tenant, handoff, now)
    if case.row.desk == desk and case.row.state == "queued":
        await placing.fall_back(case, "failed")
        await case.save()


async def _again(tx: Tx, kind: str, payload: dict[str, Any], now: int, run_at: int) -> None:
    await queue.enqueue(tx, kind, payload, now=now, run_at=run_at)


async def _unsent(tx: Reader, keyring: KeyRing, tenant: str, handoff: str, desk: str) -> tuple[int, str | None] | None:
    """Return number and words of the next thing the customer said that the desk has not got."""
    at = await store.remote(tx, handoff, desk)
    row = await handoffs.handoff(tx, tenant, handoff)
    if at is None or row is None or row.desk != desk:
        return None
    dek = await subjects.data_key(tx, keyring, tenant, row.subject)
    for event in await handoffs.events(tx, handoff, at.sent_seq, 500, internal=False):
        if event.kind == "message" and event.actor == "customer":
            return event.seq, cases.opened(row, dek, event)
    return None


async def _sent(tx: Tx, tenant: str, handoff: str, desk: str, seq: int, echo: str | None, now: int) -> None:
    at = await store.remote(tx, handoff, desk)
    if at is not None:
        store.put_remote(tx, at._replace(sent_seq=seq))
    if echo is not None and not await store.seen(tx, tenant, desk, echo):
        store.note_seen(tx, tenant, desk, echo, now)


async def _undelivered(tx: Tx, keyring: KeyRing, tenant: str, handoff: str, desk: str, now: int) -> None:
    """Words a desk refuses: the customer is told, and the case goes on with the next desk."""
    case = await cases.load(tx, keyring, tenant, handoff, now)
    row = case.row
    if row.desk != desk or row.state in ENDED:
        return
    if row.state == "active":
        case.move("transfer", "system")
        row.assignee, row.alias = None, None
        row.hops += 1
    if row.state == "queued":
        await placing.fall_back(case, "refused-words")
    await case.save()


async def _stop_reading(tx: Tx, handoff: str, desk: str) -> None:
    at = await store.remote(tx, handoff, desk)
    if at is not None:
        store.put_remote(tx, at._replace(pull_at=None))


async def _take_pull(tx: Tx, row: RemoteRow, until: int) -> bool:
    """Take a reading for ourselves; ``False`` if another replica has it, or the case went elsewhere.

    What has ended is read a last time: somebody may have spoken between the last reading and the end.
    """
    at = await store.remote(tx, row.handoff, row.desk)
    if at is None or at.pull_at != row.pull_at:
        return False
    case = await handoffs.handoff(tx, row.tenant, row.handoff)
    here = case is not None and case.desk == row.desk
    goes_on = case is not None and here and case.state not in ENDED
    store.put_remote(tx, at._replace(pull_at=until if goes_on else None))
    return here


async def _pulled(
    tx: Tx, keyring: KeyRing, row: RemoteRow, told: list[tuple[str, Any]], cursor: str | None, now: int
) -> None:
    await incoming.apply(tx, keyring, row.tenant, row.desk, told, now)
    at = await store.remote(tx, row.handoff, row.desk)
    if at is not None:
        store.put_remote(tx, at._replace(cursor=cursor))
