"""The verbs of model endpoints and reference groups: register, change, retire; publish; and find both for a decision.

Every state stays on record and stands in the ledger. Credentials are sealed under a key of the key file, rows of
reference groups too: they are other people's.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from core import canonical, crypto, ids
from core.database import Reader, Tx
from core.keys import KeyRing
from core.principal import Principal
from explanations import registry
from explanations.cases import Group
from explanations.deployed import store
from explanations.deployed.documents import EndpointDocument, ReferenceDocument, contradictions, misfits
from explanations.deployed.store import EndpointRow, GroupRow
from explanations.errors import (
    EndpointNotFoundError,
    EndpointRetiredError,
    InvalidEndpointError,
    InvalidReferenceGroupError,
    ReferenceGroupNotFoundError,
)
from explanations.port import Endpoint, Value
from ledger import service as ledger
from ledger.entries import Entry

Headers = Mapping[str, str]


class EndpointView(NamedTuple):
    """An endpoint as it is now; ``credentials`` are the names of its secret header fields."""

    row: EndpointRow
    document: EndpointDocument
    credentials: tuple[str, ...]


def _key(keyring: KeyRing) -> bytes:
    return crypto.derived_key(keyring.pepper, "deployed-models/1")


def _place(tenant: str, kind: str, id: str) -> str:
    return f"{tenant}|{kind}|{id}"


def endpoint_document(row: EndpointRow) -> EndpointDocument:
    """Read a stored document."""
    return EndpointDocument.model_validate(canonical.loads(row.document))


def reference_document(row: GroupRow) -> ReferenceDocument:
    """Read a stored document."""
    return ReferenceDocument.model_validate(canonical.loads(row.document))


def _headers(keyring: KeyRing, row: EndpointRow) -> dict[str, str]:
    if row.credentials is None:
        return {}
    opened = crypto.unseal(_key(keyring), row.credentials, _place(row.tenant, "model_endpoint", row.id))
    found: dict[str, str] = canonical.loads(opened)
    return found


def _view(keyring: KeyRing, row: EndpointRow) -> EndpointView:
    return EndpointView(row, endpoint_document(row), tuple(sorted(_headers(keyring, row))))


def _record(tx: Tx, by: Principal, kind: str, row: EndpointRow) -> None:
    store.add_endpoint(tx, row)
    public = {
        "by": by.id,
        "endpoint": row.id,
        "revision": row.revision,
        "system": row.system,
        "model": row.name,
        "sha256": row.sha256,
        "retired": row.retired,
    }
    ledger.append(tx, Entry(kind, by.tenant, row.recorded_at, public))


def _checked(document: EndpointDocument) -> bytes:
    try:
        registry.maker(document.kind)
    except registry.UnknownKindError as error:
        raise registry.UnknownKindError.field("/document/kind", error.fields[0].detail) from None
    if fields := contradictions(document):
        raise InvalidEndpointError(fields=fields)
    return document.canonical()


async def register(
    tx: Tx, keyring: KeyRing, by: Principal, document: EndpointDocument, credentials: Headers, at: int
) -> EndpointView:
    """Say where a model is served. Raises ``InvalidEndpointError``, ``UnknownKindError``."""
    raw = _checked(document)
    made = ids.new("mep", at)
    sealed = _sealed(keyring, by.tenant, made, credentials)
    row = EndpointRow(
        by.tenant,
        made,
        1,
        document.system,
        document.model,
        raw.decode(),
        sha256(raw).hexdigest(),
        sealed,
        retired=False,
        recorded_at=at,
        recorded_by=by.id,
    )
    _record(tx, by, "model-endpoint.registered", row)
    return _view(keyring, row)


def _sealed(keyring: KeyRing, tenant: str, endpoint_id: str, credentials: Headers) -> bytes | None:
    if not credentials:
        return None
    place = _place(tenant, "model_endpoint", endpoint_id)
    return crypto.seal(_key(keyring), canonical.dumps(dict(credentials)), place)


async def change(
    tx: Tx,
    keyring: KeyRing,
    by: Principal,
    endpoint_id: str,
    document: EndpointDocument,
    credentials: Headers | None,
    at: int,
) -> EndpointView:
    """Say something else of an endpoint; without ``credentials`` it keeps those it has.

    Raises ``EndpointNotFoundError``, ``EndpointRetiredError``, ``InvalidEndpointError``, ``UnknownKindError``.
    """
    raw = _checked(document)
    before = await _live(tx, by.tenant, endpoint_id)
    row = before._replace(
        revision=before.revision + 1,
        system=document.system,
        name=document.model,
        document=raw.decode(),
        sha256=sha256(raw).hexdigest(),
        credentials=before.credentials
        if credentials is None
        else _sealed(keyring, by.tenant, endpoint_id, credentials),
        recorded_at=at,
        recorded_by=by.id,
    )
    if credentials is not None:
        await store.forget_credentials(tx, by.tenant, endpoint_id)
    _record(tx, by, "model-endpoint.changed", row)
    return _view(keyring, row)


async def retire(tx: Tx, by: Principal, endpoint_id: str, at: int) -> None:
    """Take an endpoint out of use; its credentials are gone. Raises what ``change`` raises."""
    before = await _live(tx, by.tenant, endpoint_id)
    row = before._replace(
        revision=before.revision + 1, credentials=None, retired=True, recorded_at=at, recorded_by=by.id
    )
    await store.forget_credentials(tx, by.tenant, endpoint_id)
    _record(tx, by, "model-endpoint.retired", row)


async def _live(tx: Reader, tenant: str, endpoint_id: str) -> EndpointRow:
    found = await store.endpoint(tx, tenant, endpoint_id)
    if found is None:
        raise EndpointNotFoundError
    if found.retired:
        raise EndpointRetiredError
    return found


async def view(tx: Reader, keyring: KeyRing, tenant: str, endpoint_id: str) -> EndpointView:
    """Return an endpoint. Raises ``EndpointNotFoundError``."""
    found = await store.endpoint(tx, tenant, endpoint_id)
    if found is None:
        raise EndpointNotFoundError
    return _view(keyring, found)


async def listed(tx: Reader, keyring: KeyRing, tenant: str, after: str, limit: int) -> list[EndpointView]:
    """Return up to ``limit`` endpoints whose id comes after ``after``."""
    return [_view(keyring, row) for row in await store.endpoints_after(tx, tenant, after, limit)]


def port_of(keyring: KeyRing, found: EndpointView) -> Endpoint:
    """Return an endpoint as adapters take it, with its secrets."""
    return found.document.port(found.row.ref, _headers(keyring, found.row))


async def serving(
    tx: Reader, keyring: KeyRing, tenant: str, system: str, model: str, version: str
) -> EndpointView | None:
    """Return the endpoint of the model that decided: of that very version if there is one, else the newest.

    An endpoint of another version is given too: asking it shows, and says, that the model has changed.
    """
    live = [row for row in await store.serving(tx, tenant, system, model) if not row.retired]
    views = [_view(keyring, row) for row in live]
    fitting = [one for one in views if one.document.version == version]
    best = fitting or [one for one in views if one.document.version is None] or views
    return best[0] if best else None


async def publish(
    tx: Tx, keyring: KeyRing, by: Principal, document: ReferenceDocument, rows: list[dict[str, Value]], at: int
) -> GroupRow:
    """Publish a version of a reference group, for ever unchanged. Raises ``InvalidReferenceGroupError``."""
    if fields := misfits(document, rows):
        raise InvalidReferenceGroupError(fields=fields)
    raw, table = document.canonical(), canonical.dumps(rows)
    before = await store.group(tx, by.tenant, document.key)
    version = 1 if before is None else before.version + 1
    row = GroupRow(
        by.tenant,
        document.key,
        version,
        raw.decode(),
        sha256(raw + table).hexdigest(),
        len(rows),
        crypto.seal(_key(keyring), table, _place(by.tenant, "reference_group", f"{document.key}@{version}")),
        at,
        by.id,
    )
    store.add_group(tx, row)
    said: dict[str, Any] = {"by": by.id, "group": row.key, "version": version, "sha256": row.sha256, "size": row.size}
    ledger.append(tx, Entry("reference-group.published", by.tenant, at, {**said, "kind": document.kind}))
    return row


async def group(tx: Reader, tenant: str, key: str) -> GroupRow:
    """Return the newest version of a reference group. Raises ``ReferenceGroupNotFoundError``."""
    found = await store.group(tx, tenant, key)
    if found is None:
        raise ReferenceGroupNotFoundError
    return found


def opened(keyring: KeyRing, row: GroupRow) -> list[dict[str, Value]]:
    """Return a group's rows."""
    place = _place(row.tenant, "reference_group", row.ref)
    found: list[dict[str, Value]] = canonical.loads(crypto.unseal(_key(keyring), row.rows, place))
    return found


def compared(keyring: KeyRing, row: GroupRow) -> Group:
    """Return a reference group as the engine takes it."""
    return Group(reference_document(row).kind, row.ref, opened(keyring, row))
