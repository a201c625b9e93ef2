"""A service floor for tests: customers who ask, agents who serve, and a clock that is moved."""

from typing import Any

from core import canonical, crypto, subjects
from core.clock import MICROS, FixedClock
from core.database import Database, Sql
from core.keys import KeyRing
from core.principal import Principal, Role, Subject
from handoff import asking, cases, presence, service, store, timers
from handoff.asking import Asking
from handoff.presence import Here
from handoff.queues import QueueRules
from handoff.rows import HandoffRow
from handoff.service import Words
from handoff.store import Event
from jobs.route import Route

TENANT = "default"


class Floor:
    """One tenant's handoffs over one database."""

    def __init__(self, db: Database, keyring: KeyRing, clock: FixedClock) -> None:
        self.db = db
        self.keyring = keyring
        self.clock = clock
        self.route = Route(db, clock, keyring, lambda *_: None)

    def subject(self, reference: str = "customer-1") -> Subject:
        """Return a customer."""
        return Subject("customer", reference, crypto.pseudonym(self.keyring.pepper, TENANT, "customer", reference))

    def agent(self, name: str) -> Principal:
        """Return an agent's credential."""
        return Principal(TENANT, f"key_{name}", Role.AGENT)

    async def ask(self, reference: str = "customer-1", **more: Any) -> HandoffRow:
        """Ask for a human and return the row."""
        wanted = Asking(TENANT, self.subject(reference), **more)
        case, _ = await self.db.transact(asking.ask, self.keyring, wanted, None, self.clock.now())
        return await self.row(case.row.id)

    async def here(self, name: str, **more: Any) -> Principal:
        """Have an agent come online."""
        by = self.agent(name)
        said = Here(**{"presence": "online", "alias": name.title(), **more})
        await self.db.transact(presence.say_here, self.keyring, by, said, self.clock.now())
        return by

    async def do(self, work: Any, *args: Any, **kwargs: Any) -> Any:
        """Run a verb of the room."""
        return await self.db.transact(work, self.keyring, *args, **kwargs, now=self.clock.now())

    async def accept(self, by: Principal, row: HandoffRow) -> HandoffRow:
        """Take a case."""
        await self.do(service.accept, by, row.id)
        return await self.row(row.id)

    async def say(self, row: HandoffRow, actor: str, text: str, ref: str = "", **more: Any) -> Event:
        """Say something."""
        words = Words(actor, ref or (row.assignee or "" if actor == "agent" else ""), text, **more)
        _, event, _ = await self.do(service.say, TENANT, row.id, words)
        found: Event = event
        return found

    async def row(self, handoff_id: str) -> HandoffRow:
        """Return the present row."""
        found = await self.db.read(store.handoff, TENANT, handoff_id)
        assert found is not None
        return found

    async def events(self, row: HandoffRow, *, internal: bool = True) -> list[Event]:
        """Return all events."""
        return await self.db.read(store.events, row.id, 0, 10_000, internal=internal)

    async def kinds(self, row: HandoffRow, *, internal: bool = True) -> list[str]:
        """Return the kinds of all events."""
        return [event.kind for event in await self.events(row, internal=internal)]

    async def words(self, row: HandoffRow) -> list[tuple[str, str | None]]:
        """Return who said what, as the customer reads it."""
        dek = await self.db.read(subjects.data_key, self.keyring, TENANT, row.subject)
        found = await self.events(row, internal=False)
        return [(one.actor, cases.opened(row, dek, one)) for one in found if one.kind == "message"]

    async def queue(self, rules: QueueRules) -> None:
        """Publish a queue."""
        document = canonical.dumps(rules.document()).decode()

        async def work(tx: Any) -> None:
            store.put_queue(tx, TENANT, rules.key, document, 1, self.clock.now())

        await self.db.transact(work)

    async def later(self, seconds: float) -> None:
        """Let time pass, and what is due happen."""
        self.clock.advance(int(seconds * MICROS))
        await self.route.run()

    async def tick(self, row: HandoffRow) -> bool:
        """Look at one case's timer."""
        done: bool = await self.db.transact(timers.tick, self.keyring, TENANT, row.id, self.clock.now())
        return done

    async def facts(self) -> list[str]:
        """Return the kinds of all ledger entries."""
        return [row[0] for row in await self.db.fetch(Sql("SELECT kind FROM ledger_entry ORDER BY seq"))]
