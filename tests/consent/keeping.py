"""Documents of purposes and the principals who keep them, for tests."""

from typing import Any

from consent.purposes import service as purposes
from consent.purposes.documents import PurposeDocument
from core.clock import Clock
from core.database import Database
from core.principal import Principal, Role

TENANT = "default"
DPO = Principal(tenant=TENANT, id="key_dpo", role=Role.DPO)


def purpose_document(key: str = "train", **changes: Any) -> PurposeDocument:
    """Return a complete opt-in purpose, changed as asked."""
    values: dict[str, Any] = {
        "key": key,
        "texts": {
            "en": {
                "name": "Training",
                "text": "We train our model with your conversations.",
                "withdrawal": "Any time.",
            },
            "de": {"name": "Training", "text": "Wir trainieren unser Modell mit Ihren Gesprächen."},
        },
        "kind": "ai_training",
        "lawful_basis": "consent",
        "mechanism": "opt_in",
        "retention": "P6M",
        "data_categories": ["conversations", "ratings"],
        "recipients": ["Acme Models Ltd"],
        "storage_locations": ["DE"],
        "jurisdictions": ["EU"],
        **changes,
    }
    return purposes.read_document(values)


def opt_out_document(key: str = "profile", **changes: Any) -> PurposeDocument:
    """Return a purpose that one can opt out of."""
    return purpose_document(
        key, **{"kind": "ai_profiling", "lawful_basis": "legitimate_interests", "mechanism": "opt_out", **changes}
    )


async def publish(db: Database, clock: Clock, document: PurposeDocument, *, material: bool = True) -> None:
    """Draft and publish the next version of a purpose."""

    async def known(tx: Any) -> bool:
        return any(view.purpose.key == document.key for view in await purposes.listed(tx, TENANT, "", 200))

    verb = purposes.draft if await db.read(known) else purposes.create
    await db.transact(verb, DPO, document, clock.now())
    await db.transact(purposes.publish, DPO, document.key, clock.now(), material=material)
