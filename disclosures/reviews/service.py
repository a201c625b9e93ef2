"""The verbs of reviews: record a vendor's update, which opens them, and close one with its outcome (DIS-13).

An update does not make a notice stale by itself: a person decides whether people were told of something else. Each
update, review and outcome stands in the ledger.
"""

from hashlib import sha256
from typing import Any, NamedTuple

from core import canonical, ids
from core.database import Reader, Tx
from core.principal import Principal
from disclosures import service as systems
from disclosures.errors import SystemRetiredError
from disclosures.notices import standing
from disclosures.reviews import store
from disclosures.reviews.documents import Answer, VendorUpdate
from disclosures.reviews.errors import NothingNewError, ReviewClosedError, ReviewNotFoundError
from disclosures.reviews.tables import DisclosureReview, VendorEvent
from disclosures.touchpoints import service as touchpoints
from ledger import service as ledger
from ledger.entries import Entry


class Opened(NamedTuple):
    """An update and the reviews it opened, by touchpoint and notice."""

    event: VendorEvent
    reviews: list[DisclosureReview]


def document_of(text: str) -> VendorUpdate:
    """Read a stored document."""
    return VendorUpdate.model_validate(canonical.loads(text))


def event_facts(row: VendorEvent) -> dict[str, Any]:
    """Return what the log says of an update."""
    digest = sha256(row.document.encode()).hexdigest()
    return {"event": row.id, "system": row.system, "sha256": digest, "by": row.recorded_by}


def opening_facts(row: DisclosureReview) -> dict[str, Any]:
    """Return what the log says of a review when it is opened."""
    return {
        "review": row.id,
        "event": row.event,
        "system": row.system,
        "touchpoint": row.touchpoint,
        "notice": row.notice,
        "version": row.version,
    }


def closing_facts(row: DisclosureReview) -> dict[str, Any]:
    """Return what the log says of a review when it is closed; of the reason it holds a hash."""
    return {
        "review": row.id,
        "outcome": row.outcome,
        "reason_sha256": sha256((row.reason or "").encode()).hexdigest(),
        "new_version": row.new_version,
        "by": row.closed_by,
    }


def _note(tx: Tx, by: Principal, kind: str, facts: dict[str, Any], at: int) -> None:
    public = {**facts, "by": by.id, "by_role": by.role.value}
    ledger.append(tx, Entry(kind=kind, tenant=by.tenant, at=at, public=public))


async def record(tx: Tx, by: Principal, system: str, update: VendorUpdate, at: int) -> Opened:
    """Record what a vendor changed, and open a review for each notice at each touchpoint of the system.

    A touchpoint that is not retired and at which no notice stands gets a review too, without a notice. Raises
    ``SystemNotFoundError``, ``SystemRetiredError``.
    """
    if (await systems.view(tx, by.tenant, system)).system.retired_at is not None:
        raise SystemRetiredError
    event = VendorEvent(
        tenant=by.tenant,
        id=ids.new("ven", at),
        system=system,
        document=update.canonical().decode(),
        recorded_by=by.id,
        recorded_at=at,
    )
    store.add(tx, event)
    _note(tx, by, "vendor-event.recorded", event_facts(event), at)
    reviews = [
        DisclosureReview(
            tenant=by.tenant,
            id=ids.new("rev", at),
            event=event.id,
            system=system,
            touchpoint=touchpoint,
            notice=notice,
            version=version,
            opened_at=at,
        )
        for touchpoint, notice, version in await _concerned(tx, by.tenant, system)
    ]
    for row in reviews:
        store.add(tx, row)
        _note(tx, by, "disclosure-review.opened", opening_facts(row), at)
    return Opened(event, reviews)


async def _concerned(tx: Reader, tenant: str, system: str) -> list[tuple[str, str | None, int | None]]:
    """Return touchpoint, notice and version of everything people are told of a system."""
    published = await standing.in_force(tx, tenant)
    found: list[tuple[str, str | None, int | None]] = []
    for one in await touchpoints.of_tenant(tx, tenant):
        key = one.touchpoint.key
        if one.document.system != system or one.touchpoint.state == "retired":
            continue
        told = [(key, row.key, row.version) for row, notice in published if _stands_at(notice.touchpoints, key)]
        found += told or [(key, None, None)]
    return found


def _stands_at(named: tuple[str, ...], touchpoint: str) -> bool:
    return touchpoint in named or not named  # a notice that names none stands everywhere


async def close(tx: Tx, by: Principal, review_id: str, answer: Answer, at: int) -> DisclosureReview:
    """Close a review with its outcome and the reason for it.

    ``new_version`` takes a version published since the review was opened. Raises ``ReviewNotFoundError``,
    ``ReviewClosedError``, ``NothingNewError``.
    """
    row = await view(tx, by.tenant, review_id)
    if row.closed_at is not None:
        raise ReviewClosedError
    row.new_version = await _newer(tx, row) if answer.outcome == "new_version" else None
    row.outcome, row.reason, row.closed_by, row.closed_at = answer.outcome, answer.reason, by.id, at
    if not await store.close(tx, row):
        raise ReviewClosedError
    _note(tx, by, "disclosure-review.closed", closing_facts(row), at)
    return row


async def _newer(tx: Reader, review: DisclosureReview) -> int:
    """Return the version in force that tells of the change. Raises ``NothingNewError``."""
    for row, notice in await standing.in_force(tx, review.tenant):
        if not _stands_at(notice.touchpoints, review.touchpoint):
            continue
        if review.notice in (None, row.key) and row.published_at > review.opened_at:
            return row.version
    raise NothingNewError("publish the notice first, or close the review with no_change and say why")


async def view(tx: Reader, tenant: str, review_id: str) -> DisclosureReview:
    """Return a review. Raises ``ReviewNotFoundError``."""
    found = await store.review(tx, tenant, review_id)
    if found is None:
        raise ReviewNotFoundError
    return found


async def cause(tx: Reader, review: DisclosureReview) -> VendorUpdate:
    """Return the update that opened a review. Raises ``ReviewNotFoundError`` if it is gone."""
    found = await store.event(tx, review.tenant, review.event)
    if found is None:
        raise ReviewNotFoundError
    return document_of(found.document)


async def events(tx: Reader, tenant: str, system: str, after: str, limit: int) -> list[VendorEvent]:
    """Return up to ``limit`` updates of a system whose id comes after ``after``. Raises ``SystemNotFoundError``."""
    await systems.view(tx, tenant, system)
    return await store.events(tx, tenant, system, after, limit)
