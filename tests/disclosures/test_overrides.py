"""A tenant's overrides: stricter freely, looser only signed off with reason and end, each in the ledger (RUL-04)."""

from datetime import date
from typing import Any

import pytest

from core.clock import DAY, MICROS, FixedClock
from core.database import Database
from core.ids import new
from core.principal import Principal, Role
from disclosures.packs import service
from disclosures.packs.applicability import Whereabouts
from disclosures.packs.documents import Disclosure
from disclosures.packs.errors import (
    InvalidOverrideError,
    InvalidQuestionError,
    LooseningRefusedError,
    OverrideEndedError,
    OverrideNotFoundError,
    PackNotFoundError,
)
from disclosures.packs.loading import bundled
from disclosures.packs.overrides import Change, Direction, Override, direction
from disclosures.packs.service import Asked
from disclosures.resolution import Question, Resolution, resolve
from ledger import service as ledger

pytestmark = pytest.mark.anyio
DPO = Principal(tenant="default", id="key_dpo", role=Role.DPO)
ADMIN = Principal(tenant="default", id="key_admin", role=Role.ADMIN)
OTHER = Principal(tenant="ten_other", id="key_dpo2", role=Role.DPO)
TODAY = date(2026, 11, 23)


def rule(rule_id: str) -> Disclosure:
    found = bundled().rule(rule_id)
    assert found is not None
    assert isinstance(found[1], Disclosure)
    return found[1]


def asked(rule_id: str, change: Change, expires_at: int | None = None, reason: str = "Our own policy.") -> Asked:
    found = bundled().rule(rule_id)
    return Asked(found[0].id if found else "eu", rule_id, change, reason, expires_at)


def told(overrides: tuple[Override, ...], place: str = "US-NY", kind: Any = "companion", **more: Any) -> Resolution:
    question = Question(kind, TODAY, Whereabouts(place, sectors=frozenset({"other"}), contract="other"), **more)
    return resolve(bundled(), question, overrides)


@pytest.mark.parametrize(
    ("rule_id", "change", "expected"),
    [
        ("ny.companion", Change(every_minutes=60), Direction.STRICTER),
        ("ny.companion", Change(every_minutes=180), Direction.NOTHING),
        ("ny.companion", Change(every_minutes=181), Direction.LOOSER),
        ("ca.companion", Change(every_minutes=600), Direction.STRICTER),
        ("ny.companion", Change(ignore_exemptions=True), Direction.STRICTER),
        ("ny.companion", Change(switched_off=True), Direction.LOOSER),
        ("ny.companion", Change(switched_off=True, every_minutes=60), Direction.LOOSER),
        ("co.chat", Change(effective_from=date(2026, 12, 1)), Direction.STRICTER),
        ("co.chat", Change(effective_from=date(2027, 1, 1)), Direction.NOTHING),
        ("co.chat", Change(effective_from=date(2027, 2, 1)), Direction.LOOSER),
        ("ca.companion", Change(effective_from=date(2020, 1, 1)), Direction.LOOSER),
        ("eu.aia50-1", Change(add_must_convey=("limits",)), Direction.STRICTER),
        ("eu.aia50-1", Change(add_must_convey=("is_ai",)), Direction.NOTHING),
        ("eu.aia50-1", Change(every_session=True), Direction.STRICTER),
        ("eu.aia50-1", Change(), Direction.NOTHING),
    ],
    ids=range(15),
)
async def test_a_change_is_compared_with_the_rule(rule_id: str, change: Change, expected: Direction) -> None:
    assert direction(rule(rule_id), change) is expected


async def test_a_stricter_override_takes_effect_and_names_itself() -> None:
    changes = (
        Override("ovr_1", "ny.companion", Change(every_minutes=60, add_must_convey=("limits",)), loosening=False),
        Override("ovr_2", "co.chat", Change(effective_from=date(2026, 11, 1)), loosening=False),
        Override("ovr_3", "eu.aia50-1", Change(every_minutes=30), loosening=False),
    )

    [new_york] = told(changes, minor=False).due
    assert new_york.cadence.minutes == 60
    assert new_york.must_convey == ("limits",)
    assert new_york.rules[0].overridden_by == ("ovr_1",)
    assert [one.rule.id for due in told(changes, "US-CO", "chatbot").due for one in due.rules] == ["co.chat"]
    exempt = frozenset({"customer_service_only"})
    assert told(changes, facts=exempt).due == ()
    keep = Override("ovr_4", "ny.companion", Change(ignore_exemptions=True), loosening=False)
    assert told((*changes, keep), facts=exempt).due[0].topic == "ai_interaction"


async def test_telling_at_each_session_lifts_the_cap_on_session_starts() -> None:
    each = Override("ovr_1", "ny.companion", Change(every_session=True), loosening=False)

    assert told(()).due[0].cadence.starts_per_day == 1
    assert told((each,)).due[0].cadence.starts_per_day is None


async def test_a_signed_off_loosening_takes_effect_and_is_told_as_the_reason() -> None:
    off = Override("ovr_1", "ny.companion", Change(switched_off=True), loosening=True)

    found = told((off,))
    assert found.due == ()
    assert [(one.because, one.about) for one in found.omitted] == [("switched-off", "ovr_1")]
    slower = Override("ovr_2", "ny.companion", Change(every_minutes=600), loosening=True)
    assert told((slower,), minor=False).due[0].cadence.minutes == 600


async def test_what_was_stricter_once_never_loosens_a_rule_that_became_stricter() -> None:
    stale = (
        Override("ovr_1", "ny.companion", Change(every_minutes=600), loosening=False),
        Override("ovr_2", "ny.companion", Change(switched_off=True), loosening=False),
        Override("ovr_3", "ny.companion", Change(effective_from=date(2030, 1, 1)), loosening=False),
    )

    assert told(stale, minor=False).due[0].cadence.minutes == 180


async def test_a_stricter_override_stands_beside_a_loosening() -> None:
    both = (
        Override("ovr_1", "ny.companion", Change(every_minutes=30), loosening=False),
        Override("ovr_2", "ny.companion", Change(every_minutes=600), loosening=True),
    )

    assert told(both, minor=False).due[0].cadence.minutes == 30


async def test_anyone_who_may_write_makes_a_rule_stricter_and_the_ledger_says_so(
    db: Database, clock: FixedClock
) -> None:
    at = clock.now()
    made = await db.transact(
        service.override, ADMIN, bundled(), new("ovr", at), asked("ny.companion", Change(every_minutes=60)), at
    )

    [entry] = await db.read(ledger.entries)
    assert entry.kind == "rule.overridden"
    assert (made.direction, made.signed_off_by) == ("stricter", None)
    [active] = await db.read(service.in_force, "default", at)
    assert active == Override(made.id, "ny.companion", Change(every_minutes=60), loosening=False)
    assert await db.read(service.in_force, "ten_other", at) == ()
    assert await db.read(service.in_force, "default", at - 1) == ()


async def test_loosening_is_refused_to_everyone_but_a_dpo_and_records_nothing(db: Database, clock: FixedClock) -> None:
    at = clock.now()
    wanted = asked("ny.companion", Change(switched_off=True), at + DAY)

    with pytest.raises(LooseningRefusedError):
        await db.transact(service.override, ADMIN, bundled(), new("ovr", at), wanted, at)

    assert await db.read(ledger.size) == 0
    made = await db.transact(service.override, DPO, bundled(), new("ovr", at), wanted, at)
    assert (made.direction, made.signed_off_by) == ("looser", "key_dpo")


async def test_a_loosening_ends_by_itself(db: Database, clock: FixedClock) -> None:
    at = clock.now()
    wanted = asked("ny.companion", Change(switched_off=True), at + DAY)
    await db.transact(service.override, DPO, bundled(), new("ovr", at), wanted, at)

    assert len(await db.read(service.in_force, "default", at + DAY - 1)) == 1
    assert await db.read(service.in_force, "default", at + DAY) == ()


@pytest.mark.parametrize(
    ("wanted", "pointers"),
    [
        (asked("ny.companion", Change(switched_off=True)), ["/expires_at"]),
        (asked("ny.companion", Change(switched_off=True), 1), ["/expires_at"]),
        (asked("ny.companion", Change(switched_off=True), 400 * 366 * DAY), ["/expires_at"]),
        (asked("ny.companion", Change(switched_off=True), reason=" "), ["/reason", "/expires_at"]),
        (asked("ny.companion", Change()), ["/change"]),
        (asked("eu.nothing", Change(every_session=True)), ["/rule"]),
        (asked("eu.gdpr15-1h", Change(every_session=True)), ["/rule"]),
    ],
    ids=range(7),
)
async def test_an_override_that_lacks_something_is_refused(
    db: Database, clock: FixedClock, wanted: Asked, pointers: list[str]
) -> None:
    with pytest.raises(InvalidOverrideError) as caught:
        await db.transact(service.override, DPO, bundled(), "ovr_x", wanted, clock.now())

    assert [field.pointer for field in caught.value.fields] == pointers
    assert await db.read(ledger.size) == 0


async def test_a_pack_that_does_not_exist_is_not_found(db: Database, clock: FixedClock) -> None:
    with pytest.raises(PackNotFoundError):
        await db.transact(service.override, DPO, bundled(), "ovr_x", Asked("zz", "a", Change(), "x", None), clock.now())


async def test_a_revoked_override_ends_at_once_stays_on_record_and_is_revoked_once(
    db: Database, clock: FixedClock
) -> None:
    start = clock.now()
    wanted = asked("ny.companion", Change(every_minutes=60))
    made = await db.transact(service.override, DPO, bundled(), new("ovr", start), wanted, start)
    later = clock.advance(MICROS)

    with pytest.raises(OverrideNotFoundError):
        await db.transact(service.revoke, OTHER, "us-ny", made.id, later)
    with pytest.raises(OverrideNotFoundError):
        await db.transact(service.revoke, DPO, "eu", made.id, later)
    await db.transact(service.revoke, ADMIN, "us-ny", made.id, later)
    with pytest.raises(OverrideEndedError):
        await db.transact(service.revoke, ADMIN, "us-ny", made.id, later)

    assert await db.read(service.in_force, "default", later) == ()
    assert len(await db.read(service.in_force, "default", start)) == 1
    [kept] = await db.read(service.overrides_of, "default", "us-ny")
    assert (kept.revoked_at, kept.revoked_by) == (later, "key_admin")
    assert [entry.kind for entry in await db.read(ledger.entries)] == ["rule.overridden", "override.revoked"]


async def test_words_that_no_pack_knows_are_refused_by_their_place() -> None:
    service.check_words(bundled(), ["customer_service_only"], ["credit", "other"], "distance")

    with pytest.raises(InvalidQuestionError) as caught:
        service.check_words(bundled(), ["generative", "costumer_service_only"], ["credits"], "mail")
    assert [field.pointer for field in caught.value.fields] == ["/facts/1", "/sectors/0", "/contract"]
