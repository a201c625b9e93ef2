"""One life of a case, over HTTP: random people take random steps, and an observer judges what was recorded.

Three sorts of things happen: what would be right next, so that lives get far; what somebody might want just there,
mostly with one thing wrong; and anything at all. Whatever is refused has changed nothing and says what is missing.
"""

import asyncio
from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

import httpx
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from api.limits import Limiter
from core import canonical
from core.clock import DAY, LATEST
from core.database import Reader
from core.settings import LimitSettings
from explanations import store as decisions
from explanations.requests import calendars, letters, lifecycle, links, record, store
from explanations.requests.facts import Facts
from explanations.requests.record import Case
from explanations.requests.store import EventRow
from tests.api.requesting import Bank
from tests.explanations.requests import wrongdoing
from tests.explanations.requests.observing import Observer, Seen
from tests.explanations.requests.wrongdoing import BEFORE, RIGHT, STAFF, Flaw

TENANT = "default"
START = 1_801_472_400_000_000  # 1 February 2027, 9:00: every law of the places is in force


class Broken(BaseException):
    """A rule was broken; says which, and in which life."""


RIGHTLY = Flaw()
REFUSALS = {403, 404, 409, 422}
_SEEDS = st.integers(0, 2**20 - 1)  # Hypothesis draws evenly from as many; of more it likes the small ones


class Casework(RuleBasedStateMachine):
    """One example: a fresh case at one of two banks, of which one has its reviewers look before they see."""

    def __init__(self, banks: Mapping[bool, Bank], runner: asyncio.Runner, number: int, *, until_broken: bool) -> None:
        super().__init__()
        self.until_broken = until_broken
        self.banks, self.runner, self.number = banks, runner, number
        self.customer = f"customer-{number}"
        self.id = self.decision = ""
        self.day = self.deeds = 0

    @initialize(
        known=st.booleans(),
        address=st.booleans(),
        blind=st.booleans(),
        place=st.sampled_from(["DE", "US-CA"]),
        day=st.integers(0, 400),
        steps=st.integers(0, 8),
        seed=_SEEDS,
    )
    def open(self, known: bool, address: bool, blind: bool, place: str, day: int, steps: int, seed: int) -> None:
        """A customer asks, with her token or through an agent who knows nothing of who she is; then it goes on."""
        self.bank = self.banks[blind]
        self.clock = self.bank.town.clock
        self.clock.at = START + day * DAY + self.number
        self.day = day
        # each life has a time of its own, so what was counted in others says nothing
        object.__setattr__(self.bank.town.app.state, "limiter", Limiter(LimitSettings()))
        self.runner.run(self._open(place, known=known, address=address))
        self.aim = self.dice(seed).choice(wrongdoing.AIMS)
        self.go_on(steps)

    async def _open(self, place: str, *, known: bool, address: bool) -> None:
        human = {"role": "approved", "reference": wrongdoing.CLERK}
        self.decision = await self.bank.decline(self.number, self.customer, human=human)
        body = {"question": "Why?", "residence": place}
        if known:
            answer = await self.bank.post(self.customer, "", {**body, "decisions": [self.decision]})
        else:
            told = {"subject": self.customer, "address": "ann@example.org", "address_known": address}
            answer = await self.bank.post("ann", "", {**body, **told, "channel": "phone"})
        assert answer.status_code == 201, answer.text
        self.id = answer.json()["id"]
        self.seq, self.case = -1, await self._case()
        started = calendars.day_of(self.case.row.received_at, "UTC")
        holidays = {date.fromisoformat(day) for day in self.case.facts.holidays}
        row = await self.bank.town.app.state.db.read(decisions.decision, TENANT, self.decision)
        assert row is not None
        self.bank.ids["site"] = row.recorded_by
        involved = {row.recorded_by, wrongdoing.CLERK}
        self.observer = Observer(place, started, holidays, involved, blind=self.case.facts.blind)
        await self.look()

    async def _case(self) -> Case:
        return await self.bank.town.app.state.db.read(record.load, TENANT, self.id)

    @property
    def facts(self) -> Facts:
        """What is known of the case."""
        return self.case.facts

    @property
    def state(self) -> str:
        """Where the case is."""
        return self.case.row.state

    def post(self, who: str, path: str, body: dict[str, Any]) -> bool:
        """Do something, whether it is allowed or not, have the observer look, and return whether it was."""
        self.deeds += 1

        async def work() -> bool:
            answer = await self.bank.post(who, f"/{self.id}{path}", body)
            if answer.status_code < 300:
                await self.look()
                return True
            check_refusal(answer)
            assert await self._case() == self.case, "a refused step changed something"
            return False

        return self.runner.run(work())

    async def look(self) -> None:
        """Compare the row with the events, then judge what is new."""

        async def read(tx: Reader) -> tuple[Case, list[tuple[EventRow, dict[str, str]]]]:
            fresh = [one for one in await store.events(tx, self.id) if one.seq > self.seq]
            told = [(one, await record.texts_of(tx, self.bank.town.app.state.keyring, one)) for one in fresh]
            return await record.load(tx, TENANT, self.id), told

        self.case, fresh = await self.bank.town.app.state.db.read(read)
        for event, texts in fresh:
            facts = canonical.loads(event.facts)
            self.seq = event.seq
            self._judge(Seen(event.kind.removeprefix(record.KIND).replace("-", "_"), event.at, facts, texts))
            assert facts.get("state", self.state) == self.state or event is not fresh[-1][0]
        row = self.case.row
        assert row.seq == self.seq
        assert row.owed == (row.state not in lifecycle.ANSWERED)
        assert row.owed or row.due_at == LATEST

    def _judge(self, seen: Seen) -> None:
        try:
            self.observer.see(seen)
        except AssertionError as error:
            if self.until_broken:
                raise Broken(f"{error.args[0].splitlines()[0]}, in life {self.number + 1}") from error
            raise

    # --- deeds ----------------------------------------------------------------------------------------------------

    def who(self, name: str) -> str:
        """Return who is meant by a part in the case."""
        by_id = {self.bank.ids[one]: one for one in STAFF}
        facts = self.facts
        own = {*facts.drafters, facts.approver}
        free = [one for one in STAFF if self.bank.ids[one] not in own]
        parts = {
            "the customer": self.customer,
            "the holder": by_id.get(self.case.row.assignee or "", "ann"),
            "the reviewer": by_id.get(facts.reviewer or "", "cleo"),
            "the second": next((one for one in STAFF if self.bank.ids[one] not in facts.drafters), "dpo"),
            "the independent": next((one for one in reversed(free) if self.bank.ids[one] != facts.reviewer), "dpo"),
            "a colleague": "ben",
        }
        return parts.get(name, name)

    def do(self, step: str, flaw: Flaw = RIGHTLY) -> bool:
        """Do something, rightly or with a flaw; return whether it was taken."""
        deed = RIGHT[step]
        if flaw.kind == "late":
            self.clock.advance(flaw.value * DAY)
        if flaw.kind == "hole":
            self.do("draft", Flaw("field", "sections", wrongdoing.HOLE))
        if step == "claim" and flaw.kind == "person":
            self.do("claim")
        for earlier in BEFORE.get(step, ()):
            if earlier != flaw.name and flaw.kind != "by_code":
                self.do(earlier)
        if flaw.kind == "by_code":
            self.give_code()
        if flaw.kind == "passed_on":
            self.do("assign_review")
        if deed.path == "code":
            return self.give_code()
        told = {**deed.body, **({flaw.name: flaw.value} if flaw.kind == "field" else {})}
        body = {name: self._meant(name, value) for name, value in told.items()}
        if deed.path == "/steps":
            body["step"] = step
        return self.post(self.who(flaw.name if flaw.kind == "person" else deed.who), deed.path, body)

    def _meant(self, name: str, value: Any) -> Any:
        if value == "the decision":
            return [self.decision]
        return self.bank.ids[self.who(value)] if name in {"to", "reviewer"} and value is not None else value

    def give_code(self) -> bool:
        """Ask for a code, read the letter, and give it back."""
        if not self.post(self.customer, "/code", {}):
            return False
        state = self.bank.town.app.state
        code = self.runner.run(state.db.read(links.written, state.keyring, self.case, links.CODE))
        return self.post(self.customer, "/code/check", {"code": code or "000000"})

    # --- what happens ---------------------------------------------------------------------------------------------

    @rule(days=st.sampled_from([0, 1, 2, 9, 31, 46, 200]), really=st.sampled_from([False, False, True]))
    def wait(self, days: int, really: bool) -> None:
        """Let days pass, and note what is late."""
        self.clock.advance(days * DAY if really else 1)

        async def sweep() -> None:
            state = self.bank.town.app.state
            await state.db.transact(letters.note_overdue, state.desk, TENANT, self.id, self.clock.now())
            await self.look()
            row = self.case.row
            assert row.overdue_at is not None or not row.owed or row.due_at >= self.clock.now()

        self.runner.run(sweep())

    @rule(steps=st.integers(1, 3))
    def go_on(self, steps: int) -> None:
        """Do what would be right next, a few times: so that lives get somewhere."""
        for _ in range(steps):
            if not self._next():
                return

    def _next(self) -> bool:
        if self.state in {"acknowledged", "scoped"} and not self.facts.decisions:
            return self.do("scope")
        if self.state == "drafting" and self.facts.gaps:
            return self.do("draft")
        wanted = wrongdoing.WANTED.get(self.state)
        return wanted is not None and self.do(wanted[0])

    def dice(self, seed: int) -> Random:
        """Return dice of this moment of this life: Hypothesis likes the same seeds, and so the same throws, again."""
        return Random(f"{seed} {self.day} {self.deeds} {self.state}")

    @rule(seed=_SEEDS)
    def do_wrong(self, seed: int) -> None:
        """Do something that people want where the case is, mostly with one thing wrong."""
        dice = self.dice(seed)
        step = dice.choice(wrongdoing.WANTED[self.state])
        self.do(step, wrongdoing.flaw(step, dice))

    @rule(steps=st.integers(1, 4))
    def pursue(self, steps: int) -> None:
        """Get on towards what this life is out to do wrong, and do it as soon as it can be wanted."""
        step, flaw = self.aim
        for _ in range(steps):
            if step in wrongdoing.WANTED[self.state]:
                self.do(step, flaw)
                return
            if not self._next():
                return

    @rule(seed=_SEEDS)
    def do_anything(self, seed: int) -> None:
        """Do anything at all, wherever the case is."""
        dice = self.dice(seed)
        step = dice.choice(sorted(RIGHT))
        self.do(step, wrongdoing.flaw(step, dice))


def check_refusal(answer: httpx.Response) -> None:
    """Hold a refusal to what is promised: a problem that says what is missing."""
    assert answer.status_code in REFUSALS, answer.text
    problem = answer.json()
    if problem["type"].endswith("/explanation-step-refused"):
        assert problem["errors"], "a refusal has to say what is missing"
        assert all(one["pointer"] and one["detail"] for one in problem["errors"])
