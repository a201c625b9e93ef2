"""HOT. May this AI system process this person for this purpose? ``/v1/permissions`` (GDPR Art. 7, 18, 21, 22; CON-10).

The plain warm question is answered before it comes here, by ``api/fastlane.py``, with the same bytes.
"""

import re
from collections.abc import AsyncIterator, Sequence
from typing import Annotated, Any, TypeGuard, TypeVar

import orjson
from fastapi import APIRouter, Depends, Query, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.responses import Response, StreamingResponse

from api import strict_json
from api.access import requires
from api.problems import MalformedJsonError
from api.schemas.permissions import MOST_CHECKS, Batch, Check, Key, Permission, Permissions, Reference
from api.state import AppState, state_of
from consent.cache import Question
from consent.gate import document, wire
from core import crypto
from core.clock import parse_rfc3339, rfc3339
from core.errors import InvalidError
from core.principal import Principal

router = APIRouter(prefix="/v1/permissions", tags=["permissions"])
_PSEUDONYM = re.compile(r"sub_[0-9a-f]{32}")
_REFERENCES = re.compile(r"(?:[A-Za-z0-9._:~-]{1,128}\n)+")
_LINES = b"application/x-ndjson"
T = TypeVar("T", bound=BaseModel)
Caller = Annotated[Principal, Depends(requires("permissions.check"))]


def subject_of(state: AppState, tenant: str, reference: str) -> bytes:
    """Return the pseudonym of a reference: the tenant's own, or Candor's ``sub_`` id."""
    if _PSEUDONYM.fullmatch(reference):
        return bytes.fromhex(reference[4:])
    return crypto.pseudonym(state.keyring.pepper, tenant, "customer", reference)


@router.get("", summary="Ask about one person", response_model=Permission)
async def check(
    request: Request,
    caller: Caller,
    subject: Annotated[Reference, Query()],
    purpose: Annotated[Key, Query()],
    system: Annotated[Key | None, Query()] = None,
    at: Annotated[str | None, Query(description="A past instant (RFC 3339): what the answer was then.")] = None,
    fresh: Annotated[bool, Query(description="Read the records even if memory is current.")] = False,
) -> Response:
    """Answer allow, deny or human_route, with the reasons and the choice behind them. Only `allow` permits."""
    state = state_of(request)
    person, question = subject_of(state, caller.tenant, subject), Question(purpose, system)
    if at is None:
        answer = await state.gate.check(caller.tenant, person, question, fresh=fresh)
        return Response(wire(answer), media_type="application/json")
    instant = _past(at, state)
    answer = await state.gate.check_at(caller.tenant, person, question, instant)
    body = {**document(answer), "at": rfc3339(instant)}
    return Response(orjson.dumps(body), media_type="application/json")


def _past(text: str, state: AppState) -> int:
    try:
        instant = parse_rfc3339(text)
    except ValueError as error:
        raise InvalidError.field("?at", str(error)) from None
    if instant > state.clock.now():
        raise InvalidError.field("?at", "lies in the future: only past answers can be reproduced")
    return instant


_BATCH_BODY: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {"schema": Batch.model_json_schema(ref_template="#/components/schemas/{model}")},
            "application/x-ndjson": {"schema": {"type": "string", "description": "One `Check` a line."}},
        },
    }
}


@router.post("/batch", summary="Ask about many people", response_model=Permissions, openapi_extra=_BATCH_BODY)
@strict_json.accepts(strict_json.BULK_OR_LINES)
async def check_many(request: Request, caller: Caller) -> Response:
    """Answer up to 1,000 questions at once, or any number as lines of NDJSON; answers come in the same order."""
    state = state_of(request)
    body = await request.body()
    if request.headers.get("content-type", "").startswith(_LINES.decode()):
        lines = _asked_by_line(state, caller.tenant, body)
        return StreamingResponse(_answer_lines(state, caller.tenant, lines), media_type=_LINES.decode())
    answers = await state.gate.answers(caller.tenant, _asked(state, caller.tenant, body))
    return Response(b'{"answers":[' + b",".join(answers) + b"]}", media_type="application/json")


def _asked(state: AppState, tenant: str, body: bytes) -> Sequence[tuple[bytes, Question]]:
    """Read a batch. The plain form (one question, many references) is checked in one go."""
    given = orjson.loads(body or b"null")
    if isinstance(given, dict) and given.keys() <= {"purpose", "system", "subjects"}:
        subjects, purpose, system = given.get("subjects"), given.get("purpose"), given.get("system")
        if _are_references(subjects) and _is_key(purpose) and (system is None or _is_key(system)):
            question = Question(purpose, system)
            pseudonymiser = crypto.pseudonymiser(state.keyring.pepper, tenant, "customer")
            return [(_pseudonym(pseudonymiser, reference), question) for reference in subjects]
    batch = _validated(Batch, given)
    if (batch.checks is None) == (batch.subjects is None):
        raise InvalidError.field("/checks", "send either `checks`, or `subjects` with `purpose`")
    if batch.subjects is not None:
        if batch.purpose is None:
            raise InvalidError.field("/purpose", "this field is required with `subjects`")
        question = Question(batch.purpose, batch.system)
        return [(subject_of(state, tenant, subject), question) for subject in batch.subjects]
    checks = batch.checks or []
    if batch.purpose is not None or batch.system is not None:
        raise InvalidError.field("/purpose", "goes with `subjects`; each of `checks` names its own")
    return [(subject_of(state, tenant, item.subject), Question(item.purpose, item.system)) for item in checks]


def _are_references(given: object) -> TypeGuard[list[str]]:
    if not isinstance(given, list) or not 1 <= len(given) <= MOST_CHECKS:
        return False
    try:
        text = "\n".join(given) + "\n"
    except TypeError:
        return False
    return _REFERENCES.fullmatch(text) is not None and text.count("\n") == len(given) and "sub_" not in text


_KEY = re.compile(r"[a-z0-9._-]{1,64}")


def _is_key(given: object) -> TypeGuard[str]:
    return isinstance(given, str) and _KEY.fullmatch(given) is not None


def _pseudonym(pseudonymiser: Any, reference: str) -> bytes:
    state = pseudonymiser.copy()
    state.update(reference.encode())
    digest: bytes = state.digest()
    return digest


def _validated(kind: type[T], given: object) -> T:
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        found = [{**item, "loc": ("body", *item["loc"])} for item in error.errors(include_url=False)]
        raise RequestValidationError(found, body=given) from None


async def _answer_lines(state: AppState, tenant: str, asked: Sequence[tuple[bytes, Question]]) -> AsyncIterator[bytes]:
    """Answer lines in portions of 1,000; a failure in between ends the answer early, which a line count shows."""
    for start in range(0, len(asked), MOST_CHECKS):
        for answer in await state.gate.answers(tenant, asked[start : start + MOST_CHECKS]):
            yield answer + b"\n"


def _asked_by_line(state: AppState, tenant: str, body: bytes) -> Sequence[tuple[bytes, Question]]:
    """Read all lines before the first is answered, so that a wrong line refuses the whole."""
    asked = []
    for number, line in enumerate(body.splitlines()):
        try:
            item = _validated(Check, strict_json.loads(line))
        except (InvalidError, MalformedJsonError, RequestValidationError) as error:
            raise InvalidError.field(f"/{number}", "this line is not a check with `subject` and `purpose`") from error
        asked.append((subject_of(state, tenant, item.subject), Question(item.purpose, item.system)))
    if not asked:
        raise InvalidError.field("", "send at least one line")
    return asked
