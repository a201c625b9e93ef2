"""The verbs of a handoff after the request: accept, speak, pass on, resolve, leave, come back.

Only a person accepts and resolves. Every verb takes ``tx`` first and never commits; a verb that is repeated under the
same key gives what the first one did.
"""

import json
from typing import Final, NamedTuple

from core.clock import DAY
from core.database import Tx
from core.keys import KeyRing
from core.principal import Principal
from handoff import cases, placing, routing, store
from handoff.cases import INTERNAL, PUBLIC, Case, load
from handoff.errors import (
    MoveNotPossibleError,
    NoReturnAskedError,
    NotHereError,
    NothingWaitingError,
    NotYoursError,
    SurveyedError,
    TakenError,
)
from handoff.lifecycle import ENDED, MOST_HOPS, OPEN
from handoff.queues import BUILTIN
from handoff.store import Agent, Event

OUTCOMES: Final = ("explained", "upheld", "changed", "refunded", "corrected", "answered", "referred", "unreachable")


async def agent_of(tx: Tx, by: Principal, now: int) -> Agent:
    """Return the agent who calls, who must have said that he is here. Raises ``NotHereError``."""
    found = await store.agent(tx, by.tenant, by.id)
    if found is None or not routing.is_here(found, now):
        raise NotHereError
    return found


async def accept(tx: Tx, keyring: KeyRing, by: Principal, handoff_id: str, now: int) -> Case:
    """Take a case: one that was offered to the caller, or one that waits. Raises ``TakenError`` for another's."""
    agent = await agent_of(tx, by, now)
    case = await load(tx, keyring, by.tenant, handoff_id, now)
    row = case.row
    if row.state == "active" and row.assignee == agent.id:
        return case
    if row.state in {"active", "offered"} and row.assignee != agent.id:
        raise TakenError
    await _take(case, agent)
    return case


async def pull(tx: Tx, keyring: KeyRing, by: Principal, now: int) -> Case:
    """Take the case that has waited longest by its rank. Raises ``NothingWaitingError``."""
    agent = await agent_of(tx, by, now)
    held = await store.of_agent(tx, by.tenant, agent.id, "offered")
    row = held[0] if held else await routing.pull(tx, by.tenant, agent)
    if row is None:
        raise NothingWaitingError
    case = await cases.case_of(tx, keyring, row, now)
    await _take(case, agent)
    return case


async def _take(case: Case, agent: Agent) -> None:
    row = case.row
    if row.desk != BUILTIN:
        raise TakenError("The case is with another help desk.")
    speaks = routing.speaks(agent, row.language)
    became_active(case, "agent", agent.id, agent.alias, speaks=speaks)
    await case.save()


def became_active(case: Case, actor: str, ref: str, alias: str, *, speaks: bool | None) -> None:
    """Note that a person, known by ``alias``, has accepted; the customer is told who."""
    row = case.row
    case.move("accept", actor)
    row.assignee, row.alias, row.agent_language = ref, alias, speaks
    row.offer_until, row.next_at, row.desk_by = None, None, None
    row.accepted_at = row.accepted_at or case.now
    case.note("accepted", actor, ref, alias=alias)
    case.note("disclosed", "system", handler="human", alias=alias, language=speaks)
    case.fact("handoff.accepted", by=ref, waited=case.now - row.clock_at, desk=row.desk)


async def decline(tx: Tx, keyring: KeyRing, by: Principal, handoff_id: str, now: int) -> Case:
    """Give an offer back. Raises ``NotYoursError``."""
    case = await load(tx, keyring, by.tenant, handoff_id, now)
    if case.row.state == "offered" and case.row.assignee != by.id:
        raise NotYoursError
    await take_back(case, "agent", "declined")
    await routing.assign(tx, keyring, by.tenant, now)
    return case


async def take_back(case: Case, actor: str, reason: str) -> None:
    """Return an offered case to its queue, to be offered to the next."""
    row = case.row
    case.move("decline", actor)
    case.note("declined", actor, row.assignee or "", visible=INTERNAL, reason=reason)
    row.declined = json.dumps(sorted({*json.loads(row.declined), row.assignee or ""}))
    row.assignee, row.offer_until = None, None
    row.next_at = placing.wait_limit(case)
    await case.save()


def _mine(case: Case, by: Principal) -> None:
    if case.row.state != "active":
        raise MoveNotPossibleError(f"The handoff is {case.row.state}.")
    if case.row.assignee != by.id:
        raise NotYoursError


async def transfer(tx: Tx, keyring: KeyRing, by: Principal, handoff_id: str, queue: str, reason: str, now: int) -> Case:
    """Pass a case on to a queue. Raises ``NotYoursError``."""
    case = await load(tx, keyring, by.tenant, handoff_id, now)
    _mine(case, by)
    await pass_on(case, "agent", by.id, queue, reason)
    await routing.assign(tx, keyring, by.tenant, now)
    return case


async def pass_on(case: Case, actor: str, ref: str, queue: str, reason: str) -> None:
    """Move an active case back to a queue, ahead of those who never had a person."""
    row = case.row
    case.move("transfer", actor)
    row.hops += 1
    row.queue = queue
    case.rules = await cases.rules_for(case.tx, row.tenant, queue)
    row.rank = case.rules.rank(row.opened_at, row.priority)
    case.note("transferred", actor, ref, queue=queue, hops=row.hops, passed_on_too_often=row.hops >= MOST_HOPS)
    case.note("reason", actor, ref, visible=INTERNAL, text=reason if case.dek is not None else None)
    case.fact("handoff.transferred", by=ref, queue=queue, hops=row.hops)
    row.return_asked_at = None
    await placing.enqueue(case)
    await case.save()


async def resolve(
    tx: Tx, keyring: KeyRing, by: Principal, handoff_id: str, outcome: str, now: int, words: str | None = None
) -> Case:
    """End a case with its outcome. Raises ``NotYoursError``, ``MoveNotPossibleError``."""
    case = await load(tx, keyring, by.tenant, handoff_id, now)
    _mine(case, by)
    if words is not None:
        case.note("note", "agent", by.id, text=words, visible=INTERNAL)
    await ended(case, "agent", by.id, "resolve", "resolved", outcome)
    await routing.assign(tx, keyring, by.tenant, now)
    return case


async def ended(case: Case, actor: str, ref: str, verb: str, reason: str, outcome: str | None = None) -> None:
    """End a case and free its conversation for the next request."""
    row = case.row
    waited_for = row.state
    case.move(verb, actor)
    row.ended_at, row.end_reason, row.outcome = case.now, reason, outcome
    row.open_key, row.next_at, row.offer_until = None, None, None
    kind = "returned_to_ai" if reason == "returned_to_ai" else row.state
    case.note(kind, actor, ref, reason=reason, outcome=outcome, before=waited_for)
    case.fact(f"handoff.{kind.replace('_', '-')}", by=ref, outcome=outcome, reason=reason, before=waited_for)
    await case.save()


async def cancel(tx: Tx, keyring: KeyRing, tenant: str, handoff_id: str, by: str, now: int) -> Case:
    """Leave, as the customer, in one action; a case that has ended stays as it is."""
    case = await load(tx, keyring, tenant, handoff_id, now)
    if case.row.state in ENDED:
        return case
    await placing.close_remote(case, "cancelled")
    await ended(case, "customer", by, "cancel", "customer_left")
    await routing.assign(tx, keyring, tenant, now)
    return case


async def reopen(tx: Tx, keyring: KeyRing, tenant: str, handoff_id: str, actor: str, by: str, now: int) -> Case:
    """Take a resolved case up again. Raises ``MoveNotPossibleError`` past the days for it, or where another is open."""
    case = await load(tx, keyring, tenant, handoff_id, now)
    row = case.row
    if row.state in OPEN:
        return case
    key = cases.open_key(row.subject, row.conversation)
    if row.ended_at is not None and now > row.ended_at + case.rules.reopen_days * DAY:
        raise MoveNotPossibleError("The time to reopen it is over. Ask for a human again.")
    if await store.open_one(tx, tenant, key) is not None:
        raise MoveNotPossibleError("Another handoff of this conversation is open.")
    case.move("reopen", actor)
    row.open_key, row.ended_at, row.end_reason, row.outcome, row.return_asked_at = key, None, None, None, None
    case.note("reopened", actor, by)
    case.fact("handoff.reopened", by=by)
    here = await store.agent(tx, tenant, row.assignee or "")
    if row.desk == BUILTIN and (here is None or not routing.is_here(here, now)):
        await pass_on(case, "system", "", row.queue, "agent-not-here")
        await routing.assign(tx, keyring, tenant, now)
    else:
        await case.save()
    return case


async def reopened_there(case: Case) -> None:
    """Note that the desk of others which has the case took it up again, if the conversation is free."""
    row = case.row
    key = cases.open_key(row.subject, row.conversation)
    if await store.open_one(case.tx, row.tenant, key) is not None:
        return
    case.move("reopen", "remote")
    row.open_key, row.ended_at, row.end_reason, row.outcome = key, None, None, None
    case.note("reopened", "remote")
    case.fact("handoff.reopened", by=row.desk)
    await case.save()


async def choose(
    tx: Tx, keyring: KeyRing, tenant: str, handoff_id: str, choice: str, slot: int | None, now: int
) -> Case:
    """Do what the waiting customer chose. Raises ``MoveNotPossibleError`` once a person has the case."""
    case = await load(tx, keyring, tenant, handoff_id, now)
    if case.row.state not in {"queued", "offered", "deferred"}:
        raise MoveNotPossibleError(f"The handoff is {case.row.state}.")
    await placing.choose(case, choice, slot)
    await case.save()
    await routing.assign(tx, keyring, tenant, now)
    return case


class Words(NamedTuple):
    """What somebody says: ``key`` is the sender's own, so that a repetition counts once; ``internal`` is a note."""

    actor: str
    ref: str
    text: str
    key: str | None = None
    internal: bool = False

    @property
    def dedupe(self) -> str | None:
        """Return what is unique in the handoff."""
        return None if self.key is None else f"{self.actor}:{self.ref}:{self.key}"


async def say(
    tx: Tx, keyring: KeyRing, tenant: str, handoff_id: str, words: Words, now: int
) -> tuple[Case, Event, bool]:
    """Record a message or an internal note, once for each key; tells whether it is new.

    Raises ``MoveNotPossibleError`` once the case has ended, ``NotYoursError`` for an agent who has not taken it.
    """
    case = await load(tx, keyring, tenant, handoff_id, now)
    row = case.row
    known = None if words.dedupe is None else await store.deduped(tx, handoff_id, words.dedupe)
    if known is not None:
        return case, known, False
    if row.state in ENDED:
        raise MoveNotPossibleError("The handoff has ended. Reopen it, or ask for a human again.")
    if words.actor == "agent" and not words.internal and (row.state != "active" or row.assignee != words.ref):
        raise NotYoursError
    seq = spoken(case, words)
    if words.actor == "customer" and row.desk != BUILTIN:
        await placing.push(case)
    await case.save()
    [event] = await store.events(tx, handoff_id, seq - 1, 1, internal=True)
    return case, event, True


def spoken(case: Case, words: Words) -> int:
    """Record words as an event: labelled by who said them, a note only for colleagues."""
    row = case.row
    if words.internal:
        return case.note("note", words.actor, words.ref, text=words.text, visible=INTERNAL, dedupe=words.dedupe)
    if words.actor == "customer":
        return case.note("message", words.actor, words.ref, text=words.text, visible=PUBLIC, dedupe=words.dedupe)
    row.replied_at = row.replied_at or case.now
    return case.note("message", words.actor, words.ref, text=words.text, dedupe=words.dedupe, alias=row.alias)


async def propose_return(tx: Tx, keyring: KeyRing, by: Principal, handoff_id: str, now: int) -> Case:
    """Ask the customer whether the AI may go on. Raises ``NotYoursError``, ``MoveNotPossibleError`` after two hops."""
    case = await load(tx, keyring, by.tenant, handoff_id, now)
    _mine(case, by)
    case.row.return_asked_at = now
    case.note("return_proposed", "agent", by.id)
    await case.save()
    return case


async def answer_return(tx: Tx, keyring: KeyRing, tenant: str, handoff_id: str, *, agreed: bool, now: int) -> Case:
    """Return to the AI with the customer's yes, or stay with the human. Raises ``NoReturnAskedError``."""
    case = await load(tx, keyring, tenant, handoff_id, now)
    row = case.row
    if row.state != "active" or row.return_asked_at is None:
        raise NoReturnAskedError
    row.return_asked_at = None
    case.note("return_answered", "customer", agreed=agreed)
    if not agreed:
        await case.save()
        return case
    await ended(case, "agent", row.assignee or "", "resolve", "returned_to_ai", "answered")
    return case


async def survey(
    tx: Tx, keyring: KeyRing, tenant: str, handoff_id: str, human: int, ai: int | None, words: str | None, now: int
) -> Case:
    """Record how it was, once: 1 to 5 for the human part, and for the AI part apart. Raises ``SurveyedError``."""
    case = await load(tx, keyring, tenant, handoff_id, now)
    row = case.row
    if row.state not in ENDED:
        raise MoveNotPossibleError("The survey follows the end of the case.")
    if row.score is not None:
        raise SurveyedError
    row.score, row.ai_score = human, ai
    case.note("csat", "customer", text=words, visible=INTERNAL, human=human, ai=ai)
    await case.save()
    return case


async def flag(
    tx: Tx, keyring: KeyRing, by: Principal, handoff_id: str, kind: str, words: str | None, now: int
) -> Case:
    """Note what an agent has to say of the case: something asked again, or a fault of the AI (AGT-05)."""
    case = await load(tx, keyring, by.tenant, handoff_id, now)
    if kind == "reasked":
        case.row.reasked += 1
    case.note(
        kind, "agent", by.id, text=words, visible=INTERNAL, system=case.row.system, touchpoint=case.row.touchpoint
    )
    await case.save()
    return case


async def violated(case: Case, kind: str, ref: str) -> None:
    """Note that the AI spoke or deflected after a human was asked for (HND-07)."""
    case.row.violations += 1
    case.note("violation", "ai", ref, visible=INTERNAL, what=kind, count=case.row.violations)
    case.fact("handoff.violated", what=kind, count=case.row.violations)
    await case.save()
