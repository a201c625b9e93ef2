"""Published versions of purposes, parsed once: they are immutable, so memory can't be wrong about them.

Which version is the latest is read in every transaction; what a version says is remembered.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from orjson import Fragment

from consent import durations
from consent.durations import Duration
from consent.gate import PurposeFacts
from consent.purposes import store
from core import canonical
from core.database import Loader, Reader

_MOST_REMEMBERED = 10_000
Key = tuple[str, str]  # tenant, purpose


class Published(NamedTuple):
    """A purpose as it is in force: facts for the gate, and what a record of a choice needs besides."""

    facts: PurposeFacts
    document: dict[str, Any]
    sha256: str
    validity: Duration | None
    gpc: bool
    meaning: Fragment  # what receipts say of it, as canonical JSON


def _meaning(row: store.VersionRow, document: dict[str, Any]) -> Fragment:
    """Return what a version says, in the terms of ISO/IEC TS 27560, serialised once."""
    return Fragment(
        canonical.dumps(
            {
                "version": row.version,
                "sha256": row.sha256,
                "type": document["kind"],
                "lawful_basis": document["lawful_basis"],
                "pii_information": document["data_categories"],
                "special_category": document["special_category"],
                "recipients": document["recipients"],
                "transfers": document["transfers"],
                "retention_period": document["retention"],
                "storage_locations": document["storage_locations"],
                "jurisdictions": document["jurisdictions"],
            }
        )
    )


def _published(row: store.VersionRow) -> Published:
    document: dict[str, Any] = canonical.loads(row.document)
    facts = PurposeFacts(
        row.key, row.version, row.material, document["mechanism"], bool(document["explicit"]), retired=False
    )
    validity = None if document["validity"] is None else durations.parse(document["validity"])
    return Published(facts, document, row.sha256, validity, bool(document["gpc"]), _meaning(row, document))


class PublishedPurposes:
    """Reads purposes in force; one for each database."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._versions: dict[tuple[str, str, int], Published] = {}
        self.loader: Loader[Key, Published | None] = Loader(self._fetch, None)
        # by tenant: the purposes that honour Sec-GPC
        self.signalled: Loader[str, tuple[Published, ...]] = Loader(self._fetch_signalled, ())

    async def _fetch(self, tx: Reader, keys: list[Key]) -> dict[Key, Published | None]:
        """HOT PATH, budget 4 us a purpose on SQLite. Read which versions are in force, and parse unknown ones."""
        return await self._parsed(tx, await store.purposes_in_force(tx, keys))

    async def _fetch_signalled(self, tx: Reader, tenants: list[str]) -> dict[str, tuple[Published, ...]]:
        return {
            tenant: tuple(published for published in await self.of_tenant(tx, tenant) if published.gpc)
            for tenant in tenants
        }

    async def of_tenant(self, tx: Reader, tenant: str) -> list[Published]:
        """Return every published purpose of a tenant, retired ones included, by key."""
        found = await self._parsed(tx, await store.purposes_of(tx, tenant))
        return [published for _, published in sorted(found.items()) if published is not None]

    async def _parsed(self, tx: Reader, heads: Sequence[store.Head]) -> dict[Key, Published | None]:
        found: dict[Key, Published | None] = {}
        for tenant, key, version, retired_at in heads:
            if not version:
                continue
            known = self._versions.get((tenant, key, version))
            if known is None:
                known = await self._remember(tx, tenant, key, version)
            if retired_at is not None:
                known = known._replace(facts=known.facts._replace(retired=True))
            found[tenant, key] = known
        return found

    async def _remember(self, tx: Reader, tenant: str, key: str, version: int) -> Published:
        row = await store.version(tx, tenant, key, version)
        if row is None:
            raise LookupError("a published version is missing")
        if len(self._versions) >= _MOST_REMEMBERED:
            self._versions.clear()
        known = self._versions[tenant, key, version] = _published(row)
        return known


async def facts_at(tx: Reader, tenant: str, at: int | None) -> dict[str, PurposeFacts]:
    """Return what the gate knows of a tenant's purposes, now or as it was at a past instant (microseconds)."""
    found: dict[str, PurposeFacts] = {}
    for row, retired_at in await store.versions_at(tx, tenant, at):
        facts = _published(row).facts
        retired = retired_at is not None and (at is None or retired_at <= at)
        found[row.key] = facts._replace(retired=retired)
    return found
