"""``/v1/packs/{pack}/reach`` and ``/impact``: what a rule pack concerns, and what a new version changes (RUL-03)."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request

from api import pack_impact
from api.access import requires
from api.schemas.notices import FindingOut
from api.schemas.reach import (
    AgeOut,
    NoticeAffectedOut,
    NoticeConcernedOut,
    PackImpactOut,
    ReachOut,
    RuleAffectedOut,
    SilenceOut,
    TouchpointConcernedOut,
)
from api.state import state_of
from consent.purposes.published import Published
from core.database import Reader
from core.principal import Principal
from disclosures.notices.impact import Impact
from disclosures.packs import service, silence
from disclosures.packs.documents import Duty
from disclosures.packs.silence import Asked, Silence
from disclosures.resolution import legal_day

router = APIRouter(prefix="/v1/packs", tags=["packs"])
Reading = Annotated[Principal, Depends(requires("overrides.read"))]
PackKey = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


def _asked(one: Published) -> Asked:
    document = one.document
    by_consent = one.facts.mechanism == "opt_in" or one.facts.retired
    return Asked(one.facts.key, document["kind"], by_consent, one.gpc, bool(document["special_category"]))


def _silence(one: Silence) -> SilenceOut:
    return SilenceOut.model_validate(
        {"purpose": one.key, "rule": one.rule.id, "citation": one.rule.cite, "wrong": one.wrong}
    )


def _age(rule: Duty) -> AgeOut:
    age, guardian = rule.facts.get("age"), rule.facts.get("guardian") or rule.facts.get("guardian_below")
    return AgeOut(rule=rule.id, citation=rule.cite, age=age, guardian=bool(guardian))


@router.get("/{pack}/reach", summary="List what a rule pack concerns")
async def read_reach(request: Request, pack: PackKey, caller: Reading) -> ReachOut:
    """List the touchpoints, notices and purposes that a pack concerns, and what does not satisfy it."""
    state = state_of(request)
    packs, found = state.packs, service.pack(state.packs, pack)
    on = legal_day(request.scope["candor.at"])

    async def work(tx: Reader) -> ReachOut:
        concerned, held = await pack_impact.concerned(tx, caller.tenant, packs, found)
        purposes = [_asked(one) for one in await state.notary.purposes.of_tenant(tx, caller.tenant)]
        return ReachOut(
            pack=pack,
            purposes=[_silence(one) for one in silence.faults(purposes, found, on)],
            minors=[_age(rule) for rule in found.duties if rule.about == "minors" and rule.in_force(on)],
            touchpoints=[
                TouchpointConcernedOut(key=one.key, rules=list(one.rules), untold=list(one.untold)) for one in concerned
            ],
            notices=[
                NoticeConcernedOut(key=one.key, wrong=[FindingOut(**wrong._asdict()) for wrong in one.wrong])
                for one in held
            ],
        )

    return await state.db.read(work)


def _impact(pack: str, found: Impact) -> PackImpactOut:
    return PackImpactOut(
        pack=pack,
        rules=[
            RuleAffectedOut.model_validate({"rule": one.rule, "what": one.what, "fields": list(one.fields)})
            for one in found.rules
        ],
        touchpoints=[
            TouchpointConcernedOut(key=one.key, rules=list(one.rules), untold=list(one.untold))
            for one in found.touchpoints
        ],
        notices=[
            NoticeAffectedOut(
                key=one.key, wrong=[FindingOut(**wrong._asdict()) for wrong in one.wrong], newly=one.newly
            )
            for one in found.notices
        ],
    )


@router.post("/{pack}/impact", summary="Try another version of a rule pack")
async def try_pack(request: Request, pack: PackKey, caller: Reading, body: dict[str, Any]) -> PackImpactOut:
    """List the rules that a version not yet installed changes, and the touchpoints and notices they concern.

    The body is the pack's file. Nothing is installed or kept; a pack that is not there yet adds all its rules.
    """
    state = state_of(request)
    together, tried = pack_impact.trial(state.packs, body, pack)
    return _impact(pack, await state.db.read(pack_impact.impact_of, caller.tenant, state.packs, together, tried))
