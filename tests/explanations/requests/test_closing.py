"""Cases that nobody can contest any more are closed by themselves, and the person is told."""

from typing import Any

import pytest

from core import queue
from core.clock import DAY, FixedClock
from core.database import Database
from core.keys import KeyRing
from explanations.alerts import WEBHOOK
from explanations.requests import answers, letters, record, reviews, service
from explanations.requests.closing import CLOSING
from explanations.requests.record import Case
from explanations.requests.terms import Desk
from jobs.closing import Closing
from jobs.runner import JobKind, Runner
from tests.explanations.deciding import TENANT, person
from tests.explanations.requests import casework
from tests.explanations.requests.casework import ANN, TERMS

pytestmark = pytest.mark.anyio
PERIOD = TERMS.contest_days * DAY


async def run_jobs(db: Database, clock: FixedClock, desk: Desk) -> None:
    """Run what is due now."""
    kinds = {CLOSING: JobKind(Closing(db, clock, desk).run)}
    others = {kind: JobKind(_nothing) for kind in (service.LETTER, WEBHOOK)}
    await Runner(db, clock, "test", kinds | others).run_due()


async def _nothing(_: Any) -> None:
    pass


async def state(db: Database, case: Case) -> str:
    """Return where a case is."""
    return (await db.read(record.load, TENANT, case.row.id)).row.state


async def test_an_answered_case_is_closed_after_its_window_and_not_before(
    db: Database, keyring: KeyRing, clock: FixedClock
) -> None:
    desk = casework.desk_of(keyring)
    case = await casework.released(db, desk, clock)
    clock.advance(PERIOD)
    await run_jobs(db, clock, desk)
    assert await state(db, case) == "released"

    clock.advance(DAY)
    await run_jobs(db, clock, desk)

    assert await state(db, case) == "closed"
    happened = await casework.events(db, case)
    assert happened[-1].kind.endswith("closed")
    assert '"by_role":"system"' in happened[-1].facts


async def test_a_contested_case_is_not_closed(db: Database, keyring: KeyRing, clock: FixedClock) -> None:
    desk = casework.desk_of(keyring)
    case = await casework.released(db, desk, clock)
    await db.transact(reviews.contest, desk, casework.customer(keyring), case, "It is wrong.", clock.now())
    clock.advance(PERIOD + DAY)

    await run_jobs(db, clock, desk)

    assert await state(db, case) == "contested"


async def test_a_case_answered_again_is_closed_at_the_end_of_the_later_window(
    db: Database, keyring: KeyRing, clock: FixedClock
) -> None:
    desk = casework.desk_of(keyring)
    case = await casework.asked(db, desk, clock)
    told = {"reasons": "There is no such decision about you.", "remedy": "Complain, or go to court."}
    await db.transact(answers.refuse, desk, ANN, case.row.id, "no_decision_found", told, clock.now())
    clock.advance(PERIOD + DAY)
    await run_jobs(db, clock, desk)
    assert await state(db, case) == "closed"
    await db.transact(
        service.step, desk, ANN, case.row.id, "reopen", {}, {"reasons": "There are new facts."}, clock.now()
    )
    await db.transact(answers.refuse, desk, ANN, case.row.id, "no_decision_found", told, clock.now())
    clock.advance(PERIOD)
    await run_jobs(db, clock, desk)
    assert await state(db, case) == "refused"
    clock.advance(DAY)

    await run_jobs(db, clock, desk)

    assert await state(db, case) == "closed"


async def test_who_gave_an_address_is_told_that_the_case_is_closed(
    db: Database, keyring: KeyRing, clock: FixedClock
) -> None:
    desk = casework.desk_of(keyring)
    decision = await casework.declined(db, keyring, clock)
    wish = casework.opening(person(keyring), decision, texts={"question": "Why?", "address": "ann@example.org"})
    by = casework.customer(keyring)
    case = (await db.transact(service.open_case, desk, by, wish, clock.now())).case
    told = {"reasons": "There is no such decision about you.", "remedy": "Complain, or go to court."}
    await db.transact(answers.refuse, desk, ANN, case.row.id, "no_decision_found", told, clock.now())
    clock.advance(PERIOD + DAY)

    await run_jobs(db, clock, desk)

    ended = (await casework.events(db, case))[-1]
    made = await db.read(letters.compose, desk, TENANT, case.row.id, "closed", ended.seq)
    assert made is not None
    assert case.row.number in made.text
    assert "help@acme.example" in made.text
    assert await db.read(queue.state, f"letter:{case.row.id}:closed:{ended.seq}") is queue.State.DUE
