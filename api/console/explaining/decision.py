"""The explanation of one decision: its words and picture beside the raw factors, what was checked, and who is compared.

Reading it is reading about a person: it asks why, and is put on record like the decision itself.
"""

from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from api.console import rendering
from api.console.desk import HOME, Desk, go
from api.console.explaining import wording
from api.console.page import Page
from api.console.people import reading
from core.database import Reader
from explanations import service as decisions
from explanations.canonical import Explanation
from explanations.deployed import service as deployed
from explanations.deployed import store
from explanations.deployed.documents import ReferenceDocument
from explanations.explaining import Wish
from explanations.kept import service as kept
from explanations.kept.service import KeptView
from explanations.kept.store import KeptRow
from explanations.narratives.rendering import as_html
from explanations.narratives.words import catalogues
from explanations.service import DecisionView

_HERE: Final = f"{HOME}/decisions/{{decision}}/explanation"


async def one(desk: Desk) -> Response:
    """Show the newest explanation of a decision, or the way to one."""
    state, decision = desk.state, desk.params["decision"]

    async def work(tx: Reader) -> tuple[DecisionView, list[KeptRow], KeptView | None]:
        view = await decisions.view(tx, state.keyring, desk.tenant, decision)
        history = await kept.history(tx, desk.tenant, decision)
        latest = await kept.latest(tx, state.keyring, desk.tenant, decision)
        return view, history, latest

    view, history, latest = await state.db.read(work)

    async def show(reason: str) -> Response:
        return await _shown(desk, reason, view, history, latest)

    return await reading(desk, view.row.subject, "explanation", show, view.row.seq)


async def _shown(
    desk: Desk, reason: str, view: DecisionView, history: list[KeptRow], latest: KeptView | None
) -> Response:
    language = desk.query("language", 12) or "en"
    language = language if language in catalogues() else "en"
    found = None if latest is None else await desk.state.explainer.retold(desk.tenant, latest.row.id, language)
    document, picture = (None, None) if found is None else found
    group = None if document is None else await _group(desk, document)
    run = desk.query("run")
    running = None if not run else await desk.state.db.read(kept.run, desk.tenant, run)
    return rendering.page(
        desk,
        "explaining/explanation.html",
        view=view,
        reason=reason,
        latest=latest,
        history=history,
        document=document,
        picture=picture,
        narrative=None if document is None or document.narrative is None else as_html(document.narrative, 3),
        factors=[] if document is None else factors(document),
        checks=[] if document is None else checks(document),
        group=group,
        running=running,
        language=language,
        languages=sorted(catalogues().values(), key=lambda one: one.name),
        words=wording,
    )


async def _group(desk: Desk, document: Explanation) -> ReferenceDocument | None:
    """Return who the person was compared with, as the newest version of the group says it."""
    if document.reference.ref is None:
        return None
    key = document.reference.ref.partition("@")[0]
    row = await desk.state.db.read(store.group, desk.tenant, key)
    return None if row is None else deployed.reference_document(row)


def factors(document: Explanation) -> list[Mapping[str, Any]]:
    """Return every input with its value and share, the weightiest first."""
    given = {one.feature: one for one in document.inputs}
    higher = document.target.direction != "higher_is_favourable"
    return [
        {
            "name": one.feature,
            "value": None if one.feature not in given else given[one.feature].value,
            "sensitivity": "normal" if one.feature not in given else given[one.feature].sensitivity,
            "share": one.value,
            "error": one.stderr,
            "against": one.value != 0 and (one.value > 0) == higher,
        }
        for one in sorted(document.attributions, key=lambda one: -abs(one.value))
    ]


def checks(document: Explanation) -> list[tuple[str, bool | None, str]]:
    """Return each question of the quality gates with its answer: yes, no or not checked; and the figure behind it."""
    quality = document.quality
    adds = None if quality.additivity_error is None else quality.additivity_error <= 0.05
    closed = quality.sufficiency_gap_closed
    enough = None if closed is None else "reasons_incomplete" not in quality.flags
    return [
        ("The model answers the logged inputs as it did then", quality.replay_match, ""),
        ("The shares add up to the output", adds, _percent(quality.additivity_error)),
        ("The first reasons surely stand before the rest", quality.separated_at_k, ""),
        ("The output moves the way each reason says", quality.direction_checked, ""),
        ("The reasons are the main ones", enough, "" if closed is None else f"they close {closed:.0%} of the gap"),
        ("Every change offered was really asked", quality.recourse_verified, ""),
    ]


def _percent(value: float | None) -> str:
    return "" if value is None else f"off by {value:.1%}"


async def explain(desk: Desk) -> Response:
    """Explain a decision anew; what was said before stays on record."""
    form = await desk.form("language")
    language = form["language"] if form["language"] in catalogues() else "en"
    decision = desk.params["decision"]
    given = await desk.state.explainer.explain(desk.principal, decision, Wish(again=True, language=language))
    run = "" if given.run is None else f"&run={given.run.id}"
    return go(f"{HOME}/decisions/{decision}/explanation?language={language}{run}")


PAGES: Final = (
    Page("GET", _HERE, "explanations.read", one),
    Page("POST", _HERE, "explanations.write", explain),
)
