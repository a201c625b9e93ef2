"""``/v1/packs``: the rules of each jurisdiction with their sources, and what a tenant changes in them."""

from datetime import date
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.access import requires
from api.idempotency import Answer, IdempotencyKey, answer
from api.schemas.packs import (
    OverrideIn,
    OverrideList,
    OverrideOut,
    PackList,
    PackOut,
    PackRules,
    RuleOut,
    TurnList,
    TurnOut,
)
from api.state import state_of
from core import ids
from core.clock import parse_rfc3339, rfc3339
from core.database import Tx
from core.errors import InvalidError
from core.principal import Principal
from disclosures.packs import differences, service
from disclosures.packs.documents import Disclosure, Pack, PurposeRule, Right, Rule
from disclosures.packs.loading import PackSet
from disclosures.packs.service import Asked
from disclosures.resolution import legal_day
from disclosures.tables import RuleOverride

router = APIRouter(prefix="/v1/packs", tags=["packs"])
_READING = [Depends(requires("packs.read"))]
ReadingOverrides = Annotated[Principal, Depends(requires("overrides.read"))]
Writing = Annotated[Principal, Depends(requires("overrides.write"))]
PackKey = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
Day = Annotated[str, Query(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", max_length=10, examples=["2027-01-01"])]
_EVERY_RULE = {"id", "effective", "until", "cite", "conf", "verified_on", "signed_off_by", "contested", "date_conflict"}


def day(text: str, name: str) -> date:
    """Read a calendar day of the query. Raises ``InvalidError`` naming it."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidError.field(f"?{name}", "is no day of the calendar such as 2027-01-01") from error


def _pack_out(packs: PackSet, pack: Pack) -> PackOut:
    return PackOut(
        id=pack.id,
        name=pack.name,
        status=pack.status,
        signed_off_by=pack.signed_off_by,
        verified_on=None if pack.verified_on is None else pack.verified_on.isoformat(),
        sha256=packs.digests[pack.id],
        places=list(pack.applies.places),
        sectors=list(pack.applies.sectors),
        contracts=list(pack.applies.contracts),
        inherits=list(pack.inherits),
        notes=[note for note in (pack.status_note, pack.note) if note],
        rules=len(pack.rules),
        advisory=sum(pack.advisory(rule) for rule in pack.rules),
    )


def _kind(rule: Rule) -> Literal["disclosure", "right", "purpose", "duty"]:
    if isinstance(rule, Disclosure):
        return "disclosure"
    if isinstance(rule, Right):
        return "right"
    return "purpose" if isinstance(rule, PurposeRule) else "duty"


def _rule_out(pack: Pack, rule: Rule, on: date) -> RuleOut:
    verified = pack.verified(rule)
    return RuleOut(
        id=rule.id,
        kind=_kind(rule),
        citation=rule.cite,
        confidence=rule.conf,
        verified_on=None if verified is None else verified.isoformat(),
        effective_from=None if rule.effective == "in_force" else rule.effective.isoformat(),
        until=None if rule.until is None else rule.until.isoformat(),
        in_force=rule.in_force(on),
        advisory=pack.advisory(rule),
        contested=rule.contested,
        doubt=rule.date_conflict,
        says=rule.model_dump(mode="json", exclude=_EVERY_RULE, exclude_defaults=True),
    )


def _instant(at: int | None) -> str | None:
    return None if at is None else rfc3339(at)


def _override_out(row: RuleOverride, now: int) -> OverrideOut:
    ended = row.revoked_at is not None or (row.expires_at is not None and row.expires_at <= now)
    return OverrideOut(
        id=row.id,
        pack=row.pack,
        rule=row.rule,
        change=service.change_of(row),
        direction="looser" if row.direction == "looser" else "stricter",
        reason=row.reason,
        created_by=row.created_by,
        signed_off_by=row.signed_off_by,
        created_at=rfc3339(row.created_at),
        expires_at=_instant(row.expires_at),
        revoked_at=_instant(row.revoked_at),
        in_force=not ended,
    )


@router.get("", dependencies=_READING, summary="List rule packs")
async def list_packs(request: Request) -> PackList:
    """List every rule pack of this installation. They are engineering input, not legal advice."""
    packs = state_of(request).packs
    return PackList(items=[_pack_out(packs, packs.packs[pack_id]) for pack_id in sorted(packs.packs)])


@router.get("/changes", dependencies=_READING, summary="List what changes between two days")
async def changes(request: Request, after: Day, until: Day) -> TurnList:
    """List the rules that begin or end after one day and no later than another."""
    first, last = day(after, "after"), day(until, "until")
    if last < first:
        raise InvalidError.field("?until", "lies before `after`")
    found = [
        TurnOut(
            on=turn.on.isoformat(),
            what=turn.what,
            pack=turn.pack.id,
            rule=turn.rule.id,
            citation=turn.rule.cite,
            contested=turn.rule.contested,
        )
        for turn in differences.between(state_of(request).packs, first, last)
    ]
    return TurnList(after=after, until=until, items=found)


@router.get("/{pack}", dependencies=_READING, summary="Read a rule pack")
async def read(request: Request, pack: PackKey, on: Day | None = None) -> PackRules:
    """Read a pack with all its rules and their citations, as of a day (`on`; today unless told otherwise)."""
    packs = state_of(request).packs
    found = service.pack(packs, pack)
    asked = legal_day(request.scope["candor.at"]) if on is None else day(on, "on")
    rules = [_rule_out(found, rule, asked) for rule in found.rules]
    return PackRules(pack=_pack_out(packs, found), day=asked.isoformat(), rules=rules)


@router.get("/{pack}/overrides", summary="List overrides of a pack's rules")
async def list_overrides(request: Request, pack: PackKey, by: ReadingOverrides) -> OverrideList:
    """List every override the caller's tenant ever made of this pack's rules."""
    state = state_of(request)
    service.pack(state.packs, pack)
    rows = await state.db.read(service.overrides_of, by.tenant, pack)
    now: int = request.scope["candor.at"]
    return OverrideList(items=[_override_out(row, now) for row in rows])


@router.post("/{pack}/overrides", status_code=201, response_model=OverrideOut, summary="Override a rule")
async def override(
    request: Request, pack: PackKey, by: Writing, body: OverrideIn, _: IdempotencyKey = None
) -> Response:
    """Change a rule for the caller's tenant. Stricter is free; less than the rule takes a DPO, a reason and an end."""
    state = state_of(request)
    asked = Asked(pack, body.rule, body.change, body.reason, _expiry(body.expires_at))
    override_id = ids.new("ovr", state.clock.now())

    async def work(tx: Tx) -> Answer:
        now = state.clock.now()
        made = await service.override(tx, by, state.packs, override_id, asked, now)
        headers = (("Location", f"/v1/packs/{pack}/overrides/{made.id}"),)
        return Answer(201, _override_out(made, now).model_dump_json().encode(), headers)

    return await answer(request, by, work)


def _expiry(text: str | None) -> int | None:
    try:
        return None if text is None else parse_rfc3339(text)
    except ValueError as error:
        raise InvalidError.field("/expires_at", str(error)) from error


@router.delete("/{pack}/overrides/{override_id}", status_code=204, summary="Revoke an override")
async def revoke(request: Request, pack: PackKey, override_id: str, by: Writing) -> Response:
    """End an override at once; it stays on record."""
    state = state_of(request)

    async def work(tx: Tx) -> None:
        await service.revoke(tx, by, pack, override_id, state.clock.now())

    await state.db.transact(work)
    return Response(status_code=204)
