"""The prohibited-basis guard: a protected trait among the reasons stops the letter and alerts, it is never hidden.

Leaving the trait out and naming the next reason would be a false statement of the principal reasons (Reg B
1002.9(b)(2)) and hide discrimination from those who have to stop it. So nothing is sent, the ledger says so, and the
event goes to whoever listens to it (docs/reasons.md).
"""

from core.database import Tx
from core.telemetry import logger
from explanations.canonical import Explanation
from explanations.reasons.ranking import Ranked
from explanations.reasons.service import Approved
from ledger import service as ledger
from ledger.entries import Entry

KIND = "explanation.stopped"
_log = logger("explanations")


def alert(
    tx: Tx, tenant: str, explanation: Explanation, found: Ranked, approved: Approved | None, dek: bytes, at: int
) -> int | None:
    """Record that a letter was stopped, in the transaction that keeps the explanation; nothing if none was.

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
    _log.error("explanation-stopped", reason="prohibited-basis", tenant=tenant, seq=seq)
    return seq
