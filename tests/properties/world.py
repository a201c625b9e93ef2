"""Two whole Candors on one database, driven step by step beside an oracle that says what each step must have done."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pytest
from pydantic import SecretStr

from api.compose import compose
from api.idempotency import KEEP_CHOICE, Answer, Ticket, once
from api.state import AppState
from consent import choices
from consent.asked import Asked, Circumstances
from consent.cache import Question
from consent.errors import SubjectNotFoundError
from consent.purposes import service as purposes
from consent.recording import Recorded
from core import canonical, crypto
from core.clock import FixedClock
from core.database import Sql, Tx
from core.database.replicas import PostgresCoherence
from core.errors import DomainError
from core.keys import KeyRing
from core.principal import Principal, Role, Subject
from core.settings import GateSettings, Settings, StoreSettings
from disclosures import service as register
from jobs.expire import Expire
from oversight import erasure
from tests.properties import replaying
from tests.properties.oracle import AGREED, Act, Happening, NotSo, Oracle, PurposeStory, SystemStory, Version

SHOWN_HASH = "ab" * 32
_LEASE = 60.0  # between two steps nobody renews: the loop stands still


@dataclass(frozen=True)
class Outcome:
    """What a request came to: an error's name, or what was recorded; ``seq`` of its first entry."""

    error: str | None
    made: tuple[Happening, ...] = ()
    seq: int = -1


class World:
    """Both processes, the present tenant, and its oracle."""

    def __init__(self, url: str, folder: Path, keyring: KeyRing, clock: FixedClock) -> None:
        """Compose two Candors as two processes would."""
        settings = Settings(
            store=StoreSettings(url=SecretStr(url), checkpoint_file=None, keys_file=folder / "keys"),
            gate=GateSettings(lease_seconds=_LEASE),
        )
        self.keyring, self.clock = keyring, clock
        self.states = [compose(settings, clock, keyring, with_jobs=False) for _ in range(2)]
        self.tenant = ""
        self.oracle = Oracle()
        self.recorded: list[tuple[str, Happening]] = []  # everything, erased people included
        self._erased: dict[str, int] = {}  # how many choices somebody had made when she was erased
        self._tenants = itertools.count()

    async def open(self) -> None:
        """Open stores and parts."""
        for state in self.states:
            await state.db.open()
            for part in state.parts:
                await part.open()

    async def close(self) -> None:
        """Close parts and stores."""
        for state in self.states:
            for part in reversed(state.parts):
                await part.close()
            await state.db.close()

    def start(self) -> None:
        """Begin anew with a tenant nobody has seen."""
        self.tenant = f"t{next(self._tenants)}"
        self.oracle, self.recorded, self._erased = Oracle(), [], {}

    # --- the catalogue ------------------------------------------------------------------------------------------

    def by(self, name: str = "key_dpo") -> Principal:
        """Return who keeps purposes and systems."""
        return Principal(self.tenant, name, Role.DPO)

    async def publish(self, key: str, version: Version) -> bool:
        """Publish the next version of a purpose as ``version`` says; tell whether it was accepted."""
        db, now = self.states[0].db, self.clock.now()
        story = self.oracle.purposes.get(key)
        document = purposes.read_document(_document(key, version))
        try:
            await db.transact(purposes.create if story is None else purposes.draft, self.by(), document, now)
            await db.transact(purposes.publish, self.by(), key, now, material=version.material)
        except DomainError:
            return False
        number = 1 if story is None else len(story.versions) + 1
        made = replace(version, number=number, at=now, material=version.material or number == 1)
        self.oracle.purposes.setdefault(key, PurposeStory()).versions.append(made)
        return True

    async def retire_purpose(self, key: str) -> None:
        """Retire a purpose."""
        now = self.clock.now()
        await self.states[0].db.transact(purposes.retire, self.by(), key, now)
        self.oracle.purposes[key].retired_at = now

    async def say_of_system(self, key: str, serves: frozenset[str], route: str | None) -> None:
        """Enter a system or change what the register says of it."""
        db, now = self.states[0].db, self.clock.now()
        document = register.read_document(_system(key, serves, route))
        verb = register.change if key in self.oracle.systems else register.register
        await db.transact(verb, self.by(), document, now)
        self.oracle.systems.setdefault(key, SystemStory()).said.append((now, serves, route))

    async def retire_system(self, key: str) -> None:
        """Take a system out of service."""
        now = self.clock.now()
        await self.states[0].db.transact(register.retire, self.by(), key, now)
        self.oracle.systems[key].retired_at = now

    # --- people -------------------------------------------------------------------------------------------------

    def subject(self, person: str) -> Subject:
        """Return a person as the service knows her."""
        return Subject("customer", person, crypto.pseudonym(self.keyring.pepper, self.tenant, "customer", person))

    def ticket(self, key: str, act: Act) -> Ticket:
        """Return the claim of a request on its Idempotency-Key."""
        asked = sha256(repr(act).encode()).digest()
        return Ticket(
            sha256(f"{self.tenant} {key}".encode()).digest(), asked, self.clock.now(), self.clock.now() + KEEP_CHOICE
        )

    async def request(self, person: str, act: Act, writer: int = 0) -> Outcome:
        """Do what a request asks for, in one of the processes."""
        state = self.states[writer]
        try:
            return self._outcome(await state.db.transact(self._work, state, person, act))
        except DomainError as error:
            return Outcome(type(error).__name__)
        finally:
            await self._hear(writer)

    async def keyed(self, person: str, act: Act, ticket: Ticket, writer: int = 0) -> tuple[Outcome | None, bytes, bool]:
        """Do it with an Idempotency-Key: what it came to (``None`` for a repetition), the answer, and if repeated."""
        state, outcomes = self.states[writer], list[Outcome]()

        async def work(tx: Tx) -> Answer:
            recorded = await self._work(tx, state, person, act)
            outcomes.append(self._outcome(recorded))
            return Answer(201, canonical.dumps([one.event.id for one in recorded.chosen]))

        try:
            made, replayed = await state.db.transact(once, state, ticket, work, None)
        except DomainError as error:
            return Outcome(type(error).__name__), b"", False
        finally:
            await self._hear(writer)
        return (None if replayed else outcomes[-1]), made.body, replayed

    async def _hear(self, writer: int) -> None:
        """Let the first process hear of what only opened doors: it may learn of that late, but not never."""
        for part in self.states[0].parts:
            if writer and isinstance(part, PostgresCoherence):
                await part._catch_up()

    async def _work(self, tx: Tx, state: AppState, person: str, act: Act) -> Recorded:
        how = Circumstances(
            self.tenant, self.subject(person), act.actor, gpc=act.gpc, evidence=("doc-1",) if act.evidence else ()
        )
        if act.kind == "withdraw":
            return await choices.withdraw(tx, state.notary, how, self.clock, act.purpose, act.system)
        if act.kind == "honour":
            return await choices.honour(tx, state.notary, how, self.clock)
        asked = [
            Asked(wish.purpose, wish.state, wish.system, wish.confirms, wish.notice, SHOWN_HASH, "en")
            for wish in act.wishes
        ]
        return await choices.choose(tx, state.notary, how, asked, self.clock)

    @staticmethod
    def _outcome(recorded: Recorded) -> Outcome:
        made = tuple(
            Happening(
                event.purpose, event.system, event.state, event.explicit, event.purpose_version, event.valid_until,
                event.gpc, event.actor, event.notice_version, event.recorded_at, event.id,
            )
            for event in (one.event for one in recorded.chosen)
        )  # fmt: skip
        assert (recorded.receipt is None) == (not made)
        return Outcome(None, made, recorded.chosen[0].event.seq if made else -1)

    async def sweep(self) -> None:
        """Note what is over, in both processes at once; each consent is noted once."""
        before = {person: self.oracle.over(person, self.clock.now()) for person in self.oracle.people}
        await Expire(self.states[0].db, self.clock, self.states[0].notary).run()
        for person, places in before.items():
            await self._adopt(person, self.oracle.lapse(person, "expired", places, self.clock.now()))

    async def lapse(self, person: str, state: str, purpose: str) -> None:
        """Note that a person's consents for a purpose are invalid, or too old a version's."""
        how = Circumstances(self.tenant, self.subject(person), "system")
        here = self.states[0]
        places = [place for place, row in self.oracle.latest(person).items() if row.state in AGREED]
        places = [place for place in places if place[0] == purpose]
        expected = self.oracle.lapse(person, state, places, self.clock.now())
        try:
            await here.db.transact(
                choices.lapse, here.notary, how, self.clock, state, lambda row, _: bool(row.purpose == purpose)
            )
        except SubjectNotFoundError:
            assert not places  # nobody yet, or erased since
        await self._adopt(person, expected)

    async def _adopt(self, person: str, expected: list[Happening]) -> None:
        """Take over what the service noted by itself, if it is what was expected."""
        known = {one.choice for _, one in self.recorded}
        made = [
            one
            for subject, one in await replaying.happenings(self.states[0].db, self.tenant)
            if subject == self.subject(person).pseudonym and one.choice not in known
        ]
        self.settle(person, expected, made)

    async def erase(self, person: str) -> None:
        """Erase a person, as two people do it; there is nobody to erase before her first choice, or a second time."""
        db, now = self.states[0].db, self.clock.now()
        subject = self.subject(person).pseudonym
        choices_made = [one for whose, one in self.recorded if whose == person]
        if len(choices_made) == self._erased.get(person, 0):
            with pytest.raises(SubjectNotFoundError):
                await db.transact(erasure.request, self.keyring, self.by(), subject, "request-of-the-person", now)
            return
        await db.transact(erasure.request, self.keyring, self.by(), subject, "request-of-the-person", now)
        await db.transact(erasure.approve, self.keyring, self.by("key_other"), subject, now)
        self._erased[person] = len(choices_made)
        self.oracle.erase(person)

    # --- comparing ----------------------------------------------------------------------------------------------

    def settle(self, person: str, expected: Sequence[Happening], made: Sequence[Happening]) -> None:
        """Hold what was recorded against what had to be, and remember it."""
        assert sorted((replace(one, choice="") for one in made), key=repr) == sorted(expected, key=repr)
        self.oracle.people.setdefault(person, []).extend(made)
        self.recorded += [(person, one) for one in made]

    def settle_request(self, person: str, act: Act, outcome: Outcome) -> None:
        """Hold what a request came to against what it had to come to."""
        self.settle_together(person, [act], [outcome])

    def settle_together(self, person: str, acts: Sequence[Act], outcomes: Sequence[Outcome]) -> None:
        """Find an order, one after another, in which all of these requests come to what they came to."""
        pairs = list(zip(acts, outcomes, strict=True))
        for order in itertools.permutations(pairs):
            seqs = [outcome.seq for _, outcome in order if outcome.seq >= 0]
            if seqs == sorted(seqs) and self._fits(person, order):
                self.recorded += [(person, one) for _, outcome in order for one in outcome.made]
                self.oracle.people.setdefault(person, []).extend(one for _, outcome in order for one in outcome.made)
                return
        raise AssertionError(f"no order explains this: {pairs}")

    def _fits(self, person: str, order: Sequence[tuple[Act, Outcome]]) -> bool:
        trial = self.oracle.copy()
        for act, outcome in order:
            try:
                expected = trial.act(person, act, self.clock.now())
            except NotSo as refusal:
                if outcome.error != str(refusal):
                    return False
                continue
            made = [replace(one, choice="") for one in outcome.made]
            if outcome.error is not None or sorted(made, key=repr) != sorted(expected, key=repr):
                return False
            trial.people.setdefault(person, []).extend(outcome.made)
        return True

    async def compare(self, asked: Sequence[tuple[str, Question]]) -> None:
        """Ask everything three ways, from memory, from the database and from the oracle; nothing may differ."""
        gate, now = self.states[0].gate, self.clock.now()
        named = [(self.subject(person).pseudonym, question) for person, question in asked]
        assert gate.current()
        remembered = [canonical.loads(body) for body in await gate.answers(self.tenant, named)]
        fresh = await gate.check_many(self.tenant, named, fresh=True)
        for (person, question), warm, cold in zip(asked, remembered, fresh, strict=True):
            expected = self.oracle.answer(person, question.purpose, question.system, now)
            place = f"{person} {question} {self.oracle.latest(person)}"
            said = (cold.decision, cold.reasons, cold.choice, cold.notice_version, cold.valid_until)
            assert said == (expected.decision, expected.reasons, expected.choice, expected.notice, expected.until), (
                place
            )
            assert expected.version in {None, cold.purpose_version}, place
            assert (warm["decision"], tuple(warm["reasons"])) == (expected.decision, expected.reasons), place
            assert (warm["choice"], warm["notice_version"]) == (expected.choice, expected.notice), place
            self._never_allowed_without_a_yes(person, question, cold.decision, now)

    def _never_allowed_without_a_yes(self, person: str, question: Question, decision: str, now: int) -> None:
        """The one thing that must hold whatever the rules: said in other words than the oracle's."""
        if decision != "allow":
            return
        rows = self.oracle.latest(person)
        told = [row for (_, system), row in rows.items() if system in {"*", question.system}]
        told = [row for row in told if row.purpose in {"*", question.purpose}]
        assert not [row for row in told if row.state in {"refused", "withdrawn", "restricted", "objected", "opted_out"}]
        version = self.oracle.purposes[question.purpose].versions[-1]
        if version.mechanism == "opt_in":
            assert [
                row
                for row in told
                if row.state in {"given", "explicitly_given", "renewed"} and (row.until is None or row.until > now)
            ]

    async def compare_records(self) -> None:
        """Hold every event and every current row against what was recorded, and rows against a replay of events."""
        db = self.states[1].db
        stored = await replaying.happenings(db, self.tenant)
        expected = [(self.subject(person).pseudonym, one) for person, one in self.recorded]
        assert sorted(stored, key=repr) == sorted(expected, key=repr)
        findings = await replaying.differences(db, self.tenant)
        assert not findings, findings
        counted = await db.fetch(
            Sql(
                "SELECT (SELECT count(DISTINCT receipt) FROM choice_event WHERE tenant = :tenant),"
                " (SELECT count(*) FROM receipt WHERE tenant = :tenant),"
                " (SELECT count(*) FROM choice_event WHERE tenant = :tenant),"
                " (SELECT count(*) FROM ledger_entry WHERE tenant = :tenant AND kind LIKE 'choice.%')"
            ),
            tenant=self.tenant,
        )
        receipts_named, receipts, events, entries = counted[0]
        assert receipts_named == receipts
        assert events == entries == len(self.recorded)


def _document(key: str, version: Version) -> dict[str, object]:
    return {
        "key": key,
        "texts": {"en": {"name": key, "text": f"We use what you did here for {key}."}},
        "kind": "ai_training",
        "lawful_basis": "consent" if version.mechanism == "opt_in" else "legitimate_interests",
        "mechanism": version.mechanism,
        "explicit": version.explicit,
        "validity": None if version.hours is None else f"PT{version.hours}H",
        "gpc": version.gpc,
        "retention": "P1Y",
        "data_categories": ["orders"],
        "storage_locations": ["DE"],
    }


def _system(key: str, serves: frozenset[str], route: str | None) -> dict[str, object]:
    return {
        "key": key,
        "name": key,
        "provider": "Us",
        "role": "deployer",
        "purposes": sorted(serves),
        "human_alternative": route,
        "no_human_alternative_reason": None if route else "Nobody is refused anything by it.",
        "owner": "shop",
        "contact": "shop team",
    }
