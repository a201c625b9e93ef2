"""The verbs of requests for an explanation: open one, find one's own, take the plain steps (EXP-02, EXP-04, AGT-01)."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from core import canonical, crypto, ids, queue, subjects
from core.clock import LATEST
from core.database import Reader, Tx
from core.principal import Principal, Role, Subject
from explanations import store as decisions
from explanations.errors import DecisionNotFoundError
from explanations.requests import calendars, deadlines, lifecycle, links, numbers, record, store
from explanations.requests.deadlines import Law
from explanations.requests.errors import RequestNotFoundError
from explanations.requests.facts import Asked, Facts
from explanations.requests.record import Case
from explanations.requests.store import CaseRow
from explanations.requests.terms import Desk
from explanations.store import DecisionRow

LETTER = "request-letter"
_VOUCHED = "customer_token"  # she is signed in: the link goes into her own hands
ROLES = {
    Role.CUSTOMER: "subject", Role.ANONYMOUS: "subject", Role.SITE: "site", Role.AGENT: "agent", Role.DPO: "dpo",
    Role.AUDITOR: "auditor", Role.ADMIN: "admin",
}  # fmt: skip


class Opening(NamedTuple):
    """What somebody asks: about whom, which decisions, under which laws; ``texts`` are sealed.

    ``texts``: ``question``, ``address`` (where letters go), ``agent`` and ``authorisation`` of an authorised agent.
    ``known_address`` tells that the controller had the address before.
    """

    subject: Subject
    laws: tuple[Law, ...]
    decisions: tuple[str, ...] = ()
    texts: Mapping[str, str] = {}
    language: str = "en"
    channel: str = "api"
    on_behalf: str = "self"
    site: str | None = None
    place: str | None = None
    kind: str = "explanation"
    method: str | None = None  # how the subject's identity is proven already
    known_address: bool = False


class Opened(NamedTuple):
    """A case that was opened, or found open about the same; ``link`` leads to its status page."""

    case: Case
    fresh: bool
    link: str | None


def role_of(by: Principal) -> str:
    """Return what a caller is to a case."""
    return ROLES[by.role]


async def open_case(tx: Tx, desk: Desk, by: Principal, opening: Opening, now: int) -> Opened:
    """Open a case and acknowledge it at once; the same again while it is open is answered with the first.

    Raises ``DecisionNotFoundError`` for a decision that is none of the subject's.
    """
    about = await _decisions(tx, by.tenant, opening.decisions, opening.subject.pseudonym)
    twin = await _twin(tx, by.tenant, opening)
    if twin is not None:
        vouched = opening.method == _VOUCHED
        return Opened(twin, fresh=False, link=await links.make(tx, desk, twin, links.STATUS, now) if vouched else None)
    dek = await subjects.ensure(tx, desk.keyring, by.tenant, opening.subject, now)
    case = _fresh(desk, by, opening, about, dek, now)
    tx.insert(store.INSERT_CASE, case.row)
    role = role_of(by)
    public = {
        "state": case.row.state, "number": case.row.number, "kind": opening.kind, "channel": opening.channel,
        "on_behalf": opening.on_behalf, "site": opening.site, "by": by.id, "by_role": role, "law": case.row.law,
        "due_at": None if case.row.due_at == LATEST else case.row.due_at, "round": 1,
        "laws": [{"right": law.right, "pack": law.pack, "sha256": law.digest} for law in opening.laws],
        "place": opening.place,
    }  # fmt: skip
    record.write_event(tx, case.row, dek, "opened", public, opening.texts, now)
    seq = record.write_event(
        tx, case.row, dek, "acknowledged", {"state": case.row.state, "by": by.id, "channel": opening.channel}, {}, now
    )
    case = Case(case.row._replace(seq=seq), case.facts)
    await store.update(tx, case.row)
    if opening.method is not None:
        asked = _plain("prove_identity", by.id, _prover(opening.method, role), now, case, method=opening.method)
        case = await record.take(tx, desk.keyring, case, asked)
    if about:
        case = await scope(tx, desk, case, by.id, role, about, now)
    link = None
    if opening.texts.get("address") or opening.channel == "page" or opening.method == _VOUCHED:
        link = await links.make(tx, desk, case, links.STATUS, now)
    if opening.texts.get("address"):
        await send(tx, case, "acknowledged", now)
    return Opened(case, fresh=True, link=link)


def _prover(method: str, role: str) -> str:
    return {_VOUCHED: "subject", "vouched_by_site": "site"}.get(method, role)


def _fresh(desk: Desk, by: Principal, opening: Opening, about: Sequence[DecisionRow], dek: bytes, now: int) -> Case:
    started = calendars.day_of(now, desk.terms.zone)
    effect = _strongest(about)
    laws = tuple(law.document() for law in opening.laws)
    facts = Facts(
        laws=laws,
        holidays=tuple(day.isoformat() for day in calendars.holidays_at(opening.place, started)),
        zone=desk.terms.zone,
        place=opening.place,
        started_on=started.isoformat(),
        language=opening.language,
        channel=opening.channel,
        on_behalf=opening.on_behalf,
        effect=effect,
        needed=deadlines.needed_identity(laws, effect, len(about)),
        blind=desk.terms.blind,
        known_address=opening.known_address,
    )
    due = deadlines.of(facts)
    request_id = ids.new("exr", now)
    sealed = crypto.seal(dek, canonical.dumps(dict(opening.texts)), record.intake_place(by.tenant, request_id))
    row = CaseRow(
        id=request_id, number=numbers.new(), tenant=by.tenant, subject=opening.subject.pseudonym,
        asker=opening.subject.pseudonym, site=opening.site, kind=opening.kind, state="acknowledged", owed=True,
        law=due.law, assignee=None, system=about[0].system if about else None,
        model=about[0].model if about else None, received_at=now, due_at=due.at, overdue_at=None, answered_at=None,
        on_time=None, seq=-1, updated_at=now, facts=canonical.dumps(facts.document()).decode(), sealed=sealed,
    )  # fmt: skip
    return Case(row, facts)


def _strongest(about: Sequence[DecisionRow]) -> str | None:
    order = ("none", "limited", "significant", "legal")
    return max((row.effect for row in about), key=order.index, default=None)


async def _decisions(tx: Reader, tenant: str, wanted: Sequence[str], subject: bytes) -> list[DecisionRow]:
    """Return the decisions; one of somebody else's is as absent as one that does not exist."""
    found = []
    for decision_id in dict.fromkeys(wanted):
        row = await decisions.decision(tx, tenant, decision_id)
        if row is None or row.subject != subject:
            raise DecisionNotFoundError
        found.append(row)
    return found


async def _twin(tx: Reader, tenant: str, opening: Opening) -> Case | None:
    """Return an open case of the same person about the same: who gets to see it passed the same identity gate."""
    for row in await store.of_person(tx, tenant, opening.subject.pseudonym):
        case = record.case_of(row)
        same = set(case.facts.decisions) == set(opening.decisions) and row.kind == opening.kind
        if row.owed and same and row.asker == opening.subject.pseudonym:
            return case
    return None


def _plain(step: str, by: str, role: str, now: int, case: Case, **told: Any) -> Asked:
    on = calendars.day_of(now, case.facts.zone).isoformat()
    return Asked(step, by, role, now, {"on": on, "assignee": case.row.assignee, **told})


def asked_by(
    by: Principal, step: str, case: Case, now: int, told: Mapping[str, Any], texts: Mapping[str, str]
) -> Asked:
    """Return a step as a caller asks for it, with the day and who holds the case."""
    made = _plain(step, by.id, role_of(by), now, case, **told)
    return made._replace(texts=texts)


def asked_by_itself(step: str, case: Case, now: int) -> Asked:
    """Return a step that nobody asks for: time does."""
    return _plain(step, "system", "system", now, case)


async def scope(
    tx: Tx, desk: Desk, case: Case, by: str, role: str, about: Sequence[DecisionRow], now: int, **changes: Any
) -> Case:
    """Say which decisions a case is about, and with that what identity it needs and who can't review it."""
    actors = sorted({actor for row in about for actor in (row.recorded_by, row.human_ref) if actor})
    effect = _strongest(about)
    told = {
        "decisions": [row.id for row in about],
        "actors": actors,
        "effect": effect,
        "needed": deadlines.needed_identity(case.facts.laws, effect, len(about)),
    }
    asked = _plain("scope", by, role, now, case, **told)
    first = about[0] if about else None
    moved = await record.take(
        tx, desk.keyring, case, asked, system=first and first.system, model=first and first.model, **changes
    )
    await store.set_decisions(tx, case.row.tenant, case.row.id, [row.id for row in about])
    return moved


async def scope_by_staff(
    tx: Tx, desk: Desk, by: Principal, request_id: str, wanted: Sequence[str], person: Subject | None, now: int
) -> Case:
    """Name the decisions of a case; ``person`` is who it turned out to be about, where a browser had asked.

    Raises ``RequestNotFoundError``, ``DecisionNotFoundError``, ``StepRefusedError``.
    """
    case = await record.load(tx, by.tenant, request_id)
    changes: dict[str, Any] = {}
    subject = case.row.subject
    if person is not None and person.pseudonym != subject:
        subject = person.pseudonym
        changes = {"subject": subject, "sealed": await _resealed(tx, desk, case, person, now)}
    about = await _decisions(tx, by.tenant, wanted, subject)
    moved = await scope(tx, desk, case, by.id, role_of(by), about, now, **changes)
    if changes:  # the link made for the unknown asker can't be written into letters any more
        await links.make(tx, desk, moved, links.STATUS, now)
    return moved


async def _resealed(tx: Tx, desk: Desk, case: Case, person: Subject, now: int) -> bytes:
    """Return the texts of the intake under the key of whom they turned out to be about."""
    texts = await record.intake_of(tx, desk.keyring, case.row)
    dek = await subjects.ensure(tx, desk.keyring, case.row.tenant, person, now)
    return crypto.seal(dek, canonical.dumps(texts), record.intake_place(case.row.tenant, case.row.id))


async def own(tx: Reader, tenant: str, request_id: str, subject: bytes) -> Case:
    """Return a person's own case. Raises ``RequestNotFoundError`` for anybody else's too."""
    case = await record.load(tx, tenant, request_id)
    if subject not in {case.row.subject, case.row.asker}:
        raise RequestNotFoundError
    return case


async def step(
    tx: Tx, desk: Desk, by: Principal, request_id: str, name: str, told: Mapping[str, Any], texts: Mapping[str, str],
    now: int,
) -> Case:  # fmt: skip
    """Take a step that changes nothing beyond the case. Raises ``RequestNotFoundError``, ``StepRefusedError``."""
    case = await record.load(tx, by.tenant, request_id)
    changes: dict[str, Any] = {}
    if name == "claim":
        changes = {"assignee": by.id}
    if name == "transfer":
        changes = {"assignee": told.get("to")}
    moved = await record.take(tx, desk.keyring, case, asked_by(by, name, case, now, told, texts), **changes)
    if name in {"ask_identity", "ask_clarification", "fail_identity"}:
        await send(tx, moved, name, now)
    return moved


async def send(tx: Tx, case: Case, letter: str, now: int) -> None:
    """Have a letter delivered: the job carries no word of it, only what it is about."""
    payload = {"tenant": case.row.tenant, "request": case.row.id, "letter": letter, "seq": case.row.seq}
    await queue.enqueue(tx, LETTER, payload, now=now, unique_key=f"letter:{case.row.id}:{letter}:{case.row.seq}")


def steps_of(case: Case) -> list[str]:
    """Return the steps that exist in the case's state."""
    return lifecycle.possible(case.row.state)
