"""Proof of display: what was shown before the AI spoke, and every conversation in which it was not."""

from typing import Any

import pytest

from core.clock import MICROS, FixedClock
from core.database import Database
from core.keys import KeyRing
from disclosures.packs.loading import bundled
from disclosures.showings import answers, service, store
from disclosures.showings.errors import InvalidShowingError
from disclosures.showings.service import Told
from disclosures.tables import Showing
from jobs.disclose import Disclose
from tests.disclosures.noticing import TENANT, opened

pytestmark = pytest.mark.anyio
SECOND = MICROS


async def show(db: Database, clock: FixedClock, keyring: KeyRing, **changes: Any) -> Showing:
    """Show the chat's first line."""
    facts = {"notice": "first-line", "version": 1, "lang": "en", "surface": "chat", "build": "1", "session": "s-1"}
    told = Told(**{**facts, "shown_at": clock.now(), "conversation": "c-1", "touchpoint": "chat", **changes})
    return await db.transact(service.record, keyring, TENANT, told, clock.now())


async def speak(db: Database, clock: FixedClock, who: str = "ai", conversation: str = "c-1") -> None:
    """Let somebody speak in the chat."""
    await db.transact(service.speak, TENANT, conversation, "chat", who, "key_site", clock.now())


async def gaps(db: Database, clock: FixedClock, after: int) -> list[str]:
    """Return the conversations reported as gaps once so much time (microseconds) has passed."""
    clock.advance(after)
    await Disclose(db, clock, bundled()).find_gaps()
    return [row.conversation for row in await db.read(store.gaps, TENANT, store.END, 50)]


async def test_a_session_that_is_told_first_has_no_gap(db: Database, clock: FixedClock, keyring: KeyRing) -> None:
    await opened(db, clock)
    row = await show(db, clock, keyring)
    clock.advance(SECOND)
    await speak(db, clock)

    assert row.before_first_turn is None
    assert await gaps(db, clock, 59 * SECOND) == []


@pytest.mark.parametrize("later", [True, False])
async def test_ai_that_speaks_first_is_reported_within_a_minute(
    db: Database, clock: FixedClock, keyring: KeyRing, later: bool
) -> None:
    await opened(db, clock)
    await speak(db, clock)
    clock.advance(SECOND)
    if later:
        assert (await show(db, clock, keyring)).before_first_turn is False

    assert await gaps(db, clock, 40 * SECOND) == ["c-1"]
    assert await gaps(db, clock, 60 * SECOND) == ["c-1"]


async def test_another_conversation_s_notice_does_not_count(db: Database, clock: FixedClock, keyring: KeyRing) -> None:
    await opened(db, clock)
    await show(db, clock, keyring, conversation="c-2")
    clock.advance(SECOND)
    await speak(db, clock)
    await speak(db, clock, conversation="c-2")

    assert await gaps(db, clock, 40 * SECOND) == ["c-1"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"version": 2}, "/version"),
        ({"notice": "nothing"}, "/version"),
        ({"lang": "fr"}, "/lang"),
        ({"touchpoint": "nothing"}, "/touchpoint"),
    ],
)
async def test_what_was_never_published_was_not_shown(
    db: Database, clock: FixedClock, keyring: KeyRing, changes: dict[str, Any], pointer: str
) -> None:
    await opened(db, clock)
    with pytest.raises(InvalidShowingError) as caught:
        await show(db, clock, keyring, **changes)

    assert caught.value.fields[0].pointer == pointer


async def test_while_ai_speaks_nobody_is_told_that_it_is_human(db: Database, clock: FixedClock) -> None:
    await opened(db, clock)
    for who, told in (("ai", "ai"), ("mixed", "mixed"), ("human", "human"), ("ai", "ai")):
        clock.advance(SECOND)
        await speak(db, clock, who)
        row = await db.read(service.who_speaks, TENANT, "c-1")
        assert row is not None
        assert row.who == told
    assert await db.read(service.who_speaks, TENANT, "c-9") is None
    assert await db.read(service.who_speaks, TENANT, None) is None


async def test_who_spoke_first_is_kept_through_every_change(db: Database, clock: FixedClock) -> None:
    await opened(db, clock)
    await speak(db, clock)
    first = clock.now()
    for who in ("ai", "human", "ai"):
        clock.advance(SECOND)
        await speak(db, clock, who)
    row = await db.read(service.who_speaks, TENANT, "c-1")

    assert row is not None
    assert (row.first_ai_at, row.since) == (first, clock.now())


@pytest.mark.parametrize("language", ["en", "de", "fr", "es", "pl", "ar", "fi"])
def test_the_words_never_call_a_program_a_person(language: str) -> None:
    said = answers.words("ai", language)

    assert said.answer != answers.words("human", language).answer
    assert said.language == ("en" if language == "fi" else language)
    assert "Never claim" in said.prompt
