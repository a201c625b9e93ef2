"""The verbs of concerns: report a fault of an AI system or an idea about it, and list what was reported (AGT-05).

A report names the system and, where it is about a decision, its model's version: what is wrong with a version can be
found together. What somebody wrote about a person's case is sealed under her key.
"""

from typing import Final, NamedTuple

from cryptography.exceptions import InvalidTag

from core import crypto, ids, subjects
from core.database import Reader, Tx
from core.errors import InvalidError, NotFoundError
from core.keys import KeyRing
from core.principal import Principal
from disclosures import service as register
from explanations import store as decisions
from explanations.requests import store as requests
from ledger import service as ledger
from ledger.entries import Entry
from oversight.concerns import store
from oversight.concerns.store import ConcernRow

KINDS: Final = ("fault", "idea")
_LONGEST: Final = 4000
_LAST: Final = 2**62


class Concern(NamedTuple):
    """What somebody reports: about a system, and about a decision or a request if it is about one."""

    kind: str
    text: str
    system: str = ""
    decision: str = ""
    request: str = ""


class ConcernView(NamedTuple):
    """A report with its words; nothing of them once the person was erased."""

    row: ConcernRow
    text: str | None


class Slice(NamedTuple):
    """A page of reports; ``older`` is the entry to go on before."""

    items: list[ConcernView]
    older: int | None


def _place(tenant: str, concern: str) -> str:
    return f"{tenant}|ai_concern|sealed|{concern}"


async def report(tx: Tx, keyring: KeyRing, by: Principal, told: Concern, now: int) -> ConcernRow:
    """Keep a report with its ledger entry. Raises ``InvalidError`` naming what is missing or unknown."""
    if told.kind not in KINDS:
        raise InvalidError.field("/kind", "say whether it is a fault or an idea")
    if not 0 < len(told.text) <= _LONGEST:
        raise InvalidError.field("/text", f"say what happened, in up to {_LONGEST:,} characters")
    row = await _about(tx, by, told, now)
    dek = None if row.subject is None else await subjects.known_key(tx, keyring, by.tenant, row.subject)
    public = {
        "concern": row.id, "kind": row.kind, "system": row.system, "model": row.model,
        "model_version": row.model_version, "decision": row.decision, "request": row.request, "by": by.id,
        "by_role": by.role.value,
    }  # fmt: skip
    if dek is None:
        row = row._replace(text=told.text)
        seq = ledger.append(tx, Entry("ai-concern.reported", by.tenant, now, public))
    else:
        row = row._replace(sealed=crypto.seal(dek, told.text.encode(), _place(by.tenant, row.id)))
        personal = {"text": told.text}
        seq = ledger.append(tx, Entry("ai-concern.reported", by.tenant, now, public, row.subject, personal), dek)
    row = row._replace(seq=seq)
    store.add(tx, row)
    return row


async def _about(tx: Tx, by: Principal, told: Concern, now: int) -> ConcernRow:
    """Return the row of a report with what its decision or request says of system, model and person."""
    system, request, subject, named = told.system, None, None, told.decision
    if told.request:
        case = await requests.case(tx, by.tenant, told.request)
        if case is None:
            raise InvalidError.field("/request", "there is no such request")
        request, subject, system = case.id, case.subject, system or case.system or ""
    row = None if not named else await decisions.decision(tx, by.tenant, named)
    if named and row is None:
        raise InvalidError.field("/decision", "there is no such decision")
    if row is not None:
        subject, system = row.subject, row.system
    await _must_be_known(tx, by.tenant, system)
    return ConcernRow(
        -1, ids.new("cnc", now), by.tenant, told.kind, system, row and row.model, row and row.model_version,
        row and row.id, request, subject, by.id, now, None, None,
    )  # fmt: skip


async def _must_be_known(tx: Reader, tenant: str, system: str) -> None:
    try:
        await register.view(tx, tenant, system)
    except NotFoundError as error:
        raise InvalidError.field("/system", "choose the AI system it is about") from error


async def listed(
    tx: Reader, keyring: KeyRing, tenant: str, narrowing: dict[str, str], before: int | None, most: int
) -> Slice:
    """Return reports, newest first; narrowed by ``kind``, ``system``, ``model_version``."""
    found = await store.listed(tx, tenant, narrowing, _LAST if before is None else before, most + 1)
    items = [ConcernView(row, await _words(tx, keyring, row)) for row in found[:most]]
    return Slice(items, items[-1].row.seq if len(found) > most else None)


async def _words(tx: Reader, keyring: KeyRing, row: ConcernRow) -> str | None:
    if row.sealed is None or row.subject is None:
        return row.text
    dek = await subjects.data_key(tx, keyring, row.tenant, row.subject)
    if dek is None:
        return None
    try:
        return crypto.unseal(dek, row.sealed, _place(row.tenant, row.id)).decode()
    except InvalidTag:  # sealed in the person's former life: the key it was sealed with is destroyed
        return None
