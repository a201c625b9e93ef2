"""``/v1/offered-texts/{sha256}``: the exact text that a choice answered, by the hash in its record (GDPR Art. 7(1))."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request

from api.access import requires
from api.schemas.offered_texts import OfferedTextOut
from api.state import state_of
from core.principal import Principal
from disclosures.offers import service
from disclosures.offers.errors import OfferedTextNotFoundError

router = APIRouter(prefix="/v1/offered-texts", tags=["choices"])
Reading = Annotated[Principal, Depends(requires("choices.read"))]
Hash = Annotated[str, Path(pattern=r"^[0-9a-f]{64}$", description="`notice_hash` of a choice or receipt.")]


@router.get("/{sha256}", summary="Read the text that a choice answered")
async def read(request: Request, sha256: Hash, caller: Reading) -> OfferedTextOut:
    """Return what a person had before her eyes; in an experiment its notices name it and the variant."""
    found = await state_of(request).db.read(service.text, caller.tenant, sha256)
    if found is None:
        raise OfferedTextNotFoundError
    return OfferedTextOut(sha256=sha256, text=found)
