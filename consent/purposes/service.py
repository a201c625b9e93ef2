"""The verbs of purposes: draft, publish an immutable version, retire. Each stands in the ledger with its effect.

A published version never changes: the next one is drafted and published as ``n + 1``. Whoever publishes says whether
the change is *material*; then choices made for older versions need renewal (EDPB Guidelines 05/2020, 110).
"""

from hashlib import sha256
from typing import NamedTuple

from pydantic import ValidationError

from consent.errors import (
    InvalidPurposeError,
    NoDraftError,
    PurposeChangedError,
    PurposeNotFoundError,
    PurposeRetiredError,
)
from consent.purposes import store
from consent.purposes.documents import PurposeDocument, contradictions
from consent.purposes.store import VersionRow
from consent.tables import Purpose, PurposeVersion
from core import canonical
from core.database import Reader, Tx
from core.errors import FieldError
from core.principal import Principal
from ledger import service as ledger
from ledger.entries import Entry


class PurposeView(NamedTuple):
    """A purpose as its keepers see it: the draft under way, and the version in force, if any."""

    purpose: Purpose
    draft: PurposeDocument | None
    published: VersionRow | None


def document_of(text: str) -> PurposeDocument:
    """Read a stored document."""
    return PurposeDocument.model_validate(canonical.loads(text))


def read_document(values: object) -> PurposeDocument:
    """Read a document from outside the API (demo, import). Raises ``InvalidPurposeError`` naming the fields."""
    try:
        return PurposeDocument.model_validate(values)
    except ValidationError as error:
        fields = tuple(
            FieldError("/" + "/".join(map(str, fault["loc"])), fault["msg"])
            for fault in error.errors(include_input=False)
        )
        raise InvalidPurposeError(fields=fields) from error


def _check(document: PurposeDocument) -> None:
    if fields := contradictions(document):
        raise InvalidPurposeError(fields=fields)


def _record(tx: Tx, by: Principal, kind: str, at: int, facts: dict[str, object], *, restrictive: bool = False) -> int:
    public = {"by": by.id, "by_role": by.role.value, **facts}
    return ledger.append(tx, Entry(kind=kind, tenant=by.tenant, at=at, public=public, restrictive=restrictive))


async def _existing(tx: Reader, tenant: str, key: str) -> Purpose:
    found = await store.purpose(tx, tenant, key)
    if found is None:
        raise PurposeNotFoundError
    return found


async def _change(tx: Tx, purpose: Purpose, revision: int | None) -> None:
    """Write a changed purpose over ``revision`` (or whatever is there). Raises ``PurposeChangedError``."""
    before = purpose.revision
    if revision is not None and revision != before:
        raise PurposeChangedError
    purpose.revision = before + 1
    if not await store.change_purpose(tx, purpose, before):
        raise PurposeChangedError


async def create(tx: Tx, by: Principal, document: PurposeDocument, at: int) -> PurposeView:
    """Make a purpose with its first draft. Raises ``InvalidPurposeError``, ``DuplicateError``."""
    _check(document)
    made = Purpose(tenant=by.tenant, key=document.key, draft=document.canonical().decode(), created_at=at)
    store.add_purpose(tx, made)
    _record(tx, by, "purpose.drafted", at, {"purpose": document.key, "revision": 1})
    return PurposeView(made, document, None)


async def draft(tx: Tx, by: Principal, document: PurposeDocument, at: int, revision: int | None = None) -> PurposeView:
    """Write the draft of the next version; ``revision`` is the one the caller has read.

    Raises ``InvalidPurposeError``, ``PurposeNotFoundError``, ``PurposeRetiredError``, ``PurposeChangedError``.
    """
    _check(document)
    purpose = await _existing(tx, by.tenant, document.key)
    if purpose.retired_at is not None:
        raise PurposeRetiredError
    purpose.draft = document.canonical().decode()
    await _change(tx, purpose, revision)
    _record(tx, by, "purpose.drafted", at, {"purpose": document.key, "revision": purpose.revision})
    return await view(tx, by.tenant, document.key)


def _asks_for_more(before: PurposeDocument, after: PurposeDocument) -> bool:
    """Tell whether a new version can't be covered by choices made for the one before it."""
    return (
        before.mechanism != after.mechanism
        or (after.explicit and not before.explicit)
        or before.kind != after.kind
        or not set(after.data_categories) <= set(before.data_categories)
    )


async def publish(
    tx: Tx, by: Principal, key: str, at: int, *, material: bool, revision: int | None = None
) -> PurposeView:
    """Publish the draft as the next version, for ever unchanged.

    The first version is always material. Raises ``NoDraftError``, ``InvalidPurposeError`` for a change that is
    called immaterial but asks for more than before, and what ``draft`` raises.
    """
    purpose = await _existing(tx, by.tenant, key)
    if purpose.retired_at is not None:
        raise PurposeRetiredError
    if purpose.draft is None:
        raise NoDraftError
    document = document_of(purpose.draft)
    _check(document)
    if purpose.latest_version:
        before = await store.version(tx, by.tenant, key, purpose.latest_version)
        if not material and before is not None and _asks_for_more(document_of(before.document), document):
            raise InvalidPurposeError.field(
                "/material", "a change of kind, mechanism, explicitness or of more data categories is material"
            )
    number = purpose.latest_version + 1
    raw = document.canonical()
    made = PurposeVersion(
        tenant=by.tenant,
        key=key,
        version=number,
        document=raw.decode(),
        sha256=sha256(raw).hexdigest(),
        material=material or number == 1,
        published_at=at,
        published_by=by.id,
    )
    store.add_version(tx, made)
    purpose.latest_version, purpose.draft = number, None
    await _change(tx, purpose, revision)
    facts = {"purpose": key, "version": number, "sha256": made.sha256, "material": made.material}
    _record(tx, by, "purpose.published", at, facts, restrictive=True)
    return await view(tx, by.tenant, key)


async def retire(tx: Tx, by: Principal, key: str, at: int, revision: int | None = None) -> PurposeView:
    """End a purpose: from now on the gate denies it. Raises ``PurposeNotFoundError``, ``PurposeRetiredError``."""
    purpose = await _existing(tx, by.tenant, key)
    if purpose.retired_at is not None:
        raise PurposeRetiredError
    purpose.retired_at = at
    await _change(tx, purpose, revision)
    _record(tx, by, "purpose.retired", at, {"purpose": key}, restrictive=True)
    return await view(tx, by.tenant, key)


async def view(tx: Reader, tenant: str, key: str) -> PurposeView:
    """Return a purpose with its draft and the version in force. Raises ``PurposeNotFoundError``."""
    return await _seen(tx, await _existing(tx, tenant, key))


async def _seen(tx: Reader, purpose: Purpose) -> PurposeView:
    latest = None
    if purpose.latest_version:
        latest = await store.version(tx, purpose.tenant, purpose.key, purpose.latest_version)
    return PurposeView(purpose, None if purpose.draft is None else document_of(purpose.draft), latest)


async def listed(tx: Reader, tenant: str, after: str, limit: int) -> list[PurposeView]:
    """Return up to ``limit`` purposes whose key comes after ``after``."""
    return [await _seen(tx, purpose) for purpose in await store.purposes_after(tx, tenant, after, limit)]


async def versions(tx: Reader, tenant: str, key: str) -> list[VersionRow]:
    """Return every published version of a purpose, newest first. Raises ``PurposeNotFoundError``."""
    await _existing(tx, tenant, key)
    return await store.versions(tx, tenant, key)
