"""Random lives of people, purposes and AI systems: memory, database and an independent oracle never disagree.

After every step each question there is gets asked three ways, every current row is replayed from its events, and
nothing refused, withdrawn, expired, restricted or unknown may read as allowed. ``docs/acceptance.md`` has the runs.
"""

import asyncio
import itertools
from collections.abc import Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from consent.cache import Question
from core.clock import FixedClock
from core.keys import KeyRing
from tests.properties.oracle import AGREED, ALL, HOUR, REFUSING, STATES, Act, Version, Wish
from tests.properties.world import Outcome, World

T = TypeVar("T")
PEOPLE = ("ann", "bob")
PURPOSES = ("train", "health", "ads", "site", "note")
SYSTEMS = ("bot", "scorer", "old")
QUESTIONS = [
    (person, Question(purpose, system))
    for person in (*PEOPLE, "stranger")
    for purpose in (*PURPOSES, "never")
    for system in (None, *SYSTEMS, "ghost")
]
START = {
    "train": Version(1, True, "opt_in", False, 48, False, 0),
    "health": Version(1, True, "opt_in", True, None, False, 0),
    "ads": Version(1, True, "opt_out", False, None, True, 0),
    "site": Version(1, True, "opt_in", False, 6, True, 0),
}
NEAR_A_YES = STATES.index
people = st.sampled_from(PEOPLE)
writers = st.integers(0, 1)
often = st.sampled_from([False, False, False, True])
rarely = st.sampled_from([False] * 9 + [True])


def pick(data: st.DataObject, options: Sequence[T], label: str) -> T:
    """Draw one of ``options``, which may differ when a life is lived again: on PostgreSQL requests really race."""
    return options[data.draw(st.integers(0, 999), label) % len(options)]


class Choosing(RuleBasedStateMachine):
    """One example: a fresh tenant in a world that goes on."""

    def __init__(self, world: World, run: asyncio.Runner) -> None:
        """Begin with a tenant nobody has seen."""
        super().__init__()
        self.world, self.loop = world, run
        self.world.start()
        self.kept: list[tuple[str, Act, str, bytes]] = []
        self.keys = itertools.count()  # a key once used is not made again, though its answer be gone

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do one step on the loop, then compare everything."""

        async def step() -> T:
            result = await work
            await self.world.compare(QUESTIONS)
            await self.world.compare_records()
            return result

        return self.loop.run(step())

    @property
    def now(self) -> int:
        """The world's time."""
        return self.world.clock.now()

    # --- drawing ------------------------------------------------------------------------------------------------

    def wish(self, data: st.DataObject, person: str) -> Wish:
        """Draw one choice: most often one that may follow on what there is, else anything."""
        oracle = self.world.oracle
        if data.draw(often, "anything"):
            state = data.draw(st.sampled_from(STATES), "state")
            purpose = data.draw(st.sampled_from((ALL, *PURPOSES, "never")), "purpose")
            system = data.draw(st.sampled_from((ALL, *SYSTEMS, "ghost")), "system")
            confirms = data.draw(st.sampled_from([None, "chc_" + "0" * 32]), "confirms")
            return Wish(purpose, system, state, confirms, data.draw(st.sampled_from([None, "n1"]), "notice"))
        known = [key for key in PURPOSES if key in oracle.purposes]
        purpose = data.draw(st.sampled_from([ALL, *known, *known, *known]), "purpose")
        system = data.draw(st.sampled_from([ALL, ALL, *(key for key in SYSTEMS if key in oracle.systems)]), "system")
        possible = sorted(oracle.may_follow(person, purpose, system, self.now), key=NEAR_A_YES)
        state = pick(data, possible or ["opted_out"], "state")
        pending = oracle.latest(person).get((purpose, system))
        confirms = pending.choice if state == "explicitly_given" and pending is not None else None
        return Wish(purpose, system, state, confirms)

    def act(self, data: st.DataObject, person: str) -> Act:
        """Draw one request."""
        kind = data.draw(st.sampled_from(["choose"] * 6 + ["withdraw", "honour"]), "kind")
        gpc = data.draw(often, "gpc")
        if kind == "honour":
            return Act("honour", gpc=True)
        if kind == "withdraw":
            consents = [place for place, row in self.world.oracle.latest(person).items() if row.state in AGREED]
            purpose, system = pick(data, [*consents, (None, "bot"), ("site", ALL)], "of")
            whole = data.draw(
                st.sampled_from([(purpose, system), (purpose, None), (None, system), (None, None)]), "all"
            )
            return Act("withdraw", purpose=whole[0], system=whole[1], gpc=gpc)
        many = data.draw(st.sampled_from([1, 1, 1, 1, 2, 3, 5]), "how many")
        wishes = tuple(self.wish(data, person) for _ in range(many))
        if data.draw(often, "for her"):
            actor = data.draw(st.sampled_from(["guardian", "agent", "staff", "signal"]), "actor")
            return Act("choose", wishes, actor=actor, evidence=data.draw(st.booleans(), "evidence"), gpc=gpc)
        return Act("choose", wishes, gpc=gpc)

    # --- the catalogue ------------------------------------------------------------------------------------------

    @initialize()
    def open_shop(self) -> None:
        """Publish what most lives need."""

        async def work() -> None:
            for key, version in START.items():
                await self.world.publish(key, version)
            await self.world.say_of_system("bot", frozenset({"train", "health", "ads"}), None)
            await self.world.say_of_system("scorer", frozenset({"train", "ads", "site", "note"}), "desk")

        self.run(work())

    @rule(
        key=st.sampled_from(PURPOSES),
        material=st.booleans(),
        change=often,
        mechanism=st.sampled_from(["opt_in", "opt_out", "notice_only"]),
        explicit=st.booleans(),
        hours=st.sampled_from([None, 1, 24, 240]),
        gpc=st.booleans(),
    )
    def publish(
        self, key: str, material: bool, change: bool, mechanism: str, explicit: bool, hours: int | None, gpc: bool
    ) -> None:
        """Publish the next version of a purpose; a change that asks for more has to be material."""
        story = self.world.oracle.purposes.get(key)
        before = None if story is None else story.at(self.now)
        if before is not None and not change:
            mechanism, explicit = before.mechanism, before.explicit
        consent = mechanism == "opt_in"
        version = Version(
            0, material, mechanism, explicit and consent, hours if consent else None,
            gpc and mechanism != "notice_only", self.now,
        )  # fmt: skip
        accepted = self.run(self.world.publish(key, version))
        more = before is not None and (before.mechanism != mechanism or (version.explicit and not before.explicit))
        assert accepted == (not (more and not material) and (story is None or story.retired_at is None))

    @rule(key=st.sampled_from(PURPOSES), really=rarely)
    def retire_purpose(self, key: str, really: bool) -> None:
        """End a purpose."""
        story = self.world.oracle.purposes.get(key)
        if really and story is not None and story.retired_at is None:
            self.run(self.world.retire_purpose(key))

    @rule(
        key=st.sampled_from(SYSTEMS), serves=st.frozensets(st.sampled_from(PURPOSES), min_size=1), route=st.booleans()
    )
    def say_of_system(self, key: str, serves: frozenset[str], route: bool) -> None:
        """Register a system, or say something else of it."""
        story = self.world.oracle.systems.get(key)
        if story is None or story.retired_at is None:
            self.run(self.world.say_of_system(key, serves, "desk" if route else None))

    @rule(key=st.sampled_from(SYSTEMS), really=rarely)
    def retire_system(self, key: str, really: bool) -> None:
        """Take a system out of service."""
        story = self.world.oracle.systems.get(key)
        if really and story is not None and story.retired_at is None:
            self.run(self.world.retire_system(key))

    # --- time ---------------------------------------------------------------------------------------------------

    @rule(micros=st.sampled_from([1, 7, HOUR - 1, HOUR, 5 * HOUR, 23 * HOUR, 24 * HOUR, 49 * HOUR, 400 * 24 * HOUR]))
    def wait(self, micros: int) -> None:
        """Let time pass; warm memory has to notice by itself."""
        self.world.clock.advance(micros)
        self.run(asyncio.sleep(0))

    @rule(after=st.integers(-1, 1), data=st.data())
    def wait_for_an_end(self, after: int, data: st.DataObject) -> None:
        """Go to the very instant at which a consent ends, or one microsecond beside it."""
        ends = [row.until for person in PEOPLE for row in self.world.oracle.latest(person).values() if row.until]
        ends = sorted({end for end in ends if end + after > self.now})
        end = pick(data, ends or [0], "end")
        if end:
            self.world.clock.advance(end + after - self.now)
            self.run(asyncio.sleep(0))

    @rule()
    def sweep(self) -> None:
        """Note what is over."""
        self.run(self.world.sweep())

    @rule(person=people, state=st.sampled_from(["invalidated", "superseded"]), purpose=st.sampled_from(PURPOSES))
    def lapse(self, person: str, state: str, purpose: str) -> None:
        """Note that consents are not valid, or of too old a version."""
        self.run(self.world.lapse(person, state, purpose))

    # --- people -------------------------------------------------------------------------------------------------

    @rule(person=people, writer=writers, data=st.data())
    def ask(self, person: str, writer: int, data: st.DataObject) -> None:
        """Do one request in one of the processes."""
        act = self.act(data, person)

        async def work() -> None:
            self.world.settle_request(person, act, await self.world.request(person, act, writer))

        self.run(work())

    @rule(
        person=people,
        writer=writers,
        system=st.sampled_from((ALL, "bot")),
        opt_in=st.sampled_from(["train", "site"]),
        outlive=st.sampled_from([None, None, -1, 0, 1]),
    )
    def consent(self, person: str, writer: int, system: str, opt_in: str, outlive: int | None) -> None:
        """Give the plainest of consents, so that there is something to lose; perhaps wait for its end."""
        outcome = self._expect(person, Act("choose", (Wish(opt_in, system, "given"),)), writer)
        ends = [one.until for one in outcome.made if one.until is not None]
        if outlive is not None and ends:
            self.world.clock.advance(ends[0] + outlive - self.now)
            self.run(asyncio.sleep(0))

    @rule(person=people, writer=writers, no=st.sampled_from(REFUSING), which=st.integers(0, 3))
    def refuse(self, person: str, writer: int, no: str, which: int) -> None:
        """Say no to a consent there is, somehow."""
        consents = [place for place, row in self.world.oracle.latest(person).items() if row.state in AGREED]
        if consents:
            purpose, system = consents[which % len(consents)]
            self._expect(person, Act("choose", (Wish(purpose, system, no),)), writer)

    @rule(person=people, writer=writers, minutes=st.sampled_from([0, 1, 24 * 60, 24 * 60 + 1]))
    def two_steps(self, person: str, writer: int, minutes: int) -> None:
        """Request an explicit consent and confirm it later."""
        if not self._expect(person, Act("choose", (Wish("health", ALL, "requested"),)), writer).error:
            pending = self.world.oracle.latest(person)["health", ALL].choice
            self.world.clock.advance(minutes * HOUR // 60)
            self._expect(person, Act("choose", (Wish("health", ALL, "explicitly_given", pending),)), 1 - writer)

    def _expect(self, person: str, act: Act, writer: int) -> Outcome:
        async def work() -> Outcome:
            outcome = await self.world.request(person, act, writer)
            self.world.settle_request(person, act, outcome)
            return outcome

        return self.run(work())

    @rule(person=people, data=st.data(), count=st.integers(2, 4))
    def at_once(self, person: str, data: st.DataObject, count: int) -> None:
        """Do several requests of one person at the same time, in both processes."""
        acts = [self.act(data, person) for _ in range(count)]

        async def work() -> None:
            outcomes = await asyncio.gather(
                *(self.world.request(person, act, number % 2) for number, act in enumerate(acts))
            )
            self.world.settle_together(person, acts, outcomes)

        self.run(work())

    @rule(person=people, writer=writers, data=st.data(), twice=st.booleans())
    def ask_with_key(self, person: str, writer: int, data: st.DataObject, twice: bool) -> None:
        """Do a request with an Idempotency-Key, perhaps twice at the same time."""
        act, key = self.act(data, person), f"key-{next(self.keys)}"
        ticket = self.world.ticket(key, act)

        async def work() -> None:
            places = [writer, 1 - writer][: 1 + twice]
            found = await asyncio.gather(*(self.world.keyed(person, act, ticket, place) for place in places))
            first = [outcome for outcome, _, _ in found if outcome is not None]
            assert {replayed for _, _, replayed in found} == {False} or len({body for _, body, _ in found}) == 1
            for outcome in first:
                self.world.settle_request(person, act, outcome)
            if first[0].error is None:
                assert len(first) == 1
                self.kept.append((person, act, key, found[0][1]))

        self.run(work())

    @rule(writer=writers, which=st.integers(0, 99), otherwise=often)
    def repeat_with_key(self, writer: int, which: int, otherwise: bool) -> None:
        """Repeat a request with its key: the same answer, and nothing more recorded; never another request."""
        if not self.kept:
            return
        person, act, key, body = self.kept[which % len(self.kept)]
        asked = Act("withdraw", purpose="nothing") if otherwise else act

        async def work() -> None:
            outcome, again, replayed = await self.world.keyed(person, asked, self.world.ticket(key, asked), writer)
            if replayed:
                assert again == body
                assert not otherwise
            elif otherwise and outcome is not None and outcome.error == "KeyReusedError":
                return
            else:  # the answer is not kept for ever
                assert outcome is not None
                assert self.now > 30 * 24 * HOUR
                self.kept = [one for one in self.kept if one[2] != key]
                self.world.settle_request(person, asked, outcome)

        self.run(work())

    @rule(writer=writers, which=st.integers(0, 99))
    def repeat_without_key(self, writer: int, which: int) -> None:
        """Repeat a request without its key: it is judged anew."""
        if self.kept:
            person, act, _, _ = self.kept[which % len(self.kept)]
            self._expect(person, act, writer)

    @rule(person=people, really=rarely)
    def erase(self, person: str, really: bool) -> None:
        """Erase a person."""
        if really:
            self.run(self.world.erase(person))


def live(url: str, folder: Path, keyring: KeyRing, clock: FixedClock, examples: int, steps: int) -> None:
    """Run many lives against one database."""
    with asyncio.Runner() as runner:
        world = World(url, folder, keyring, clock)
        runner.run(world.open())
        try:
            run_state_machine_as_test(
                lambda: Choosing(world, runner),  # type: ignore[arg-type]  # hypothesis takes any factory
                settings=settings(
                    max_examples=examples, stateful_step_count=steps, deadline=None, database=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )  # fmt: skip
        finally:
            runner.run(world.close())


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_memory_database_and_oracle_never_disagree(
    engine: str, make_database_url: Callable[[str], str], tmp_path: Path, keyring: KeyRing, clock: FixedClock
) -> None:
    live(make_database_url(engine), tmp_path, keyring, clock, 60, 20)


@pytest.mark.full
@pytest.mark.parametrize(("engine", "lives"), [("sqlite", 1600), ("postgresql", 400)])
def test_two_thousand_lives(
    engine: str, lives: int, make_database_url: Callable[[str], str], tmp_path: Path, keyring: KeyRing,
    clock: FixedClock,
) -> None:  # fmt: skip
    live(make_database_url(engine), tmp_path, keyring, clock, lives, 30)
