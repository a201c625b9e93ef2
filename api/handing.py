"""What the human gets with a case: composed from all rooms, minimised by the gate, handed to the handoff as data.

The gate is asked once for each purpose that stands behind a part; unknown and refused alike leave the part out, and
the pack says so.
"""

import contextlib
from collections.abc import Mapping
from typing import Any, NamedTuple

from api.state import AppState
from consent import store as choices
from consent.cache import Question
from consent.gate import ALLOW
from core.clock import rfc3339
from core.database import Reader
from core.errors import DomainError
from core.principal import Subject
from disclosures.showings import store as showings
from explanations import service as decisions
from handoff import cases, packs, store
from handoff.asking import Asking
from handoff.packs import Pack
from handoff.queues import QueueRules
from handoff.talks import service as talks

_ALL_AI = ("*", "*")


async def opted_out(state: AppState, tenant: str, subject: Subject) -> bool:
    """Tell whether a person has opted out of AI as a whole."""
    rows = await state.db.read(choices.present, tenant, subject.pseudonym)
    return any((row.purpose, row.system) == _ALL_AI and row.state in {"opted_out", "objected"} for row in rows)


class Known(NamedTuple):
    """What is read before a request for a human, so that the request is one transaction: rules, and what is permitted.

    ``permitted`` by purpose; a purpose that is not in it is not.
    """

    rules: QueueRules
    permitted: Mapping[str, bool]


async def known(state: AppState, asking: Asking) -> Known:
    """Return what the gate says today of all purposes behind a request's context."""
    rules = await state.db.read(cases.rules_for, asking.tenant, asking.queue)
    wanted = set(rules.lawful.values())
    for one in await state.db.read(_decisions, state, asking):
        wanted.add(one["purpose"])
    return Known(rules, await _permitted(state, asking, sorted(wanted)))


async def pack_of(state: AppState, asking: Asking, needs: Mapping[str, Any]) -> Pack:
    """Return the context of a request for a human."""
    return await state.db.read(composed, state, asking, needs, await known(state, asking))


async def composed(tx: Reader, state: AppState, asking: Asking, needs: Mapping[str, Any], known: Known) -> Pack:
    """Return the same inside a transaction, with what was recorded in it."""
    parts = await _parts(tx, state, asking)
    parts["needs"] = dict(needs)
    kept, hidden = [], {}
    for one in parts["decisions"]:
        if known.permitted.get(one["purpose"], False):
            kept.append(one)
        else:
            hidden["decisions"] = f"not-permitted:{one['purpose']}"
    parts["decisions"] = kept
    shown, withheld = packs.minimised(parts, dict(known.rules.lawful), known.permitted)
    reason = {"rule": asking.rule, "trigger": asking.trigger, "because": dict(asking.because)}
    return Pack(reason, asking.language, shown, {**hidden, **withheld})


async def _permitted(state: AppState, asking: Asking, purposes: list[str]) -> dict[str, bool]:
    if not purposes:
        return {}
    asked = [(asking.subject.pseudonym, Question(purpose, None)) for purpose in purposes]
    try:
        answers = await state.gate.check_many(asking.tenant, asked)
    except DomainError:
        return {}  # what the gate can't answer is not permitted; the request itself is never refused for it
    return {purpose: answer.decision == ALLOW for purpose, answer in zip(purposes, answers, strict=True)}


async def _parts(tx: Reader, state: AppState, asking: Asking) -> dict[str, Any]:
    tenant, person = asking.tenant, asking.subject.pseudonym
    said = await talks.transcript(tx, state.keyring, tenant, person, asking.conversation)
    rows = await choices.present(tx, tenant, person)
    return {
        "transcript": packs.transcript([{**one, "at": rfc3339(one["at"])} for one in said]),
        "decisions": await _decisions(tx, state, asking),
        "choices": [{"purpose": row.purpose, "system": row.system, "state": row.state} for row in rows],
        "disclosures": await _disclosures(tx, asking),
        "earlier": [
            {
                "reference": row.reference,
                "state": row.state,
                "outcome": row.outcome,
                "opened_at": rfc3339(row.opened_at),
            }
            for row in await store.of_subject(tx, tenant, person, 5)
        ],
    }


async def _disclosures(tx: Reader, asking: Asking) -> list[dict[str, Any]]:
    """Return the notices the customer was shown, by the proofs of display."""
    shown = await showings.showings(tx, asking.tenant, "subject", asking.subject.pseudonym, limit=20)
    if asking.conversation:
        known = {one.id for one in shown}
        here = await showings.showings(tx, asking.tenant, "conversation", asking.conversation)
        shown = [
            *shown,
            *(one for one in here if one.id not in known and one.subject in {None, asking.subject.pseudonym}),
        ]
    return [
        {
            "id": one.id,
            "notice": one.notice,
            "version": one.version,
            "language": one.lang,
            "surface": one.surface,
            "shown_at": rfc3339(one.shown_at),
        }
        for one in shown[:20]
    ]


async def _decisions(tx: Reader, state: AppState, asking: Asking) -> list[dict[str, Any]]:
    """Return the decision the request is about, with what was said to explain it."""
    if asking.decision is None:
        return []
    view = None
    with contextlib.suppress(DomainError):
        view = await decisions.view(tx, state.keyring, asking.tenant, asking.decision)
    if view is None or view.row.subject != asking.subject.pseudonym:
        return []
    row, told = view.row, view.personal or {}
    return [
        {
            "id": row.id,
            "reference": row.reference,
            "system": row.system,
            "model": f"{row.model} {row.model_version}",
            "purpose": row.purpose,
            "outcome": row.outcome,
            "adverse": row.adverse,
            "rationale": told.get("rationale"),
            "factors": told.get("factors", []),
            "disclosures": told.get("showings", []),
        }
    ]
