"""Showings and gaps are counted once each, by day and sort, however often and in whatever pieces counting runs."""

import pytest

from core.clock import DAY, FixedClock, rfc3339
from core.database import Database
from core.keys import KeyRing
from disclosures.packs.loading import bundled
from disclosures.showings import tallies
from disclosures.showings.tallies import Count
from jobs.disclose import Disclose
from tests.disclosures.noticing import TENANT, opened
from tests.disclosures.test_showings import SECOND, show, speak

pytestmark = pytest.mark.anyio


async def test_what_was_shown_late_or_not_at_all_is_counted_by_day(
    db: Database, clock: FixedClock, keyring: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tallies, "CHUNK", 2)
    job, first = Disclose(db, clock, bundled()), rfc3339(clock.now())[:10]
    await opened(db, clock)
    for conversation in ("c-1", "c-2", "c-3"):
        await show(db, clock, keyring, conversation=conversation)
    await job.run()
    clock.advance(DAY)
    last = rfc3339(clock.now())[:10]
    await speak(db, clock, conversation="c-4")
    clock.advance(SECOND)
    await show(db, clock, keyring, conversation="c-4")
    clock.advance(60 * SECOND)
    for _ in range(2):
        await job.run()

    days = await db.read(tallies.by, TENANT, "day", first, last)
    assert days == [Count(first, "shown", 3), Count(last, "gap", 1), Count(last, "late", 1)]
    notices = await db.read(tallies.by, TENANT, "notice", last, last)
    assert notices == [Count(" 0", "gap", 1), Count("first-line 1", "late", 1)]
    assert await db.read(tallies.by, "ten_other", "day", first, last) == []
