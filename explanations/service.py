"""HOT PATH, budget 60 us a decision. The verbs of decisions: record up to 1,000 of them, read one (EXP-01).

A decision and its ledger entry ``decision.recorded`` are written in one transaction. The producer's own id makes a
repetition harmless: the same again gives the decision recorded before, anything else under that id is refused.
"""

import hmac
from collections.abc import Sequence
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag

from core import canonical, crypto, ids, subjects
from core.database import Reader, Tx
from core.database.lane import Prefetch
from core.errors import FieldError
from core.keys import KeyRing
from core.principal import Principal
from explanations import store
from explanations.decisions import Permission, Sheet, omissions
from explanations.errors import DecisionDiffersError, DecisionNotFoundError, InvalidDecisionError
from explanations.store import DecisionRow, Earlier
from ledger import service as ledger
from ledger.entries import Entry

_FINGERPRINT = b"candor/decision-fingerprint"


class Kept(NamedTuple):
    """A decision as it stands in the records; ``fresh`` tells whether this call recorded it."""

    id: str
    seq: int
    reference: str
    permission: str
    fresh: bool


class DecisionView(NamedTuple):
    """A decision with what was sealed; ``personal`` is nothing once the subject was erased."""

    row: DecisionRow
    personal: dict[str, Any] | None


def prefetch(tenant: str, sheets: Sequence[Sheet]) -> Prefetch:
    """Return the keys ``record`` will load, so that a batch of requests reads each table once."""
    wanted: list[tuple[Any, Any]] = [
        (subjects.KEYS, place) for place in dict.fromkeys((tenant, sheet.subject.pseudonym) for sheet in sheets)
    ]
    named = dict.fromkeys((tenant, sheet.system, sheet.reference) for sheet in sheets)
    return [*wanted, *((store.EARLIER, name) for name in named)]


def check(sheets: Sequence[Sheet], now: int) -> None:
    """Refuse incomplete decisions, naming each place. Raises ``InvalidDecisionError``."""
    if wrong := [fault for sheet in sheets for fault in omissions(sheet, now)]:
        raise InvalidDecisionError(fields=tuple(wrong))


async def record(
    tx: Tx,
    keyring: KeyRing,
    by: Principal,
    sheets: Sequence[Sheet],
    permissions: Sequence[Permission],
    now: int,
) -> list[Kept]:
    """Record decisions, all or none; ``permissions`` are the gate's answers in the same order.

    Raises ``InvalidDecisionError``, ``DecisionDiffersError`` (its ``fields`` name which).
    """
    check(sheets, now)
    kept = []
    keys: dict[bytes, bytes] = {}  # unwrapping a key costs more than the rest of the loop
    for sheet, permission in zip(sheets, permissions, strict=True):
        person = sheet.subject.pseudonym
        if person not in keys:
            keys[person] = await subjects.ensure(tx, keyring, by.tenant, sheet.subject, now)
        dek = keys[person]
        earlier = await tx.load(store.EARLIER, (by.tenant, sheet.system, sheet.reference))
        if earlier is None:
            kept.append(_append(tx, by, sheet, permission, dek, now))
        elif earlier.subject != person or earlier.fingerprint != _fingerprint(dek, sheet):
            wrong = FieldError(f"{sheet.place}/id", "was used for a different decision")
            raise DecisionDiffersError(fields=(wrong,))
        else:
            kept.append(Kept(earlier.id, earlier.seq, sheet.reference, earlier.permission, fresh=False))
    return kept


def _fingerprint(dek: bytes, sheet: Sheet) -> bytes:
    return hmac.digest(dek, _FINGERPRINT + canonical.dumps(sheet.said()), "sha256")


def sealed_place(tenant: str, subject: bytes, decision: str) -> str:
    """Return the place the sealed part of a decision is bound to."""
    return f"{tenant}|{subject.hex()}|decision|sealed|{decision}"


def public_of(row: DecisionRow) -> dict[str, Any]:
    """Return what a decision's ledger entry says in public: every fact of the row but the person and what is sealed."""
    return _public(row, canonical.loads(row.permission))


def _public(row: DecisionRow, permission: dict[str, Any]) -> dict[str, Any]:
    return {
        "decision": row.id,
        "system": row.system,
        "reference": row.reference,
        "model": row.model,
        "model_version": row.model_version,
        "purpose": row.purpose,
        "effect": row.effect,
        "ai_role": row.ai_role,
        "human_role": row.human_role,
        "human_ref": row.human_ref,
        "outcome": row.outcome,
        "adverse": row.adverse,
        "permission": permission,
        "occurred_at": row.occurred_at,
        "by": row.recorded_by,
    }


def _append(tx: Tx, by: Principal, sheet: Sheet, permission: Permission, dek: bytes, now: int) -> Kept:
    decision_id = ids.new("dec", now)
    subject = sheet.subject.pseudonym
    personal = dict(sheet.personal)
    permitted = permission.document()
    row = DecisionRow(
        -1,
        decision_id,
        by.tenant,
        subject,
        sheet.system,
        sheet.reference,
        sheet.model,
        sheet.model_version,
        sheet.purpose,
        sheet.effect,
        sheet.ai_role,
        sheet.human_role,
        sheet.human_ref,
        sheet.outcome,
        sheet.adverse,
        canonical.dumps(permitted).decode(),
        now if sheet.occurred_at is None else sheet.occurred_at,
        now,
        by.id,
        _fingerprint(dek, sheet),
        crypto.seal(dek, canonical.dumps(personal), sealed_place(by.tenant, subject, decision_id)),
    )
    entry_id = "ent_" + decision_id[4:]  # the entry of a decision bears its number
    entry = Entry("decision.recorded", by.tenant, now, _public(row, permitted), subject, personal, id=entry_id)
    seq = ledger.append(tx, entry, dek)
    tx.insert(store.INSERT_DECISION, (seq, *row[1:]))
    name = (by.tenant, sheet.system, sheet.reference)
    tx.remember(store.EARLIER, name, Earlier(seq, decision_id, subject, row.permission, row.fingerprint))
    return Kept(decision_id, seq, sheet.reference, row.permission, fresh=True)


async def view(tx: Reader, keyring: KeyRing, tenant: str, decision_id: str) -> DecisionView:
    """Return a decision of a tenant, opened. Raises ``DecisionNotFoundError``."""
    row = await store.decision(tx, tenant, decision_id)
    if row is None:
        raise DecisionNotFoundError
    dek = await subjects.data_key(tx, keyring, tenant, row.subject)
    if dek is None:
        return DecisionView(row, None)
    try:
        personal = crypto.unseal(dek, row.sealed, sealed_place(tenant, row.subject, row.id))
    except InvalidTag:  # sealed in the subject's former life: the key it was sealed with is destroyed
        return DecisionView(row, None)
    return DecisionView(row, canonical.loads(personal))
