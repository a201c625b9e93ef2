"""Decisions of a producer, for tests."""

from typing import Any

from core import crypto
from core.clock import FixedClock
from core.database import Database
from core.keys import KeyRing
from core.principal import Principal, Role, Subject
from explanations import service
from explanations.decisions import Permission, Sheet
from explanations.service import Kept

TENANT = "default"
PRODUCER = Principal(TENANT, "key_producer", Role.SITE)
ALLOWED = Permission("allow", ("consent-given",), 1, "chc_" + "0" * 32, 1)


def person(keyring: KeyRing, reference: str = "customer-1") -> Subject:
    """Return a subject of the tests' tenant."""
    return Subject("customer", reference, crypto.pseudonym(keyring.pepper, TENANT, "customer", reference))


def sheet(keyring: KeyRing, reference: str = "app-1", subject: str = "customer-1", **changes: Any) -> Sheet:
    """Return a complete high-stakes decision, changed as asked."""
    made = Sheet(
        subject=person(keyring, subject),
        reference=reference,
        system="scorer",
        model="credit",
        model_version="2026-10-3",
        purpose="credit",
        effect="legal",
        ai_role="decided",
        human_role="none",
        human_ref=None,
        outcome="declined",
        adverse=True,
        occurred_at=None,
        personal={
            "inputs": {"duration_in_month": 48, "purpose": "car (new)"},
            "output": 0.62,
            "threshold": 0.5,
            "factors": ["policy 7"],
            "rationale": "score above threshold",
        },
    )
    return made._replace(**changes)


async def record(db: Database, keyring: KeyRing, clock: FixedClock, *sheets: Sheet) -> list[Kept]:
    """Record decisions in one request."""
    sheets = tuple(one._replace(place=f"/decisions/{place}") for place, one in enumerate(sheets))
    permissions = [ALLOWED] * len(sheets)
    return await db.transact_prefetched(
        service.prefetch(TENANT, sheets), service.record, keyring, PRODUCER, sheets, permissions, clock.now()
    )
