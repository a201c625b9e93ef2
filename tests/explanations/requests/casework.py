"""A desk with people at it, and a case about a declined loan, for tests."""

from typing import Any

from core.clock import FixedClock
from core.database import Database
from core.keys import KeyRing
from core.principal import Principal, Role, Subject
from disclosures.packs.loading import bundled
from explanations.requests import answers, service, store
from explanations.requests.deadlines import Law
from explanations.requests.guards import CHECKLIST
from explanations.requests.record import Case
from explanations.requests.service import Opened, Opening
from explanations.requests.store import EventRow
from explanations.requests.terms import Desk, Terms
from tests.explanations.deciding import TENANT, person, record, sheet

ANN = Principal(TENANT, "staff_ann", Role.AGENT)
BEN = Principal(TENANT, "staff_ben", Role.AGENT)
CLEO = Principal(TENANT, "staff_cleo", Role.AGENT)
DPO = Principal(TENANT, "staff_dpo", Role.DPO)
SITE = Principal(TENANT, "key_producer", Role.SITE)  # it recorded the decision
STAFF = (ANN, BEN, CLEO, DPO)
TERMS = Terms(controller="Acme Bank", contact="help@acme.example", authority="The Authority, Main Street 1")
PUSHED = {"shap_values": {"duration_in_month": 0.2, "purpose": -0.05}, "base_value": 0.42, "output": 0.62}
SIGNED = {"checklist": sorted(CHECKLIST), "signed_warnings": ["reasons_not_checked"]}


def law(right: str = "eu.gdpr15-1h") -> Law:
    """Return a bundled right as a case freezes it."""
    packs = bundled()
    for pack in packs.packs.values():
        for one in pack.rights:
            if one.id == right and one.clock is not None:
                clock = packs.clocks[one.clock].model_dump()
                ack = None if one.ack is None else packs.clocks[one.ack].model_dump()
                digest = packs.digests[pack.id]
                return Law(pack.id, digest, one.id, one.cite, clock, ack, one.verify, one.content)
    raise LookupError(right)


def customer(keyring: KeyRing, reference: str = "customer-1") -> Principal:
    """Return the caller a customer token makes."""
    subject = person(keyring, reference)
    return Principal(TENANT, f"tok_{reference}", Role.CUSTOMER, "site_1", subject)


def desk_of(keyring: KeyRing, **changes: Any) -> Desk:
    """Return a desk, its terms changed as asked."""
    return Desk(keyring, TERMS._replace(**changes))


async def declined(
    db: Database, keyring: KeyRing, clock: FixedClock, reference: str = "app-1", who: str = "customer-1", **changes: Any
) -> str:
    """Record a declined loan, explained by its own model, and return the decision's id."""
    told = sheet(keyring, reference, who)
    personal = {**told.personal, "explanation": PUSHED}
    [kept] = await record(db, keyring, clock, told._replace(personal=personal, **changes))
    return kept.id


def opening(subject: Subject, *decisions: str, **changes: Any) -> Opening:
    """Return what a customer asks with her token, changed as asked."""
    made = Opening(
        subject, (law(),), decisions, {"question": "Why was my loan declined?"}, method="customer_token", place="DE"
    )
    return made._replace(**changes)


async def asked(db: Database, desk: Desk, clock: FixedClock, who: str = "customer-1", reference: str = "app-1") -> Case:
    """Have a customer ask about her declined loan; return the scoped case."""
    decision = await declined(db, desk.keyring, clock, reference, who)
    by = customer(desk.keyring, who)
    made: Opened = await db.transact(
        service.open_case, desk, by, opening(person(desk.keyring, who), decision), clock.now()
    )
    return made.case


async def released(db: Database, desk: Desk, clock: FixedClock, who: str = "customer-1", **more: Any) -> Case:
    """Take a case to its released answer: Ann drafts, Ben approves."""
    case = await asked(db, desk, clock, who, **more)
    at = clock.now
    await db.transact(answers.draft, desk, ANN, case.row.id, None, at())
    await db.transact(service.step, desk, ANN, case.row.id, "submit", {}, {}, at())
    await db.transact(service.step, desk, BEN, case.row.id, "approve", SIGNED, {}, at())
    return await db.transact(answers.release, desk, BEN, case.row.id, at())


async def events(db: Database, case: Case) -> list[EventRow]:
    """Return everything that happened in a case."""
    return await db.read(store.events, case.row.id)
