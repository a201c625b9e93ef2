"""Who speaks in a conversation: what back-ends report, and what the handoff of the conversation says, held together.

A handoff that is open knows best: ``human`` is said only while a person who accepted is there (Utah Code 13-75-103).
"""

from collections.abc import Iterable

from core.database import Reader, Tx
from core.principal import Subject
from disclosures.showings import service as showings
from disclosures.tables import Speaker
from disclosures.touchpoints import store as touchpoints
from handoff import cases, lifecycle
from handoff import store as handoffs

_HEARD = ("ai", "human")


async def heard(
    tx: Tx, tenant: str, conversation: str, touchpoint: str, speakers: Iterable[str], by: str, at: int
) -> None:
    """Note who spoke in reported turns, in their order; a touchpoint that is not registered is nobody's duty."""
    if await touchpoints.touchpoint(tx, tenant, touchpoint) is None:
        return
    for who in speakers:
        if who in _HEARD:
            await showings.speak(tx, tenant, conversation, touchpoint, who, by, at)


async def now(tx: Reader, tenant: str, subject: Subject | None, conversation: str | None) -> tuple[str, Speaker | None]:
    """Return who speaks (``ai``, ``human`` or ``mixed``), and what is known of it; AI where nobody has said."""
    row = await showings.who_speaks(tx, tenant, conversation)
    who = "ai" if row is None else row.who
    if subject is None or conversation is None:
        return who, row
    opened = await handoffs.open_one(tx, tenant, cases.open_key(subject.pseudonym, conversation))
    if opened is None:
        return who, row
    handler = lifecycle.handler(opened.state, ever_accepted=opened.accepted_at is not None)
    return ("human" if handler == "human" else "ai"), row
