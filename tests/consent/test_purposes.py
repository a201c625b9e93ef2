"""Purposes: complete or refused, immutable once published, hashed, in the ledger, known as they were at any time."""

from hashlib import sha256
from typing import Any

import pytest

from consent.errors import (
    InvalidPurposeError,
    NoDraftError,
    PurposeChangedError,
    PurposeNotFoundError,
    PurposeRetiredError,
)
from consent.purposes import service as purposes
from consent.purposes.published import PublishedPurposes, facts_at
from core.canonical import loads
from core.clock import DAY, FixedClock
from core.database import Database, DuplicateError
from core.principal import Principal, Role
from ledger import service as ledger
from tests.consent.keeping import DPO, TENANT, opt_out_document, publish, purpose_document

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"lawful_basis": "contract"}, "/mechanism"),
        ({"mechanism": "opt_out"}, "/mechanism"),
        ({"special_category": True}, "/explicit"),
        ({"explicit": True, "mechanism": "opt_out", "lawful_basis": "contract"}, "/explicit"),
        ({"gpc": True, "mechanism": "notice_only", "lawful_basis": "contract"}, "/gpc"),
        ({"validity": "P1Y", "mechanism": "opt_out", "lawful_basis": "contract"}, "/validity"),
        ({"validity": "P"}, "/validity"),
        ({"retention": "PT"}, "/retention"),
        ({"retention": "P0D"}, "/retention"),
    ],
)
async def test_a_purpose_that_contradicts_itself_is_refused(
    db: Database, clock: FixedClock, changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidPurposeError) as caught:
        await db.transact(purposes.create, DPO, purpose_document(**changes), clock.now())

    assert pointer in [field.pointer for field in caught.value.fields]
    assert await db.read(ledger.size) == 0


@pytest.mark.parametrize("missing", ["lawful_basis", "retention", "texts", "data_categories", "storage_locations"])
def test_a_purpose_without_basis_or_retention_is_refused(missing: str) -> None:
    values = purpose_document().as_json()
    del values[missing]

    with pytest.raises(InvalidPurposeError) as caught:
        purposes.read_document(values)

    assert caught.value.fields[0].pointer == f"/{missing}"


async def test_a_published_version_is_hashed_numbered_and_in_the_ledger(db: Database, clock: FixedClock) -> None:
    await publish(db, clock, purpose_document())
    clock.advance(DAY)
    await publish(db, clock, purpose_document(retention="P1Y"), material=False)

    newest, first = await db.read(purposes.versions, TENANT, "train")

    assert (first.version, first.material, newest.version, newest.material) == (1, 1, 2, 1)
    assert sha256(newest.document.encode()).hexdigest() == newest.sha256
    assert loads(first.document)["retention"] == "P6M"
    entries = await db.read(ledger.entries)
    assert [entry.kind for entry in entries] == ["purpose.drafted", "purpose.published"] * 2
    assert loads(entries[3].body)["public"]["sha256"] == newest.sha256


async def test_a_change_that_asks_for_more_can_not_be_called_immaterial(db: Database, clock: FixedClock) -> None:
    await publish(db, clock, purpose_document())

    for changes in ({"explicit": True}, {"data_categories": ["conversations", "voice"]}, {"kind": "ai_profiling"}):
        with pytest.raises(InvalidPurposeError):
            await publish(db, clock, purpose_document(**changes), material=False)
    await publish(db, clock, purpose_document(explicit=True), material=True)

    facts = await db.read(facts_at, TENANT, None)
    assert (facts["train"].version, facts["train"].material, facts["train"].explicit) == (2, 2, True)


async def test_what_can_not_be_done_is_refused(db: Database, clock: FixedClock) -> None:
    document = purpose_document()
    with pytest.raises(PurposeNotFoundError):
        await db.transact(purposes.draft, DPO, document, clock.now())
    await publish(db, clock, document)
    with pytest.raises(DuplicateError):
        await db.transact(purposes.create, DPO, document, clock.now())
    with pytest.raises(NoDraftError):
        await db.transact(purposes.publish, DPO, "train", clock.now(), material=True)
    with pytest.raises(PurposeChangedError):
        await db.transact(purposes.draft, DPO, document, clock.now(), 1)
    await db.transact(purposes.retire, DPO, "train", clock.now())
    with pytest.raises(PurposeRetiredError):
        await db.transact(purposes.draft, DPO, document, clock.now())
    with pytest.raises(PurposeRetiredError):
        await db.transact(purposes.retire, DPO, "train", clock.now())


async def test_purposes_are_known_as_they_were_at_any_instant(db: Database, clock: FixedClock) -> None:
    before = clock.now() - 1
    await publish(db, clock, purpose_document())
    first = clock.now()
    await publish(db, clock, opt_out_document(gpc=True))
    second = clock.advance(DAY)
    await publish(db, clock, purpose_document(explicit=True))
    third = clock.advance(DAY)
    await db.transact(purposes.retire, DPO, "train", third)

    assert await db.read(facts_at, TENANT, before) == {}
    assert [(await db.read(facts_at, TENANT, at))["train"][1:] for at in (first, second, third - 1, third)] == [
        (1, 1, "opt_in", False, False),
        (2, 2, "opt_in", True, False),
        (2, 2, "opt_in", True, False),
        (2, 2, "opt_in", True, True),
    ]


async def test_versions_in_force_are_read_anew_and_their_documents_remembered(db: Database, clock: FixedClock) -> None:
    shelf = PublishedPurposes()
    await publish(db, clock, purpose_document(validity="P1M"))
    await publish(db, clock, opt_out_document(gpc=True))
    keys = [(TENANT, "train"), (TENANT, "profile"), (TENANT, "nothing"), ("other", "train")]

    first = await db.read(shelf.loader.fetch, keys)
    await publish(db, clock, purpose_document(), material=False)
    second = await db.read(shelf.loader.fetch, keys)

    assert list(first) == keys[:2]
    train = first[keys[0]]
    assert train is not None
    assert train.validity is not None
    assert second[keys[1]] is first[keys[1]]
    assert [p.facts.version for p in await db.read(shelf.of_tenant, TENANT)] == [1, 2]


async def test_a_foreign_purpose_is_not_found(db: Database, clock: FixedClock) -> None:
    await publish(db, clock, purpose_document())
    stranger = Principal(tenant="other", id="key_x", role=Role.DPO)

    with pytest.raises(PurposeNotFoundError):
        await db.transact(purposes.retire, stranger, "train", clock.now())
    assert await db.read(purposes.listed, "other", "", 10) == []
