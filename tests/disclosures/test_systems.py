"""The register of AI systems: complete or refused, versioned, in the ledger, and known as it was at any time."""

from typing import Any

import pytest

from core.clock import DAY, FixedClock
from core.database import Database, DuplicateError
from core.principal import Principal, Role
from disclosures import service as systems
from disclosures.documents import ModelVersion, SystemDocument
from disclosures.errors import InvalidSystemError, SystemChangedError, SystemNotFoundError, SystemRetiredError
from disclosures.service import SystemAt
from ledger import service as ledger

pytestmark = pytest.mark.anyio
TENANT = "default"
DPO = Principal(tenant=TENANT, id="key_dpo", role=Role.DPO)


def system_document(**changes: Any) -> SystemDocument:
    return systems.read_document(
        {
            "key": "support-bot",
            "name": "Support assistant",
            "provider": "Acme Models Ltd",
            "role": "deployer",
            "purposes": ["support-chat"],
            "channels": ["chat"],
            "human_alternative": "support-desk",
            "owner": "Head of support",
            "contact": "ai@shop.example",
            **changes,
        }
    )


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"owner": " "}, "/owner"),
        ({"purposes": []}, "/purposes"),
        ({"purposes": ["a", "a"]}, "/purposes"),
        ({"human_alternative": None}, "/human_alternative"),
        ({"human_alternative": None, "no_human_alternative_reason": " "}, "/human_alternative"),
        ({"no_human_alternative_reason": "none"}, "/no_human_alternative_reason"),
    ],
)
async def test_an_entry_that_leaves_something_out_is_refused(
    db: Database, clock: FixedClock, changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(InvalidSystemError) as caught:
        await db.transact(systems.register, DPO, system_document(**changes), clock.now())

    assert [field.pointer for field in caught.value.fields] == [pointer]
    assert await db.read(ledger.size) == 0


async def test_a_system_without_human_alternative_says_why(db: Database, clock: FixedClock) -> None:
    document = system_document(human_alternative=None, no_human_alternative_reason="It only sorts mail.")

    assert (await db.transact(systems.register, DPO, document, clock.now())).system.revision == 1


async def test_each_change_is_a_version_and_a_ledger_entry(db: Database, clock: FixedClock) -> None:
    start = clock.now()
    await db.transact(systems.register, DPO, system_document(), start)
    await db.transact(systems.change, DPO, system_document(purposes=["support-chat", "train"]), clock.advance(DAY), 1)
    added = ModelVersion(model="acme-7b", version="2026-11")
    await db.transact(systems.add_model_version, DPO, "support-bot", added, clock.advance(DAY))
    end = clock.advance(DAY)
    await db.transact(systems.retire, DPO, "support-bot", end)

    assert [row.revision for row in await db.read(systems.versions, TENANT, "support-bot")] == [4, 3, 2, 1]
    assert [entry.kind for entry in await db.read(ledger.entries)] == [
        "system.registered",
        "system.changed",
        "system.model-changed",
        "system.retired",
    ]
    route = "support-desk"
    one, two = frozenset({"support-chat"}), frozenset({"support-chat", "train"})
    assert await db.read(systems.facts_at, TENANT, start - 1) == []
    assert await db.read(systems.facts_at, TENANT, start) == [SystemAt("support-bot", one, route, retired=False)]
    assert await db.read(systems.facts_at, TENANT, end - 1) == [SystemAt("support-bot", two, route, retired=False)]
    assert await db.read(systems.facts_at, TENANT, end) == [SystemAt("support-bot", two, route, retired=True)]
    assert await db.read(systems.facts_at, TENANT, None) == [SystemAt("support-bot", two, route, retired=True)]


async def test_what_can_not_be_done_is_refused(db: Database, clock: FixedClock) -> None:
    at, document = clock.now(), system_document()
    with pytest.raises(SystemNotFoundError):
        await db.transact(systems.change, DPO, document, at)
    await db.transact(systems.register, DPO, document, at)
    with pytest.raises(DuplicateError):
        await db.transact(systems.register, DPO, document, at)
    with pytest.raises(SystemChangedError):
        await db.transact(systems.change, DPO, document, at, 7)
    added = ModelVersion(model="acme-7b", version="1")
    await db.transact(systems.add_model_version, DPO, "support-bot", added, at)
    with pytest.raises(InvalidSystemError):
        await db.transact(systems.add_model_version, DPO, "support-bot", added, at)
    await db.transact(systems.retire, DPO, "support-bot", at)
    with pytest.raises(SystemRetiredError):
        await db.transact(systems.change, DPO, document, at)


async def test_known_systems_are_told_for_many_at_once(db: Database, clock: FixedClock) -> None:
    await db.transact(systems.register, DPO, system_document(), clock.now())

    keys = [(TENANT, "support-bot"), (TENANT, "other"), ("other", "support-bot")]
    assert await db.read(systems.KNOWN.fetch, keys) == {keys[0]: True}
