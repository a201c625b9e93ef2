"""The prohibited-basis guard: a protected trait among the reasons stops the letter and alerts, it is never hidden.

Leaving the trait out and naming the next reason would be a false statement of the principal reasons (Reg B
1002.9(b)(2)) and hide discrimination from those who have to stop it. So nothing is sent, the ledger says so, the event
goes out by webhook, and it stands on the data protection officer's overview until somebody has looked at it.
"""

from core.database import Reader, Tx
from core.principal import Principal
from core.telemetry import logger
from explanations import alerts
from explanations.canonical import Explanation
from explanations.errors import ExplanationNotFoundError
from explanations.kept import store
from explanations.kept.store import StoppedRow
from explanations.reasons.ranking import Ranked
from explanations.reasons.service import Approved
from ledger import service as ledger
from ledger.entries import Entry

KIND = "explanation.stopped"
LOOKED = "explanation.looked-at"
_log = logger("explanations")


async def alert(
    tx: Tx, tenant: str, explanation: Explanation, found: Ranked, approved: Approved | None, dek: bytes, at: int
) -> int | None:
    """Record that a letter was stopped and tell it, in the transaction that keeps the explanation; nothing if none was.

    ``dek`` is the subject's data key, ``at`` an instant in microseconds. Returns the entry's number in the ledger.
    """
    if not found.stopped:
        return None
    subject = bytes.fromhex(explanation.subject_id.removeprefix("sub_"))
    public = {
        "decision": explanation.decision_id,
        "explanation": explanation.id,
        "model": explanation.model.name,
        "model_version": explanation.model.version,
        "because": "prohibited-basis",
        "table": None if approved is None else approved.ref,
    }
    personal = {"codes": list(found.stopped)}
    seq = ledger.append(tx, Entry(KIND, tenant, at, public, subject, personal), dek)
    await alerts.send(tx, KIND, tenant, seq, public, at)
    model = explanation.model
    store.add_stopped(
        tx,
        StoppedRow(explanation.id, tenant, explanation.decision_id, model.name, model.version, seq, at, None, None),
    )
    _log.error("explanation-stopped", reason="prohibited-basis", tenant=tenant, seq=seq)
    return seq


async def waiting(tx: Reader, tenant: str, most: int) -> list[StoppedRow]:
    """Return stopped explanations nobody has looked at yet, oldest first."""
    return await store.stopped(tx, tenant, most)


async def look(tx: Tx, by: Principal, explanation_id: str, note: str, at: int) -> None:
    """Note that somebody has looked at a stopped explanation, and what was found; a second time changes nothing.

    Raises ``ExplanationNotFoundError``.
    """
    row = await store.one_stopped(tx, by.tenant, explanation_id)
    if row is None:
        raise ExplanationNotFoundError
    if row.looked_at is None:
        await store.look_at_stopped(tx, by.tenant, explanation_id, by.id, at)
        public = {"by": by.id, "explanation": row.explanation, "decision": row.decision, "note": note}
        ledger.append(tx, Entry(LOOKED, by.tenant, at, public))
