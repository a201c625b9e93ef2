"""``/v1/packs/{pack}/reach``: which touchpoints and notices a rule pack concerns (RUL-03)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from api.access import requires
from api.schemas.notices import FindingOut
from api.schemas.reach import NoticeConcernedOut, ReachOut, TouchpointConcernedOut
from api.state import state_of
from core.database import Reader
from core.principal import Principal
from disclosures.notices import reach, standing
from disclosures.packs import service
from disclosures.touchpoints import service as touchpoints

router = APIRouter(prefix="/v1/packs", tags=["packs"])
Reading = Annotated[Principal, Depends(requires("overrides.read"))]
PackKey = Annotated[str, Path(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]


@router.get("/{pack}/reach", summary="List what a rule pack concerns")
async def read_reach(request: Request, pack: PackKey, caller: Reading) -> ReachOut:
    """List the touchpoints that set the pack's rules off and the notices that answer them: look at them on a change."""
    packs = state_of(request).packs
    found = service.pack(packs, pack)

    async def work(tx: Reader) -> ReachOut:
        views = await touchpoints.of_tenant(tx, caller.tenant)
        registered = {one.touchpoint.key: one.document for one in views if one.touchpoint.state != "retired"}
        published = [document for _, document in await standing.in_force(tx, caller.tenant)]
        concerned = reach.touchpoints(found, packs, registered, published)
        held = reach.notices(found, packs, registered, published)
        return ReachOut(
            pack=pack,
            touchpoints=[
                TouchpointConcernedOut(key=one.key, rules=list(one.rules), untold=list(one.untold)) for one in concerned
            ],
            notices=[
                NoticeConcernedOut(key=one.key, wrong=[FindingOut(**wrong._asdict()) for wrong in one.wrong])
                for one in held
            ],
        )

    return await state_of(request).db.read(work)
