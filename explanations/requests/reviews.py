"""The verbs of contest and human review: view, documents, evidence, decision, effect (GDPR Art. 22(3); EXP-08).

A reviewer took no part in what is reviewed, opens the evidence before deciding, and decides with reasons. An overturned
decision keeps its record; what holds now stands beside it, and the source system is told. The same cause again and
again opens an incident (ISO/IEC 42001, 10.2; EXP-15).
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NamedTuple

from core import canonical, ids, queue
from core.clock import DAY
from core.database import Reader, Tx
from core.errors import FieldError
from core.principal import Principal
from explanations import service as decisions
from explanations import store as decision_store
from explanations.alerts import WEBHOOK
from explanations.correcting import Corrected
from explanations.errors import DecisionNotFoundError
from explanations.kept import service as kept
from explanations.requests import answers, closing, lifecycle, record, service, store
from explanations.requests.errors import StepRefusedError
from explanations.requests.papers import Document
from explanations.requests.record import Case, Paper, Sheet
from explanations.requests.store import IncidentRow, OverrideRow, ReviewRow
from explanations.requests.terms import Desk
from explanations.service import DecisionView
from ledger import service as ledger
from ledger.entries import Entry

DOCUMENT = "document"
_OUTCOMES = {"uphold": "upheld", "overturn": "overturned", "overturn_partly": "partly_overturned"}


class Evidence(NamedTuple):
    """What a reviewer looks at; the AI system's output is left out until the own view is noted, where asked for."""

    decisions: list[DecisionView]
    explanations: list[dict[str, Any]]
    intake: Mapping[str, str]
    view: Mapping[str, str]
    answer: Mapping[str, Any] | None
    documents: list[Paper]
    output_hidden: bool
    reruns: list[dict[str, Any]]


async def contest(tx: Tx, desk: Desk, by: Principal, case: Case, view: str, now: int) -> Case:
    """Contest the decision. Raises ``StepRefusedError``."""
    asked = service.asked_by(by, "contest", case, now, {}, {"view": view})
    moved = await record.take(tx, desk.keyring, case, asked)
    await service.send(tx, moved, "contested", now)
    return moved


async def add_document(tx: Tx, desk: Desk, by: Principal, case: Case, document: Document, now: int) -> str:
    """Keep a document with the case and return its id. Raises ``StepRefusedError``."""
    dek = await record.data_key(tx, desk.keyring, case.row)
    sheet = Sheet(DOCUMENT, document.content, case.facts.documents + 1, document.media_type)
    row = record.write_paper(tx, case.row, dek, sheet, by.id, now)
    told = {"paper": row.id, "media_type": row.media_type, "sha256": row.sha256}
    await record.take(tx, desk.keyring, case, service.asked_by(by, "add_document", case, now, told, {}))
    return row.id


async def assign(tx: Tx, desk: Desk, by: Principal, request_id: str, told: Mapping[str, Any], now: int) -> Case:
    """Give a contested decision to a reviewer. Raises ``StepRefusedError``."""
    case = await record.load(tx, by.tenant, request_id)
    asked = service.asked_by(by, "assign_review", case, now, told, {})
    return await record.take(tx, desk.keyring, case, asked, assignee=told.get("reviewer"))


async def open_evidence(tx: Tx, desk: Desk, by: Principal, request_id: str, now: int) -> tuple[Case, Evidence]:
    """Open the evidence: the time is recorded. Raises ``StepRefusedError``."""
    case = await record.load(tx, by.tenant, request_id)
    moved = await record.take(tx, desk.keyring, case, service.asked_by(by, "open_evidence", case, now, {}, {}))
    return moved, await _evidence(tx, desk, moved)


async def evidence(tx: Reader, desk: Desk, by: Principal, request_id: str) -> tuple[Case, Evidence]:
    """Return the evidence that its reviewer has opened before. Raises ``StepRefusedError``."""
    case = await record.load(tx, by.tenant, request_id)
    if case.facts.reviewer != by.id or case.facts.evidence_at is None:
        raise StepRefusedError(fields=(FieldError("/evidence", "its reviewer opens it first; the time is recorded"),))
    return case, await _evidence(tx, desk, case)


async def _evidence(tx: Reader, desk: Desk, case: Case) -> Evidence:
    hidden = case.facts.blind and case.facts.first_view_at is None
    tenant, keyring = case.row.tenant, desk.keyring
    views = [await decisions.view(tx, keyring, tenant, one) for one in case.facts.decisions]
    explained = [] if hidden else [await kept.latest(tx, keyring, tenant, view.row.id) for view in views]
    events = await store.events(tx, case.row.id)
    contested = [one for one in events if one.kind == f"{record.KIND}contested"]
    reruns = [one for one in events if one.kind == f"{record.KIND}rerun"]
    papers = [one for one in await store.papers(tx, case.row.id) if one.kind == DOCUMENT]
    return Evidence(
        views,
        [one.document.document() for one in explained if one is not None and one.document is not None],
        await record.intake_of(tx, keyring, case.row),
        await record.texts_of(tx, keyring, contested[-1]) if contested else {},
        None if hidden else await answers.current(tx, desk, case, answers.ANSWER),
        [await record.open_paper(tx, keyring, one) for one in papers],
        hidden,
        [] if hidden else [{**canonical.loads(one.facts), **await record.texts_of(tx, keyring, one)} for one in reruns],
    )


async def rerun(
    tx: Tx, desk: Desk, by: Principal, request_id: str, decision: str, correction: str, now: int,
    said: Corrected | None = None,
) -> Case:  # fmt: skip
    """Link the decision made again with corrected data, or what its model ``said`` of the corrected inputs.

    Raises ``StepRefusedError``, ``DecisionNotFoundError``.
    """
    case = await record.load(tx, by.tenant, request_id)
    if said is not None:
        told, texts = _said(said)
    else:
        row = await decision_store.decision(tx, by.tenant, decision) if decision else None
        if decision and (row is None or row.subject != case.row.subject):
            raise DecisionNotFoundError
        told, texts = {"decision": decision, "outcome": row and row.outcome}, {}
    told["original"] = list(case.facts.decisions)
    asked = service.asked_by(by, "rerun", case, now, told, {**texts, "correction": correction})
    return await record.take(tx, desk.keyring, case, asked)


def _said(said: Corrected) -> tuple[dict[str, Any], dict[str, str]]:
    """Return what the record says in the open of a model's new answer, and what is sealed: values are personal."""
    told = {
        "asked": said.decision,
        "endpoint": said.endpoint,
        "version": said.version,
        "changed": sorted(said.inputs),
        "turned": said.turned,
    }
    texts = {"inputs": canonical.dumps(dict(said.inputs)).decode(), "output": repr(said.output)}
    return told, texts if said.before is None else {**texts, "before": repr(said.before)}


async def before_rerun(tx: Reader, by: Principal, request_id: str, correction: str, now: int) -> str:
    """Return the decision whose model is to be asked again. Raises ``StepRefusedError`` before anybody is asked."""
    case = await record.load(tx, by.tenant, request_id)
    original = next(iter(case.facts.decisions), "")
    lifecycle.take(
        case.row.state,
        case.facts,
        service.asked_by(by, "rerun", case, now, {"asked": original}, {"correction": correction}),
    )
    return original


async def decide(
    tx: Tx, desk: Desk, by: Principal, request_id: str, step: str, told: Mapping[str, Any], reasons: str, now: int
) -> Case:  # fmt: skip
    """Uphold or overturn a decision, wholly or in part. Raises ``StepRefusedError``."""
    case = await record.load(tx, by.tenant, request_id)
    before = await _present_outcomes(tx, case)
    asked = service.asked_by(by, step, case, now, {**told, "before": before}, {"reasons": reasons})
    moved = await record.take(tx, desk.keyring, case, asked)
    row, outcome = moved.row, _OUTCOMES[step]
    opened = case.facts.evidence_at or now
    cause = None if step == "uphold" else str(told["cause"])
    tx.insert(
        store.INSERT_REVIEW,
        ReviewRow(row.id, case.facts.round, row.tenant, by.id, row.system, row.model, opened, now, outcome, cause),
    )
    if cause is not None:
        for decision, outcome_before in before.items():
            await _override(tx, desk, by, moved, decision, outcome_before, told, now)
        await _watch(tx, desk, moved, cause, now)
    await service.send(tx, moved, "decided", now)
    if step == "uphold":  # an overturned one ends when its source says that it was carried out
        await closing.later(tx, desk, moved, now)
    return moved


async def _present_outcomes(tx: Reader, case: Case) -> dict[str, str]:
    found = {}
    for decision in case.facts.decisions:
        row = await decision_store.decision(tx, case.row.tenant, decision)
        changed = await store.overrides(tx, case.row.tenant, decision)
        if row is not None:
            found[decision] = changed[0].outcome if changed else row.outcome
    return found


async def _override(
    tx: Tx, desk: Desk, by: Principal, case: Case, decision: str, before: str, told: Mapping[str, Any], now: int
) -> None:  # fmt: skip
    """Write beside a decision what holds now, and have its source told (AGT-03)."""
    row = case.row
    dek = await record.data_key(tx, desk.keyring, row)
    adverse = bool(told.get("adverse", False))
    override_id = ids.new("ovr", now)
    public = {
        "override": override_id,
        "decision": decision,
        "request": row.id,
        "before": before,
        "after": told["new_outcome"],
        "adverse": adverse,
        "cause": told["cause"],
        "by": by.id,
        "by_role": by.role.value,
    }
    seq = ledger.append(tx, Entry("decision.overridden", row.tenant, now, public, row.subject), dek)
    after = str(told["new_outcome"])
    made = OverrideRow(seq, override_id, row.tenant, decision, row.id, before, after, adverse, by.id, now, None)
    tx.insert(store.INSERT_OVERRIDE, made)
    payload = {"event": "decision.overridden", "tenant": row.tenant, "seq": seq, **public}
    await queue.enqueue(tx, WEBHOOK, payload, now=now, unique_key=f"override:{override_id}")


async def _watch(tx: Tx, desk: Desk, case: Case, cause: str, now: int) -> None:
    """Open an incident when one cause overturned a model's decisions too often."""
    model, terms = case.row.model or "", desk.terms
    since = now - terms.incident_days * DAY
    overturned = await store.overturns(tx, case.row.tenant, model, cause, since)
    if overturned < terms.incident_overturns or await store.has_incident(tx, case.row.tenant, model, cause, since):
        return
    incident = ids.new("inc", now)
    public = {
        "incident": incident,
        "model": model,
        "cause": cause,
        "overturns": overturned,
        "days": terms.incident_days,
    }
    seq = ledger.append(tx, Entry("incident.opened", case.row.tenant, now, public))
    tx.insert(store.INSERT_INCIDENT, IncidentRow(incident, case.row.tenant, model, cause, overturned, now, seq, None))
    payload = {"event": "incident.opened", "tenant": case.row.tenant, "seq": seq, **public}
    await queue.enqueue(tx, WEBHOOK, payload, now=now, unique_key=f"incident:{incident}")


async def confirm(tx: Tx, desk: Desk, by: Principal, request_id: str, confirmation: str, now: int) -> Case:
    """Note that the source system carried out what the review decided. Raises ``StepRefusedError``."""
    case = await record.load(tx, by.tenant, request_id)
    asked = service.asked_by(by, "confirm_effect", case, now, {"confirmation": confirmation}, {})
    moved = await record.take(tx, desk.keyring, case, asked)
    await store.confirm_override(tx, case.row.id, now)
    return moved


async def annex(tx: Tx, desk: Desk, by: Principal, request_id: str, authority: str, now: int) -> dict[str, Any]:
    """Hand out the sealed annex for an authority or a court: who got it when is recorded.

    Raises ``StepRefusedError`` where nothing was withheld.
    """
    case = await record.load(tx, by.tenant, request_id)
    content = await answers.current(tx, desk, case, answers.ANNEX)
    if content is None:
        raise StepRefusedError(fields=(FieldError("/annex", "nothing was withheld in this request"),))
    dek = await record.data_key(tx, desk.keyring, case.row)
    public = {"by": by.id, "by_role": by.role.value, "authority": authority}
    record.write_event(tx, case.row, dek, "annex-handed-out", public, {}, now)
    return {"number": case.row.number, **content, "sha256": _digest(content)}


def _digest(content: Mapping[str, Any]) -> str:
    return sha256(canonical.dumps(content)).hexdigest()
