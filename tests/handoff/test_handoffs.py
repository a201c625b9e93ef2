"""Handoffs on both databases: asked once, served by one person, passed on, ended, chained."""

import asyncio
import json

import pytest

from core import subjects
from core.clock import DAY, MICROS
from core.database import Sql, Tx
from handoff import presence, service, store
from handoff.cases import link
from handoff.errors import (
    ErasedError,
    MoveNotPossibleError,
    NoReturnAskedError,
    NotHereError,
    NothingWaitingError,
    NotYoursError,
    SurveyedError,
    TakenError,
)
from handoff.presence import Here
from tests.handoff.floor import TENANT, Floor

pytestmark = pytest.mark.anyio


async def test_asking_gives_a_reference_a_place_and_a_ledger_entry(floor: Floor) -> None:
    row = await floor.ask()

    assert row.state == "queued"
    assert len(row.reference) == 9
    assert await floor.kinds(row) == ["requested", "queued"]
    assert await floor.facts() == ["handoff.requested"]


async def test_asking_again_in_the_same_conversation_gives_the_open_one(floor: Floor) -> None:
    first = await floor.ask(conversation="chat-1")
    again = await floor.ask(conversation="chat-1")
    other = await floor.ask(conversation="chat-2")

    assert (again.id, again.reference) == (first.id, first.reference)
    assert other.id != first.id


async def test_fifty_requests_at_once_make_one_handoff(floor: Floor) -> None:
    rows = await asyncio.gather(*(floor.ask() for _ in range(50)))

    assert len({row.id for row in rows}) == 1


async def test_after_the_end_the_conversation_is_free_for_the_next(floor: Floor) -> None:
    row = await floor.ask()
    await floor.do(service.cancel, TENANT, row.id, "")

    assert (await floor.ask()).id != row.id


async def test_a_case_is_offered_to_a_free_agent_and_accepted_by_that_one_only(floor: Floor) -> None:
    ana, ben = await floor.here("ana"), await floor.here("ben")
    row = await floor.ask()
    chosen, other = (ana, ben) if row.assignee == ana.id else (ben, ana)

    assert row.state == "offered"
    with pytest.raises(TakenError):
        await floor.accept(other, row)
    taken = await floor.accept(chosen, row)
    assert (taken.state, taken.alias) == ("active", "Ana" if chosen is ana else "Ben")
    assert (await floor.facts())[-1] == "handoff.accepted"
    assert (await floor.accept(chosen, row)).last_seq == taken.last_seq  # again changes nothing


async def test_fifty_agents_race_for_one_case_and_one_wins(floor: Floor) -> None:
    row = await floor.ask()

    async def come(number: int) -> str:
        by = floor.agent(f"a{number}")
        said = Here("busy", f"A{number}")
        await floor.db.transact(presence.say_here, floor.keyring, by, said, floor.clock.now())
        await floor.db.transact(presence.say_here, floor.keyring, by, Here("online", capacity=0), floor.clock.now())
        return by.id

    await asyncio.gather(*(come(number) for number in range(50)))
    row = await floor.row(row.id)
    if row.state == "offered":  # whoever came first was offered it: back to all
        await floor.do(service.decline, floor.agent((row.assignee or "key_")[4:]), row.id)

    async def race(number: int) -> bool:
        try:
            await floor.accept(floor.agent(f"a{number}"), row)
        except TakenError:
            return False
        return True

    won = await asyncio.gather(*(race(number) for number in range(50)))
    assert sum(won) == 1
    assert (await floor.kinds(row)).count("accepted") == 1


async def test_many_cases_are_drained_once_each(floor: Floor) -> None:
    for number in range(60):
        await floor.ask(f"customer-{number}")
    agents = [await floor.here(f"a{number}", capacity=20) for number in range(8)]
    drained: list[str] = []

    async def drain(number: int) -> None:
        while True:
            try:
                case = await floor.do(service.pull, agents[number])
            except NothingWaitingError:
                return
            drained.append(case.row.id)

    await asyncio.gather(*(drain(number) for number in range(8)))
    assert len(drained) == len(set(drained)) == 60


async def test_a_declined_offer_goes_to_the_next(floor: Floor) -> None:
    first = await floor.here("ana")
    row = await floor.ask()
    ben = await floor.here("ben")
    await floor.do(service.decline, first, row.id)

    row = await floor.row(row.id)
    assert (row.state, row.assignee) == ("offered", ben.id)


async def test_an_offer_nobody_takes_passes_on_and_then_is_open_to_all(floor: Floor) -> None:
    for name in ("ana", "ben", "cem", "dan"):
        await floor.here(name)
    row = await floor.ask()
    offered = {row.assignee}
    for _ in range(3):
        await floor.later(31)
        for name in ("ana", "ben", "cem", "dan"):
            await floor.here(name)
        row = await floor.row(row.id)
        offered.add(row.assignee)

    assert len(offered - {None}) == 3
    assert row.state == "queued"
    assert (await floor.accept(floor.agent("dan"), row)).state == "active"


async def test_the_highest_need_comes_first_and_nobody_starves(floor: Floor) -> None:
    old = await floor.ask("customer-old")
    floor.clock.advance(120 * MICROS)
    urgent = await floor.ask("customer-urgent", priority=5)
    ana = await floor.here("ana", capacity=1)

    assert (await floor.row(urgent.id)).assignee == ana.id
    await floor.do(service.cancel, TENANT, urgent.id, "")
    floor.clock.advance(400 * MICROS)
    await floor.ask("customer-late", priority=5)
    assert (await floor.row(old.id)).rank < (await floor.db.read(store.waiting, TENANT))[-1].rank


async def test_skills_and_language_are_met_and_relaxed_in_time(floor: Floor) -> None:
    await floor.here("ana", languages=["en"])
    row = await floor.ask(language="de", skills=["loans"])
    assert row.state == "queued"
    ben = await floor.here("ben", languages=["de"], skills=["loans"])
    row = await floor.row(row.id)
    assert (row.assignee, row.agent_language) == (ben.id, True)

    second = await floor.ask("customer-2", language="fr")
    assert second.state == "queued"
    for _ in range(3):
        await floor.later(25)
        await floor.here("ana")
    second = await floor.row(second.id)
    assert (second.state, second.agent_language) == ("offered", False)  # flagged: another language


async def test_capacity_is_a_limit(floor: Floor) -> None:
    await floor.here("ana", capacity=2)
    rows = [await floor.ask(f"customer-{number}") for number in range(3)]

    assert [(await floor.row(row.id)).state for row in rows] == ["offered", "offered", "queued"]


async def test_an_agent_who_falls_silent_loses_the_offer_at_once_and_the_case_in_time(floor: Floor) -> None:
    ana = await floor.here("ana")
    row = await floor.ask()
    other = await floor.ask("customer-2")
    await floor.accept(ana, row)
    await floor.later(61)
    assert (await floor.row(other.id)).assignee is None
    assert (await floor.row(row.id)).state == "active"
    await floor.later(600)

    row = await floor.row(row.id)
    assert (row.state, row.hops) == ("queued", 1)
    assert "transferred" in await floor.kinds(row, internal=False)


async def test_messages_are_labelled_and_kept_once(floor: Floor) -> None:
    ana = await floor.here("ana")
    row = await floor.accept(ana, await floor.ask())
    await floor.say(row, "customer", "hello", key="k1")
    again = await floor.say(row, "customer", "hello", key="k1")
    await floor.say(row, "agent", "good morning")
    await floor.say(row, "agent", "looks fishy", internal=True)

    assert await floor.words(row) == [("customer", "hello"), ("agent", "good morning")]
    assert again.seq == next(one.seq for one in await floor.events(row) if one.kind == "message")
    assert "note" not in await floor.kinds(row, internal=False)


async def test_only_who_has_the_case_speaks_and_ends_it(floor: Floor) -> None:
    ana, ben = await floor.here("ana"), await floor.here("ben", presence="busy")
    row = await floor.accept(ana, await floor.ask())

    with pytest.raises(NotYoursError):
        await floor.say(row, "agent", "me too", ref=ben.id)
    with pytest.raises(NotYoursError):
        await floor.do(service.resolve, ben, row.id, "answered")
    with pytest.raises(NotHereError):
        await floor.accept(floor.agent("nobody"), row)


async def test_a_transfer_keeps_the_place_and_counts_a_hop(floor: Floor) -> None:
    ana = await floor.here("ana", queues=["main"])
    row = await floor.accept(ana, await floor.ask())
    await floor.do(service.transfer, ana, row.id, "main", "needs a specialist")

    row = await floor.row(row.id)
    assert row.hops == 1
    assert row.state == "offered"


async def test_a_resolved_case_can_be_reopened_for_some_days(floor: Floor) -> None:
    ana = await floor.here("ana")
    row = await floor.accept(ana, await floor.ask())
    await floor.do(service.resolve, ana, row.id, "answered", words="all good")
    with pytest.raises(MoveNotPossibleError):
        await floor.say(row, "customer", "one more thing")
    await floor.do(service.reopen, TENANT, row.id, "customer", "")
    assert (await floor.row(row.id)).state == "active"
    await floor.do(service.resolve, ana, row.id, "answered")
    floor.clock.advance(8 * DAY)
    with pytest.raises(MoveNotPossibleError):
        await floor.do(service.reopen, TENANT, row.id, "customer", "")


async def test_reopening_without_the_agent_there_finds_another(floor: Floor) -> None:
    ana = await floor.here("ana")
    row = await floor.accept(ana, await floor.ask())
    await floor.do(service.resolve, ana, row.id, "answered")
    floor.clock.advance(DAY)
    await floor.do(service.reopen, TENANT, row.id, "customer", "")

    assert (await floor.row(row.id)).state == "queued"


async def test_back_to_the_ai_only_with_the_customers_yes(floor: Floor) -> None:
    ana = await floor.here("ana")
    row = await floor.accept(ana, await floor.ask())
    with pytest.raises(NoReturnAskedError):
        await floor.do(service.answer_return, TENANT, row.id, agreed=True)
    await floor.do(service.propose_return, ana, row.id)
    await floor.do(service.answer_return, TENANT, row.id, agreed=False)
    assert (await floor.row(row.id)).state == "active"
    await floor.do(service.propose_return, ana, row.id)
    await floor.do(service.answer_return, TENANT, row.id, agreed=True)

    row = await floor.row(row.id)
    assert (row.state, row.end_reason) == ("resolved", "returned_to_ai")
    assert "handoff.returned-to-ai" in await floor.facts()


async def test_the_survey_is_answered_once_after_the_end(floor: Floor) -> None:
    row = await floor.ask()
    with pytest.raises(MoveNotPossibleError):
        await floor.do(service.survey, TENANT, row.id, 5, 2, "fine")
    await floor.do(service.cancel, TENANT, row.id, "")
    await floor.do(service.survey, TENANT, row.id, 5, 2, "fine")
    with pytest.raises(SurveyedError):
        await floor.do(service.survey, TENANT, row.id, 4, None, None)

    assert ((await floor.row(row.id)).score, (await floor.row(row.id)).ai_score) == (5, 2)


async def test_the_chain_of_events_verifies_and_shows_a_change(floor: Floor) -> None:
    ana = await floor.here("ana")
    row = await floor.accept(ana, await floor.ask())
    await floor.say(row, "customer", "hello")
    row = await floor.row(row.id)
    head = b"\0" * 32
    for event in await floor.events(row):
        head = link(head, event)
        assert head == event.hash

    assert head == row.head
    first = (await floor.events(row))[0]
    assert link(b"\0" * 32, first._replace(actor="ai")) != first.hash


async def test_nothing_personal_lies_open_and_erasure_takes_the_words(floor: Floor) -> None:
    ana = await floor.here("ana")
    row = await floor.accept(ana, await floor.ask())
    await floor.say(row, "customer", "my salary is 1234")
    stored = repr(await floor.db.fetch(Sql("SELECT * FROM handoff_event"))) + repr(
        await floor.db.fetch(Sql("SELECT * FROM handoff"))
    )
    assert "1234" not in stored
    assert "customer-1" not in stored

    async def erase(tx: Tx) -> None:
        await subjects.erase(tx, TENANT, row.subject, 1, floor.clock.now())

    await floor.db.transact(erase)
    assert await floor.words(row) == [("customer", None)]
    with pytest.raises(ErasedError):
        await floor.say(row, "agent", "hello?")
    await floor.do(service.resolve, ana, row.id, "unreachable")
    assert (await floor.row(row.id)).state == "resolved"
    assert json.loads((await floor.events(row))[0].public)["rule"] == "asked/1"
