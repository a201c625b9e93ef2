"""Random lives of cases, by random people: whatever is accepted was allowed, and whatever is refused says why.

An observer who knows none of the guards reads each case's events and judges: no release without a second person's
approval of that very version, no own draft approved, no own decision reviewed, no identity level missed, no redaction
without a ground, no extension after the first due date.
"""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from core import canonical
from core.clock import DAY, LATEST, FixedClock
from core.database import Database, Reader
from core.errors import DomainError
from core.keys import KeyRing
from core.principal import Principal
from explanations.requests import answers, lifecycle, papers, record, reviews, service, store
from explanations.requests.errors import StepRefusedError
from explanations.requests.record import Case
from explanations.requests.store import EventRow
from ledger.journal import LedgerJournal
from tests.explanations.deciding import TENANT, person
from tests.explanations.requests import casework
from tests.explanations.requests.casework import ANN, BEN, CLEO, DPO, SITE, STAFF
from tests.explanations.requests.observing import Observer

WORDS = ["", "no", "This was looked at with care, and here is why it is so."]


class Casework(RuleBasedStateMachine):
    """One example: a fresh case."""

    def __init__(self, db: Database, keyring: KeyRing, clock: FixedClock, runner: asyncio.Runner, number: int) -> None:
        super().__init__()
        self.db, self.keyring, self.clock, self.runner, self.number = db, keyring, clock, runner, number
        self.desk = casework.desk_of(keyring)
        self.id = ""
        self.decision = ""

    @initialize(known=st.booleans(), blind=st.booleans(), steps=st.integers(0, 9), to=st.sampled_from(STAFF))
    def open(self, known: bool, blind: bool, steps: int, to: Principal) -> None:
        """A customer asks, with her token or through an agent who knows nothing of who she is; then it goes on."""
        self.desk = casework.desk_of(self.keyring, blind=blind)
        who = f"customer-{self.number}"

        async def work() -> None:
            self.decision = await casework.declined(self.db, self.keyring, self.clock, f"app-{self.number}", who)
            by = casework.customer(self.keyring, who) if known else ANN
            wish = casework.opening(person(self.keyring, who), *((self.decision,) if known else ()))
            wish = wish if known else wish._replace(method=None, on_behalf="agent")
            self.id = (await self.db.transact(service.open_case, self.desk, by, wish, self.clock.now())).case.row.id

        self.runner.run(work())
        self.go_on(steps, to)

    @property
    def customer(self) -> Principal:
        """The customer the case is about."""
        return casework.customer(self.keyring, f"customer-{self.number}")

    def take(self, work: Callable[..., Any], *args: Any) -> bool:
        """Do something, whether it is allowed or not, and have the observer look at the case."""

        async def step() -> bool:
            refused = None
            try:
                await self.db.transact(work, self.desk, *args, self.clock.now())
            except DomainError as error:
                refused = error
            await self.look()
            if isinstance(refused, StepRefusedError):
                assert refused.fields, "a refusal has to say what is missing"
                assert all(field.pointer and field.detail for field in refused.fields)
            return refused is None

        return self.runner.run(step())

    async def look(self) -> None:
        """Compare the row with the events, then judge."""

        async def read(tx: Reader) -> tuple[Case, list[EventRow]]:
            return await record.load(tx, TENANT, self.id), await store.events(tx, self.id)

        case, happened = await self.db.read(read)
        states = [canonical.loads(one.facts)["state"] for one in happened if "state" in canonical.loads(one.facts)]
        assert case.row.state == states[-1]
        assert case.row.owed == (case.row.state not in lifecycle.ANSWERED)
        assert case.row.owed or case.row.due_at == LATEST
        Observer(case, happened)

    # --- what people do -----------------------------------------------------------------------------------------

    @rule(days=st.sampled_from([0, 1, 2, 9, 31, 200]), really=st.sampled_from([False, False, True]))
    def wait(self, days: int, really: bool) -> None:
        """Let days pass."""
        self.clock.advance(days * DAY if really else 1)

    @rule(by=st.sampled_from(STAFF), reason=st.sampled_from(["", "doubt"]))
    def doubt_identity(self, by: Principal, reason: str) -> None:
        """Ask who it is."""
        self.take(service.step, by, self.id, "ask_identity", {"reason": reason}, {})

    @rule(
        by=st.sampled_from([*STAFF, SITE]),
        method=st.sampled_from(["document_check", "vouched_by_site", "code_to_known_address", "customer_token", "x"]),
    )
    def prove_identity(self, by: Principal, method: str) -> None:
        """Prove an identity, by one's own method or another's."""
        self.take(service.step, by, self.id, "prove_identity", {"method": method}, {})

    @rule(by=st.sampled_from(STAFF))
    def fail_identity(self, by: Principal) -> None:
        """Say that the identity is not proven."""
        self.take(service.step, by, self.id, "fail_identity", {"reason": "no match"}, {})

    @rule(by=st.sampled_from(STAFF))
    def name_the_decision(self, by: Principal) -> None:
        """Say what the case is about."""
        self.take(service.scope_by_staff, by, self.id, [self.decision], None)

    @rule(by=st.sampled_from(STAFF), step=st.sampled_from(["ask_clarification", "clarify"]))
    def clarify(self, by: Principal, step: str) -> None:
        """Ask, or take an answer."""
        texts = {"question": "Which loan?", "answer": "The second one."}
        self.take(service.step, by, self.id, step, {"reason": "clarification_requested"}, texts)

    @rule(by=st.sampled_from(STAFF), step=st.sampled_from(["claim", "transfer"]), to=st.sampled_from(["", BEN.id]))
    def hold(self, by: Principal, step: str, to: str) -> None:
        """Claim the case or hand it on."""
        self.take(service.step, by, self.id, step, {"to": to}, {})

    @rule(by=st.sampled_from(STAFF), bare=st.sampled_from([False, False, True]))
    def draft(self, by: Principal, bare: bool) -> None:
        """Write a draft, perhaps one with a hole."""
        hole: Any = [{"id": "result", "sentences": [], "absent": None}] if bare else None
        self.take(answers.draft, by, self.id, hole)

    @rule(by=st.sampled_from(STAFF), ground=st.sampled_from(["", "we would rather not", "trade_secret", "security"]))
    def redact(self, by: Principal, ground: str) -> None:
        """Take a sentence out."""
        self.take(answers.redact, by, self.id, "result", [0], ground)

    @rule(by=st.sampled_from(STAFF), step=st.sampled_from(["submit", "send_back"]))
    def hand_over(self, by: Principal, step: str) -> None:
        """Hand the draft to the second person, or back."""
        self.take(service.step, by, self.id, step, {}, {"notes": "shorter"})

    @rule(by=st.sampled_from(STAFF), checked=st.sampled_from([casework.SIGNED, casework.SIGNED, {"checklist": []}, {}]))
    def approve(self, by: Principal, checked: dict[str, Any]) -> None:
        """Approve, with the checklist or without."""
        self.take(service.step, by, self.id, "approve", checked, {})

    @rule(by=st.sampled_from([*STAFF, SITE]))
    def release(self, by: Principal) -> None:
        """Release whatever there is."""
        self.take(answers.release, by, self.id)

    @rule(
        by=st.sampled_from(STAFF),
        reason=st.sampled_from(["complexity", "number", "holiday"]),
        letter=st.sampled_from(WORDS),
    )
    def extend(self, by: Principal, reason: str, letter: str) -> None:
        """Take more time."""
        self.take(answers.extend, by, self.id, reason, letter)

    @rule(
        by=st.sampled_from(STAFF),
        ground=st.sampled_from(["", "excessive", "identity_not_proven"]),
        reasons=st.sampled_from(WORDS),
        really=st.sampled_from([False, False, False, True]),
    )
    def refuse(self, by: Principal, ground: str, reasons: str, really: bool) -> None:
        """Refuse."""
        if really:
            self.take(answers.refuse, by, self.id, ground, {"reasons": reasons, "remedy": "Complain, or go to court."})

    @rule(by=st.sampled_from(["customer", "customer", "agent"]), view=st.sampled_from(WORDS))
    def contest(self, by: str, view: str) -> None:
        """Contest the decision."""

        async def work(tx: Any, desk: Any, who: Principal, at: int) -> None:
            case = await record.load(tx, TENANT, self.id)
            await reviews.contest(tx, desk, who, case, view, at)

        self.take(work, self.customer if by == "customer" else ANN)

    @rule()
    def add_document(self) -> None:
        """Send a document along."""

        async def work(tx: Any, desk: Any, at: int) -> None:
            case = await record.load(tx, TENANT, self.id)
            await reviews.add_document(tx, desk, self.customer, case, papers.Document("text/plain", b"a"), at)

        self.take(work)

    @rule(
        by=st.sampled_from(STAFF),
        to=st.sampled_from([ANN.id, BEN.id, CLEO.id, DPO.id, SITE.id, ""]),
        competence=st.sampled_from(["credit training 2026", "credit training 2026", ""]),
    )
    def assign(self, by: Principal, to: str, competence: str) -> None:
        """Give the review to somebody."""
        told = {"reviewer": to, "reviewer_reference": "", "authority": "may change loans", "competence": competence}
        self.take(reviews.assign, by, self.id, told)

    @rule(by=st.sampled_from(STAFF))
    def open_evidence(self, by: Principal) -> None:
        """Look at the evidence."""
        self.take(reviews.open_evidence, by, self.id)

    @rule(by=st.sampled_from(STAFF))
    def give_first_view(self, by: Principal) -> None:
        """Note an own view."""
        self.take(service.step, by, self.id, "give_first_view", {}, {"view": "I would grant it."})

    @rule(
        step=st.sampled_from(["uphold", "overturn"]), look=st.booleans(), view=st.booleans(), by=st.sampled_from(STAFF)
    )
    def review(self, step: str, look: bool, view: bool, by: Principal) -> None:
        """Review as who was assigned, or perhaps as somebody else; with the evidence or without."""
        case = self.runner.run(self.db.read(record.load, TENANT, self.id))
        who = next((one for one in STAFF if one.id == case.facts.reviewer), by)
        if look:
            self.open_evidence(who)
        if view:
            self.give_first_view(who)
        told = {"cause": "model", "new_outcome": "granted", "adverse": False}
        self.take(reviews.decide, by if look else who, self.id, step, told, WORDS[-1])

    @rule(
        by=st.sampled_from(STAFF),
        step=st.sampled_from(["uphold", "overturn", "overturn_partly"]),
        cause=st.sampled_from(["model", "input_data", "bad luck", ""]),
        reasons=st.sampled_from(WORDS),
    )
    def decide(self, by: Principal, step: str, cause: str, reasons: str) -> None:
        """Decide the review."""
        told = {"cause": cause, "new_outcome": "granted", "adverse": False}
        self.take(reviews.decide, by, self.id, step, told, reasons)

    @rule(by=st.sampled_from([SITE, ANN]), confirmation=st.sampled_from(["", "ref-1"]))
    def confirm(self, by: Principal, confirmation: str) -> None:
        """Say that the source system did it."""
        self.take(reviews.confirm, by, self.id, confirmation)

    @rule(by=st.sampled_from(STAFF), step=st.sampled_from(["close", "reopen"]), really=st.booleans())
    def end(self, by: Principal, step: str, really: bool) -> None:
        """Close the case, or open it again."""
        if really:
            self.take(service.step, by, self.id, step, {}, {"reasons": "There are new facts."})

    @rule(steps=st.integers(1, 4), to=st.sampled_from(STAFF))
    def go_on(self, steps: int, to: Principal) -> None:
        """Do what would be right next, a few times: so that lives get somewhere."""
        for _ in range(steps):
            case = self.runner.run(self.db.read(record.load, TENANT, self.id))
            if not self._next(case, to):
                return

    def _next(self, case: Case, to: Principal) -> bool:
        at = case.row.state
        holder = next((one for one in STAFF if one.id == case.row.assignee), ANN)
        free = [one for one in (BEN, CLEO, DPO, ANN) if one.id not in case.facts.drafters]
        nobody = case.facts.identity == "none"
        if at == "identity_pending" or (at == "approved" and nobody and to is not ANN):
            return self.take(service.step, ANN, self.id, "prove_identity", {"method": "document_check"}, {})
        if at == "acknowledged" or (at == "scoped" and not case.facts.decisions):
            return self.take(service.scope_by_staff, holder, self.id, [self.decision], None)
        if at == "scoped" or (at == "drafting" and case.facts.gaps):
            return self.take(answers.draft, holder, self.id, None)
        if at == "drafting":
            return self.take(service.step, holder, self.id, "submit", {}, {})
        if at == "in_review" and free:
            return self.take(service.step, free[0], self.id, "approve", casework.SIGNED, {})
        if at == "approved":
            return self.take(answers.release, ANN, self.id)
        if at == "released":
            self.contest("customer", WORDS[-1])
            return True
        if at == "contested":
            self.assign(DPO, to.id, "credit training 2026")
        return False


def live(db: Database, keyring: KeyRing, clock: FixedClock, runner: asyncio.Runner, examples: int) -> None:
    """Run many lives against one database."""
    numbers = iter(range(1_000_000))
    run_state_machine_as_test(
        lambda: Casework(db, keyring, clock, runner, next(numbers)),  # type: ignore[arg-type]  # any factory will do
        settings=settings(
            max_examples=examples, stateful_step_count=40, deadline=None, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def lives(make_database_url: Callable[[str], str], engine: str, keyring: KeyRing, examples: int) -> None:
    """Open a database and run lives in it."""
    with asyncio.Runner() as runner:
        db = Database(make_database_url(engine), LedgerJournal())
        runner.run(db.open())
        try:
            live(db, keyring, FixedClock(1_795_424_400_000_000), runner, examples)
        finally:
            runner.run(db.close())


@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_no_sequence_of_steps_breaks_a_rule(
    make_database_url: Callable[[str], str], keyring: KeyRing, engine: str
) -> None:
    lives(make_database_url, engine, keyring, 30 if engine == "sqlite" else 6)


@pytest.mark.full
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_no_sequence_of_steps_breaks_a_rule_in_two_thousand_lives(
    make_database_url: Callable[[str], str], keyring: KeyRing, engine: str
) -> None:
    lives(make_database_url, engine, keyring, 2000)
