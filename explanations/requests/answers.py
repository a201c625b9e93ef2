"""The verbs of answering: draft, edit, redact, release, ask for more time, refuse (EXP-05 to EXP-07, EXP-09).

Every version of a draft is kept. A redaction moves sentences into the sealed annex, which the authority or a court may
see (C-203/22), and says so in the answer. What is released is the version that was approved, and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NamedTuple

from core import canonical
from core.clock import DAY
from core.database import Reader, Tx
from core.errors import FieldError
from core.principal import Principal
from explanations import service as decisions
from explanations.kept import service as kept
from explanations.requests import calendars, closing, deadlines, drafting, links, readiness, record, service, store
from explanations.requests.drafting import Section
from explanations.requests.errors import DraftRefusedError, StepRefusedError
from explanations.requests.facts import Facts
from explanations.requests.guards import REDACTION_GROUNDS
from explanations.requests.material import Average, Material
from explanations.requests.record import Case, Sheet
from explanations.requests.terms import Desk
from explanations.service import DecisionView

DRAFT, ANNEX, ANSWER = "draft", "annex", "answer"
_YEAR = 365 * DAY
_MOST_AVERAGED = 100


class Wanted(NamedTuple):
    """A step that writes a draft, and what it says of itself."""

    name: str
    told: Mapping[str, Any]


async def material(
    tx: Reader, desk: Desk, case: Case, now: int, names: Mapping[str, str] = MappingProxyType({})
) -> Material:
    """Return everything a draft is made from; what nobody could explain is simply not there.

    ``names`` are those of AI systems, as they are registered.
    """
    tenant, keyring = case.row.tenant, desk.keyring
    views = [await decisions.view(tx, keyring, tenant, one) for one in case.facts.decisions]
    found = await kept.latest(tx, keyring, tenant, views[0].row.id) if views else None
    average = await _average(tx, desk, views[0], now) if views else None
    until = now + desk.terms.contest_days * DAY
    document = None if found is None else found.document
    return Material(case.row, case.facts, desk.terms, views, document, average, until, names)


async def _average(tx: Reader, desk: Desk, view: DecisionView, now: int) -> Average | None:
    """Return the figures of all decisions of the system about the person in a year (CCPA 7222(j))."""
    row = view.row
    rows = await store.recent_decisions(tx, row.tenant, row.subject, row.system, now - _YEAR, _MOST_AVERAGED)
    if len(rows) < 5:
        return None
    outputs = []
    for decision_id, _ in rows:
        told = (await decisions.view(tx, desk.keyring, row.tenant, decision_id)).personal or {}
        output = told.get("output")
        if isinstance(output, int | float) and not isinstance(output, bool):
            outputs.append(float(output))
    mean = sum(outputs) / len(outputs) if outputs else None
    return Average(len(rows), sum(bool(adverse) for _, adverse in rows), mean)


async def current(tx: Reader, desk: Desk, case: Case, kind: str = DRAFT) -> dict[str, Any] | None:
    """Return the newest draft, annex or answer; nothing if there is none, or the person was erased."""
    row = await store.latest_paper(tx, case.row.id, kind)
    if row is None:
        return None
    paper = await record.open_paper(tx, desk.keyring, row)
    found: dict[str, Any] | None = None if paper.content is None else canonical.loads(paper.content)
    return found


async def draft(
    tx: Tx, desk: Desk, by: Principal, request_id: str, sections: Sequence[Section] | None, now: int,
    names: Mapping[str, str] = MappingProxyType({}),
) -> Case:  # fmt: skip
    """Write a draft: put together by itself, or with sections as somebody wrote them in place of the present ones.

    ``names`` are those of AI systems, as they are registered.

    Raises ``RequestNotFoundError``, ``StepRefusedError``, ``DraftRefusedError``.
    """
    case = await record.load(tx, by.tenant, request_id)
    made_of = await material(tx, desk, case, now, names)
    document = drafting.assemble(made_of)
    if sections is not None:
        document = _edited(await current(tx, desk, case) or document, sections)
    return await _write(tx, desk, by, case, Wanted("draft", {}), document, made_of, now)


def _edited(document: Mapping[str, Any], sections: Sequence[Section]) -> dict[str, Any]:
    if unknown := readiness.unknown_sections(sections):
        raise DraftRefusedError(fields=tuple(FieldError("/sections", f"no such section: {name}") for name in unknown))
    written = {section["id"]: section for section in sections}
    for section in sections:
        for number, sentence in enumerate(section["sentences"]):
            if not sentence.get("source"):
                place = f"/sections/{section['id']}/sentences/{number}/source"
                raise DraftRefusedError(fields=(FieldError(place, "say where this comes from"),))
    known = {section["id"] for section in document["sections"]}
    merged = [written.get(section["id"], section) for section in document["sections"]]
    merged += [section for section in sections if section["id"] not in known]
    return {**document, "sections": merged}


async def redact(
    tx: Tx, desk: Desk, by: Principal, request_id: str, section: str, sentences: Sequence[int], ground: str, now: int
) -> Case:  # fmt: skip
    """Take sentences out of the answer, with a ground, and keep them in the sealed annex.

    Raises ``RequestNotFoundError``, ``StepRefusedError``, ``DraftRefusedError``.
    """
    case = await record.load(tx, by.tenant, request_id)
    document = await current(tx, desk, case)
    told: dict[str, Any] = {"section": section, "ground": ground}
    if document is None:  # refused with the step
        document, withheld = {"sections": []}, []
    else:
        withheld = _taken_out(document, section, sentences)
    made_of = await material(tx, desk, case, now)
    if withheld and ground in REDACTION_GROUNDS:  # any other is refused with the step
        _rewrite_left_out(document, made_of._replace(facts=_with_redaction(case.facts, section, ground)))
    moved = await _write(tx, desk, by, case, Wanted("redact", told), document, made_of, now)
    dek = await record.data_key(tx, desk.keyring, case.row)
    earlier = (await current(tx, desk, case, ANNEX) or {}).get("withheld", [])
    whole = {"withheld": [*earlier, {"section": section, "ground": ground, "sentences": withheld}]}
    sheet = Sheet(ANNEX, canonical.dumps(whole), len(earlier) + 1)
    record.write_paper(tx, case.row, dek, sheet, by.id, now)
    return moved


def _with_redaction(facts: Facts, section: str, ground: str) -> Facts:
    return replace(facts, redactions=(*facts.redactions, {"section": section, "ground": ground}))


def _taken_out(document: dict[str, Any], name: str, wanted: Sequence[int]) -> list[Any]:
    section = next((one for one in document["sections"] if one["id"] == name), None)
    if section is None or not wanted or any(not 0 <= n < len(section["sentences"]) for n in wanted):
        raise DraftRefusedError(fields=(FieldError("/sentences", "there are no such sentences in this section"),))
    withheld = [section["sentences"][n] for n in sorted(set(wanted))]
    section["sentences"] = [one for n, one in enumerate(section["sentences"]) if n not in set(wanted)]
    if not section["sentences"]:
        section["absent"] = "withheld"
    return withheld


def _rewrite_left_out(document: dict[str, Any], made_of: Material) -> None:
    fresh = next(one for one in drafting.assemble(made_of)["sections"] if one["id"] == "left_out")
    document["sections"] = [fresh if one["id"] == "left_out" else one for one in document["sections"]]


async def _write(
    tx: Tx, desk: Desk, by: Principal, case: Case, step: Wanted, document: dict[str, Any], made_of: Material, now: int
) -> Case:
    """Keep a new version of the draft and note it in the case."""
    version = case.facts.draft + 1
    content = canonical.dumps(document)
    about = {
        **step.told,
        "version": version,
        "gaps": readiness.gaps(document["sections"], drafting.assemble(made_of)["sections"]),
        "warnings": readiness.warnings(made_of),
    }
    asked = service.asked_by(by, step.name, case, now, about, {})
    moved = await record.take(tx, desk.keyring, case, asked)
    dek = await record.data_key(tx, desk.keyring, case.row)
    record.write_paper(tx, case.row, dek, Sheet(DRAFT, content, version), by.id, now)
    return moved


async def release(tx: Tx, desk: Desk, by: Principal, request_id: str, now: int) -> Case:
    """Release the approved version: a durable copy, a link to it, and a letter. Raises ``StepRefusedError``."""
    case = await record.load(tx, by.tenant, request_id)
    document = await current(tx, desk, case) or {}
    content = canonical.dumps({**document, "number": case.row.number, "released_at": now})
    until = now + desk.terms.contest_days * DAY
    dek = await record.data_key(tx, desk.keyring, case.row)
    asked = service.asked_by(by, "release", case, now, {"contest_until": until, "version": case.facts.draft}, {})
    moved = await record.take(tx, desk.keyring, case, asked)
    record.write_paper(tx, case.row, dek, Sheet(ANSWER, content, case.facts.draft), by.id, now)
    await links.make(tx, desk, moved, links.ANSWER, now)
    await service.send(tx, moved, "released", now)
    await closing.later(tx, desk, moved, now)
    return moved


async def extend(tx: Tx, desk: Desk, by: Principal, request_id: str, reason: str, letter: str, now: int) -> Case:
    """Take more time and say why, before the first is over (GDPR Art. 12(3)). Raises ``StepRefusedError``."""
    case = await record.load(tx, by.tenant, request_id)
    today = calendars.day_of(now, case.facts.zone)
    told = {"reason": reason, "accepted": deadlines.extendable(case.facts, today, reason)}
    texts = {"letter": letter} if letter else {}
    moved = await record.take(tx, desk.keyring, case, service.asked_by(by, "extend", case, now, told, texts))
    await service.send(tx, moved, "extended", now)
    return moved


async def refuse(
    tx: Tx, desk: Desk, by: Principal, request_id: str, ground: str, texts: Mapping[str, str], now: int
) -> Case:
    """Refuse with ground, reasons, remedy and authority (GDPR Art. 12(4), 12(5)). Raises ``StepRefusedError``."""
    case = await record.load(tx, by.tenant, request_id)
    told = {"ground": ground, "contest_until": now + desk.terms.contest_days * DAY}
    moved = await record.take(tx, desk.keyring, case, service.asked_by(by, "refuse", case, now, told, texts))
    await service.send(tx, moved, "refused", now)
    await closing.later(tx, desk, moved, now)
    return moved


async def released(tx: Reader, desk: Desk, case: Case) -> dict[str, Any]:
    """Return the released answer. Raises ``StepRefusedError`` while there is none."""
    found = await current(tx, desk, case, ANSWER)
    if found is None:
        raise StepRefusedError(fields=(FieldError("/answer", "there is no released answer"),))
    return found
