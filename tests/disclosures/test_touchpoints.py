"""The register of touchpoints: complete or refused, live only with its notices, versioned and in the ledger."""

from typing import Any

import pytest

from core.clock import DAY, FixedClock
from core.database import Database
from disclosures import service as systems
from disclosures.notices import standing
from disclosures.touchpoints import service
from disclosures.touchpoints.errors import (
    InvalidTouchpointError,
    TouchpointChangedError,
    TouchpointRetiredError,
    TouchpointStateError,
)
from ledger import service as ledger
from tests.disclosures.noticing import DPO, TENANT, notice_document, opened, published, registered, touchpoint_document
from tests.disclosures.test_systems import system_document

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"owner": " "}, "/owner"),
        ({"purposes": []}, "/purposes"),
        ({"purposes": ["profile"]}, "/purposes"),
        ({"channels": ["chat", "chat"]}, "/channels"),
        ({"human_route": None}, "/human_route"),
        ({"no_human_route_reason": "none"}, "/no_human_route_reason"),
        ({"system": "nothing"}, "/system"),
        ({"model_versions": ["9"]}, "/model_versions"),
        ({"facts": ["emotion_recognition"]}, "/emotion_or_biometrics"),
    ],
)
async def test_an_entry_that_leaves_something_out_is_refused(
    db: Database, clock: FixedClock, changes: dict[str, Any], pointer: str
) -> None:
    await db.transact(systems.register, DPO, system_document(), clock.now())
    before = await db.read(ledger.size)
    with pytest.raises(InvalidTouchpointError) as caught:
        await db.transact(service.enter, DPO, touchpoint_document(**changes), clock.now())

    assert [field.pointer for field in caught.value.fields] == [pointer]
    assert await db.read(ledger.size) == before


async def _open(db: Database, clock: FixedClock, key: str = "chat") -> service.TouchpointView:
    return await db.transact(service.move, DPO, key, "live", clock.now(), None, standing.ready)


async def test_nobody_meets_ai_without_a_published_notice(db: Database, clock: FixedClock) -> None:
    await registered(db, clock)
    with pytest.raises(InvalidTouchpointError) as caught:
        await _open(db, clock)
    assert [field.pointer for field in caught.value.fields] == ["/kind"]

    await published(db, clock)
    assert (await _open(db, clock)).touchpoint.state == "live"


async def test_reading_feelings_needs_a_notice_of_its_own(db: Database, clock: FixedClock) -> None:
    await registered(db, clock)
    await published(db, clock)
    await db.transact(service.change, DPO, touchpoint_document(emotion_or_biometrics=True), clock.now())
    with pytest.raises(InvalidTouchpointError) as caught:
        await _open(db, clock)
    assert [field.pointer for field in caught.value.fields] == ["/emotion_or_biometrics"]

    text = {
        "title": "Your voice is analysed",
        "text": "A program listens how you feel.",
        "elements": {"operation_of_system": "It hears how fast and how loud you speak."},
    }
    await published(db, clock, notice_document(key="mood", kind="emotion_or_biometrics", texts={"en": text}))
    assert (await _open(db, clock)).touchpoint.state == "live"


@pytest.mark.parametrize(("vendor", "pointer"), [(None, "/vendor"), ({"name": "Acme"}, "/vendor/processing_agreement")])
async def test_foreign_ai_needs_its_contracts_before_customers_meet_it(
    db: Database, clock: FixedClock, vendor: object, pointer: str
) -> None:
    await registered(db, clock)
    await published(db, clock)
    await db.transact(service.change, DPO, touchpoint_document(vendor=vendor), clock.now())
    with pytest.raises(InvalidTouchpointError) as caught:
        await _open(db, clock)

    assert pointer in [field.pointer for field in caught.value.fields]


async def test_what_customers_meet_stays_complete(db: Database, clock: FixedClock) -> None:
    await opened(db, clock)
    changed = touchpoint_document(emotion_or_biometrics=True)
    with pytest.raises(InvalidTouchpointError):
        await db.transact(service.change, DPO, changed, clock.now(), None, standing.ready)


async def test_every_change_leaves_a_version_and_stands_in_the_ledger(db: Database, clock: FixedClock) -> None:
    await opened(db, clock)
    await db.transact(service.change, DPO, touchpoint_document(owner="Somebody"), clock.advance(DAY), 2)
    await db.transact(service.move, DPO, "chat", "suspended", clock.now())
    rows = await db.read(service.versions, TENANT, "chat")

    assert [(row.revision, row.state) for row in rows] == [(4, "suspended"), (3, "live"), (2, "live"), (1, "draft")]
    with pytest.raises(TouchpointChangedError):
        await db.transact(service.change, DPO, touchpoint_document(), clock.now(), 2)


async def test_a_retired_touchpoint_is_over(db: Database, clock: FixedClock) -> None:
    await opened(db, clock)
    with pytest.raises(TouchpointStateError):
        await db.transact(service.move, DPO, "chat", "draft", clock.now())
    await db.transact(service.move, DPO, "chat", "retired", clock.now())

    with pytest.raises(TouchpointRetiredError):
        await db.transact(service.change, DPO, touchpoint_document(), clock.now())
    assert await db.read(service.at_site, TENANT, "shop") == []


async def test_a_touchpoint_is_met_at_its_sites(db: Database, clock: FixedClock) -> None:
    await opened(db, clock)
    assert len(await db.read(service.at_site, TENANT, "shop")) == 1
    await db.transact(service.change, DPO, touchpoint_document(sites=["bank"]), clock.now())

    assert await db.read(service.at_site, TENANT, "shop") == []
    assert len(await db.read(service.at_site, TENANT, "bank")) == 1
