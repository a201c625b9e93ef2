"""Every statement on vendors' updates and the reviews they open."""

from collections.abc import Sequence
from typing import Any, Final, Literal

from core.database import Reader, Sql, Tx
from disclosures.reviews.tables import DisclosureReview, VendorEvent

Standing = Literal["open", "closed", "all"]
_EVENT: Final = "tenant, id, system, document, recorded_by, recorded_at"
_REVIEW: Final = (
    "tenant, id, event, system, touchpoint, notice, version, opened_at, outcome, reason, new_version, closed_by,"
    " closed_at"
)
_EVENTS = Sql(
    f"SELECT {_EVENT} FROM vendor_event WHERE tenant = :tenant AND system = :system AND id > :after"  # noqa: S608 -- our own column list
    " ORDER BY id LIMIT :limit"
)
_EVENT_OF = Sql(f"SELECT {_EVENT} FROM vendor_event WHERE tenant = :tenant AND id = :id")  # noqa: S608 -- our own column list
_EVERY_EVENT = Sql(f"SELECT {_EVENT} FROM vendor_event ORDER BY tenant, id")  # noqa: S608 -- our own column list
_ONE = Sql(f"SELECT {_REVIEW} FROM disclosure_review WHERE tenant = :tenant AND id = :id")  # noqa: S608 -- our own column list
_EVERY_REVIEW = Sql(f"SELECT {_REVIEW} FROM disclosure_review ORDER BY tenant, id")  # noqa: S608 -- our own column list
_OPENED = Sql(
    "SELECT count(*) FROM"
    " (SELECT id FROM disclosure_review WHERE tenant = :tenant AND closed_at IS NULL LIMIT :most) AS waiting"
)
_WHERE: Final[dict[Standing, str]] = {
    "open": " AND closed_at IS NULL",
    "closed": " AND closed_at IS NOT NULL",
    "all": "",
}
_AFTER = {
    standing: Sql(
        f"SELECT {_REVIEW} FROM disclosure_review WHERE tenant = :tenant AND id > :after{where}"  # noqa: S608 -- our own column list
        " ORDER BY id LIMIT :limit"
    )
    for standing, where in _WHERE.items()
}
_CLOSE = Sql(
    "UPDATE disclosure_review SET outcome = :outcome, reason = :reason, new_version = :new_version,"
    " closed_by = :closed_by, closed_at = :closed_at WHERE tenant = :tenant AND id = :id AND closed_at IS NULL"
)


def _event(row: Sequence[Any]) -> VendorEvent:
    return VendorEvent(tenant=row[0], id=row[1], system=row[2], document=row[3], recorded_by=row[4], recorded_at=row[5])


def _review(row: Sequence[Any]) -> DisclosureReview:
    return DisclosureReview(
        tenant=row[0],
        id=row[1],
        event=row[2],
        system=row[3],
        touchpoint=row[4],
        notice=row[5],
        version=row[6],
        opened_at=row[7],
        outcome=row[8],
        reason=row[9],
        new_version=row[10],
        closed_by=row[11],
        closed_at=row[12],
    )


async def events(tx: Reader, tenant: str, system: str, after: str, limit: int) -> list[VendorEvent]:
    """Return up to ``limit`` updates of a system whose id comes after ``after``, oldest first."""
    return [_event(row) for row in await tx.rows(_EVENTS, tenant=tenant, system=system, after=after, limit=limit)]


async def event(tx: Reader, tenant: str, event_id: str) -> VendorEvent | None:
    """Return an update of a tenant."""
    row = await tx.row(_EVENT_OF, tenant=tenant, id=event_id)
    return None if row is None else _event(row)


async def every_event(tx: Reader) -> list[VendorEvent]:
    """Return the updates of all tenants, for the comparison with the ledger."""
    return [_event(row) for row in await tx.rows(_EVERY_EVENT)]


async def review(tx: Reader, tenant: str, review_id: str) -> DisclosureReview | None:
    """Return a review of a tenant."""
    row = await tx.row(_ONE, tenant=tenant, id=review_id)
    return None if row is None else _review(row)


async def reviews(tx: Reader, tenant: str, standing: Standing, after: str, limit: int) -> list[DisclosureReview]:
    """Return up to ``limit`` reviews whose id comes after ``after``, oldest first."""
    return [_review(row) for row in await tx.rows(_AFTER[standing], tenant=tenant, after=after, limit=limit)]


async def every_review(tx: Reader) -> list[DisclosureReview]:
    """Return the reviews of all tenants, for the comparison with the ledger."""
    return [_review(row) for row in await tx.rows(_EVERY_REVIEW)]


async def number_open(tx: Reader, tenant: str, most: int) -> int:
    """Return how many reviews of a tenant wait for an answer, counting up to ``most``."""
    row = await tx.row(_OPENED, tenant=tenant, most=most)
    return 0 if row is None else int(row[0])


def add(tx: Tx, made: VendorEvent | DisclosureReview) -> None:
    """Add an update, or a review that it opens."""
    tx.add(made)


async def close(tx: Tx, row: DisclosureReview) -> bool:
    """Write how a review ended; tell whether it was open until now."""
    return (
        await tx.execute(
            _CLOSE,
            tenant=row.tenant,
            id=row.id,
            outcome=row.outcome,
            reason=row.reason,
            new_version=row.new_version,
            closed_by=row.closed_by,
            closed_at=row.closed_at,
        )
        == 1
    )
