"""Random lives of a service floor: whatever happens, nobody is left without a next step and no case has two owners.

Customers ask, choose, leave, come back; agents come, fall silent, take, decline, pass on, resolve; desks fail; time
passes and the process restarts. After each step the invariants of every case are looked at.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import keys
from core.clock import FixedClock, parse_rfc3339
from core.database import Database
from core.errors import DomainError
from handoff import lifecycle, placing, service
from handoff.cases import link
from handoff.hours import Hours
from handoff.lifecycle import OPEN
from handoff.queues import BUILTIN, QueueRules
from handoff.rows import HandoffRow
from jobs.route import Route
from ledger.journal import LedgerJournal
from tests.handoff.floor import TENANT, Floor

OFFICE = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), (("09:00", "17:00"),))
CUSTOMERS = ("customer-1", "customer-2", "customer-3")
AGENTS = ("ana", "ben")
KEYRING = keys.generate(parse_rfc3339("2026-01-01T00:00:00Z"))


class World:
    """One floor and everything that can happen to it."""

    def __init__(self, floor: Floor, chance: random.Random) -> None:
        self.floor = floor
        self.chance = chance
        self.asked: list[str] = []

    async def a_case(self) -> HandoffRow | None:
        if not self.asked:
            return None
        return await self.floor.row(self.chance.choice(self.asked))

    async def ask(self) -> None:
        mode = self.chance.choice(("live", "live", "ticket", "callback"))
        now = self.floor.clock.now()
        slot = QueueRules(hours=Hours("UTC", OFFICE)).hours.slots(now, 30, 1)[0] if mode == "callback" else None
        row = await self.floor.ask(self.chance.choice(CUSTOMERS), mode=mode, slot=slot)  # never refused: no DomainError
        if row.id not in self.asked:
            self.asked.append(row.id)

    async def act(self, name: str) -> None:
        """Do one thing; whoever may not is told so, and nothing changes."""
        row = await self.a_case()
        if row is None:
            return
        by = self.floor.agent(self.chance.choice(AGENTS))
        todo: dict[str, Callable[[], Awaitable[object]]] = {
            "accept": lambda: self.floor.do(service.accept, by, row.id),
            "pull": lambda: self.floor.do(service.pull, by),
            "decline": lambda: self.floor.do(service.decline, by, row.id),
            "transfer": lambda: self.floor.do(service.transfer, by, row.id, "main", "specialist"),
            "resolve": lambda: self.floor.do(service.resolve, by, row.id, "answered"),
            "propose": lambda: self.floor.do(service.propose_return, by, row.id),
            "agree": lambda: self.floor.do(service.answer_return, TENANT, row.id, agreed=self.chance.random() < 0.5),
            "cancel": lambda: self.floor.do(service.cancel, TENANT, row.id, ""),
            "reopen": lambda: self.floor.do(service.reopen, TENANT, row.id, "customer", ""),
            "ticket": lambda: self.floor.do(service.choose, TENANT, row.id, "ticket", None),
            "callback": lambda: self.floor.do(
                service.choose, TENANT, row.id, "callback", self.floor.clock.now() + 10**9
            ),
            "keep": lambda: self.floor.do(service.choose, TENANT, row.id, "keep_place", None),
            "speak": lambda: self.floor.say(row, "customer", "hello"),
            "reply": lambda: self.floor.say(row, "agent", "hello", ref=by.id),
            "desk fails": lambda: self.desk_fails(row),
        }
        try:
            await todo[name]()
        except DomainError:
            return

    async def desk_fails(self, row: HandoffRow) -> None:
        from handoff import cases

        async def work(tx: object, *, now: int) -> None:
            case = await cases.load(tx, self.floor.keyring, TENANT, row.id, now)  # type: ignore[arg-type]  # the lane's own
            if case.row.state == "queued":
                await placing.fall_back(case, "down")
                await case.save()

        await self.floor.db.transact(work, now=self.floor.clock.now())

    async def happen(self, name: str) -> None:
        if name == "ask":
            await self.ask()
        elif name == "come":
            await self.floor.here(self.chance.choice(AGENTS), presence=self.chance.choice(("online", "online", "away")))
        elif name == "time":
            await self.floor.later(self.chance.choice((1, 31, 61, 601, 3600, 14 * 3600)))
        elif name == "restart":
            self.floor.route = Route(self.floor.db, self.floor.clock, self.floor.keyring, lambda *_: None)
        else:
            await self.act(name)
        for handoff in self.asked:
            await self.check(await self.floor.row(handoff))

    async def check(self, row: HandoffRow) -> None:
        assert row.state in lifecycle.STATES
        assert lifecycle.steps(row.state, due_at=row.due_at)
        assert (row.open_key is not None) == (row.state in OPEN)
        if row.state == "active":
            assert row.assignee
        if row.state in {"requested", "queued", "deferred"}:
            assert row.assignee is None
        if row.state in {"offered", "deferred", "requested"}:
            assert row.next_at is not None  # something will happen by itself
        if row.state == "queued" and row.mode != "ticket":
            assert row.next_at is not None
        head = b"\0" * 32
        for number, event in enumerate(await self.floor.events(row), 1):
            assert event.seq == number
            head = link(head, event)
        assert head == row.head

    async def end_well(self) -> None:
        """Whatever happened, with agents there and time every open case reaches a human."""
        self.floor.clock.at = max(self.floor.clock.now(), parse_rfc3339("2026-11-24T10:00:00Z"))
        for _ in range(40):
            while not OPEN_AT.is_open(self.floor.clock.now()):
                await self.floor.later(3600)
            still = []
            for handoff in self.asked:
                row = await self.floor.row(handoff)
                if row.state in OPEN:
                    still.append(row)
            if not still:
                return
            for name in AGENTS:
                await self.floor.here(name, capacity=20)
            for row in still:
                for name in AGENTS:
                    try:
                        await self.floor.do(service.accept, self.floor.agent(name), row.id)
                        await self.floor.do(service.resolve, self.floor.agent(name), row.id, "answered")
                    except DomainError:
                        continue
            await self.floor.later(900)
        states = [(await self.floor.row(handoff)).state for handoff in self.asked]
        raise AssertionError(f"a dead end: {states}")


OPEN_AT = Hours("UTC", OFFICE)
STEPS = (
    *("ask", "ask", "come", "come", "time", "time", "restart", "accept", "accept", "pull", "decline", "transfer"),
    *("resolve", "propose", "agree", "cancel", "reopen", "ticket", "callback", "keep", "speak", "reply", "desk fails"),
)


async def live(path: Path, steps: list[str], seed: int) -> None:
    db = Database(f"sqlite:///{path}", LedgerJournal())
    await db.open()
    try:
        floor = Floor(db, KEYRING, FixedClock(parse_rfc3339("2026-11-23T15:00:00Z")))
        await floor.queue(QueueRules(hours=Hours("UTC", OFFICE), chain=("gone", BUILTIN)))
        world = World(floor, random.Random(seed))
        for step in steps:
            await world.happen(step)
        await world.end_well()
    finally:
        await db.close()


def lives(template: Path, folder: Path, examples: int, most: int) -> None:
    numbers = iter(range(10**9))

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(steps=st.lists(st.sampled_from(STEPS), min_size=5, max_size=most), seed=st.integers(0, 2**32))
    def one(steps: list[str], seed: int) -> None:
        path = folder / f"life{next(numbers)}.db"
        path.write_bytes(template.read_bytes())
        asyncio.run(live(path, steps, seed))
        path.unlink()

    one()


def test_no_life_ends_in_a_dead_end(sqlite_template: Path, tmp_path: Path) -> None:
    lives(sqlite_template, tmp_path, 30, 40)


@pytest.mark.full
def test_no_long_life_ends_in_a_dead_end(sqlite_template: Path, tmp_path: Path) -> None:
    lives(sqlite_template, tmp_path, 600, 120)
