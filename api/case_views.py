"""Requests as the wire says them: for the person who asked, for those who work on them, on the board."""

from datetime import date
from typing import Any

from api.schemas.explanation_request_board import LineOut
from api.schemas.explanation_requests import CaseOut, LawOut, OpenedOut, StatusOut
from core.clock import LATEST, rfc3339
from explanations.requests import deadlines, letters, service
from explanations.requests.board import Line
from explanations.requests.record import Case
from explanations.requests.terms import Desk


def _instant(at: int | None) -> str | None:
    return None if at is None or at == LATEST else rfc3339(at)


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _status(case: Case) -> dict[str, Any]:
    row, facts = case.row, case.facts
    return {
        "id": row.id,
        "number": row.number,
        "state": row.state,
        "received_at": rfc3339(row.received_at),
        "due_at": _instant(row.due_at),
        "answered_at": _instant(row.answered_at),
        "contest_until": _instant(facts.contest_until),
        "identity": facts.identity,
        "identity_needed": facts.needed,
    }


def status(case: Case) -> StatusOut:
    """Return how a request stands, for the person."""
    return StatusOut.model_validate(_status(case))


def opened(desk: Desk, made: service.Opened) -> OpenedOut:
    """Return a request that was just opened, or found open."""
    link = None if made.link is None else letters.address(desk, made.link)
    return OpenedOut.model_validate({**_status(made.case), "opened": made.fresh, "link": link})


def _laws(case: Case) -> list[LawOut]:
    read = deadlines.readings(case.facts)
    return [
        LawOut(
            right=law["right"],
            pack=law["pack"],
            citation=law["cite"],
            pack_sha256=law["digest"],
            due_on=_day(read[law["right"]].due),
            extension=read[law["right"]].extension,
            warnings=list(read[law["right"]].warnings),
        )
        for law in case.facts.laws
        if law["right"] in read
    ]


def whole(case: Case, question: str | None, now: int) -> CaseOut:
    """Return a request for those who work on it."""
    row, facts = case.row, case.facts
    return CaseOut.model_validate(
        {
            **_status(case),
            "kind": row.kind,
            "channel": facts.channel,
            "on_behalf": facts.on_behalf,
            "language": facts.language,
            "subject": f"sub_{row.subject.hex()}",
            "decisions": list(facts.decisions),
            "system": row.system,
            "model": row.model,
            "assignee": row.assignee,
            "owed": row.owed,
            "overdue": row.owed and row.due_at < now,
            "on_time": row.on_time,
            "extended": facts.extended,
            "acknowledgement_due_on": _day(deadlines.acknowledgement(facts)),
            "laws": _laws(case),
            "draft": facts.draft,
            "gaps": list(facts.gaps),
            "warnings": list(facts.warnings),
            "drafters": list(facts.drafters),
            "approver": facts.approver,
            "reviewer": facts.reviewer,
            "outcome": facts.outcome,
            "question": question,
            "possible_steps": service.steps_of(case),
            "seq": row.seq,
        }
    )


def line(row: Line, now: int) -> LineOut:
    """Return one line of the board."""
    return LineOut(
        id=row.id,
        number=row.number,
        kind=row.kind,
        state=row.state,
        law=row.law,
        assignee=row.assignee,
        system=row.system,
        received_at=rfc3339(row.received_at),
        due_at=_instant(row.due_at),
        overdue=row.owed and row.due_at < now,
        answered_at=_instant(row.answered_at),
        on_time=row.on_time,
    )
