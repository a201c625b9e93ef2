"""Erasure of a subject (GDPR Art. 17): asked for by one person, approved by another, done by destroying the key.

With the key go the identifier and everything sealed under it; the current rows go too, but for each active no: an
erasure must not undo an objection (Art. 21(3)), so refused, withdrawn, objected, restricted and opted out stay as a
suppression record under the keyed pseudonym, without the notice, the receipt or anything else it can do without
(Art. 17(3)(b), (e)). Should the person come back, her no still stands until she herself changes it. Events and ledger
entries stay as proof of what was done (Art. 17(3)(e)): they hold a pseudonym and commitments that nobody can open or
guess. The ledger still verifies. A legal hold that reaches the person stands in the way until somebody releases it
(Art. 17(3)(e), 18(1)(c)): the request stays open, and nothing of hers is touched meanwhile.

Open handoffs are closed, and help desks of others are asked to delete theirs. Of requests for an explanation the
texts, papers and links go; what was decided when stays.
"""

from consent import store as choices
from consent.errors import SubjectNotFoundError
from core import ids, subjects
from core.database import Reader, Tx
from core.keys import KeyRing
from core.principal import Principal
from explanations.requests import store as requests
from handoff.delivery import erasing as handoffs
from ledger import service as ledger
from ledger.entries import Entry
from oversight import store
from oversight.errors import ErasureUnderWayError, NoErasureRequestError, SecondPersonNeededError
from oversight.retention import holds
from oversight.tables import ErasureRequest


async def request(tx: Tx, keyring: KeyRing, by: Principal, subject: bytes, reason: str, now: int) -> ErasureRequest:
    """Ask to erase a subject. Raises ``SubjectNotFoundError``, ``ErasureUnderWayError``."""
    dek = await _key(tx, keyring, by.tenant, subject)
    if await store.open_request(tx, by.tenant, subject) is not None:
        raise ErasureUnderWayError
    made = ErasureRequest(
        id=ids.new("ers", now),
        tenant=by.tenant,
        subject=subject,
        reason=reason,
        requested_by=by.id,
        requested_at=now,
    )
    store.add_request(tx, made)
    public = {"request": made.id, "reason": reason, "by": by.id, "by_role": by.role.value}
    ledger.append(tx, Entry("subject.erasure-requested", by.tenant, now, public, subject), dek)
    return made


async def approve(tx: Tx, keyring: KeyRing, by: Principal, subject: bytes, now: int) -> ErasureRequest:
    """Erase a subject whose erasure somebody else has asked for.

    Raises ``NoErasureRequestError``, ``SecondPersonNeededError``, ``SubjectNotFoundError``, ``HoldStandsError``.
    """
    asked = await store.open_request(tx, by.tenant, subject)
    if asked is None:
        raise NoErasureRequestError
    if asked.requested_by == by.id:
        raise SecondPersonNeededError
    dek = await _key(tx, keyring, by.tenant, subject)
    await holds.must_not_reach(tx, by.tenant, subject)
    public = {
        "request": asked.id,
        "reason": asked.reason,
        "requested_by": asked.requested_by,
        "by": by.id,
        "by_role": by.role.value,
    }
    seq = ledger.append(tx, Entry("subject.erased", by.tenant, now, public, subject, restrictive=True), dek)
    await handoffs.forget(tx, keyring, by.tenant, subject, now)
    await subjects.erase(tx, by.tenant, subject, seq, now)
    await choices.forget_all_but_refusals(tx, by.tenant, subject)
    await requests.forget(tx, by.tenant, subject)
    await store.approve(tx, asked.id, by.id, now, seq)
    asked.approved_by, asked.approved_at, asked.seq = by.id, now, seq
    return asked


async def _key(tx: Reader, keyring: KeyRing, tenant: str, subject: bytes) -> bytes:
    dek = await subjects.data_key(tx, keyring, tenant, subject)
    if dek is None:
        raise SubjectNotFoundError
    return dek
