"""Which case goes to whom: skills, language, capacity and presence, by rank; an offer has a time-out and moves on.

All of it runs inside the one write lane, so two agents can't win one case. What each offer was for stays in the
events. After some offers in vain a case is open to whoever pulls it.
"""

import json
from collections.abc import Collection, Mapping
from typing import Final

from core.clock import MICROS
from core.database import Reader, Tx
from core.keys import KeyRing
from handoff import cases, store
from handoff.cases import INTERNAL, Case
from handoff.rows import HandoffRow
from handoff.store import Agent

HEARTBEAT_SECONDS: Final = 20
SILENT_SECONDS: Final = 60
WEIGHT: Final[Mapping[str, int]] = {"live": 1, "ticket": 1, "callback": 2}


def is_here(agent: Agent, now: int) -> bool:
    """Tell whether an agent is online and was heard of within the last minute."""
    return agent.presence == "online" and now - agent.seen_at < SILENT_SECONDS * MICROS


def speaks(agent: Agent, language: str) -> bool:
    """Tell whether an agent has the customer's language; ``de`` serves ``de-AT``. Nothing listed means any."""
    known = json.loads(agent.languages)
    return not known or language in known or language.split("-", maxsplit=1)[0] in {one.split("-")[0] for one in known}


def suits(agent: Agent, row: HandoffRow, *, relaxed: bool) -> bool:
    """Tell whether an agent may serve a case: its queue always, skills and language until they are relaxed."""
    queues = json.loads(agent.queues)
    if queues and row.queue not in queues:
        return False
    return relaxed or (set(json.loads(row.skills)) <= set(json.loads(agent.skills)) and speaks(agent, row.language))


async def free_agents(tx: Reader, tenant: str, now: int) -> list[tuple[Agent, int]]:
    """Return the agents who are here with room left, and how much, the least loaded first."""
    loads = await store.loads(tx, tenant)
    room = [(one, one.capacity - loads.get(one.id, 0)) for one in await store.agents(tx, tenant) if is_here(one, now)]
    return sorted(((one, left) for one, left in room if left > 0), key=lambda pair: (-pair[1], pair[0].id))


def best(row: HandoffRow, free: Collection[tuple[Agent, int]], *, relaxed: bool) -> Agent | None:
    """Return who should be offered a case: a match with room who was not offered it in this round."""
    passed = set(json.loads(row.declined))
    fit = [one for one, left in free if left >= row.weight and one.id not in passed and suits(one, row, relaxed=False)]
    if not fit and relaxed:
        fit = [
            one for one, left in free if left >= row.weight and one.id not in passed and suits(one, row, relaxed=True)
        ]
    return fit[0] if fit else None


def offer(case: Case, agent: Agent) -> None:
    """Offer a case to one agent for the queue's time."""
    row = case.row
    case.move("offer", "system")
    row.assignee = agent.id
    row.agent_language = speaks(agent, row.language)
    row.offer_until = case.now + case.rules.offer_seconds * MICROS
    row.next_at = row.offer_until
    case.note("offered", "system", visible=INTERNAL, agent=agent.id, language=row.agent_language)


async def assign(tx: Tx, keyring: KeyRing, tenant: str, now: int) -> int:
    """Offer waiting cases of a tenant to free agents; return how many were offered."""
    free = await free_agents(tx, tenant, now)
    if not free:
        return 0
    made = 0
    for row in await store.waiting(tx, tenant):
        case = await cases.case_of(tx, keyring, row, now)
        if len(json.loads(row.declined)) >= case.rules.offers_before_broadcast:
            continue  # open to whoever pulls it
        waited = now - (row.queued_at or now)
        agent = best(row, free, relaxed=waited >= case.rules.relax_seconds * MICROS)
        if agent is None:
            continue
        offer(case, agent)
        await case.save()
        made += 1
        free = [(one, left - row.weight if one.id == agent.id else left) for one, left in free]
        free = [(one, left) for one, left in free if left > 0]
        if not free:
            break
    return made


async def pull(tx: Tx, tenant: str, agent: Agent) -> HandoffRow | None:
    """Return the first waiting case an agent could take by himself."""
    for row in await store.waiting(tx, tenant, 500):
        if suits(agent, row, relaxed=True):
            return row
    return None


async def outlook(tx: Reader, tenant: str, queue: str, target: int, now: int) -> tuple[int, int | None]:
    """Return how many agents are here for a queue, and the usual wait in seconds, if there is anyone to wait for."""
    here = [one for one in await store.agents(tx, tenant) if is_here(one, now)]
    here = [one for one in here if not json.loads(one.queues) or queue in json.loads(one.queues)]
    if not here:
        return 0, None
    waits = sorted(await store.recent_waits(tx, tenant, queue, now - 4 * 3600 * MICROS))
    if not waits:
        return len(here), None if not here else min(target, 60)
    return len(here), max(0, waits[len(waits) // 2] // MICROS)
