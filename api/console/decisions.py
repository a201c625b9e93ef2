"""Decisions that AI systems made or supported: listed by pseudonym; one with its facts, read for a stated reason."""

from typing import Any

from starlette.responses import Response

from api.console import lists, live, rendering, views
from api.console.desk import HOME, Desk
from api.console.lists import DATES, Filled, Filter
from api.console.people import reading
from api.console.proof import checked
from core import canonical
from core.database import Reader
from disclosures import service as register
from explanations import listing
from explanations import service as explanations
from explanations.listing import Slice
from explanations.requests import store as requests

_YES = {"yes": True, "no": False}
_MOST = 500


async def _filters(tx: Reader, tenant: str) -> tuple[Filter, ...]:
    known = await register.listed(tx, tenant, "", _MOST)
    return (
        Filter("system", "AI system", "select", tuple((view.system.key, view.document.name) for view in known)),
        Filter("adverse", "Against the person", "select", (("yes", "yes"), ("no", "no"))),
        Filter("gate", "The gate then", "select", (("no", "not allowed"), ("yes", "allowed"))),
        Filter("outcome", "Outcome"),
        Filter("model_version", "Model version"),
        Filter("person", "Person"),
        *DATES,
    )


async def _page(tx: Reader, desk: Desk, filled: Filled, before: int | None, limit: int) -> Slice:
    start, end = lists.dates(filled, desk)
    values = filled.values
    narrowing: dict[str, Any] = {
        name: values[name] for name in ("system", "gate", "outcome", "model_version") if values[name]
    }
    if values["gate"]:
        narrowing["allowed"] = _YES[values["gate"]]
    if values["adverse"]:
        narrowing["adverse"] = _YES[values["adverse"]]
    subject = lists.subject_of(values["person"])
    if subject is not None:
        narrowing["subject"] = subject
    return await listing.page(tx, desk.tenant, narrowing, limit, start_at=start, end_at=end, before=before)


async def listed(desk: Desk) -> Response:
    """Show decisions, newest first."""

    async def work(tx: Reader) -> tuple[Filled, Slice]:
        filled = lists.of_desk(await _filters(tx, desk.tenant), desk)
        return filled, await _page(tx, desk, filled, lists.place(desk), lists.PAGE)

    filled, found = await desk.state.db.read(work)
    return rendering.page(
        desk,
        "decisions.html",
        heading="Decisions",
        lead="What AI systems decided, or helped to decide, about people; and whether the gate allowed it then.",
        empty_what="No decision is on record yet.",
        empty_how="Back-ends push each decision to /v1/decisions, with its factors, as it is made.",
        filled=filled,
        decisions=[(row, canonical.loads(row.permission)) for row in found.decisions],
        count=len(found.decisions),
        older=found.older,
        searched=found.searched,
        views=await views.of_page(desk),
        live=live.of_list(desk, filled.query, found.decisions[0].seq if found.decisions else -1),
    )


async def count(desk: Desk, given: dict[str, str]) -> tuple[int, bool]:
    """Return how many decisions a saved view has, up to a thousand."""

    async def work(tx: Reader) -> Slice:
        return await _page(tx, desk, lists.read(await _filters(tx, desk.tenant), given), None, 1000)

    found = await desk.state.db.read(work)
    return len(found.decisions), found.older is None


async def newer(desk: Desk, given: dict[str, str], newest: int) -> int:
    """Return how many decisions of a filter are newer than one."""

    async def work(tx: Reader) -> int:
        found = await _page(tx, desk, lists.read(await _filters(tx, desk.tenant), given), None, live.MOST)
        return sum(row.seq > newest for row in found.decisions)

    return await desk.state.db.read(work)


async def one(desk: Desk) -> Response:
    """Show one decision with its facts and its proof."""
    view = await desk.state.db.read(explanations.view, desk.state.keyring, desk.tenant, desk.params["decision"])

    async def show(reason: str) -> Response:
        row = view.row
        factors = [] if view.personal is None else view.personal.get("factors") or []
        others = {
            name: value
            for name, value in (view.personal or {}).items()
            if name not in {"factors", "showings"} and value not in (None, "", [], {})
        }
        person = f"sub_{row.subject.hex()}"
        changed = await desk.state.db.read(requests.overrides, desk.tenant, row.id)
        facts = {
            "row": row,
            "changed": changed,
            "factors": factors,
            "others": others,
            "person": person,
            "erased": view.personal is None,
        }
        then = canonical.loads(row.permission)
        outcome = await checked(desk.state, desk.tenant, row.seq)
        return rendering.page(desk, "decision.html", 200, **facts, reason=reason, then=then, proof=outcome, seq=row.seq)

    return await reading(desk, view.row.subject, "decision", show, view.row.seq)


views.COUNTERS[f"{HOME}/decisions"] = ("decisions.list", count)
live.NEWER[f"{HOME}/decisions"] = newer
