"""Every statement on explanation requests: cases, events, papers, links and codes."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from core.clock import LATEST
from core.database import Insert, Reader, Sql, Tx
from explanations.requests.tables import (
    DecisionOverride,
    ExplanationRequest,
    ExplanationRequestDecision,
    ExplanationRequestEvent,
    ExplanationRequestPaper,
    ExplanationRequestSecret,
    HumanReview,
    OverturnIncident,
)


class CaseRow(NamedTuple):
    """One row of ``explanation_request``, in the table's order; instants in microseconds."""

    id: str
    number: str
    tenant: str
    subject: bytes
    asker: bytes
    site: str | None
    kind: str
    state: str
    owed: bool
    law: str
    assignee: str | None
    system: str | None
    model: str | None
    received_at: int
    due_at: int
    overdue_at: int | None
    answered_at: int | None
    on_time: bool | None
    seq: int
    updated_at: int
    facts: str
    sealed: bytes | None


class EventRow(NamedTuple):
    """One row of ``explanation_request_event``."""

    seq: int
    tenant: str
    request: str
    kind: str
    at: int
    subject: bytes
    facts: str
    sealed: bytes | None


class PaperRow(NamedTuple):
    """One row of ``explanation_request_paper``."""

    id: str
    tenant: str
    request: str
    kind: str
    version: int
    media_type: str
    sha256: str
    subject: bytes
    created_at: int
    created_by: str
    sealed: bytes | None


class SecretRow(NamedTuple):
    """One row of ``explanation_request_secret``."""

    digest: bytes
    tenant: str
    request: str
    purpose: str
    made_at: int
    expires_at: int
    attempts: int
    used_at: int | None
    sealed: bytes | None


class ReviewRow(NamedTuple):
    """One row of ``human_review``."""

    request: str
    round: int
    tenant: str
    reviewer: str
    system: str | None
    model: str | None
    opened_at: int
    decided_at: int
    outcome: str
    cause: str | None


class OverrideRow(NamedTuple):
    """One row of ``decision_override``."""

    seq: int
    id: str
    tenant: str
    decision: str
    request: str
    outcome_before: str
    outcome: str
    adverse: bool
    by: str
    at: int
    confirmed_at: int | None


class IncidentRow(NamedTuple):
    """One row of ``overturn_incident``."""

    id: str
    tenant: str
    model: str
    cause: str
    overturns: int
    opened_at: int
    seq: int
    closed_at: int | None


INSERT_CASE = Insert(ExplanationRequest)
INSERT_EVENT = Insert(ExplanationRequestEvent)
INSERT_PAPER = Insert(ExplanationRequestPaper)
INSERT_SECRET = Insert(ExplanationRequestSecret)
INSERT_ABOUT = Insert(ExplanationRequestDecision, key=("tenant", "decision", "request"), replace=False)
INSERT_REVIEW = Insert(HumanReview)
INSERT_OVERRIDE = Insert(DecisionOverride)
INSERT_INCIDENT = Insert(OverturnIncident)

_CASE = ", ".join(f"r.{name}" for name in CaseRow._fields)
_EVENT = ", ".join(EventRow._fields)
_PAPER = ", ".join(PaperRow._fields)
_SECRET = ", ".join(SecretRow._fields)
_OVERRIDE = ", ".join(f'"{name}"' for name in OverrideRow._fields)
_REVIEW = ", ".join(ReviewRow._fields)
_INCIDENT = ", ".join(IncidentRow._fields)
# every text below is put together from our own column lists, values only ever as parameters
_ONE = Sql(f"SELECT {_CASE} FROM explanation_request r WHERE r.id = :id AND r.tenant = :tenant")  # noqa: S608 -- see above
_NUMBERED = Sql(f"SELECT {_CASE} FROM explanation_request r WHERE r.tenant = :tenant AND r.number = :number")  # noqa: S608 -- see above
_OF_PERSON = Sql(
    f"SELECT {_CASE} FROM explanation_request r WHERE r.subject = :subject AND r.tenant = :tenant"  # noqa: S608 -- see above
    " AND r.received_at < :before ORDER BY r.received_at DESC LIMIT :most"
)
_ABOUT = Sql("SELECT decision FROM explanation_request_decision WHERE request = :request ORDER BY decision")
_CASES_ABOUT = Sql(
    f"SELECT {_CASE} FROM explanation_request_decision d JOIN explanation_request r ON r.id = d.request"  # noqa: S608 -- see above
    " WHERE d.tenant = :tenant AND d.decision = :decision ORDER BY r.received_at"
)
_FORGET_ABOUT = Sql("DELETE FROM explanation_request_decision WHERE request = :request")
_UPDATE = Sql(
    "UPDATE explanation_request SET subject = :subject, state = :state, owed = :owed, law = :law,"
    " assignee = :assignee, system = :system, model = :model, due_at = :due_at, overdue_at = :overdue_at,"
    " answered_at = :answered_at, on_time = :on_time, seq = :seq, updated_at = :updated_at, facts = :facts,"
    " sealed = :sealed WHERE id = :id"
)
_EVENTS = Sql(f"SELECT {_EVENT} FROM explanation_request_event WHERE request = :request ORDER BY seq")  # noqa: S608 -- see above
_EVENTS_AFTER = Sql(
    f"SELECT {_EVENT} FROM explanation_request_event WHERE request = :request AND seq > :after"  # noqa: S608 -- see above
    " ORDER BY seq LIMIT :most"
)
_ALL_EVENTS = Sql(
    f"SELECT {_EVENT} FROM explanation_request_event WHERE seq > :after ORDER BY seq LIMIT :most"  # noqa: S608 -- see above
)
_ALL_CASES = Sql(f"SELECT {_CASE} FROM explanation_request r WHERE r.id > :after ORDER BY r.id LIMIT :most")  # noqa: S608 -- see above
_ALL_OVERRIDES = Sql(f"SELECT {_OVERRIDE} FROM decision_override WHERE seq > :after ORDER BY seq LIMIT :most")  # noqa: S608 -- see above
_LATEST_PAPER = Sql(
    f"SELECT {_PAPER} FROM explanation_request_paper WHERE request = :request AND kind = :kind"  # noqa: S608 -- see above
    " ORDER BY version DESC LIMIT 1"
)
_PAPERS = Sql(f"SELECT {_PAPER} FROM explanation_request_paper WHERE request = :request ORDER BY created_at, id")  # noqa: S608 -- see above
_A_SECRET = Sql(f"SELECT {_SECRET} FROM explanation_request_secret WHERE digest = :digest")  # noqa: S608 -- see above
_LAST_SECRET = Sql(
    f"SELECT {_SECRET} FROM explanation_request_secret WHERE request = :request AND purpose = :purpose"  # noqa: S608 -- see above
    " ORDER BY made_at DESC LIMIT 1"
)
_SECRETS_SINCE = Sql(
    "SELECT count(*) FROM explanation_request_secret WHERE request = :request AND purpose = :purpose"
    " AND made_at > :since"
)
_TRIED = Sql("UPDATE explanation_request_secret SET attempts = attempts + 1, used_at = :used_at WHERE digest = :digest")
_OVERDUE = Sql(
    f"SELECT {_CASE} FROM explanation_request r WHERE r.owed = TRUE AND r.overdue_at IS NULL AND r.due_at < :now"  # noqa: S608 -- see above
    " ORDER BY r.due_at LIMIT :most"
)
_OVERRIDES = Sql(
    f"SELECT {_OVERRIDE} FROM decision_override WHERE tenant = :tenant AND decision = :decision ORDER BY seq DESC"  # noqa: S608 -- see above
)
_CONFIRM = Sql("UPDATE decision_override SET confirmed_at = :at WHERE request = :request AND confirmed_at IS NULL")
_OVERTURNS = Sql(
    "SELECT count(*) FROM human_review WHERE tenant = :tenant AND model = :model AND cause = :cause"
    " AND decided_at > :since AND outcome IN ('overturned', 'partly_overturned')"
)
_OPEN_INCIDENT = Sql(
    "SELECT id FROM overturn_incident WHERE tenant = :tenant AND model = :model AND cause = :cause"
    " AND opened_at > :since LIMIT 1"
)
_INCIDENTS = Sql(
    f"SELECT {_INCIDENT} FROM overturn_incident WHERE tenant = :tenant ORDER BY opened_at DESC LIMIT :most"  # noqa: S608 -- see above
)
_RECENT_DECISIONS = Sql(
    "SELECT id, adverse FROM decision WHERE subject = :subject AND tenant = :tenant AND system = :system"
    " AND occurred_at > :since ORDER BY seq DESC LIMIT :most"
)
# erasure: the sealed texts go, and with them every link; the states and dates stay (GDPR Art. 17(3)(b), (e))
_FORGET = (
    Sql(
        "UPDATE explanation_request SET sealed = NULL, owed = FALSE, state = 'closed', due_at = :latest"
        " WHERE tenant = :tenant AND (subject = :subject OR asker = :subject)"
    ),
    Sql(
        "DELETE FROM explanation_request_secret WHERE request IN (SELECT id FROM explanation_request"
        " WHERE tenant = :tenant AND (subject = :subject OR asker = :subject))"
    ),
    Sql(
        "UPDATE explanation_request_event SET sealed = NULL WHERE request IN (SELECT id FROM explanation_request"
        " WHERE tenant = :tenant AND (subject = :subject OR asker = :subject))"
    ),
    Sql(
        "UPDATE explanation_request_paper SET sealed = NULL WHERE request IN (SELECT id FROM explanation_request"
        " WHERE tenant = :tenant AND (subject = :subject OR asker = :subject))"
    ),
)


def _case(row: Sequence[Any]) -> CaseRow:
    made = CaseRow(*row)
    return made._replace(owed=bool(made.owed), on_time=None if made.on_time is None else bool(made.on_time))


async def case(tx: Reader, tenant: str, request_id: str) -> CaseRow | None:
    """Return a case of a tenant."""
    row = await tx.row(_ONE, id=request_id, tenant=tenant)
    return None if row is None else _case(row)


async def numbered(tx: Reader, tenant: str, number: str) -> CaseRow | None:
    """Return a case by the number people say."""
    row = await tx.row(_NUMBERED, tenant=tenant, number=number)
    return None if row is None else _case(row)


async def of_person(tx: Reader, tenant: str, subject: bytes, before: int = LATEST, most: int = 50) -> list[CaseRow]:
    """Return a person's cases, newest first."""
    return [_case(row) for row in await tx.rows(_OF_PERSON, tenant=tenant, subject=subject, before=before, most=most)]


async def about(tx: Reader, tenant: str, decision: str) -> list[CaseRow]:
    """Return the cases about a decision, oldest first."""
    return [_case(row) for row in await tx.rows(_CASES_ABOUT, tenant=tenant, decision=decision)]


async def set_decisions(tx: Tx, tenant: str, request: str, decisions: Sequence[str]) -> None:
    """Replace the decisions a case is about."""
    await tx.execute(_FORGET_ABOUT, request=request)
    for decision in dict.fromkeys(decisions):
        tx.insert(INSERT_ABOUT, (tenant, decision, request))


async def update(tx: Tx, row: CaseRow) -> None:
    """Write the present state of a case."""
    await tx.execute(_UPDATE, **row._asdict())


async def events(tx: Reader, request: str) -> list[EventRow]:
    """Return everything that happened in a case, in order."""
    return [EventRow(*row) for row in await tx.rows(_EVENTS, request=request)]


async def events_after(tx: Reader, request: str, after: int, most: int) -> list[EventRow]:
    """Return what happened in a case after an entry of the ledger, in order."""
    return [EventRow(*row) for row in await tx.rows(_EVENTS_AFTER, request=request, after=after, most=most)]


async def all_events(tx: Reader, after: int, most: int) -> list[EventRow]:
    """Return events of all tenants in the order of the ledger."""
    return [EventRow(*row) for row in await tx.rows(_ALL_EVENTS, after=after, most=most)]


async def all_cases(tx: Reader, after: str, most: int) -> list[CaseRow]:
    """Return cases of all tenants by id."""
    return [_case(row) for row in await tx.rows(_ALL_CASES, after=after, most=most)]


async def all_overrides(tx: Reader, after: int, most: int) -> list[OverrideRow]:
    """Return overrides of all tenants in the order of the ledger."""
    return [OverrideRow(*row) for row in await tx.rows(_ALL_OVERRIDES, after=after, most=most)]


async def latest_paper(tx: Reader, request: str, kind: str) -> PaperRow | None:
    """Return the newest version of a paper."""
    row = await tx.row(_LATEST_PAPER, request=request, kind=kind)
    return None if row is None else PaperRow(*row)


async def papers(tx: Reader, request: str) -> list[PaperRow]:
    """Return every version of every paper of a case, oldest first."""
    return [PaperRow(*row) for row in await tx.rows(_PAPERS, request=request)]


async def secret(tx: Reader, digest: bytes) -> SecretRow | None:
    """Return a link or code by its digest."""
    row = await tx.row(_A_SECRET, digest=digest)
    return None if row is None else SecretRow(*row)


async def last_secret(tx: Reader, request: str, purpose: str) -> SecretRow | None:
    """Return the newest link or code of a purpose."""
    row = await tx.row(_LAST_SECRET, request=request, purpose=purpose)
    return None if row is None else SecretRow(*row)


async def secrets_since(tx: Reader, request: str, purpose: str, since: int) -> int:
    """Return how many links or codes of a purpose were made since an instant."""
    row = await tx.row(_SECRETS_SINCE, request=request, purpose=purpose, since=since)
    return 0 if row is None else int(row[0])


async def tried(tx: Tx, digest: bytes, used_at: int | None) -> None:
    """Count an attempt with a code; ``used_at`` where it held."""
    await tx.execute(_TRIED, digest=digest, used_at=used_at)


async def overdue(tx: Reader, now: int, most: int) -> list[CaseRow]:
    """Return cases of all tenants whose time ran out and of whom nobody noted it yet."""
    return [_case(row) for row in await tx.rows(_OVERDUE, now=now, most=most)]


async def overrides(tx: Reader, tenant: str, decision: str) -> list[OverrideRow]:
    """Return what reviews made of a decision, newest first."""
    found = [OverrideRow(*row) for row in await tx.rows(_OVERRIDES, tenant=tenant, decision=decision)]
    return [one._replace(adverse=bool(one.adverse)) for one in found]


async def confirm_override(tx: Tx, request: str, at: int) -> None:
    """Note that the source system carried out what the review decided."""
    await tx.execute(_CONFIRM, request=request, at=at)


async def overturns(tx: Reader, tenant: str, model: str, cause: str, since: int) -> int:
    """Return how often one cause overturned a model's decisions since an instant."""
    row = await tx.row(_OVERTURNS, tenant=tenant, model=model, cause=cause, since=since)
    return 0 if row is None else int(row[0])


async def has_incident(tx: Reader, tenant: str, model: str, cause: str, since: int) -> bool:
    """Tell whether an incident of this cause was opened since an instant."""
    return await tx.row(_OPEN_INCIDENT, tenant=tenant, model=model, cause=cause, since=since) is not None


async def incidents(tx: Reader, tenant: str, most: int = 100) -> list[IncidentRow]:
    """Return the incidents of a tenant, newest first."""
    return [IncidentRow(*row) for row in await tx.rows(_INCIDENTS, tenant=tenant, most=most)]


async def recent_decisions(
    tx: Reader, tenant: str, subject: bytes, system: str, since: int, most: int
) -> list[tuple[str, bool | None]]:
    """Return a system's latest decisions about a person, newest first: the id, and whether it was adverse."""
    rows = await tx.rows(_RECENT_DECISIONS, tenant=tenant, subject=subject, system=system, since=since, most=most)
    return [(row[0], row[1]) for row in rows]


async def forget(tx: Tx, tenant: str, subject: bytes) -> None:
    """Delete every sealed text, paper and link of a person's cases; what was decided when stays."""
    for statement in _FORGET:
        await tx.execute(statement, tenant=tenant, subject=subject, latest=LATEST)
