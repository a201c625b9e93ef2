"""Help desks that misbehave: down, slow, lying, late, twice, out of order, chatty. The right outcome each time.

A desk of the kind ``webhook`` that lives in the test answers our calls; the jobs run by hand.
"""

import json
from collections.abc import Callable
from typing import Any

import orjson
import pytest

from core.clock import MICROS
from core.database import Tx
from handoff import service
from handoff.delivery import erasing, incoming, setups
from handoff.delivery import store as desks
from handoff.delivery.outgoing import BusyError, Outgoing
from handoff.port import Call, Letter, RemoteEvent, Reply
from handoff.queues import QueueRules
from handoff.rows import HandoffRow
from tests.handoff import desk_jobs
from tests.handoff.floor import TENANT, Floor

pytestmark = pytest.mark.anyio
GOOD = Reply(200, {}, b"{}")


class Desk:
    """A desk of others: what it was told, and how it answers."""

    def __init__(self, floor: Floor) -> None:
        self.floor = floor
        self.told: list[dict[str, Any]] = []
        self.answer: Callable[[], Reply] = lambda: GOOD
        self.outgoing = Outgoing(floor.db, floor.clock, floor.keyring, self.post, lambda *_: None)

    async def post(self, where: str, step: Call | Letter) -> Reply:
        assert isinstance(step, Call)
        said = self.answer()
        if said.status < 300:
            self.told.append(orjson.loads(step.body or b"{}"))
        return said

    async def set_up(self, *chain: str, **rules: Any) -> None:
        """Put the desk first in the chain of the only queue."""
        document = {"url": "https://desk.example/in", "modes": ["live", "ticket"], "options": {}}
        row = setups.row_of(self.floor.keyring, TENANT, "others", "webhook", document, {"secret": "s"})

        async def work(tx: Tx) -> None:
            desks.put_desk(tx, row)

        await self.floor.db.transact(work)
        await self.floor.queue(QueueRules(chain=chain or ("others", "builtin"), **rules))

    async def work(self) -> None:
        """Run the jobs that are due, as the runner would."""
        await desk_jobs.work(self.floor, self.outgoing)

    async def tells(self, row: HandoffRow, *events: RemoteEvent) -> list[str]:
        """Have the desk tell us of its case."""
        told = [(row.id, event) for event in events]
        changed: list[str] = await self.floor.db.transact(
            incoming.apply, self.floor.keyring, TENANT, "others", told, self.floor.clock.now()
        )
        return changed

    def words(self) -> list[str]:
        """Return what the desk heard the customer say."""
        return [one["data"]["text"] for one in self.told if one["type"] == "handoff.message"]


@pytest.fixture
async def desk(floor: Floor) -> Desk:
    made = Desk(floor)
    await made.set_up()
    return made


async def opened(floor: Floor, desk: Desk) -> HandoffRow:
    row = await floor.ask()
    await desk.work()
    return await floor.row(row.id)


async def test_a_case_goes_to_the_desk_with_its_reference_and_context(floor: Floor, desk: Desk) -> None:
    row = await opened(floor, desk)

    assert (row.desk, row.delivery, row.state) == ("others", "delivered", "queued")
    assert desk.told[0]["data"]["reference"] == row.reference
    assert "handoff.shared" in await floor.facts()


async def test_a_desk_that_is_down_leaves_the_customer_with_our_own_queue(floor: Floor, desk: Desk) -> None:
    desk.answer = lambda: Reply(503, {}, b"")
    ana = await floor.here("ana")
    row = await opened(floor, desk)
    assert (row.desk, row.delivery) == ("others", "pending")
    await floor.later(6)

    row = await floor.row(row.id)
    assert (row.desk, row.state, row.assignee) == ("builtin", "offered", ana.id)
    assert "passed_on" in await floor.kinds(row, internal=False)


async def test_a_desk_that_refuses_is_replaced_at_once(floor: Floor, desk: Desk) -> None:
    desk.answer = lambda: Reply(401, {}, b"")

    assert (await opened(floor, desk)).desk == "builtin"


async def test_an_unknown_desk_in_the_chain_is_passed_over(floor: Floor, desk: Desk) -> None:
    await desk.set_up("nobody", "others")

    assert (await opened(floor, desk)).desk == "others"


async def test_what_a_slow_desk_opens_too_late_is_closed_there_again(floor: Floor, desk: Desk) -> None:
    row = await floor.ask()
    await floor.later(6)
    assert (await floor.row(row.id)).desk == "builtin"
    slow = desk.outgoing

    async def late(tx: Tx) -> None:
        """The answer to the opening arrives now."""
        from handoff.delivery.outgoing import _opened
        from handoff.port import Remote

        await _opened(tx, floor.keyring, TENANT, row.id, "others", Remote(row.id), floor.clock.now())

    await floor.db.transact(late)
    await desk.work()

    assert [one["type"] for one in desk.told] == ["handoff.closed"]
    assert (await floor.row(row.id)).desk == "builtin"
    assert slow is desk.outgoing


async def test_a_desk_that_fails_again_and_again_is_left_alone_and_tried_later(floor: Floor, desk: Desk) -> None:
    desk.answer = lambda: Reply(500, {}, b"")
    for number in range(4):
        await floor.ask(f"customer-{number}")
        await desk.work()
        floor.clock.advance(2 * MICROS)
        await desk.work()

    assert desk.outgoing.breakers.is_open(TENANT, "others", floor.clock.now())
    row = await floor.ask("customer-9")
    await desk.work()
    assert (await floor.row(row.id)).desk == "builtin"  # at once, without a call
    floor.clock.advance(31 * MICROS)
    desk.answer = lambda: GOOD
    assert (await opened_for(floor, desk, "customer-10")).delivery == "delivered"


async def opened_for(floor: Floor, desk: Desk, reference: str) -> HandoffRow:
    row = await floor.ask(reference)
    await desk.work()
    return await floor.row(row.id)


async def test_429_is_honoured(floor: Floor, desk: Desk) -> None:
    desk.answer = lambda: Reply(429, {"retry-after": "3"}, b"")
    row = await opened(floor, desk)
    desk.answer = lambda: GOOD
    floor.clock.advance(2 * MICROS)
    await desk.work()
    assert desk.told == []
    floor.clock.advance(1 * MICROS)
    await desk.work()

    assert (await floor.row(row.id)).delivery == "delivered"


async def test_a_person_there_accepts_speaks_and_resolves(floor: Floor, desk: Desk) -> None:
    row = await opened(floor, desk)
    await desk.tells(row, RemoteEvent("e1", "accepted", 1, "Rosa"))
    row = await floor.row(row.id)
    assert (row.state, row.alias) == ("active", "Rosa")
    await floor.say(row, "customer", "hello")
    await desk.work()
    await desk.tells(row, RemoteEvent("e2", "message", 2, "Rosa", "how can I help?"))
    await desk.tells(row, RemoteEvent("e3", "resolved", 3, "Rosa"))

    assert desk.words() == ["hello"]
    assert await floor.words(row) == [("customer", "hello"), ("remote", "how can I help?")]
    assert (await floor.row(row.id)).state == "resolved"


async def test_whoever_speaks_there_has_accepted(floor: Floor, desk: Desk) -> None:
    row = await opened(floor, desk)
    await desk.tells(row, RemoteEvent("e1", "message", 1, "Rosa", "good morning"))

    assert [(await floor.row(row.id)).state, (await floor.row(row.id)).alias] == ["active", "Rosa"]
    assert "disclosed" in await floor.kinds(row, internal=False)


async def test_what_is_delivered_twice_counts_once(floor: Floor, desk: Desk) -> None:
    row = await opened(floor, desk)
    event = RemoteEvent("e1", "message", 1, "Rosa", "good morning")
    await desk.tells(row, event)
    await desk.tells(row, event, event)

    assert await floor.words(row) == [("remote", "good morning")]


async def test_out_of_order_deliveries_end_in_the_same_state_and_lose_no_word(floor: Floor, desk: Desk) -> None:
    row = await opened(floor, desk)
    await desk.tells(row, RemoteEvent("e3", "resolved", 3, "Rosa"))
    await desk.tells(row, RemoteEvent("e1", "accepted", 1, "Rosa"))
    await desk.tells(row, RemoteEvent("e2", "message", 2, "Rosa", "done, bye"))

    assert (await floor.row(row.id)).state == "resolved"
    assert await floor.words(row) == [("remote", "done, bye")]
    assert "remote_event_ignored" in await floor.kinds(row)


async def test_our_own_words_do_not_come_back(floor: Floor, desk: Desk) -> None:
    row = await opened(floor, desk)
    await desk.tells(row, RemoteEvent("e1", "accepted", 1, "Rosa"))

    async def echoes(tx: Tx) -> None:
        desks.note_seen(tx, TENANT, "others", "msg:9", floor.clock.now())

    await floor.db.transact(echoes)  # as sending does with the id the desk answered
    await desk.tells(row, RemoteEvent("msg:9", "message", 2, "bridge", "hello"))

    assert await floor.words(row) == []


async def test_the_customers_words_arrive_in_order_even_when_the_desk_stumbles(floor: Floor, desk: Desk) -> None:
    row = await opened(floor, desk)
    await desk.tells(row, RemoteEvent("e1", "accepted", 1, "Rosa"))
    row = await floor.row(row.id)
    await floor.say(row, "customer", "one")
    desk.answer = lambda: Reply(502, {}, b"")
    await desk.work()
    await floor.say(row, "customer", "two")
    desk.answer = lambda: GOOD
    floor.clock.advance(2 * MICROS)
    await desk.work()

    assert desk.words() == ["one", "two"]


async def test_words_said_before_the_desk_had_the_case_go_out_with_it(floor: Floor, desk: Desk) -> None:
    row = await floor.ask()
    await floor.say(row, "customer", "are you there?")
    await desk.work()

    assert desk.words() == ["are you there?"]


async def test_leaving_takes_the_case_back(floor: Floor, desk: Desk) -> None:
    row = await opened(floor, desk)
    await floor.do(service.cancel, TENANT, row.id, "")
    await desk.work()

    assert desk.told[-1]["type"] == "handoff.closed"


async def test_what_a_desk_says_of_a_case_that_went_elsewhere_is_ignored(floor: Floor, desk: Desk) -> None:
    row = await opened(floor, desk)
    await floor.later(601)  # nobody there took it: our own queue goes on
    assert (await floor.row(row.id)).desk == "builtin"
    await desk.tells(row, RemoteEvent("e1", "accepted", 1, "Rosa"))

    assert (await floor.row(row.id)).state == "queued"
    assert (await floor.kinds(row))[-1] == "remote_event_ignored"


async def test_events_of_unknown_cases_are_nothing(floor: Floor, desk: Desk) -> None:
    row = await opened(floor, desk)
    stranger = await floor.row(row.id)
    stranger.id = "hnd_" + "0" * 32

    assert await desk.tells(stranger, RemoteEvent("e1", "accepted", 1, "Rosa")) == []


async def test_what_hooks_lost_is_read_again_within_a_minute(floor: Floor, desk: Desk) -> None:
    document = {"url": "https://desk.example/in", "modes": ["live"], "options": {"pull": "yes"}}
    row = setups.row_of(floor.keyring, TENANT, "others", "webhook", document, {"secret": "s"})

    async def work(tx: Tx) -> None:
        desks.put_desk(tx, row)

    await floor.db.transact(work)
    asked = await opened(floor, desk)
    page = {"events": [{"id": "e1", "kind": "message", "order": 1, "actor": "Rosa", "text": "lost?"}], "next": "1"}
    desk.answer = lambda: Reply(200, {}, json.dumps(page).encode())
    await desk.outgoing.pull()
    assert await floor.words(asked) == []  # not a minute yet
    floor.clock.advance(61 * MICROS)
    await desk.outgoing.pull()
    await desk.outgoing.pull()

    assert await floor.words(asked) == [("remote", "lost?")]


async def test_two_runners_do_not_talk_to_a_desk_about_one_case_at_once(floor: Floor, desk: Desk) -> None:
    row = await opened(floor, desk)
    payload = {"tenant": TENANT, "handoff": row.id, "desk": "others"}
    from handoff.delivery.outgoing import _claim

    await floor.db.transact(_claim, TENANT, row.id, "others", floor.clock.now())
    with pytest.raises(BusyError):
        await desk.outgoing.push(payload)


async def test_the_reference_and_a_next_step_are_there_whatever_the_desk_does(floor: Floor, desk: Desk) -> None:
    for number, answer in enumerate((Reply(500, {}, b""), Reply(200, {}, b"not json"), Reply(404, {}, b""), GOOD)):
        desk.answer = lambda answer=answer: answer  # type: ignore[misc]  # bound in the loop on purpose
        row = await opened_for(floor, desk, f"customer-{number}")
        await floor.later(6)
        row = await floor.row(row.id)
        assert row.reference
        assert row.state in {"queued", "offered"}
        assert row.next_at is not None


async def test_an_erasure_closes_what_is_open_and_has_the_desk_delete_its_copy(floor: Floor, desk: Desk) -> None:
    row = await opened(floor, desk)
    await floor.db.transact(erasing.forget, floor.keyring, TENANT, row.subject, floor.clock.now())
    await desk.work()
    row = await floor.row(row.id)

    assert (row.state, row.end_reason, row.open_key) == ("cancelled", "erased", None)
    assert desk.told[-1] == {"type": "handoff.erased", "data": {"handoff": row.id}}
    assert (await floor.facts())[-1] == "handoff.erased-there"
    assert not {"erasure_asked", "erased_there"} & set(await floor.kinds(row, internal=False))


async def test_an_erasure_that_the_desk_refuses_is_left_to_people_and_said_so(floor: Floor, desk: Desk) -> None:
    row = await opened(floor, desk)
    await floor.db.transact(erasing.forget, floor.keyring, TENANT, row.subject, floor.clock.now())
    desk.answer = lambda: Reply(500, {}, b"")
    await desk.work()
    assert "handoff.erase-by-hand" not in await floor.facts()  # it is tried again
    desk.answer = lambda: Reply(403, {}, b"")
    floor.clock.advance(60 * MICROS)
    await desk.work()

    assert (await floor.facts())[-1] == "handoff.erase-by-hand"
