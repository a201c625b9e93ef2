"""The verbs of stored explanations: keep one, read one, read those of a decision; begin, follow and end a run.

The document is sealed under the subject's key and the ledger holds a commitment to its hash: after an erasure the
entry still proves that an explanation was given, and nothing of what it said remains (GDPR Art. 5(2), 17).
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag

from core import canonical, crypto, ids, queue, subjects
from core.database import Reader, Tx
from core.keys import KeyRing
from core.principal import Principal
from explanations import canonical as documents
from explanations.canonical import Explanation
from explanations.cases import Step
from explanations.errors import ExplanationNotFoundError, NotExplainableError
from explanations.kept import store
from explanations.kept.store import KeptRow, RunRow
from explanations.narratives.service import noted
from ledger import service as ledger
from ledger.entries import Entry

JOB = "explain"
GIVEN_UP = "explanation-given-up"
_MOST = 100


class KeptView(NamedTuple):
    """A stored explanation; ``document`` is nothing once the subject was erased."""

    row: KeptRow
    document: Explanation | None
    steps: tuple[Step, ...] = ()

    @property
    def reliable(self) -> bool:
        """Tell whether it may be shown as an explanation: it holds, and no protected input is among the reasons."""
        return self.row.grade != "fail" and "prohibited_in_topk" not in canonical.loads(self.row.flags)


def sealed_place(tenant: str, subject: bytes, explanation: str) -> str:
    """Return the place a sealed document is bound to."""
    return f"{tenant}|{subject.hex()}|explanation|sealed|{explanation}"


def public_of(row: KeptRow) -> dict[str, Any]:
    """Return what an explanation's ledger entry says in public."""
    return {
        "explanation": row.id,
        "decision": row.decision,
        "supersedes": row.supersedes,
        "origin": row.origin,
        "grade": row.grade,
        "flags": canonical.loads(row.flags),
        "model": row.model,
        "model_version": row.model_version,
        "endpoint": row.endpoint,
        "reference_group": row.reference_group,
        "by": row.recorded_by,
    }


def personal_of(document: Explanation, steps: Sequence[Step]) -> dict[str, Any]:
    """Return what the ledger entry commits to."""
    return {"hash": document.hash, "steps": [list(step) for step in steps], "words": noted(document)}


async def keep(
    tx: Tx, keyring: KeyRing, by: Principal, subject: bytes, made: Explanation, steps: Sequence[Step], at: int
) -> KeptView:
    """Store an explanation; it supersedes the one the decision had. Raises ``NotExplainableError`` after an erasure."""
    dek = await subjects.known_key(tx, keyring, by.tenant, subject)
    if dek is None:
        raise NotExplainableError
    before = await store.of_decision(tx, by.tenant, made.decision_id, 1)
    document = made.model_copy(update={"supersedes": before[0].id if before else None}).hashed()
    sealed = canonical.dumps({"document": document.document(), "steps": [list(step) for step in steps]})
    row = KeptRow(
        -1,
        document.id,
        by.tenant,
        subject,
        document.decision_id,
        document.supersedes,
        document.method.origin,
        document.quality.grade,
        canonical.dumps(list(document.quality.flags)).decode(),
        document.model.name,
        document.model.version,
        document.model.endpoint_ref,
        document.reference.ref,
        at,
        by.id,
        crypto.seal(dek, sealed, sealed_place(by.tenant, subject, document.id)),
    )
    said = Entry(
        "explanation.recorded",
        by.tenant,
        at,
        public_of(row),
        subject,
        personal_of(document, steps),
        id="ent_" + document.id[4:],  # the entry of an explanation bears its number
    )
    row = row._replace(seq=ledger.append(tx, said, dek))
    store.add(tx, row)
    return KeptView(row, document, tuple(steps))


def opened(dek: bytes | None, row: KeptRow) -> KeptView:
    """Return a stored explanation, opened with its subject's key."""
    if dek is None:
        return KeptView(row, None)
    try:
        raw = crypto.unseal(dek, row.sealed, sealed_place(row.tenant, row.subject, row.id))
    except InvalidTag:  # sealed in the subject's former life: the key it was sealed with is destroyed
        return KeptView(row, None)
    found = canonical.loads(raw)
    document = documents.read(canonical.dumps(found["document"]))
    return KeptView(row, document, tuple(Step(*step) for step in found["steps"]))


async def view(tx: Reader, keyring: KeyRing, tenant: str, explanation_id: str) -> KeptView:
    """Return a stored explanation. Raises ``ExplanationNotFoundError``."""
    row = await store.one(tx, tenant, explanation_id)
    if row is None:
        raise ExplanationNotFoundError
    return opened(await subjects.data_key(tx, keyring, tenant, row.subject), row)


async def history(tx: Reader, tenant: str, decision_id: str) -> list[KeptRow]:
    """Return the explanations of a decision, newest first."""
    return await store.of_decision(tx, tenant, decision_id, _MOST)


async def latest(tx: Reader, keyring: KeyRing, tenant: str, decision_id: str) -> KeptView | None:
    """Return the newest explanation of a decision, if there is one."""
    rows = await store.of_decision(tx, tenant, decision_id, 1)
    if not rows:
        return None
    return opened(await subjects.data_key(tx, keyring, tenant, rows[0].subject), rows[0])


async def begin(tx: Tx, by: Principal, decision_id: str, wish: dict[str, Any], rows_most: int, at: int) -> RunRow:
    """Queue an explanation that takes long."""
    row = RunRow(
        ids.new("run", at),
        by.tenant,
        decision_id,
        canonical.dumps(wish).decode(),
        "queued",
        0,
        rows_most,
        None,
        None,
        by.id,
        at,
        None,
    )
    store.add_run(tx, row)
    await queue.enqueue(tx, JOB, {"tenant": by.tenant, "run": row.id}, now=at, unique_key=_job_key(row.id))
    return row


def _job_key(run_id: str) -> str:
    return f"{JOB}:{run_id}"


async def give_up(tx: Tx, before: int, at: int) -> int:
    """End runs asked for ``before`` an instant that no job works on any more, and return how many there were.

    A run whose process died is no such: another process takes its job over.
    """
    ended = 0
    for run_id in await store.open_runs(tx, before):
        if await queue.state(tx, _job_key(run_id)) not in (queue.State.DUE, queue.State.RUNNING):
            ended += await store.finish(tx, run_id, None, GIVEN_UP, at)
    return ended


async def run(tx: Reader, tenant: str, run_id: str) -> RunRow:
    """Return how far a run is. Raises ``ExplanationNotFoundError``."""
    found = await store.run(tx, tenant, run_id)
    if found is None:
        raise ExplanationNotFoundError
    return found
