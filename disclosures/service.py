"""The verbs of the register of AI systems: register, change, add a model version, retire.

Every change leaves what the register said before as an immutable version and stands in the ledger, so that any past
answer of the gate can be reproduced.
"""

from hashlib import sha256
from typing import NamedTuple

from pydantic import ValidationError

from core import canonical
from core.database import Loader, Reader, Tx
from core.errors import FieldError
from core.principal import Principal
from disclosures import store
from disclosures.documents import ModelVersion, SystemDocument, omissions
from disclosures.errors import InvalidSystemError, SystemChangedError, SystemNotFoundError, SystemRetiredError
from disclosures.store import VersionRow
from disclosures.tables import AiSystem, AiSystemVersion
from ledger import service as ledger
from ledger.entries import Entry

# which systems a tenant has, for rooms that may not look into this one: (tenant, key) -> True
KNOWN: Loader[tuple[str, str], bool] = Loader(store.known, absent=False)


class SystemView(NamedTuple):
    """A system as the register has it."""

    system: AiSystem
    document: SystemDocument


class SystemAt(NamedTuple):
    """What the gate needs of a system, as the register said at an instant."""

    key: str
    purposes: frozenset[str]
    human_alternative: str | None
    retired: bool


def document_of(text: str) -> SystemDocument:
    """Read a stored document."""
    return SystemDocument.model_validate(canonical.loads(text))


def read_document(values: object) -> SystemDocument:
    """Read a document from outside the API (demo, import). Raises ``InvalidSystemError`` naming the fields."""
    try:
        return SystemDocument.model_validate(values)
    except ValidationError as error:
        faults = error.errors(include_input=False)
        fields = tuple(FieldError("/" + "/".join(map(str, fault["loc"])), fault["msg"]) for fault in faults)
        raise InvalidSystemError(fields=fields) from error


def _check(document: SystemDocument) -> None:
    if fields := omissions(document):
        raise InvalidSystemError(fields=fields)


def _record(tx: Tx, by: Principal, kind: str, at: int, system: AiSystem, digest: str) -> None:
    """Note the change as a version of the register and as a ledger entry; caches forget the catalogue."""
    store.add_version(
        tx,
        AiSystemVersion(
            tenant=system.tenant,
            key=system.key,
            revision=system.revision,
            document=system.document,
            sha256=digest,
            recorded_at=at,
        ),
    )
    public = {
        "by": by.id,
        "by_role": by.role.value,
        "system": system.key,
        "revision": system.revision,
        "sha256": digest,
    }
    ledger.append(tx, Entry(kind=kind, tenant=by.tenant, at=at, public=public, restrictive=True))


async def register(tx: Tx, by: Principal, document: SystemDocument, at: int) -> SystemView:
    """Enter a system. Raises ``InvalidSystemError``, ``DuplicateError``."""
    _check(document)
    raw = document.canonical()
    made = AiSystem(tenant=by.tenant, key=document.key, document=raw.decode(), created_at=at)
    store.add_system(tx, made)
    _record(tx, by, "system.registered", at, made, sha256(raw).hexdigest())
    return SystemView(made, document)


async def _live(tx: Reader, tenant: str, key: str, revision: int | None) -> AiSystem:
    found = await store.system(tx, tenant, key)
    if found is None:
        raise SystemNotFoundError
    if found.retired_at is not None:
        raise SystemRetiredError
    if revision is not None and revision != found.revision:
        raise SystemChangedError
    return found


async def _write(tx: Tx, by: Principal, kind: str, at: int, system: AiSystem) -> SystemView:
    before = system.revision
    system.revision = before + 1
    if not await store.change_system(tx, system, before):
        raise SystemChangedError
    _record(tx, by, kind, at, system, sha256(system.document.encode()).hexdigest())
    return SystemView(system, document_of(system.document))


async def change(tx: Tx, by: Principal, document: SystemDocument, at: int, revision: int | None = None) -> SystemView:
    """Say something else of a system; ``revision`` is the one the caller has read.

    Raises ``InvalidSystemError``, ``SystemNotFoundError``, ``SystemRetiredError``, ``SystemChangedError``.
    """
    _check(document)
    system = await _live(tx, by.tenant, document.key, revision)
    system.document = document.canonical().decode()
    return await _write(tx, by, "system.changed", at, system)


async def add_model_version(
    tx: Tx, by: Principal, key: str, added: ModelVersion, at: int, revision: int | None = None
) -> SystemView:
    """Note that a system now runs another version of its model. Raises what ``change`` raises."""
    system = await _live(tx, by.tenant, key, revision)
    before = document_of(system.document)
    if any((known.model, known.version) == (added.model, added.version) for known in before.versions):
        raise InvalidSystemError.field("/version", "this version is in the register already")
    document = before.model_copy(update={"versions": (*before.versions, added)})
    system.document = document.canonical().decode()
    return await _write(tx, by, "system.model-changed", at, system)


async def retire(tx: Tx, by: Principal, key: str, at: int, revision: int | None = None) -> SystemView:
    """Take a system out of service: from now on the gate denies it. Raises what ``change`` raises."""
    system = await _live(tx, by.tenant, key, revision)
    system.retired_at = at
    return await _write(tx, by, "system.retired", at, system)


async def view(tx: Reader, tenant: str, key: str) -> SystemView:
    """Return a system. Raises ``SystemNotFoundError``."""
    found = await store.system(tx, tenant, key)
    if found is None:
        raise SystemNotFoundError
    return SystemView(found, document_of(found.document))


async def listed(tx: Reader, tenant: str, after: str, limit: int) -> list[SystemView]:
    """Return up to ``limit`` systems whose key comes after ``after``."""
    found = await store.systems_after(tx, tenant, after, limit)
    return [SystemView(system, document_of(system.document)) for system in found]


async def versions(tx: Reader, tenant: str, key: str) -> list[VersionRow]:
    """Return everything the register ever said of a system, newest first. Raises ``SystemNotFoundError``."""
    await view(tx, tenant, key)
    return await store.versions(tx, tenant, key)


async def facts_at(tx: Reader, tenant: str, at: int | None) -> list[SystemAt]:
    """Return what the gate needs of every system, now or as the register said at a past instant (microseconds)."""
    found = []
    for key, text, retired_at in await store.documents_at(tx, tenant, at):
        document = canonical.loads(text)
        retired = retired_at is not None and (at is None or retired_at <= at)
        found.append(SystemAt(key, frozenset(document["purposes"]), document["human_alternative"], retired))
    return found


async def changes_by(tx: Reader, tenant: str, at: int) -> int:
    """Return how often the register had changed by an instant: equal numbers mean that it said the same."""
    return await store.changes_by(tx, tenant, at)
