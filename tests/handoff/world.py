"""One service floor and everything that can happen to it, each step followed by a look at every case."""

import random
from collections.abc import Awaitable, Callable

from core import canonical
from core.database import Database, Tx
from core.errors import DomainError
from core.principal import Principal
from handoff import lifecycle, service
from handoff.cases import link
from handoff.delivery import incoming, setups, store
from handoff.delivery.outgoing import Outgoing
from handoff.errors import DeskFailedError
from handoff.hours import Hours
from handoff.lifecycle import OPEN
from handoff.port import Call, Letter, RemoteEvent, Reply
from handoff.queues import BUILTIN, QueueRules
from handoff.rows import HandoffRow
from jobs.route import Route
from ledger.journal import LedgerJournal
from tests.handoff import desk_jobs
from tests.handoff.floor import TENANT, Floor

HOURS = Hours("UTC", dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (("09:00", "17:00"),)))
CUSTOMERS = ("customer-1", "customer-2", "customer-3")
AGENTS = ("ana", "ben")
DESK = "others"
STEPS = (
    *("ask", "ask", "ask", "come", "come", "come", "come", "time", "time", "time", "restart"),
    *("accept", "accept", "accept", "pull", "decline", "transfer", "resolve", "propose", "agree", "reply"),
    *("cancel", "reopen", "ticket", "callback", "keep", "speak"),
    *("desk works", "desk works", "desk dies", "desk tells", "desk tells", "runner dies"),
)
_TIMES = (1, 1, 6, 6, 31, 31, 31, 61, 601, 601, 3600, 14 * 3600)
_MODES = ("live", "live", "live", "live", "ticket", "callback")
_ANSWERS = (Reply(200, {}, b"{}"), Reply(200, {}, b'{"error": "no"}'), Reply(500, {}, b""), Reply(403, {}, b""))
_ENDS = frozenset({"resolved", "returned_to_ai", "cancelled", "transferred"})


class World:
    """Customers ask, choose, leave; agents come, take, fall silent; a desk fails, lies and tells; the process ends."""

    def __init__(self, floor: Floor, url: str, chance: random.Random) -> None:
        self.floor = floor
        self.url = url
        self.chance = chance
        self.asked: list[str] = []
        self.told = 0
        self.is_up = True
        self._start()

    def _start(self) -> None:
        floor = self.floor
        floor.route = Route(floor.db, floor.clock, floor.keyring, lambda *_: None)
        self.outgoing = Outgoing(floor.db, floor.clock, floor.keyring, self._post, lambda *_: None)

    async def open(self) -> None:
        """Set up the only queue: served by ourselves, or by another company's desk first."""
        document = {"url": "https://desk.example/in", "modes": ["live", "ticket", "callback"], "options": {}}
        row = setups.row_of(self.floor.keyring, TENANT, DESK, "webhook", document, {"secret": "s"})

        async def work(tx: Tx) -> None:
            store.put_desk(tx, row)

        await self.floor.db.transact(work)
        chain = self.chance.choice(((DESK, BUILTIN), (BUILTIN,)))
        await self.floor.queue(QueueRules(hours=HOURS, chain=chain))

    async def restart(self) -> None:
        """End the process and start another on the same records: nothing in memory is left."""
        await self.floor.db.close()
        self.floor.db = Database(self.url, LedgerJournal())
        await self.floor.db.open()
        self._start()

    async def _post(self, where: str, step: Call | Letter) -> Reply:
        if not self.is_up:
            raise DeskFailedError("It could not be reached.")
        return self.chance.choice((*_ANSWERS[:1] * 3, *_ANSWERS))

    async def ask(self) -> None:
        """Ask for a human; no error is caught here, since a request is never refused."""
        mode = self.chance.choice(_MODES)
        slot = HOURS.slots(self.floor.clock.now(), 30, 1)[0] if mode == "callback" else None
        row = await self.floor.ask(self.chance.choice(CUSTOMERS), mode=mode, slot=slot)
        assert row.reference
        if row.id not in self.asked:
            self.asked.append(row.id)

    async def happen(self, name: str) -> None:
        """Do one thing, then look at every case."""
        todo: dict[str, Callable[[], Awaitable[object]]] = {
            "ask": self.ask,
            "come": lambda: self.floor.here(self._agent(), presence=self.chance.choice(("online", "online", "away"))),
            "time": self.later,
            "restart": self.restart,
            "desk works": self.desk_works,
            "desk dies": self.desk_dies,
        }
        await (todo[name]() if name in todo else self.act(name))
        for handoff in self.asked:
            await self.check(await self.floor.row(handoff))

    def _agent(self) -> str:
        return self.chance.choice(AGENTS)

    def _acting(self, row: HandoffRow) -> Principal:
        """Return who acts: mostly the agent who has the case, or is offered it; at times somebody else."""
        held = (row.assignee or "").removeprefix("key_")
        return self.floor.agent(held if held in AGENTS and self.chance.random() < 0.5 else self._agent())

    async def later(self) -> None:
        """Let time pass; what is due happens."""
        await self.floor.later(self.chance.choice(_TIMES))
        await self.desk_works()

    async def desk_works(self) -> None:
        """Run the jobs that talk to the desk."""
        self.is_up = True
        await desk_jobs.work(self.floor, self.outgoing)

    async def desk_dies(self) -> None:
        """Run the same jobs against a desk that is down."""
        self.is_up = False
        await desk_jobs.work(self.floor, self.outgoing)

    async def act(self, name: str) -> None:
        """Do something with some case; whoever may not is told so, and nothing changes."""
        if not self.asked:
            return
        row = await self.floor.row(self.chance.choice(self.asked[-3:]))
        by, do, now = self._acting(row), self.floor.do, self.floor.clock.now()
        todo: dict[str, Callable[[], Awaitable[object]]] = {
            "accept": lambda: do(service.accept, by, row.id),
            "pull": lambda: do(service.pull, by),
            "decline": lambda: do(service.decline, by, row.id),
            "transfer": lambda: do(service.transfer, by, row.id, "main", "specialist"),
            "resolve": lambda: do(service.resolve, by, row.id, "answered"),
            "propose": lambda: do(service.propose_return, by, row.id),
            "agree": lambda: do(service.answer_return, TENANT, row.id, agreed=self.chance.random() < 0.5),
            "cancel": lambda: do(service.cancel, TENANT, row.id, ""),
            "reopen": lambda: do(service.reopen, TENANT, row.id, "customer", ""),
            "ticket": lambda: do(service.choose, TENANT, row.id, "ticket", None),
            "callback": lambda: do(service.choose, TENANT, row.id, "callback", now + 10**9),
            "keep": lambda: do(service.choose, TENANT, row.id, "keep_place", None),
            "speak": lambda: self.floor.say(row, "customer", "hello"),
            "reply": lambda: self.floor.say(row, "agent", "hello", ref=by.id),
            "desk tells": lambda: self.desk_tells(row),
            "runner dies": lambda: self.runner_dies(row),
        }
        try:
            await todo[name]()
        except DomainError:
            return

    async def desk_tells(self, row: HandoffRow, kind: str | None = None) -> None:
        """Have the desk say something of a case it knows, late, early, again or about what is no longer its own."""
        self.told += 1
        kind = kind or self.chance.choice(("accepted", "message", "released", "resolved", "reopened", "failed"))
        order = self.told if self.chance.random() < 0.7 else max(1, self.told - 3)
        text = "hello" if kind == "message" else None
        event = RemoteEvent(f"e{order}", kind, order, "Rosa", text)  # type: ignore[arg-type]  # one of the kinds
        told, now = [(row.id, event)], self.floor.clock.now()
        await self.floor.db.transact(incoming.apply, self.floor.keyring, TENANT, DESK, told, now)

    async def runner_dies(self, row: HandoffRow) -> None:
        """Have a runner end while it talks to the desk about a case: what it claimed stays claimed for a while."""
        at = await self.floor.db.read(store.remote, row.id, DESK)
        busy = self.floor.clock.now() + 30_000_000

        async def work(tx: Tx) -> None:
            if at is not None:
                store.put_remote(tx, at._replace(busy_until=busy))

        await self.floor.db.transact(work)
        await self.restart()

    async def check(self, row: HandoffRow) -> None:
        """Look at what must always hold of a case."""
        assert row.state in lifecycle.STATES
        assert lifecycle.steps(row.state, due_at=row.due_at)
        assert (row.open_key is not None) == (row.state in OPEN)
        if row.state in OPEN:
            assert bool(row.assignee) == (row.state in {"offered", "active"})
        if row.state in {"offered", "deferred", "requested"} or (row.state == "queued" and row.mode != "ticket"):
            assert row.next_at is not None  # something will happen by itself
        head, owner, offered = b"\0" * 32, "", ""
        for number, event in enumerate(await self.floor.events(row), 1):
            assert event.seq == number
            head = link(head, event)
            if event.kind == "offered":
                offered = canonical.loads(event.public)["agent"]
            elif event.kind == "accepted":
                assert owner in {"", event.actor_ref}, "two owners"
                assert offered in {"", event.actor_ref}, "somebody else's offer was taken"
                owner = event.actor_ref
            if event.kind in {"declined", "accepted", "deferred"}:
                offered = ""
            elif event.kind in _ENDS:
                owner = offered = ""
        assert head == row.head

    async def end_well(self) -> None:
        """Whatever happened, with people there and time every open case reaches a human."""
        self.floor.clock.at = max(self.floor.clock.now(), HOURS.next_opening(self.floor.clock.now()) or 0)
        for _ in range(60):
            rows = [await self.floor.row(handoff) for handoff in self.asked]
            still = [row for row in rows if row.state in OPEN]
            if not still:
                return
            for name in AGENTS:
                await self.floor.here(name, capacity=20)
            for row in still:
                await self.serve(row)
            await self.floor.later(900)
            await self.desk_works()
        raise AssertionError(f"a dead end: {[(row.state, row.mode, row.desk) for row in still]}")

    async def serve(self, row: HandoffRow) -> None:
        """Have whoever has the case take and end it."""
        if row.desk == DESK:
            self.told += 10
            await self.desk_tells(row, "resolved")
            return
        for name in AGENTS:
            try:
                await self.floor.do(service.accept, self.floor.agent(name), row.id)
                await self.floor.do(service.resolve, self.floor.agent(name), row.id, "answered")
            except DomainError:
                continue
