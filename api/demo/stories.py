"""A few customers of the demo company and what they chose over the last year."""

from hashlib import sha256
from typing import Final, NamedTuple

from api.demo.purposes import documents
from api.state import AppState
from consent import choices
from consent.asked import Asked, Circumstances
from consent.lifecycle import ALL
from core import crypto
from core.clock import DAY, FixedClock
from core.principal import Subject

MARA: Final = "customer-4711"
"""The customer that the demo opens the page as."""


class Act(NamedTuple):
    """One act of one customer; ``days`` pass before it. The state ``signal`` is a visit with Global Privacy Control."""

    customer: str
    days: int
    purpose: str
    state: str
    system: str = ALL
    actor: str = "subject"
    channel: str = "web"
    confirming: bool = False


ACTS: Final = (
    Act(MARA, 3, "support-chat", "given"),
    Act(MARA, 0, "product-suggestions", "opted_out"),
    Act("customer-1001", 4, "ai-training", "given"),
    Act(MARA, 20, "ad-profiling", "refused"),
    Act("customer-1002", 6, ALL, "opted_out"),
    Act(MARA, 31, "credit-decision", "requested"),
    Act(MARA, 0, "credit-decision", "explicitly_given", confirming=True),
    Act("customer-1003", 12, "call-mood", "refused", channel="phone", actor="staff"),
    Act(MARA, 25, "ai-training", "given"),
    Act("customer-1001", 9, "ai-training", "withdrawn"),
    Act(MARA, 18, ALL, "signal"),
    Act(MARA, 44, "product-suggestions", "opt_out_reversed"),
    Act("customer-1002", 10, ALL, "opt_out_reversed"),
    Act(MARA, 37, ALL, "opted_out", system="review-summariser"),
    Act("customer-1003", 15, "support-chat", "given"),
    Act(MARA, 29, "ai-training", "withdrawn"),
)


async def tell(state: AppState, tenant: str, site: str) -> None:
    """Record every act in its order, each by the ordinary service."""
    pending: dict[tuple[str, str], str] = {}
    for act in ACTS:
        if isinstance(state.clock, FixedClock):
            state.clock.advance(act.days * DAY + DAY // 97)
        how = _circumstances(state, act, tenant, site)
        if act.state == "signal":
            await state.db.transact(choices.honour, state.notary, how, state.clock)
            continue
        confirms = pending.get((act.customer, act.purpose)) if act.confirming else None
        asked = Asked(act.purpose, act.state, act.system, confirms, *_shown(act.purpose))
        recorded = await state.db.transact(choices.choose, state.notary, how, [asked], state.clock)
        pending[act.customer, act.purpose] = recorded.chosen[0].event.id


def _shown(purpose: str) -> tuple[str, str, str]:
    """Return the edition, the SHA-256 and the language of what these people were shown at the time."""
    texts = {document["key"]: document["texts"]["en"] for document in documents()}
    text = texts[purpose]["text"] if purpose in texts else "All AI off"
    return f"first-page.{purpose if purpose != ALL else 'all'}", sha256(text.encode()).hexdigest(), "en"


def _circumstances(state: AppState, act: Act, tenant: str, site: str) -> Circumstances:
    pseudonym = crypto.pseudonym(state.keyring.pepper, tenant, "customer", act.customer)
    return Circumstances(
        tenant=tenant,
        subject=Subject("customer", act.customer, pseudonym),
        actor=act.actor,
        actor_ref="demo",
        method="button" if act.channel == "web" else "phone",
        channel=act.channel,
        site=site,
        gpc=act.state == "signal",
        evidence=("call-2026-03-118",) if act.actor == "staff" else (),
    )
