"""What the gate knows of a tenant: purposes from one room and AI systems from another, put together here."""

from consent.cache import Catalogue
from consent.gate import SystemFacts
from consent.purposes import published
from core.database import Reader
from disclosures import service as register


async def catalogue_at(tx: Reader, tenant: str, at: int | None) -> Catalogue:
    """Return a tenant's purposes and AI systems, now or as they were at a past instant (microseconds)."""
    purposes = await published.facts_at(tx, tenant, at)
    systems = {
        known.key: SystemFacts(known.key, known.purposes, known.human_alternative, known.retired)
        for known in await register.facts_at(tx, tenant, at)
    }
    return Catalogue(purposes, systems)
