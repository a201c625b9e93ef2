"""The verbs of notices: draft, approve, schedule, publish, retire. Each stands in the ledger with its effect.

A published version never changes. Whoever wrote the draft can't approve it; any change to it takes the approval away.
What the checks call an error keeps it from being approved and from being published.
"""

from hashlib import sha256
from typing import NamedTuple

from pydantic import ValidationError

from core import canonical
from core.database import Reader, Tx
from core.errors import FieldError
from core.principal import Principal
from disclosures.claims import service as claims
from disclosures.notices import lint, quoting, readability, standing, store
from disclosures.notices.documents import NoticeDocument
from disclosures.notices.errors import (
    InvalidNoticeError,
    NoControlError,
    NoNoticeDraftError,
    NotApprovedError,
    NoticeChangedError,
    NoticeNotFoundError,
    NoticeRetiredError,
    SecondPersonNeededError,
)
from disclosures.notices.lint import Finding
from disclosures.notices.standing import document_of
from disclosures.notices.store import VersionRow
from disclosures.packs.loading import PackSet
from disclosures.resolution import legal_day
from disclosures.tables import Notice, NoticeVersion
from ledger import service as ledger
from ledger.entries import Entry


class NoticeView(NamedTuple):
    """A notice as its keepers see it: the draft under way, the version in force, and whether that is stale."""

    notice: Notice
    draft: NoticeDocument | None
    published: VersionRow | None
    stale: bool


def read_document(values: object) -> NoticeDocument:
    """Read a document from outside the API (demo, import). Raises ``InvalidNoticeError`` naming the fields."""
    try:
        return NoticeDocument.model_validate(values)
    except ValidationError as error:
        faults = error.errors(include_input=False)
        fields = tuple(FieldError("/" + "/".join(map(str, fault["loc"])), fault["msg"]) for fault in faults)
        raise InvalidNoticeError(fields=fields) from error


def _record(tx: Tx, tenant: str, by: str, role: str, kind: str, at: int, facts: dict[str, object]) -> None:
    ledger.append(tx, Entry(kind=kind, tenant=tenant, at=at, public={"by": by, "by_role": role, **facts}))


async def _live(tx: Reader, tenant: str, key: str, revision: int | None) -> Notice:
    found = await store.notice(tx, tenant, key)
    if found is None:
        raise NoticeNotFoundError
    if found.retired_at is not None:
        raise NoticeRetiredError
    if revision is not None and revision != found.revision:
        raise NoticeChangedError
    return found


async def _write(tx: Tx, row: Notice) -> None:
    before = row.revision
    row.revision = before + 1
    if not await store.change(tx, row, before):
        raise NoticeChangedError


async def create(tx: Tx, by: Principal, document: NoticeDocument, at: int) -> NoticeView:
    """Make a notice with its first draft. Raises ``DuplicateError``."""
    made = Notice(
        tenant=by.tenant, key=document.key, draft=document.canonical().decode(), drafted_by=by.id, created_at=at
    )
    store.add_notice(tx, made)
    facts: dict[str, object] = {"notice": document.key, "revision": 1}
    _record(tx, by.tenant, by.id, by.role.value, "notice.drafted", at, facts)
    return NoticeView(made, document, None, stale=False)


async def draft(tx: Tx, by: Principal, document: NoticeDocument, at: int, revision: int | None = None) -> NoticeView:
    """Write the draft of the next version; ``revision`` is the one the caller has read.

    Raises ``NoticeNotFoundError``, ``NoticeRetiredError``, ``NoticeChangedError``.
    """
    row = await _live(tx, by.tenant, document.key, revision)
    row.draft, row.drafted_by = document.canonical().decode(), by.id
    row.approved_by, row.publish_at = None, None
    await _write(tx, row)
    facts: dict[str, object] = {"notice": row.key, "revision": row.revision}
    _record(tx, by.tenant, by.id, by.role.value, "notice.drafted", at, facts)
    return await view(tx, by.tenant, row.key)


async def check(tx: Reader, tenant: str, document: NoticeDocument, packs: PackSet, at: int) -> list[Finding]:
    """Return everything the checks say of a document at an instant (microseconds)."""
    said = quoting.findings(document, await claims.of_tenant(tx, tenant), legal_day(at))
    return [*lint.findings(document, await standing.touchpoints_of(tx, tenant, document), packs), *said]


async def _sound(tx: Reader, row: Notice, packs: PackSet, at: int) -> NoticeDocument:
    """Return the draft. Raises ``NoNoticeDraftError``, ``InvalidNoticeError`` naming what keeps it back."""
    if row.draft is None:
        raise NoNoticeDraftError
    document = document_of(row.draft)
    wrong = lint.errors(await check(tx, row.tenant, document, packs, at))
    if wrong:
        raise InvalidNoticeError(fields=tuple(FieldError(one.pointer, one.detail) for one in wrong))
    return document


async def approve(tx: Tx, by: Principal, key: str, packs: PackSet, at: int, revision: int | None = None) -> NoticeView:
    """Approve the draft as it stands. Raises ``SecondPersonNeededError`` and what ``_sound`` raises."""
    row = await _live(tx, by.tenant, key, revision)
    document = await _sound(tx, row, packs, at)
    if row.drafted_by == by.id:
        raise SecondPersonNeededError
    row.approved_by = by.id
    await _write(tx, row)
    facts: dict[str, object] = {"notice": key, "sha256": sha256(document.canonical()).hexdigest()}
    _record(tx, by.tenant, by.id, by.role.value, "notice.approved", at, facts)
    return await view(tx, by.tenant, key)


async def publish(
    tx: Tx,
    by: Principal,
    key: str,
    packs: PackSet,
    at: int,
    *,
    material: bool,
    later: int | None = None,
    revision: int | None = None,
) -> NoticeView:
    """Publish the approved draft as the next version, for ever unchanged; at the instant ``later`` if it is given.

    The first version is always material. Raises ``NotApprovedError`` and what ``approve`` raises.
    """
    row = await _live(tx, by.tenant, key, revision)
    document = await _sound(tx, row, packs, at)
    if row.approved_by is None:
        raise NotApprovedError
    if later is not None and later > at:
        row.publish_at, row.publish_material = later, material
        await _write(tx, row)
        facts: dict[str, object] = {"notice": key, "publish_at": later, "material": material}
        _record(tx, by.tenant, by.id, by.role.value, "notice.scheduled", at, facts)
        return await view(tx, by.tenant, key)
    await _make_version(tx, row, document, at, by.id, by.role.value, material=material)
    return await view(tx, by.tenant, key)


async def set_aside(
    tx: Tx, by: Principal, key: str, packs: PackSet, at: int, revision: int | None = None
) -> NoticeView:
    """Publish the approved draft as a version for experiments alone: what is in force stays so.

    Raises ``NoControlError``, ``NotApprovedError`` and what ``approve`` raises.
    """
    row = await _live(tx, by.tenant, key, revision)
    document = await _sound(tx, row, packs, at)
    if row.approved_by is None:
        raise NotApprovedError
    if not row.latest_version:
        raise NoControlError
    made = await _version(tx, row, document, at, material=False)
    made.aside = True
    await _keep(tx, row, made)
    _record(tx, row.tenant, by.id, by.role.value, "notice.set-aside", at, facts_of(made))
    return await view(tx, by.tenant, key)


async def publish_scheduled(tx: Tx, tenant: str, key: str, packs: PackSet, at: int) -> bool:
    """Publish a draft whose time has come, as a job; tell whether it did. What is not sound any more stays a draft."""
    row = await store.notice(tx, tenant, key)
    if row is None or row.retired_at is not None or row.publish_at is None or row.publish_at > at:
        return False
    try:
        document = await _sound(tx, row, packs, at)
    except InvalidNoticeError as error:
        row.publish_at = None
        await _write(tx, row)
        facts: dict[str, object] = {"notice": key, "because": [field.pointer for field in error.fields]}
        _record(tx, tenant, "scheduler", "system", "notice.held-back", at, facts)
        return False
    await _make_version(tx, row, document, at, "scheduler", "system", material=row.publish_material)
    return True


async def _make_version(
    tx: Tx, row: Notice, document: NoticeDocument, at: int, by: str, role: str, *, material: bool
) -> None:
    made = await _version(tx, row, document, at, material=material)
    row.latest_version = made.version
    await _keep(tx, row, made)
    _record(tx, row.tenant, by, role, "notice.published", at, facts_of(made))


async def _keep(tx: Tx, row: Notice, made: NoticeVersion) -> None:
    store.add_version(tx, made)
    row.draft, row.drafted_by, row.approved_by, row.publish_at = None, None, None, None
    await _write(tx, row)


async def _version(tx: Reader, row: Notice, document: NoticeDocument, at: int, *, material: bool) -> NoticeVersion:
    """Return the next version of a notice."""
    number = await store.newest_number(tx, row.tenant, row.key) + 1
    raw = document.canonical()
    scores = {
        language: found._asdict()
        for language, text in document.texts.items()
        if (found := readability.score(text.text, language)) is not None
    }
    return NoticeVersion(
        tenant=row.tenant,
        key=row.key,
        version=number,
        document=raw.decode(),
        sha256=sha256(raw).hexdigest(),
        material=material or number == 1,
        readability=canonical.dumps(scores).decode(),
        register_sha256=await standing.register_sha256(tx, row.tenant, document),
        published_at=at,
        drafted_by=row.drafted_by or "",
        approved_by=row.approved_by or "",
    )


def facts_of(made: NoticeVersion) -> dict[str, object]:
    """Return what the log says of a version."""
    return {
        "notice": made.key,
        "version": made.version,
        "sha256": made.sha256,
        "material": made.material,
        "drafted_by": made.drafted_by,
        "approved_by": made.approved_by,
        "register_sha256": made.register_sha256,
    }


async def retire(tx: Tx, by: Principal, key: str, at: int, revision: int | None = None) -> NoticeView:
    """End a notice: it is shown to nobody any more. Raises what ``draft`` raises."""
    row = await _live(tx, by.tenant, key, revision)
    row.retired_at, row.publish_at = at, None
    await _write(tx, row)
    _record(tx, by.tenant, by.id, by.role.value, "notice.retired", at, {"notice": key})
    return await view(tx, by.tenant, key)


async def view(tx: Reader, tenant: str, key: str) -> NoticeView:
    """Return a notice with its draft and the version in force. Raises ``NoticeNotFoundError``."""
    found = await store.notice(tx, tenant, key)
    if found is None:
        raise NoticeNotFoundError
    return await _seen(tx, found)


async def _seen(tx: Reader, row: Notice) -> NoticeView:
    latest = await store.version(tx, row.tenant, row.key, row.latest_version) if row.latest_version else None
    stale = latest is not None and await standing.is_stale(tx, row.tenant, latest)
    return NoticeView(row, None if row.draft is None else document_of(row.draft), latest, stale)


async def listed(tx: Reader, tenant: str, after: str, limit: int) -> list[NoticeView]:
    """Return up to ``limit`` notices whose key comes after ``after``."""
    return [await _seen(tx, row) for row in await store.notices_after(tx, tenant, after, limit)]


async def versions(tx: Reader, tenant: str, key: str) -> list[VersionRow]:
    """Return every published version, newest first. Raises ``NoticeNotFoundError``."""
    await view(tx, tenant, key)
    return await store.versions(tx, tenant, key)


async def version(tx: Reader, tenant: str, key: str, number: int) -> VersionRow:
    """Return one published version. Raises ``NoticeNotFoundError``."""
    found = await store.version(tx, tenant, key, number)
    if found is None:
        raise NoticeNotFoundError
    return found
