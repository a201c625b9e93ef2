"""Every desk on the floor, well and badly behaved: the customer has a reference and a next step, and hears no note.

Answers and deliveries are those of the desk's trial, on its documented wire format; ids and order of the deliveries
are the test's, since a trial tells them one at a time.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from core.database import Tx
from handoff import lifecycle
from handoff.conformance import KEY, NOTE, Trial, reply, walked
from handoff.delivery import incoming, setups, store
from handoff.delivery.outgoing import Outgoing
from handoff.errors import BadSignatureError, DeskFailedError
from handoff.port import Call, Letter, RemoteEvent, Reply
from handoff.queues import QueueRules
from handoff.rows import HandoffRow
from tests.handoff import desk_jobs
from tests.handoff.desk_trials import TRIALS
from tests.handoff.floor import TENANT, Floor

ONE_ENGINE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # test_delivery runs on both
pytestmark = [pytest.mark.anyio, ONE_ENGINE, pytest.mark.parametrize("name", TRIALS)]
HTML = Reply(200, {"content-type": "text/html"}, b"<html>Sign in</html>")
ORDER = {"accepted": 1, "message": 2, "resolved": 3}


class Others:
    """A floor whose first desk is the one on trial."""

    def __init__(self, floor: Floor, trial: Trial) -> None:
        self.floor = floor
        self.trial = trial
        self.calls: list[Call | Letter] = []
        self.slow = False  # the next answer takes six seconds
        self.behave: Callable[[Reply], Reply] = lambda good: good
        self._left: list[Reply] = []
        self.outgoing = Outgoing(floor.db, floor.clock, floor.keyring, self._post, lambda *_: None)

    @property
    def _missing(self) -> object:
        return {} if self.trial.missing is None else self.trial.missing

    @property
    def looks(self) -> int:
        """Return how many calls it takes to see that a case is not there."""
        return len(walked(self.trial.make(self.trial.setup).find(KEY), [self._missing] * 5)[1])

    async def _post(self, where: str, step: Call | Letter) -> Reply:
        self.calls.append(step)
        if self.slow:
            self.slow = False
            await self.floor.later(6)
        return self.behave(self._left.pop(0) if self._left else reply({}))

    async def set_up(self) -> None:
        """Put it first in the chain."""
        made = self.trial.setup
        modes = ["live", "ticket", "callback"]
        document = {"url": made.url, "modes": modes, "options": dict(made.options)}
        row = setups.row_of(self.floor.keyring, TENANT, "others", self._kind(), document, dict(made.secrets))

        async def work(tx: Tx) -> None:
            store.put_desk(tx, row)

        await self.floor.db.transact(work)
        await self.floor.queue(QueueRules(chain=("others", "builtin")))

    def _kind(self) -> str:
        return next(name for name, make in TRIALS.items() if make().make is self.trial.make).replace("_", "-")

    async def ask(self, reference: str) -> HandoffRow:
        """Have a customer ask, and the desk answer as it does."""
        self._left = [reply(one) for one in ([self._missing] * self.looks + list(self.trial.opening))]
        self.outgoing.breakers.worked(TENANT, "others")
        row = await self.floor.ask(reference)
        await desk_jobs.work(self.floor, self.outgoing)
        return await self.floor.row(row.id)

    async def deliver(self, row: HandoffRow, name: str, times: int = 1) -> None:
        """Have the desk tell something about the case, as its trial signs it."""
        desk = self.trial.make(self.trial.setup)
        told = [(row.remote or "", _own(name, event)) for _, event in desk.receive(self.trial.hooks[name])]
        for _ in range(times):
            now = self.floor.clock.now()
            await self.floor.db.transact(incoming.apply, self.floor.keyring, TENANT, "others", told, now)


def _own(name: str, event: RemoteEvent) -> RemoteEvent:
    order = None if event.order is None else ORDER.get(name, 9)
    return replace(event, key=f"{name}:{event.kind}", order=order)


@pytest.fixture
async def others(floor: Floor, name: str) -> Others:
    made = Others(floor, TRIALS[name]())
    await made.set_up()
    return made


def down(_: Reply) -> Reply:
    raise DeskFailedError("It could not be reached.")


def lying(_: Reply) -> Reply:
    return HTML


def refusing(_: Reply) -> Reply:
    return reply({"error": "no", "errors": ["no"]})


def has_a_next_step(row: HandoffRow) -> bool:
    return bool(row.reference and lifecycle.steps(row.state, due_at=row.due_at) and row.next_at)


async def test_a_desk_that_is_down_or_lies_leaves_the_customer_with_our_queue(floor: Floor, others: Others) -> None:
    for number, behaviour in enumerate((down, lying, refusing)):
        others.behave = behaviour
        row = await others.ask(f"customer-{number}")
        assert has_a_next_step(row)
        await floor.later(6)
        row = await floor.row(row.id)
        assert (row.desk, row.state) == ("builtin", "queued"), behaviour
        assert has_a_next_step(row)
        assert "passed_on" in await floor.kinds(row, internal=False)


async def test_a_slow_desk_loses_the_case_and_closes_what_it_opened_too_late(floor: Floor, others: Others) -> None:
    others.slow = True
    row = await others.ask("customer-1")
    opening = others.looks + len(others.trial.opening)

    assert (row.desk, row.state, has_a_next_step(row)) == ("builtin", "queued", True)
    assert "passed_on" in await floor.kinds(row, internal=False)
    assert len(others.calls) > opening  # it was closed there


async def test_what_a_desk_delivers_counts_once_in_any_order_signed_fresh_and_never_private(
    floor: Floor, others: Others
) -> None:
    row = await others.ask("customer-1")
    assert (row.desk, row.delivery) == ("others", "delivered")
    hooks = others.trial.hooks
    for bad in {"forged", "stale"} & set(hooks):
        with pytest.raises(BadSignatureError):
            await others.deliver(row, bad)
    for good in _backwards(list(hooks)):
        await others.deliver(row, good, times=2)
    row = await floor.row(row.id)
    texts = [text for _, text in await floor.words(row)]

    assert texts == ([others.trial.text] if "message" in hooks else [])
    assert row.state == ("resolved" if "resolved" in hooks else "queued")
    assert NOTE not in repr(await floor.events(row))
    assert has_a_next_step(row) or row.state == "resolved"


def _backwards(names: Sequence[str]) -> list[str]:
    """Return deliveries in the worst order: the end first."""
    return [one for one in ("resolved", "note", "message", "accepted") if one in names]
