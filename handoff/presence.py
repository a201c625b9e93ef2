"""Who is here: agents say so and are believed for a minute; who falls silent loses offers first and cases later.

A customer whose agent is gone is not left alone with the name of someone who does not read: after five minutes the
supervisor sees it, after ten the case goes back to the queue, ahead of the others.
"""

import json
from typing import Final, NamedTuple

from core.clock import MICROS
from core.database import Tx
from core.keys import KeyRing
from core.principal import Principal
from handoff import cases, routing, service, store
from handoff.store import Agent

GONE_SECONDS: Final = 600


class Here(NamedTuple):
    """What an agent says of himself; what is left out stays as it was. ``capacity`` in weights: a chat weighs 1."""

    presence: str
    alias: str | None = None
    queues: list[str] | None = None
    skills: list[str] | None = None
    languages: list[str] | None = None
    capacity: int | None = None


async def say_here(tx: Tx, keyring: KeyRing, by: Principal, said: Here, now: int) -> Agent:
    """Record that an agent is online, busy, away or offline. Offers follow."""
    known = await store.agent(tx, by.tenant, by.id)
    known = known or Agent(by.tenant, by.id, "Agent", "offline", "[]", "[]", "[]", 3, 0)
    agent = known._replace(
        alias=said.alias or known.alias,
        presence=said.presence,
        queues=known.queues if said.queues is None else json.dumps(said.queues),
        skills=known.skills if said.skills is None else json.dumps(said.skills),
        languages=known.languages if said.languages is None else json.dumps(said.languages),
        capacity=said.capacity or known.capacity,
        seen_at=now,
    )
    store.put_agent(tx, agent)
    if said.presence == "online":
        await routing.assign(tx, keyring, by.tenant, now)
    elif known.presence == "online":
        await _withdraw_offers(tx, keyring, agent, now)
    return agent


async def _withdraw_offers(tx: Tx, keyring: KeyRing, agent: Agent, now: int) -> None:
    for row in await store.of_agent(tx, agent.tenant, agent.id, "offered"):
        await service.take_back(await cases.case_of(tx, keyring, row, now), "system", "agent-not-here")
    await routing.assign(tx, keyring, agent.tenant, now)


async def fell_silent(tx: Tx, keyring: KeyRing, agent: Agent, now: int) -> bool:
    """Mark an agent offline who has not been heard of for a minute, and take his offers back."""
    known = await store.agent(tx, agent.tenant, agent.id)
    if known is None or known.presence == "offline" or now - known.seen_at < routing.SILENT_SECONDS * MICROS:
        return False
    store.put_agent(tx, known._replace(presence="offline"))
    await _withdraw_offers(tx, keyring, known, now)
    return True


async def take_over(tx: Tx, keyring: KeyRing, tenant: str, handoff_id: str, now: int) -> bool:
    """Return a case whose agent is gone to its queue, if that is still so."""
    case = await cases.load(tx, keyring, tenant, handoff_id, now)
    row = case.row
    agent = await store.agent(tx, tenant, row.assignee or "")
    if row.state != "active" or row.desk != "builtin" or agent is None or agent.presence != "offline":
        return False
    if now - agent.seen_at < GONE_SECONDS * MICROS:
        return False
    await service.pass_on(case, "system", "", row.queue, "agent-gone")
    await routing.assign(tx, keyring, tenant, now)
    return True
