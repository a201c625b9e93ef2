"""The verbs of touchpoints: enter, change, move from state to state. Each leaves a version and stands in the ledger."""

from collections.abc import Awaitable, Callable, Iterable
from hashlib import sha256
from typing import NamedTuple

from pydantic import ValidationError

from core import canonical
from core.database import Reader, Tx
from core.errors import FieldError
from core.principal import Principal
from disclosures import service as systems
from disclosures.errors import SystemNotFoundError
from disclosures.tables import Touchpoint, TouchpointVersion
from disclosures.touchpoints import store
from disclosures.touchpoints.documents import IN_USE, LEADS, State, TouchpointDocument, omissions
from disclosures.touchpoints.errors import (
    InvalidTouchpointError,
    TouchpointChangedError,
    TouchpointNotFoundError,
    TouchpointRetiredError,
    TouchpointStateError,
)
from disclosures.touchpoints.store import VersionRow
from ledger import service as ledger
from ledger.entries import Entry

# what else has to hold before customers meet it: (tx, tenant, document) -> what is missing
Readiness = Callable[[Reader, str, TouchpointDocument], Awaitable[Iterable[FieldError]]]


class TouchpointView(NamedTuple):
    """A touchpoint as the register has it."""

    touchpoint: Touchpoint
    document: TouchpointDocument


def document_of(text: str) -> TouchpointDocument:
    """Read a stored document."""
    return TouchpointDocument.model_validate(canonical.loads(text))


def read_document(values: object) -> TouchpointDocument:
    """Read a document from outside the API (demo, import). Raises ``InvalidTouchpointError`` naming the fields."""
    try:
        return TouchpointDocument.model_validate(values)
    except ValidationError as error:
        faults = error.errors(include_input=False)
        fields = tuple(FieldError("/" + "/".join(map(str, fault["loc"])), fault["msg"]) for fault in faults)
        raise InvalidTouchpointError(fields=fields) from error


async def lacking(
    tx: Reader, tenant: str, document: TouchpointDocument, state: str, ready: Readiness | None = None
) -> tuple[FieldError, ...]:
    """Return what an entry lacks: for the register of systems and, where customers meet it, for what that takes."""
    found = list(omissions(document))
    try:
        system = await systems.view(tx, tenant, document.system)
    except SystemNotFoundError:
        return (*found, FieldError("/system", "there is no such AI system in the register"))
    foreign = [purpose for purpose in document.purposes if purpose not in system.document.purposes]
    if foreign:
        found.append(FieldError("/purposes", f"the AI system does not serve {', '.join(foreign)}"))
    known = {one.version for one in system.document.versions}
    if unknown := [version for version in document.model_versions if version not in known]:
        found.append(FieldError("/model_versions", f"the AI system has no version {', '.join(unknown)}"))
    if state in IN_USE:
        if system.system.retired_at is not None:
            found.append(FieldError("/system", "this AI system was retired"))
        found += _unready(document, role=system.document.role)
        if ready is not None:
            found += await ready(tx, tenant, document)
    return tuple(found)


async def _check(tx: Reader, tenant: str, document: TouchpointDocument, state: str, ready: Readiness | None) -> None:
    """Raise ``InvalidTouchpointError`` naming what an entry lacks."""
    if found := await lacking(tx, tenant, document, state, ready):
        raise InvalidTouchpointError(fields=found)


def _unready(document: TouchpointDocument, *, role: str) -> list[FieldError]:
    found = []
    if role == "deployer" and document.vendor is None:
        found.append(FieldError("/vendor", "whose AI is it? A deployer names the vendor before customers meet it"))
    if document.vendor is not None and document.vendor.processing_agreement is None:
        detail = "a data processing agreement is needed before customers meet it (GDPR Art. 28)"
        found.append(FieldError("/vendor/processing_agreement", detail))
    return found


def _record(tx: Tx, by: Principal, kind: str, at: int, row: Touchpoint) -> None:
    digest = sha256(row.document.encode()).hexdigest()
    made = TouchpointVersion(
        tenant=row.tenant,
        key=row.key,
        revision=row.revision,
        document=row.document,
        state=row.state,
        sha256=digest,
        recorded_at=at,
    )
    store.add_version(tx, made)
    public = {
        "by": by.id,
        "by_role": by.role.value,
        "touchpoint": row.key,
        "revision": row.revision,
        "state": row.state,
        "sha256": digest,
    }
    ledger.append(tx, Entry(kind=kind, tenant=by.tenant, at=at, public=public))


async def enter(tx: Tx, by: Principal, document: TouchpointDocument, at: int) -> TouchpointView:
    """Enter a touchpoint as a draft. Raises ``InvalidTouchpointError``, ``DuplicateError``."""
    await _check(tx, by.tenant, document, "draft", None)
    made = Touchpoint(
        tenant=by.tenant, key=document.key, document=document.canonical().decode(), created_at=at, changed_at=at
    )
    store.add_touchpoint(tx, made)
    _record(tx, by, "touchpoint.entered", at, made)
    return TouchpointView(made, document)


async def _present(tx: Reader, tenant: str, key: str, revision: int | None) -> Touchpoint:
    found = await store.touchpoint(tx, tenant, key)
    if found is None:
        raise TouchpointNotFoundError
    if found.state == "retired":
        raise TouchpointRetiredError
    if revision is not None and revision != found.revision:
        raise TouchpointChangedError
    return found


async def _write(tx: Tx, by: Principal, kind: str, at: int, row: Touchpoint) -> TouchpointView:
    before = row.revision
    row.revision, row.changed_at = before + 1, at
    if not await store.change(tx, row, before):
        raise TouchpointChangedError
    _record(tx, by, kind, at, row)
    return TouchpointView(row, document_of(row.document))


async def change(
    tx: Tx,
    by: Principal,
    document: TouchpointDocument,
    at: int,
    revision: int | None = None,
    ready: Readiness | None = None,
) -> TouchpointView:
    """Say something else of a touchpoint; ``revision`` is the one the caller has read.

    Raises ``InvalidTouchpointError``, ``TouchpointNotFoundError``, ``TouchpointRetiredError``,
    ``TouchpointChangedError``.
    """
    row = await _present(tx, by.tenant, document.key, revision)
    await _check(tx, by.tenant, document, row.state, ready)
    row.document = document.canonical().decode()
    return await _write(tx, by, "touchpoint.changed", at, row)


async def move(
    tx: Tx,
    by: Principal,
    key: str,
    state: State,
    at: int,
    revision: int | None = None,
    ready: Readiness | None = None,
) -> TouchpointView:
    """Put a touchpoint into another state; what customers meet has to be complete.

    Raises ``TouchpointStateError`` and what ``change`` raises.
    """
    row = await _present(tx, by.tenant, key, revision)
    if state not in LEADS[row.state]:
        there = ", ".join(sorted(LEADS[row.state]))
        raise TouchpointStateError(f"from {row.state} it can go to: {there}")
    await _check(tx, by.tenant, document_of(row.document), state, ready)
    row.state = state
    return await _write(tx, by, f"touchpoint.{_PAST[state]}", at, row)


_PAST = {"pilot": "piloted", "live": "opened", "suspended": "suspended", "retired": "retired"}


async def view(tx: Reader, tenant: str, key: str) -> TouchpointView:
    """Return a touchpoint. Raises ``TouchpointNotFoundError``."""
    found = await store.touchpoint(tx, tenant, key)
    if found is None:
        raise TouchpointNotFoundError
    return TouchpointView(found, document_of(found.document))


async def listed(tx: Reader, tenant: str, after: str, limit: int) -> list[TouchpointView]:
    """Return up to ``limit`` touchpoints whose key comes after ``after``."""
    found = await store.touchpoints_after(tx, tenant, after, limit)
    return [TouchpointView(row, document_of(row.document)) for row in found]


async def of_tenant(tx: Reader, tenant: str) -> list[TouchpointView]:
    """Return every touchpoint of a tenant, by key."""
    return [TouchpointView(row, document_of(row.document)) for row in await store.touchpoints(tx, tenant)]


async def at_site(tx: Reader, tenant: str, slug: str) -> list[TouchpointView]:
    """Return the touchpoints that customers meet at a site, by key."""
    return [
        one
        for one in await of_tenant(tx, tenant)
        if one.touchpoint.state in IN_USE and (not one.document.sites or slug in one.document.sites)
    ]


async def versions(tx: Reader, tenant: str, key: str) -> list[VersionRow]:
    """Return everything the register ever said of a touchpoint, newest first. Raises ``TouchpointNotFoundError``."""
    await view(tx, tenant, key)
    return await store.versions(tx, tenant, key)
