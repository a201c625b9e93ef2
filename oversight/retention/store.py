"""Every statement on schedules, legal holds, deletion runs and what remains of deleted records."""

from typing import Final, NamedTuple

from core.database import Insert, Reader, Sql, Tx
from oversight.retention.tables import DeletedRecord, LegalHold, RetentionRun, RetentionSchedule


class ScheduleRow(NamedTuple):
    """One row of ``retention_schedule``, in the table's order; instants in microseconds."""

    tenant: str
    record_type: str
    version: int
    document: str
    proposed_by: str
    proposed_at: int
    approved_by: str | None
    approved_at: int | None
    seq: int


class HoldRow(NamedTuple):
    """One row of ``legal_hold``, in the table's order; instants in microseconds."""

    tenant: str
    id: str
    scope: str
    record_type: str | None
    record: str | None
    subject: bytes | None
    ground: str
    reference: str
    placed_by: str
    placed_at: int
    placed_seq: int
    released_by: str | None = None
    released_at: int | None = None
    released_because: str | None = None
    released_seq: int | None = None


class RunRow(NamedTuple):
    """One row of ``retention_run``, in the table's order; instants in microseconds."""

    tenant: str
    id: str
    record_type: str
    schedule_version: int
    periods: str
    as_of: int
    cut_off: int
    begins: str
    position: str
    clear_to: str
    deleted: int
    first: str | None
    last: str | None
    digest: bytes
    held: str
    verified_at: int | None
    seq: int | None


class DeletedRow(NamedTuple):
    """One row of ``deleted_record``, in the table's order."""

    tenant: str
    record_type: str
    record: str
    seq: int
    run: str
    remains: str


LAST: Final = "zzzz"  # sorts after every id, by whatever collation
_INSERT_SCHEDULE, _INSERT_HOLD = Insert(RetentionSchedule), Insert(LegalHold)
_INSERT_RUN, _INSERT_DELETED = Insert(RetentionRun), Insert(DeletedRecord)
_PUT_RUN = Insert(RetentionRun, key=("tenant", "id"), replace=True)
_S, _H, _R, _D = (", ".join(f'"{name}"' for name in row._fields) for row in (ScheduleRow, HoldRow, RunRow, DeletedRow))
# every text below is put together from our own column lists, values only ever as parameters
_NEWEST = Sql(
    f"SELECT {_S} FROM retention_schedule WHERE tenant = :tenant AND record_type = :sort"  # noqa: S608 -- see above
    " ORDER BY version DESC LIMIT :most"
)
_IN_FORCE = Sql(
    f"SELECT {_S} FROM retention_schedule WHERE tenant = :tenant AND record_type = :sort"  # noqa: S608 -- see above
    " AND approved_at IS NOT NULL ORDER BY version DESC LIMIT 1"
)
_APPROVE = Sql(
    "UPDATE retention_schedule SET approved_by = :by, approved_at = :at, seq = :seq"
    " WHERE tenant = :tenant AND record_type = :sort AND version = :version AND approved_at IS NULL"
)
_SCHEDULED = Sql(
    "SELECT DISTINCT tenant, record_type FROM retention_schedule WHERE approved_at IS NOT NULL"
    " ORDER BY tenant, record_type"
)
_HOLDS = Sql(f"SELECT {_H} FROM legal_hold WHERE tenant = :tenant AND id > :after ORDER BY id LIMIT :most")  # noqa: S608 -- see above
_STANDING = Sql(
    f"SELECT {_H} FROM legal_hold WHERE tenant = :tenant AND released_at IS NULL AND id > :after"  # noqa: S608 -- see above
    " ORDER BY id LIMIT :most"
)
_HOLD = Sql(f"SELECT {_H} FROM legal_hold WHERE tenant = :tenant AND id = :id")  # noqa: S608 -- see above
_RELEASE = Sql(
    "UPDATE legal_hold SET released_by = :by, released_at = :at, released_because = :because, released_seq = :seq"
    " WHERE tenant = :tenant AND id = :id AND released_at IS NULL"
)
_REACHING = Sql(
    f"SELECT {_H} FROM legal_hold WHERE tenant = :tenant AND released_at IS NULL"  # noqa: S608 -- see above
    " AND (scope = 'type' OR subject = :subject) ORDER BY id LIMIT 1"
)
_RUN = Sql(f"SELECT {_R} FROM retention_run WHERE tenant = :tenant AND id = :id")  # noqa: S608 -- see above
_OPEN_RUN = Sql(
    f"SELECT {_R} FROM retention_run WHERE tenant = :tenant AND record_type = :sort AND seq IS NULL"  # noqa: S608 -- see above
    " ORDER BY id LIMIT 1"
)
_LAST_RUN = Sql(
    f"SELECT {_R} FROM retention_run WHERE tenant = :tenant AND record_type = :sort AND seq IS NOT NULL"  # noqa: S608 -- see above
    " ORDER BY id DESC LIMIT 1"
)
_DROP_RUN = Sql("DELETE FROM retention_run WHERE tenant = :tenant AND id = :id AND deleted = 0 AND seq IS NULL")
_CERTIFICATES = Sql(
    f"SELECT {_R} FROM retention_run WHERE tenant = :tenant AND id < :before AND seq IS NOT NULL"  # noqa: S608 -- see above
    " ORDER BY id DESC LIMIT :most"
)
_DELETED = Sql(
    f"SELECT {_D} FROM deleted_record WHERE tenant = :tenant AND seq = :seq ORDER BY record"  # noqa: S608 -- see above
)
_COUNT_DELETED = Sql("SELECT count(*) FROM deleted_record")
_OF_RECORD = Sql(
    f"SELECT {_D} FROM deleted_record WHERE tenant = :tenant AND record_type = :sort AND record = :record ORDER BY seq"  # noqa: S608 -- see above
)


def add_schedule(tx: Tx, row: ScheduleRow) -> None:
    """Keep a version of a schedule."""
    tx.insert(_INSERT_SCHEDULE, row)


async def newest_schedules(tx: Reader, tenant: str, sort: str, most: int = 1) -> list[ScheduleRow]:
    """Return the newest versions of a schedule, in force or not, newest first."""
    return [ScheduleRow(*row) for row in await tx.rows(_NEWEST, tenant=tenant, sort=sort, most=most)]


async def schedule_in_force(tx: Reader, tenant: str, sort: str) -> ScheduleRow | None:
    """Return the version of a schedule that holds now."""
    row = await tx.row(_IN_FORCE, tenant=tenant, sort=sort)
    return None if row is None else ScheduleRow(*row)


async def approve_schedule(tx: Tx, row: ScheduleRow) -> None:
    """Note who approved a version of a schedule."""
    await tx.execute(
        _APPROVE, tenant=row.tenant, sort=row.record_type, version=row.version,
        by=row.approved_by, at=row.approved_at, seq=row.seq,
    )  # fmt: skip


async def scheduled(tx: Reader) -> list[tuple[str, str]]:
    """Return (tenant, record type) of everything a schedule was ever approved for."""
    return [(row[0], row[1]) for row in await tx.rows(_SCHEDULED)]


def add_hold(tx: Tx, row: HoldRow) -> None:
    """Keep a hold."""
    tx.insert(_INSERT_HOLD, row)


async def holds(tx: Reader, tenant: str, after: str, most: int, *, standing: bool = False) -> list[HoldRow]:
    """Return holds by id from after one, the oldest first; only those that stand if asked."""
    query = _STANDING if standing else _HOLDS
    return [HoldRow(*row) for row in await tx.rows(query, tenant=tenant, after=after, most=most)]


async def hold(tx: Reader, tenant: str, hold_id: str) -> HoldRow | None:
    """Return a hold of a tenant."""
    row = await tx.row(_HOLD, tenant=tenant, id=hold_id)
    return None if row is None else HoldRow(*row)


async def release(tx: Tx, row: HoldRow) -> None:
    """Note who released a hold, when and why."""
    await tx.execute(
        _RELEASE, tenant=row.tenant, id=row.id, by=row.released_by, at=row.released_at,
        because=row.released_because, seq=row.released_seq,
    )  # fmt: skip


async def hold_reaching(tx: Reader, tenant: str, subject: bytes) -> HoldRow | None:
    """Return a standing hold that reaches a person's records."""
    row = await tx.row(_REACHING, tenant=tenant, subject=subject)
    return None if row is None else HoldRow(*row)


def add_run(tx: Tx, row: RunRow) -> None:
    """Begin a run."""
    tx.insert(_INSERT_RUN, row)


def put_run(tx: Tx, row: RunRow) -> None:
    """Write how far a run is."""
    tx.insert(_PUT_RUN, row)


async def drop_run(tx: Tx, row: RunRow) -> None:
    """Take a run back that deleted nothing."""
    await tx.execute(_DROP_RUN, tenant=row.tenant, id=row.id)


async def run(tx: Reader, tenant: str, run_id: str) -> RunRow | None:
    """Return a run of a tenant, certified or under way."""
    row = await tx.row(_RUN, tenant=tenant, id=run_id)
    return None if row is None else RunRow(*row)


async def open_run(tx: Reader, tenant: str, sort: str) -> RunRow | None:
    """Return the run that is under way."""
    row = await tx.row(_OPEN_RUN, tenant=tenant, sort=sort)
    return None if row is None else RunRow(*row)


async def last_run(tx: Reader, tenant: str, sort: str) -> RunRow | None:
    """Return the newest certified run."""
    row = await tx.row(_LAST_RUN, tenant=tenant, sort=sort)
    return None if row is None else RunRow(*row)


async def certificates(tx: Reader, tenant: str, before: str, most: int) -> list[RunRow]:
    """Return certified runs from before an id, newest first."""
    return [RunRow(*row) for row in await tx.rows(_CERTIFICATES, tenant=tenant, before=before, most=most)]


def add_deleted(tx: Tx, row: DeletedRow) -> None:
    """Keep what remains of a record."""
    tx.insert(_INSERT_DELETED, row)


async def deleted(tx: Reader, tenant: str, seq: int) -> list[DeletedRow]:
    """Return what remains of the records that a ledger entry says were deleted, by id."""
    return [DeletedRow(*row) for row in await tx.rows(_DELETED, tenant=tenant, seq=seq)]


async def count_deleted(tx: Reader) -> int:
    """Return how many deletions are known, of all tenants."""
    row = await tx.row(_COUNT_DELETED)
    return int(row[0]) if row else 0


async def remains(tx: Reader, tenant: str, sort: str, record: str) -> list[DeletedRow]:
    """Return what remains of one record, the oldest deletion first."""
    return [DeletedRow(*row) for row in await tx.rows(_OF_RECORD, tenant=tenant, sort=sort, record=record)]
