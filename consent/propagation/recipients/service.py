"""The verbs of recipients: register, change, rotate the secret, retire. Each is an entry of the ledger.

A recipient is told of what is chosen from its registration on. While it is not active its notices wait; their clocks
run all the same.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

from consent.propagation import store as notices
from consent.propagation.errors import RecipientNotFoundError, RecipientRetiredError
from consent.propagation.recipients import secrets, store
from consent.propagation.recipients.store import RecipientRow
from core import canonical, ids
from core.clock import MICROS
from core.database import Reader, Tx
from core.keys import KeyRing
from core.principal import Principal
from ledger import service as ledger
from ledger.entries import Entry

Scope = Literal["inference", "training", "index"]
SCOPES: Final = ("inference", "training", "index")
ALL: Final = ("*",)
_PLAIN: Final = frozenset({"name", "url", "active"})
_HOUR: Final = 3600 * MICROS


class Sheet(NamedTuple):
    """What is said of a recipient; ``purposes`` and ``systems`` are keys, or ``*`` alone for all."""

    name: str
    url: str
    purposes: Sequence[str] = ALL
    systems: Sequence[str] = ALL
    scopes: Sequence[str] = ("inference",)
    active: bool = True


def concerns(row: RecipientRow, purpose: str, system: str) -> bool:
    """Tell whether a choice about a purpose and a system (``*`` for all) is a recipient's business."""
    return _within(row.purposes, purpose) and _within(row.systems, system)


def _within(kept: str, key: str) -> bool:
    named = canonical.loads(kept)
    return key == "*" or named == ["*"] or key in named


async def register(tx: Tx, keyring: KeyRing, by: Principal, told: Sheet, now: int) -> tuple[RecipientRow, str]:
    """Register a recipient; return it with its secret, which is shown this once."""
    made, secret = ids.new("rcv", now), secrets.new()
    kept = secrets.sealed(keyring, by.tenant, made, [secret])
    row = RecipientRow(by.tenant, made, told.name, told.url, "", "", "", told.active, kept, None, 1, now, None)
    row = row._replace(**_columns(told))
    _write(tx, by, "recipient.registered", row, now)
    return row, secret


def _columns(told: Sheet) -> dict[str, Any]:
    return {
        name: value if name in _PLAIN else canonical.dumps(sorted(set(value))).decode()
        for name, value in told._asdict().items()
    }


def sheet_of(row: RecipientRow) -> Sheet:
    """Return what is said of a recipient."""
    purposes, systems, scopes = (tuple(canonical.loads(one)) for one in (row.purposes, row.systems, row.scopes))
    return Sheet(row.name, row.url, purposes, systems, scopes, row.active)


async def one(tx: Reader, tenant: str, recipient: str) -> RecipientRow:
    """Return a recipient, retired ones too. Raises ``RecipientNotFoundError``."""
    found = await store.one(tx, tenant, recipient)
    if found is None:
        raise RecipientNotFoundError
    return found


async def live(tx: Reader, tenant: str, recipient: str) -> RecipientRow:
    """Return a recipient that is in use. Raises ``RecipientNotFoundError``, ``RecipientRetiredError``."""
    found = await one(tx, tenant, recipient)
    if found.retired_at is not None:
        raise RecipientRetiredError
    return found


async def change(tx: Tx, by: Principal, before: RecipientRow, given: Mapping[str, Any], now: int) -> RecipientRow:
    """Say something else of a recipient: the fields of its sheet that are ``given``."""
    columns = _columns(sheet_of(before)._replace(**given))
    row = before._replace(**columns, revision=before.revision + 1)
    _write(tx, by, "recipient.changed", row, now)
    return row


async def rotate(
    tx: Tx, keyring: KeyRing, by: Principal, recipient: str, hours: int, now: int
) -> tuple[RecipientRow, str]:
    """Make a new secret; the present one signs as well for ``hours`` more. Raises as ``live``."""
    before = await live(tx, by.tenant, recipient)
    secret = secrets.new()
    kept = secrets.sealed(keyring, by.tenant, recipient, [secret, secrets.opened(keyring, before)[0]])
    row = before._replace(sealed=kept, both_until=now + hours * _HOUR, revision=before.revision + 1)
    _write(tx, by, "recipient.secret-rotated", row, now)
    return row, secret


async def retire(tx: Tx, by: Principal, before: RecipientRow, now: int) -> None:
    """Tell a recipient nothing more, for good. What it was not told is given up, and stays open until acknowledged."""
    row = before._replace(active=False, retired_at=now, both_until=None, revision=before.revision + 1)
    left = await notices.give_up_all(tx, row.id)
    _write(tx, by, "recipient.retired", row, now, given_up=left)


def _write(tx: Tx, by: Principal, kind: str, row: RecipientRow, now: int, **more: Any) -> None:
    store.put(tx, row)
    said = {"recipient": row.id, "url": row.url, "revision": row.revision, "by": by.id, "active": row.active}
    lists = {name: canonical.loads(getattr(row, name)) for name in ("purposes", "systems", "scopes")}
    ledger.append(tx, Entry(kind, row.tenant, now, {**said, **lists, **more}))
