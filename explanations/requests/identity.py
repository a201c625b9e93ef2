"""Proving an address by a code: who asks for one, and who gives it back (GDPR Art. 12(6); 11 CCR 7060-7062).

A code goes to the address the case has, never to one given with the question for it.
"""

from core.database import Tx
from core.principal import Principal
from explanations.requests import links, record, service
from explanations.requests.record import Case
from explanations.requests.terms import Desk

KNOWN, GIVEN = "code_to_known_address", "code_to_given_address"


async def send_code(tx: Tx, desk: Desk, case: Case, now: int) -> None:
    """Have a code sent; where there is no address nothing happens, and nobody learns of it.

    Raises ``TooManyCodesError``.
    """
    texts = await record.intake_of(tx, desk.keyring, case.row)
    if not texts.get("address"):
        return
    await links.make_code(tx, desk, case, now)
    await service.send(tx, case, "code", now)


async def check_code(tx: Tx, desk: Desk, by: Principal, case: Case, code: str, now: int) -> Case | None:
    """Take a code; nothing comes back where it does not hold, and the attempt counts. Raises ``StepRefusedError``."""
    if not await links.check_code(tx, desk, case, code, now):
        return None
    method = KNOWN if case.facts.known_address else GIVEN
    asked = service.asked_by(by, "prove_identity", case, now, {"method": method, "held": True}, {})
    return await record.take(tx, desk.keyring, case, asked)
