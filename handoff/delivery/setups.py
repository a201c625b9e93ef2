"""Desks as rows: what the operator set up, its secrets sealed under the key-encryption key, each change an entry."""

from collections.abc import Mapping
from typing import Any

from core import canonical, crypto
from core.clock import MICROS
from core.database import Tx
from core.keys import KeyRing
from core.principal import Principal
from handoff import registry
from handoff.delivery import store
from handoff.delivery.store import DeskRow
from handoff.errors import DeskNotFoundError
from handoff.port import Desk, Setup
from ledger import service as ledger
from ledger.entries import Entry


def _place(tenant: str, key: str) -> str:
    return f"{tenant}|handoff_desk|sealed|{key}"


def _key(keyring: KeyRing) -> bytes:
    return crypto.derived_key(keyring.pepper, "desk-secrets/1")


def row_of(
    keyring: KeyRing, tenant: str, key: str, kind: str, document: Mapping[str, Any], secrets: Mapping[str, str]
) -> DeskRow:
    """Return the row of a desk, its secrets sealed; version and time are the caller's to set."""
    sealed = crypto.seal(_key(keyring), canonical.dumps(dict(secrets)), _place(tenant, key))
    return DeskRow(tenant, key, kind, canonical.dumps(dict(document)).decode(), sealed, 1, 0)


def secrets_of(keyring: KeyRing, row: DeskRow) -> dict[str, str]:
    """Return a desk's secrets."""
    found: dict[str, str] = canonical.loads(crypto.unseal(_key(keyring), row.sealed, _place(row.tenant, row.key)))
    return found


async def write(
    tx: Tx,
    keyring: KeyRing,
    by: Principal,
    desk: tuple[str, str],
    document: Mapping[str, Any],
    secrets: Mapping[str, str] | None,
    now: int,
) -> DeskRow:
    """Write a ``desk`` (key and kind); without ``secrets`` it keeps those it has. Raises ``UnknownDeskError``."""
    key, kind = desk
    registry.maker(kind)
    known = await store.desk(tx, by.tenant, key)
    kept = {} if known is None else secrets_of(keyring, known)
    row = row_of(keyring, by.tenant, key, kind, document, kept if secrets is None else secrets)
    row = row._replace(version=1 if known is None else known.version + 1, changed_at=now)
    store.put_desk(tx, row)
    public = {"desk": key, "kind": kind, "url": document["url"], "version": row.version, "by": by.id}
    ledger.append(tx, Entry("desk.changed", by.tenant, now, public))
    return row


async def remove(tx: Tx, by: Principal, key: str, now: int) -> None:
    """Remove a desk; cases it has go on with the next of the chain. Raises ``DeskNotFoundError``."""
    if not await store.drop_desk(tx, by.tenant, key):
        raise DeskNotFoundError
    ledger.append(tx, Entry("desk.removed", by.tenant, now, {"desk": key, "by": by.id}))


def made(keyring: KeyRing, row: DeskRow, now: int) -> tuple[Desk, str]:
    """Return the desk of a row and its URL. Raises ``UnknownDeskError``."""
    document = canonical.loads(row.document)
    secrets = secrets_of(keyring, row)
    setup = Setup(row.key, document["url"].rstrip("/"), document.get("options", {}), secrets, now / MICROS)
    return registry.maker(row.kind)(setup), setup.url
