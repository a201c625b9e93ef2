"""HOT. ``/v1/decisions``: what AI systems decided about people, pushed by whoever decided (EXP-01; GDPR Art. 22)."""

from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Depends, Path, Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.responses import Response, StreamingResponse

from api import acting, casework, strict_json
from api.access import requires
from api.permitted import answers_then
from api.problems import MalformedJsonError
from api.schemas.decisions import DecisionIn, DecisionKept, DecisionOut, DecisionsIn, DecisionsKept
from api.state import AppState, state_of
from consent.cache import Question
from consent.gate import Answer
from core import canonical
from core.clock import parse_rfc3339, rfc3339
from core.database import Reader
from core.errors import FieldError, InvalidError
from core.principal import Principal
from explanations import evidence, service
from explanations.decisions import MOST, Permission, Sheet
from explanations.requests import notices
from explanations.requests import store as requests
from explanations.requests.store import OverrideRow
from explanations.service import DecisionView, Kept

router = APIRouter(prefix="/v1/decisions", tags=["decisions"])
Writing = Annotated[Principal, Depends(requires("decisions.write"))]
Reading = Annotated[Principal, Depends(requires("decisions.read"))]
_LINES = "application/x-ndjson"
_TOLD = (
    "inputs",
    "inputs_reference",
    "output",
    "threshold",
    "factors",
    "rationale",
    "explanation",
    "evidence",
    "showings",
)
_EMPTY: tuple[Any, ...] = (None, [])


def _sheet(request: Request, tenant: str, told: DecisionIn, pointer: str) -> Sheet:
    """Return what the producer told. Raises ``InvalidError`` for an instant that is none."""
    occurred_at = None
    if told.occurred_at is not None:
        try:
            occurred_at = parse_rfc3339(told.occurred_at)
        except ValueError as error:
            raise InvalidError.field(f"{pointer}/occurred_at", str(error)) from error
    personal = {name: getattr(told, name) for name in _TOLD}
    if told.explanation is not None:
        personal["explanation"] = told.explanation.model_dump()
    if told.evidence is not None:
        personal["evidence"] = evidence.sealed(told.evidence.model_dump())
    return Sheet(
        acting.named(request, tenant, told.space, told.subject),
        told.id,
        told.system,
        told.model.name,
        told.model.version,
        told.purpose,
        told.effect,
        told.ai_role,
        None if told.human is None else told.human.role,
        None if told.human is None else told.human.reference,
        told.outcome.label,
        told.outcome.adverse,
        occurred_at,
        {name: value for name, value in personal.items() if value not in _EMPTY},
        pointer,
    )


def _permission(answer: Answer, at: int) -> Permission:
    return Permission(answer.decision, answer.reasons, answer.purpose_version, answer.choice, at)


async def _record(state: AppState, by: Principal, sheets: Sequence[Sheet]) -> list[Kept]:
    """Ask the gate how each decision stood at its time, then record all of them in one transaction."""
    now = state.clock.now()
    service.check(sheets, now)
    instants = [None if one.occurred_at is None or one.occurred_at >= now else one.occurred_at for one in sheets]
    asked = [
        (one.subject.pseudonym, Question(one.purpose, one.system), at) for one, at in zip(sheets, instants, strict=True)
    ]
    answers = await answers_then(state, by.tenant, asked)
    permissions = [_permission(answer, now if at is None else at) for answer, at in zip(answers, instants, strict=True)]
    wanted = service.prefetch(by.tenant, sheets)
    laws = casework.notices_of(state)
    if laws and any(notices.is_owed(sheet) for sheet in sheets):
        return await state.db.transact_prefetched(
            wanted, notices.record, state.desk, laws, by, sheets, permissions, now
        )
    return await state.db.transact_prefetched(wanted, service.record, state.keyring, by, sheets, permissions, now)


def _then(text: str) -> dict[str, Any]:
    permission: dict[str, Any] = canonical.loads(text)
    return {**permission, "at": rfc3339(permission["at"])}


def _kept(one: Kept) -> dict[str, Any]:
    return {
        "id": one.id,
        "reference": one.reference,
        "seq": one.seq,
        "recorded": one.fresh,
        "permission": _then(one.permission),
    }


_KNOWN: dict[int | str, dict[str, Any]] = {
    200: {"model": DecisionKept, "description": "It was recorded before: the first record."}
}


@router.post("", status_code=201, response_model=DecisionKept, responses=_KNOWN, summary="Record a decision")
async def create(request: Request, by: Writing, body: DecisionIn) -> Response:
    """Record one decision. The same under the same `id` again is answered 200 with the first record."""
    sheet = _sheet(request, by.tenant, body, "")
    [kept] = await _record(state_of(request), by, [sheet])
    headers = {"Location": f"/v1/decisions/{kept.id}"}
    return Response(orjson.dumps(_kept(kept)), 201 if kept.fresh else 200, headers, "application/json")


_BATCH_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": DecisionsIn.model_json_schema(ref_template="#/components/schemas/{model}")},
            _LINES: {"schema": {"type": "string", "description": "One `DecisionIn` a line."}},
        },
    }
}


@router.post("/batch", response_model=DecisionsKept, summary="Record many decisions", openapi_extra=_BATCH_BODY)
@strict_json.accepts(strict_json.BULK_OR_LINES)
async def create_many(request: Request, by: Writing) -> Response:
    """Record up to 1,000 decisions, all or none; or any number as lines of NDJSON, 1,000 at a time.

    Every line is read before the first is recorded. Send the whole again after a failure: nothing is recorded twice.
    """
    state = state_of(request)
    body = await request.body()
    if request.headers.get("content-type", "").startswith(_LINES):
        sheets = [_sheet(request, by.tenant, told, f"/{n}") for n, told in enumerate(_lines(body))]
        service.check(sheets, state.clock.now())
        made = await _in_portions(state, by, sheets)
        return StreamingResponse(_out(made), media_type=_LINES)
    batch = _batch(body)
    sheets = [_sheet(request, by.tenant, told, f"/decisions/{n}") for n, told in enumerate(batch.decisions)]
    made = await _record(state, by, sheets)
    return Response(orjson.dumps({"decisions": [_kept(one) for one in made]}), media_type="application/json")


async def _in_portions(state: AppState, by: Principal, sheets: Sequence[Sheet]) -> list[Kept]:
    made = []
    for start in range(0, len(sheets), MOST):
        made += await _record(state, by, sheets[start : start + MOST])
    return made


async def _out(made: Iterable[Kept]) -> AsyncIterator[bytes]:
    for one in made:
        yield orjson.dumps(_kept(one)) + b"\n"


def _batch(body: bytes) -> DecisionsIn:
    given = orjson.loads(body or b"null")
    try:
        return DecisionsIn.model_validate(given)
    except ValidationError as error:
        found = [{**item, "loc": ("body", *item["loc"])} for item in error.errors(include_url=False)]
        raise RequestValidationError(found, body=given) from None


def _lines(body: bytes) -> list[DecisionIn]:
    """Read all lines before the first is recorded, so that a wrong line refuses the whole."""
    told = []
    for number, line in enumerate(body.splitlines()):
        try:
            told.append(DecisionIn.model_validate(strict_json.loads(line)))
        except ValidationError as error:
            raise InvalidError(fields=_faults(number, error)) from None
        except (InvalidError, MalformedJsonError) as error:
            raise InvalidError.field(f"/{number}", "this line is not a decision in JSON") from error
    if not told:
        raise InvalidError.field("", "send at least one line")
    return told


def _faults(number: int, error: ValidationError) -> tuple[FieldError, ...]:
    """Name each place in a line, without repeating what was sent."""
    return tuple(
        FieldError(f"/{number}/" + "/".join(map(str, item["loc"])), "this field is missing or not of its type")
        for item in error.errors(include_url=False, include_input=False)
    )


def _whole(view: DecisionView) -> dict[str, Any]:
    row = view.row
    human = None if row.human_role is None else {"role": row.human_role, "reference": row.human_ref}
    told = view.personal
    if told is not None:
        empty: dict[str, list[str]] = {"factors": [], "showings": []}
        told = {name: told.get(name, empty.get(name)) for name in _TOLD}
    return {
        "id": row.id,
        "reference": row.reference,
        "seq": row.seq,
        "subject": f"sub_{row.subject.hex()}",
        "system": row.system,
        "model": {"name": row.model, "version": row.model_version},
        "purpose": row.purpose,
        "effect": row.effect,
        "ai_role": row.ai_role,
        "human": human,
        "outcome": {"label": row.outcome, "adverse": row.adverse},
        "permission": _then(row.permission),
        "occurred_at": rfc3339(row.occurred_at),
        "recorded_at": rfc3339(row.recorded_at),
        "recorded_by": row.recorded_by,
        "told": told,
    }


@router.get("/{decision_id}", response_model=DecisionOut, summary="Read a decision")
async def read(request: Request, decision_id: Annotated[str, Path()], by: Reading) -> Response:
    """Return one decision. `told` is null once the person was erased, or its time to be kept is over."""
    state = state_of(request)

    async def work(tx: Reader) -> tuple[DecisionView, list[OverrideRow]]:
        view = await service.view(tx, state.keyring, by.tenant, decision_id)
        return view, await requests.overrides(tx, by.tenant, decision_id)

    view, changed = await state.db.read(work)
    found = {**_whole(view), "override": _override(changed[0]) if changed else None}
    return Response(orjson.dumps(found), media_type="application/json")


def _override(row: OverrideRow) -> dict[str, Any]:
    confirmed = None if row.confirmed_at is None else rfc3339(row.confirmed_at)
    shown = ("id", "seq", "request", "outcome_before", "outcome", "adverse", "by")
    return {**{name: getattr(row, name) for name in shown}, "at": rfc3339(row.at), "confirmed_at": confirmed}
