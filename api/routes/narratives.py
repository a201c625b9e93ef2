"""``/v1/explanations/{id}/narrative``: a stored explanation in words, in any language there is (GDPR Art. 12(1))."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request

from api.access import requires
from api.schemas.narratives import NarrativeOut
from api.state import state_of
from core.principal import Principal
from explanations.narratives.rendering import as_html
from explanations.reasons.documents import LANGUAGE_PATTERN

router = APIRouter(prefix="/v1/explanations", tags=["explanations"])
Reading = Annotated[Principal, Depends(requires("explanations.read"))]
Language = Annotated[str, Query(pattern=LANGUAGE_PATTERN, max_length=12, examples=["de"])]


@router.get("/{explanation_id}/narrative", summary="Read an explanation in words")
async def tell(
    request: Request, explanation_id: Annotated[str, Path()], caller: Reading, language: Language = "en"
) -> NarrativeOut:
    """Tell a stored explanation in a language: the letter, the agent's talk track and the page say the same.

    The facts and their hash do not change with the words. A language without words is answered in English.
    """
    told = await state_of(request).explainer.retold(caller.tenant, explanation_id, language)
    if told is None:
        return NarrativeOut(explanation=explanation_id, sendable=False, narrative=None, html=None, picture=None)
    document, chart = told
    narrative = document.narrative
    return NarrativeOut(
        explanation=explanation_id,
        sendable=narrative is not None and not narrative.blocks,
        narrative=narrative,
        html=None if narrative is None else str(as_html(narrative)),
        picture=None if chart is None else str(chart),
    )
