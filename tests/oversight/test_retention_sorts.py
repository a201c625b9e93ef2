"""Of every sort the content goes and the facts stay; consents, the gate's answers and chains are as before (EVI-03)."""

import json
from random import Random

import pytest

from consent import store as choices
from consent.cache import Catalogue, Question, ask, by_level
from consent.notary import Notary
from consent.purposes.published import facts_at
from core import ids
from core.clock import DAY, FixedClock
from core.database import Database, Sql
from core.errors import DomainError
from core.keys import KeyRing
from explanations import canonical
from explanations.kept import service as kept
from explanations.requests import record
from handoff import service as handing
from handoff.cases import link
from handoff.queues import QueueRules
from handoff.talks import service as talks
from handoff.talks.service import Turn, Where, Wishes
from oversight import erasure
from oversight.retention import certifying
from oversight.retention.errors import HoldStandsError
from oversight.retention.sorts import SORTS
from tests.consent.choosing import SYSTEMS, choose, one, person
from tests.consent.keeping import opt_out_document, publish, purpose_document
from tests.explanations import documents
from tests.explanations.requests import casework
from tests.explanations.requests.test_closing import PERIOD, run_jobs
from tests.handoff.floor import Floor
from tests.oversight.retaining import DPO, SECOND, TENANT, Company

pytestmark = pytest.mark.anyio


@pytest.fixture
def company(db: Database, keyring: KeyRing, clock: FixedClock) -> Company:
    """A company that has recorded nothing yet."""
    return Company(db, keyring, clock)


async def test_of_an_ended_conversation_the_words_go_and_the_chain_still_verifies(company: Company) -> None:
    floor = Floor(company.db, company.keyring, company.clock)
    by = await floor.here("ana")
    row = await floor.accept(by, await floor.ask())
    await floor.say(row, "customer", "my account is blocked")
    still_open = await floor.ask("customer-2")
    await floor.say(still_open, "customer", "hello")
    await floor.do(handing.resolve, by, row.id, "answered", words="card unblocked")
    await company.keep("handoff", "P30D")
    company.days(30)
    [made] = await company.retain.everything()

    assert (made.deleted, made.first) == (1, row.id)
    assert (await floor.words(row), await floor.words(still_open)) == ([("customer", None)], [("customer", "hello")])
    [remains] = await company.db.read(certifying.remains, TENANT, "handoff", row.id)
    digests, head = certifying.digests_of(remains), b"\0" * 32
    for event in await floor.events(row):
        head = link(head, event, digests.get(f"event {event.seq}"))
        assert head == event.hash
    assert (await floor.row(row.id)).head == head
    assert await company.verified() == []


async def test_of_a_conversation_with_ai_the_words_go_and_those_of_later_go_later(company: Company) -> None:
    where = Where(TENANT, person(company.keyring), "chat-1")

    async def say(text: str) -> None:
        turns, now = [Turn("customer", text)], company.clock.now()
        await company.db.transact(talks.hear, company.keyring, where, turns, Wishes(), QueueRules(), now)

    async def words() -> list[str]:
        found = await company.db.read(talks.transcript, company.keyring, TENANT, where.subject.pseudonym, "chat-1")
        return [told["text"] for told in found]

    await say("hello")
    await company.keep("conversation", "P30D")
    company.days(31)
    assert [made.deleted for made in await company.retain.everything()] == [1]
    assert await words() == []
    await say("it is me again")
    company.days(29)
    assert (await company.retain.everything(), await words()) == ([], ["it is me again"])
    company.days(1)
    assert [made.deleted for made in await company.retain.everything()] == [1]
    assert await words() == []
    assert await company.verified() == []


async def test_of_a_closed_request_texts_papers_and_links_go_and_its_course_stays(company: Company) -> None:
    desk = casework.desk_of(company.keyring)
    case = await casework.released(company.db, desk, company.clock)
    for sort in ("decision", "explanation-request"):
        await company.keep(sort, "P36M")
    company.clock.advance(PERIOD + DAY)
    await run_jobs(company.db, company.clock, desk)
    company.days(36 * 30)  # what the case is about has run its course before the case has
    assert {made.record_type for made in await company.retain.everything()} == {"decision"}
    assert await company.db.read(record.intake_of, company.keyring, (await _case(company, case)).row)
    company.days(40)
    [made] = await company.retain.everything()

    assert made.deleted == 1
    after = await _case(company, case)
    assert (after.row.state, after.row.answered_at) == ("closed", case.row.answered_at)
    assert await company.db.read(record.intake_of, company.keyring, after.row) == {}
    assert await company.db.fetch(Sql("SELECT 1 FROM explanation_request_secret")) == []
    papers = await company.db.fetch(Sql("SELECT sealed, length(sha256) FROM explanation_request_paper"))
    assert {tuple(row) for row in papers} == {(None, 64)}
    assert await company.verified() == []


async def _case(company: Company, case: record.Case) -> record.Case:
    return await company.db.read(record.load, TENANT, case.row.id)


async def test_of_an_explanation_the_document_goes_and_that_it_was_given_stays(company: Company) -> None:
    [decision] = await company.decide("a")
    values = documents.example(decision_id=decision, id=ids.new("exp", company.clock.now()))
    made = canonical.read(json.dumps(values).encode())
    subject, now = person(company.keyring).pseudonym, company.clock.now()
    given = await company.db.transact(kept.keep, company.keyring, DPO, subject, made, (), now)
    await company.keep("explanation", "P30D")
    company.days(30)
    assert await company.verified() == []
    [certificate] = await company.retain.everything()

    assert (certificate.deleted, certificate.first) == (1, given.row.id)
    view = await company.db.read(kept.view, company.keyring, TENANT, given.row.id)
    assert (view.document, view.row.grade) == (None, "A")
    assert await company.left() == {decision}
    assert await company.verified() == []


async def test_a_hold_stands_in_the_way_of_an_erasure_until_it_is_released(company: Company) -> None:
    [mine] = await company.decide("mine")
    hold = await company.hold("record", "decision", mine)
    who, now = person(company.keyring).pseudonym, company.clock.now()
    await company.db.transact(erasure.request, company.keyring, DPO, who, "request-of-the-person", now)
    with pytest.raises(HoldStandsError, match=hold.id):
        await company.db.transact(erasure.approve, company.keyring, SECOND, who, now)
    assert await company.left() == {mine}
    await company.release(hold)
    assert (await company.db.transact(erasure.approve, company.keyring, SECOND, who, now)).approved_by == SECOND.id


@pytest.mark.parametrize("seed", [1, 2])
async def test_the_gate_answers_as_before(company: Company, notary: Notary, clock: FixedClock, seed: int) -> None:
    chance, people = Random(seed), [f"customer-{number}" for number in range(4)]
    await publish(company.db, clock, purpose_document())
    await publish(company.db, clock, opt_out_document(gpc=True))
    for _ in range(12):
        who, purpose = chance.choice(people), chance.choice(("train", "profile", "*"))
        state = chance.choice(("given", "refused", "withdrawn", "objected", "opted_out"))
        clock.advance(chance.randrange(DAY))
        try:
            await choose(company.db, notary, clock, one(purpose, state), reference=who)
        except DomainError:
            continue  # not every choice can follow every other
        await company.decide(f"{who}-{clock.now()}", subject=who)
    for sort in SORTS:
        await company.keep(sort, "P7Y")
    company.days(8 * 366)

    before = await _answers(company, people)
    [made] = await company.retain.everything()
    assert made.deleted > 3
    assert await _answers(company, people) == before


async def _answers(company: Company, people: list[str]) -> list[tuple[str, tuple[str, ...], str | None]]:
    """Return what the gate says of everybody, for every purpose and system, now and at every hundredth day before."""
    found, now = [], company.clock.now()
    for at in range(now - 3000 * DAY, now + 1, 100 * DAY):
        catalogue = Catalogue(await company.db.read(facts_at, TENANT, at), SYSTEMS)
        for who in people:
            rows = by_level(
                await company.db.read(choices.states_at, TENANT, person(company.keyring, who).pseudonym, at)
            )
            for purpose in ("train", "profile"):
                answer = ask(Question(purpose, "bot"), catalogue, rows, at, 0)
                found.append((answer.decision, answer.reasons, answer.notice_version))
    return found
