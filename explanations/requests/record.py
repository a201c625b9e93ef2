"""How a case is written down: every step with its ledger entry in one transaction, every text sealed.

The ledger entry ``explanation-request.<past tense>`` says in public who did what when, from which state to which, and
by when an answer is due; what people wrote is in it as a commitment only.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag

from core import canonical, crypto, ids, subjects
from core.clock import LATEST
from core.database import Reader, Tx
from core.errors import FieldError
from core.keys import KeyRing
from explanations.requests import deadlines, lifecycle, store
from explanations.requests.errors import RequestNotFoundError, StepRefusedError
from explanations.requests.facts import Asked, Facts
from explanations.requests.store import CaseRow, EventRow, PaperRow
from ledger import service as ledger
from ledger.entries import Entry

KIND = "explanation-request."


class Case(NamedTuple):
    """A case: its row and its facts."""

    row: CaseRow
    facts: Facts


class Sheet(NamedTuple):
    """A paper to be kept."""

    kind: str
    content: bytes
    version: int = 1
    media_type: str = "application/json"


class Paper(NamedTuple):
    """A paper with its content; nothing once the person was erased."""

    row: PaperRow
    content: bytes | None


async def load(tx: Reader, tenant: str, request_id: str) -> Case:
    """Return a case of a tenant. Raises ``RequestNotFoundError``."""
    row = await store.case(tx, tenant, request_id)
    if row is None:
        raise RequestNotFoundError
    return case_of(row)


def case_of(row: CaseRow) -> Case:
    """Return a case with its facts read."""
    return Case(row, Facts.read(canonical.loads(row.facts)))


def text_place(tenant: str, request: str, seq: int) -> str:
    """Return the place the texts of an event are bound to."""
    return f"{tenant}|{request}|explanation_request_event|sealed|{seq}"


def paper_place(tenant: str, request: str, paper: str) -> str:
    """Return the place a paper is bound to."""
    return f"{tenant}|{request}|explanation_request_paper|sealed|{paper}"


def intake_place(tenant: str, request: str) -> str:
    """Return the place the texts of the intake are bound to."""
    return f"{tenant}|{request}|explanation_request|sealed"


async def data_key(tx: Reader, keyring: KeyRing, row: CaseRow) -> bytes:
    """Return the key of the case's person. Raises ``StepRefusedError`` once she was erased."""
    dek = await subjects.data_key(tx, keyring, row.tenant, row.subject)
    if dek is None:
        gone = FieldError("/subject", "the person was erased; nothing more can be written about her")
        raise StepRefusedError(fields=(gone,))
    return dek


def write_event(
    tx: Tx, row: CaseRow, dek: bytes, kind: str, public: Mapping[str, Any], texts: Mapping[str, str], now: int
) -> int:
    """Append an event and its ledger entry; return the entry's number."""
    said = {"request": row.id, **public}
    personal = dict(texts) or None
    entry = Entry(KIND + kind, row.tenant, now, said, row.subject, personal)
    seq = ledger.append(tx, entry, dek)
    sealed = None
    if texts:
        sealed = crypto.seal(dek, canonical.dumps(dict(texts)), text_place(row.tenant, row.id, seq))
    facts = canonical.dumps(said).decode()
    tx.insert(store.INSERT_EVENT, EventRow(seq, row.tenant, row.id, KIND + kind, now, row.subject, facts, sealed))
    return seq


def write_paper(tx: Tx, row: CaseRow, dek: bytes, sheet: Sheet, by: str, now: int) -> PaperRow:
    """Keep a version of a paper, sealed."""
    paper_id = ids.new("pap", now)
    sealed = crypto.seal(dek, sheet.content, paper_place(row.tenant, row.id, paper_id))
    digest = sha256(sheet.content).hexdigest()
    facts = (sheet.kind, sheet.version, sheet.media_type, digest)
    made = PaperRow(paper_id, row.tenant, row.id, *facts, row.subject, now, by, sealed)
    tx.insert(store.INSERT_PAPER, made)
    return made


async def open_paper(tx: Reader, keyring: KeyRing, row: PaperRow) -> Paper:
    """Return a paper opened."""
    dek = await subjects.data_key(tx, keyring, row.tenant, row.subject)
    return Paper(row, _unsealed(dek, row.sealed, paper_place(row.tenant, row.request, row.id)))


async def texts_of(tx: Reader, keyring: KeyRing, event: EventRow) -> dict[str, str]:
    """Return what was written in an event; nothing once the person was erased."""
    dek = await subjects.data_key(tx, keyring, event.tenant, event.subject)
    raw = _unsealed(dek, event.sealed, text_place(event.tenant, event.request, event.seq))
    found: dict[str, str] = {} if raw is None else canonical.loads(raw)
    return found


async def intake_of(tx: Reader, keyring: KeyRing, row: CaseRow) -> dict[str, str]:
    """Return what the person wrote when she asked; nothing once she was erased."""
    dek = await subjects.data_key(tx, keyring, row.tenant, row.subject)
    raw = _unsealed(dek, row.sealed, intake_place(row.tenant, row.id))
    found: dict[str, str] = {} if raw is None else canonical.loads(raw)
    return found


def _unsealed(dek: bytes | None, sealed: bytes | None, place: str) -> bytes | None:
    if dek is None or sealed is None:
        return None
    try:
        return crypto.unseal(dek, sealed, place)
    except InvalidTag:  # sealed in the person's former life: the key it was sealed with is destroyed
        return None


async def take(tx: Tx, keyring: KeyRing, case: Case, asked: Asked, **changes: Any) -> Case:
    """Take a step: guards, effect, event, ledger entry, new state, all or nothing.

    ``changes`` are columns of the row that the step sets besides. Raises ``StepRefusedError``.
    """
    row = case.row
    state, facts = lifecycle.take(row.state, case.facts, asked)
    dek = await data_key(tx, keyring, row)
    due = deadlines.of(facts)
    owed = state not in lifecycle.ANSWERED
    answers = row.owed and not owed
    public = {
        "from": row.state,
        "state": state,
        "round": facts.round,
        "due_at": None if due.at == LATEST else due.at,
        "law": due.law,
        "by": asked.by,
        "by_role": asked.role,
        **asked.told,
    }
    seq = write_event(tx, row, dek, lifecycle.STEPS[asked.step].past, public, asked.texts, asked.at)
    fresh = row._replace(
        state=state,
        owed=owed,
        law=due.law,
        due_at=due.at if owed else LATEST,
        overdue_at=row.overdue_at if facts.round == case.facts.round else None,
        answered_at=asked.at if answers else (None if owed else row.answered_at),
        on_time=asked.at <= due.at if answers else (None if owed else row.on_time),
        seq=seq,
        updated_at=asked.at,
        facts=canonical.dumps(facts.document()).decode(),
    )._replace(**changes)
    await store.update(tx, fresh)
    return Case(fresh, facts)
