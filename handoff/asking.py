"""Asking for a human: one action, nothing to fill in, never refused; repeated, it gives the handoff that is open.

The person's request, or a rule's, becomes a handoff with a reference number in the same transaction, with what is
known of the case attached, and is placed at once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from core import canonical, crypto, ids, subjects
from core.database import Tx
from core.keys import KeyRing
from core.principal import Subject
from handoff import cases, references, routing, store
from handoff.cases import INTERNAL, Case
from handoff.packs import Pack
from handoff.placing import place
from handoff.routing import WEIGHT
from handoff.rows import HandoffRow

_FIRST = b"\0" * 32
_TRIES = 5


@dataclass(frozen=True)
class Asking:
    """Who asks, from where, why. ``actor`` is the person, or ``system`` for a rule; ``because`` explains the rule."""

    tenant: str
    subject: Subject
    actor: str = "customer"
    actor_ref: str = ""
    conversation: str = ""
    mode: str = "live"
    slot: int | None = None
    channel: str = "web"
    touchpoint: str = "web"
    language: str = "en"
    jurisdiction: str | None = None
    site: str | None = None
    system: str | None = None
    decision: str | None = None
    rule: str = "asked/1"
    trigger: str = "explicit"
    because: Mapping[str, Any] = field(default_factory=dict)
    queue: str = "main"
    skills: Sequence[str] = ()
    priority: int = 0

    @property
    def open_key(self) -> str:
        """Return what is unique while a handoff is open."""
        return cases.open_key(self.subject.pseudonym, self.conversation)


async def ask(tx: Tx, keyring: KeyRing, asking: Asking, pack: Pack | None, now: int) -> tuple[Case, bool]:
    """Return the open handoff of the conversation and ``False``, or a new one and ``True``."""
    known = await store.open_one(tx, asking.tenant, asking.open_key)
    if known is not None:
        return await _again(await cases.case_of(tx, keyring, known, now), asking), False
    dek = await subjects.ensure(tx, keyring, asking.tenant, asking.subject, now)
    rules = await cases.rules_for(tx, asking.tenant, asking.queue)
    row = _row(asking, await _reference(tx, asking.tenant), rules.key, now)
    case = Case(tx, row, dek, rules, now)
    row.skills = canonical.dumps(sorted({*asking.skills, *rules.skills})).decode()
    row.rank = rules.rank(now, asking.priority)
    row.clock_at = rules.hours.next_opening(now) or now
    case.note("requested", asking.actor, asking.actor_ref, rule=asking.rule, trigger=asking.trigger, mode=asking.mode)
    if pack is not None:
        _attach(case, pack)
    store.add(tx, row)
    case.fact(
        "handoff.requested",
        rule=asking.rule,
        trigger=asking.trigger,
        because=dict(asking.because),
        mode=asking.mode,
        channel=asking.channel,
        touchpoint=asking.touchpoint,
        system=asking.system,
        decision=asking.decision,
        language=asking.language,
        jurisdiction=asking.jurisdiction,
        pack=row.pack_hash,
    )
    await place(case)
    await case.save()
    if await routing.assign(tx, keyring, asking.tenant, now):
        found = await store.handoff(tx, row.tenant, row.id)
        case.row = found or row
    return case, True


async def _again(case: Case, asking: Asking) -> Case:
    """Note that the person asks again: never another case, and an explicit request takes over from a rule's."""
    row = case.row
    case.note("asked_again", asking.actor, asking.actor_ref, visible=INTERNAL, rule=asking.rule)
    if asking.trigger == "explicit" and row.trigger != "explicit":
        row.rule, row.trigger = asking.rule, asking.trigger
    await case.save()
    return case


def _attach(case: Case, pack: Pack) -> None:
    row = case.row
    if case.dek is None:
        return
    row.pack_hash = pack.hash
    row.pack = crypto.seal(case.dek, canonical.dumps(pack.document()), cases.pack_place(row))
    case.note("context_attached", "system", visible=INTERNAL, pack=pack.hash, withheld=list(pack.withheld))


async def _reference(tx: Tx, tenant: str) -> str:
    for _ in range(_TRIES):
        made = references.new()
        if await store.by_reference(tx, tenant, made) is None:
            break
    return made


def _row(asking: Asking, reference: str, queue: str, now: int) -> HandoffRow:
    return HandoffRow(
        id=ids.new("hnd", now),
        tenant=asking.tenant,
        reference=reference,
        subject=asking.subject.pseudonym,
        space=asking.subject.space,
        conversation=asking.conversation,
        open_key=asking.open_key,
        mode=asking.mode,
        channel=asking.channel,
        touchpoint=asking.touchpoint,
        language=asking.language,
        jurisdiction=asking.jurisdiction,
        site=asking.site,
        system=asking.system,
        decision=asking.decision,
        rule=asking.rule,
        trigger=asking.trigger,
        because=canonical.dumps(dict(asking.because)).decode(),
        queue=queue,
        skills="[]",
        weight=WEIGHT[asking.mode],
        priority=asking.priority,
        rank=now,
        state="requested",
        due_at=asking.slot,
        opened_at=now,
        clock_at=now,
        desk="builtin",
        head=_FIRST,
    )
