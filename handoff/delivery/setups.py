"""Desks as rows: what the operator set up, its secrets sealed under the key-encryption key."""

from collections.abc import Mapping
from typing import Any

from core import canonical, crypto
from core.clock import MICROS
from core.keys import KeyRing
from handoff import registry
from handoff.delivery.store import DeskRow
from handoff.port import Desk, Setup


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


def made(keyring: KeyRing, row: DeskRow, now: int) -> tuple[Desk, str]:
    """Return the desk of a row and its URL. Raises ``UnknownDeskError``."""
    document = canonical.loads(row.document)
    secrets = secrets_of(keyring, row)
    setup = Setup(row.key, document["url"].rstrip("/"), document.get("options", {}), secrets, now / MICROS)
    return registry.maker(row.kind)(setup), setup.url
