"""The verbs of reason tables: draft, approve by a second person, retire; each stands in the ledger with its effect.

An approved version never changes: the next one is drafted and approved as ``n + 1``. Whoever wrote on the draft
can't approve it. An explanation names the version whose words it uses.
"""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from core import canonical
from core.database import Reader, Tx
from core.principal import Principal
from explanations.parts import ReasonCode
from explanations.reasons import store
from explanations.reasons.documents import EVERYWHERE, ReasonTable, contradictions
from explanations.reasons.errors import (
    InvalidReasonTableError,
    NothingDraftedError,
    ReasonTableChangedError,
    ReasonTableNotFoundError,
    ReasonTableRetiredError,
    SecondPersonNeededError,
)
from explanations.reasons.tables import ReasonTableHead, ReasonTableVersion
from ledger import service as ledger
from ledger.entries import Entry


class Approved(NamedTuple):
    """A table in force: what an explanation's words come from."""

    table: ReasonTable
    version: int
    sha256: str

    @property
    def ref(self) -> str:
        """Return how an explanation names it."""
        return f"{self.table.key}@{self.version}"


class TableView(NamedTuple):
    """A table as its keepers see it: the draft under way, and the version in force, if any."""

    head: ReasonTableHead
    draft: ReasonTable | None
    approved: ReasonTableVersion | None


def document_of(text: str) -> ReasonTable:
    """Read a stored document."""
    return ReasonTable.model_validate(canonical.loads(text))


def writers_of(text: str) -> list[str]:
    """Read who wrote on a draft."""
    found: list[str] = canonical.loads(text)
    return found


def _check(table: ReasonTable) -> None:
    if fields := contradictions(table):
        raise InvalidReasonTableError(fields=fields)


def _record(tx: Tx, by: Principal, kind: str, at: int, facts: dict[str, object]) -> int:
    public = {"by": by.id, "by_role": by.role.value, **facts}
    return ledger.append(tx, Entry(kind=kind, tenant=by.tenant, at=at, public=public))


def _drafted(tx: Tx, by: Principal, head: ReasonTableHead, text: str, at: int) -> None:
    facts: dict[str, object] = {"table": head.key, "system": head.system, "revision": head.revision}
    _record(tx, by, "reason-table.drafted", at, {**facts, "sha256": sha256(text.encode()).hexdigest()})


async def _open(tx: Reader, tenant: str, key: str) -> ReasonTableHead:
    found = await store.table(tx, tenant, key)
    if found is None:
        raise ReasonTableNotFoundError
    if found.retired_at is not None:
        raise ReasonTableRetiredError
    return found


async def _change(tx: Tx, head: ReasonTableHead, revision: int | None) -> None:
    before = head.revision
    if revision is not None and revision != before:
        raise ReasonTableChangedError
    head.revision = before + 1
    if not await store.change_table(tx, head, before):
        raise ReasonTableChangedError


async def create(tx: Tx, by: Principal, table: ReasonTable, at: int) -> TableView:
    """Make a table with its first draft. Raises ``InvalidReasonTableError``, ``DuplicateError``."""
    _check(table)
    text, writers = table.canonical().decode(), canonical.dumps([by.id]).decode()
    head = ReasonTableHead(
        tenant=by.tenant, key=table.key, system=table.system, draft=text, drafted_by=writers, created_at=at
    )
    store.add_table(tx, head)
    _drafted(tx, by, head, text, at)
    return TableView(head, table, None)


async def draft(tx: Tx, by: Principal, table: ReasonTable, at: int, revision: int | None = None) -> TableView:
    """Write the draft of the next version; ``revision`` is the one the caller has read.

    Raises ``InvalidReasonTableError``, ``ReasonTableNotFoundError``, ``ReasonTableRetiredError``,
    ``ReasonTableChangedError``.
    """
    _check(table)
    head = await _open(tx, by.tenant, table.key)
    if table.system != head.system:
        raise InvalidReasonTableError.field("/system", "a table speaks for one system, for ever: make another one")
    writers = [] if head.draft is None else writers_of(head.drafted_by)
    head.draft = table.canonical().decode()
    head.drafted_by = canonical.dumps(sorted({*writers, by.id})).decode()
    await _change(tx, head, revision)
    _drafted(tx, by, head, head.draft, at)
    return await view(tx, by.tenant, table.key)


async def approve(tx: Tx, by: Principal, key: str, at: int, revision: int | None = None) -> TableView:
    """Approve the draft as the next version, for ever unchanged.

    Raises ``NothingDraftedError``, ``SecondPersonNeededError`` and what ``draft`` raises.
    """
    head = await _open(tx, by.tenant, key)
    if head.draft is None:
        raise NothingDraftedError
    if by.id in writers_of(head.drafted_by):
        raise SecondPersonNeededError
    table = document_of(head.draft)
    _check(table)
    raw, number = table.canonical(), head.latest_version + 1
    made = ReasonTableVersion(
        tenant=by.tenant,
        key=key,
        version=number,
        document=raw.decode(),
        sha256=sha256(raw).hexdigest(),
        drafted_by=head.drafted_by,
        approved_by=by.id,
        approved_at=at,
    )
    store.add_version(tx, made)
    head.latest_version, head.draft, head.drafted_by = number, None, canonical.dumps([]).decode()
    await _change(tx, head, revision)
    facts: dict[str, object] = {"table": key, "version": number, "sha256": made.sha256}
    facts["drafted_by"] = writers_of(made.drafted_by)
    _record(tx, by, "reason-table.approved", at, facts)
    return await view(tx, by.tenant, key)


async def retire(tx: Tx, by: Principal, key: str, at: int, revision: int | None = None) -> TableView:
    """Use a table no more; its versions stay on record. Raises as ``draft`` does."""
    head = await _open(tx, by.tenant, key)
    head.retired_at = at
    await _change(tx, head, revision)
    _record(tx, by, "reason-table.retired", at, {"table": key})
    return await view(tx, by.tenant, key)


async def view(tx: Reader, tenant: str, key: str) -> TableView:
    """Return a table with its draft and the version in force. Raises ``ReasonTableNotFoundError``."""
    head = await store.table(tx, tenant, key)
    if head is None:
        raise ReasonTableNotFoundError
    return await _seen(tx, head)


async def _seen(tx: Reader, head: ReasonTableHead) -> TableView:
    latest = None
    if head.latest_version:
        latest = await store.version(tx, head.tenant, head.key, head.latest_version)
    return TableView(head, None if head.draft is None else document_of(head.draft), latest)


async def listed(tx: Reader, tenant: str, after: str, limit: int) -> list[TableView]:
    """Return up to ``limit`` tables whose key comes after ``after``."""
    return [await _seen(tx, head) for head in await store.tables_after(tx, tenant, after, limit)]


async def versions(tx: Reader, tenant: str, key: str) -> list[ReasonTableVersion]:
    """Return every approved version of a table, newest first. Raises ``ReasonTableNotFoundError``."""
    if await store.table(tx, tenant, key) is None:
        raise ReasonTableNotFoundError
    return await store.versions(tx, tenant, key)


async def in_force(
    tx: Reader, tenant: str, system: str, jurisdiction: str | None = None, framework: str | None = None
) -> Approved | None:
    """Return the approved table that speaks for a system in a place: the most special one that fits, or nothing.

    A table for ``US-CA`` goes before one for ``US``, that before one for everywhere; among equals the one that names
    the framework, then the first by key.
    """
    best: tuple[tuple[int, int], Approved] | None = None
    for row in await store.in_force(tx, tenant, system):
        table = document_of(row.document)
        fit = _fit(table, jurisdiction, framework)
        if fit is not None and (best is None or fit > best[0]):
            best = fit, Approved(table, row.version, row.sha256)
    return None if best is None else best[1]


async def of_version(tx: Reader, tenant: str, key: str, version: int) -> Approved | None:
    """Return an approved version, also one that is not in force any more; nothing if there is none."""
    row = await store.version(tx, tenant, key, version)
    return None if row is None else Approved(document_of(row.document), row.version, row.sha256)


async def of_explanation(tx: Reader, tenant: str, codes: Sequence[ReasonCode]) -> Approved | None:
    """Return the version whose words ranked reasons name; nothing where they name none."""
    for one in codes:
        if one.text_id is not None:
            key, _, version = one.text_id.partition("#")[0].rpartition("@")
            return await of_version(tx, tenant, key, int(version))
    return None


def _fit(table: ReasonTable, jurisdiction: str | None, framework: str | None) -> tuple[int, int] | None:
    places = set(table.jurisdictions)
    if jurisdiction is not None and jurisdiction in places:
        near = 2
    elif jurisdiction is not None and jurisdiction.partition("-")[0] in places:
        near = 1
    elif EVERYWHERE in places:
        near = 0
    else:
        return None
    return near, int(framework is not None and framework in table.frameworks)
