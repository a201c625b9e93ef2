"""Who may be shown a variant of a text at all: whom the company knows, grown up, and opted out of nothing of the kind.

A browser without a customer token never is: to know it again would take an id kept on the device, and the one there
is was kept for the person's choices alone (ePrivacy Directive Art. 5(3)). Nor is anybody whose age is not known.
"""

from typing import Final

from fastapi import Request

from api import acting
from api.schemas.meeting import MeetingIn
from api.state import AppState
from consent import signals, standing
from consent.gate import ALLOW
from consent.lifecycle import ALL, NO
from core.database import Reader
from core.errors import InvalidError
from core.principal import Principal, Role, Subject
from disclosures.experiments.serving import Person

# whoever said no to one of these did not want to be watched so that texts work better on her
_OF_THE_KIND: Final = frozenset({"ai_profiling", "ai_personalisation", "ai_evaluation", "analytics"})


def subject_of(request: Request, caller: Principal, body: MeetingIn) -> Subject | None:
    """Return whom a text is for. Raises ``InvalidError`` where a browser says what only a back-end can."""
    if body.subject is None:
        return caller.subject
    if caller.role is not Role.SITE:
        raise InvalidError.field("/subject", "for back-ends only: leave it out")
    return acting.named(request, caller.tenant, "customer", body.subject)


def may_be_asked(request: Request, subject: Subject | None, body: MeetingIn) -> bool:
    """Tell whether it is worth asking the person's choices: known, grown up, no signal, and no dry run."""
    known = subject is not None and subject.space == "customer"
    return known and body.audience == "adult" and body.at is None and not signals.is_on(request.scope["headers"])


async def person(tx: Reader, state: AppState, tenant: str, subject: Subject) -> Person | None:
    """Return the person, unless she has said no to everything or to anything of the kind."""
    found = await standing.now_of(tx, state.notary, tenant, subject.pseudonym, state.clock.now())
    published = await state.notary.purposes.of_tenant(tx, tenant)
    of_the_kind = {one.facts.key for one in published if one.document["kind"] in _OF_THE_KIND} | {ALL}
    if any(worth.effective in NO and worth.row.purpose in of_the_kind for worth in found.rows):
        return None
    return Person(subject.pseudonym, frozenset(one.purpose for one in found.answers if one.decision == ALLOW))
