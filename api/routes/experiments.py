"""``/v1/experiments``: texts of notices tried out in variants, approved by a second person first (CON-17)."""

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request, Response

from api import etag, listing, told_experiments
from api.access import requires
from api.etag import IfMatch
from api.idempotency import Answer, IdempotencyKey, answer
from api.paging import CursorText, Limit
from api.schemas.experiments import ExperimentList, ExperimentOut, FiguresOut, StopIn
from api.state import state_of
from core.database import Reader, Tx
from core.principal import Principal
from disclosures.experiments import service
from disclosures.experiments.documents import ExperimentDocument
from disclosures.experiments.service import ExperimentView
from oversight import trials
from oversight.trials import Trial

router = APIRouter(prefix="/v1/experiments", tags=["experiments"])
Reading = Annotated[Principal, Depends(requires("experiments.read"))]
Writing = Annotated[Principal, Depends(requires("experiments.write"))]
Counting = Annotated[Principal, Depends(requires("figures.read"))]
Approving = Annotated[Principal, Depends(requires("experiments.approve"))]
ExperimentId = Annotated[str, Path(pattern=r"^expt_[0-9a-f]{32}$")]


def _out(response: Response, view: ExperimentView) -> ExperimentOut:
    response.headers["ETag"] = etag.of(view.row.revision)
    return told_experiments.experiment(view)


async def _checked(tx: Reader, by: Principal, experiment_id: str, if_match: str | None, at: int) -> int:
    """Return the revision a change applies to. Raises ``StaleError``, ``PreconditionRequiredError``."""
    view = await service.view(tx, by.tenant, experiment_id, at)
    etag.require(if_match, etag.of(view.row.revision))
    return view.row.revision


@router.post("", status_code=201, response_model=ExperimentOut, summary="Draft an experiment")
async def create(request: Request, by: Writing, body: ExperimentDocument, _: IdempotencyKey = None) -> Response:
    """Draft an experiment with published versions of a notice. Nobody is shown a variant before it is approved."""
    state = state_of(request)

    async def work(tx: Tx) -> Answer:
        view = await service.create(tx, by, body, state.packs, state.clock.now())
        out = told_experiments.experiment(view)
        headers = (("ETag", etag.of(out.revision)), ("Location", f"/v1/experiments/{out.id}"))
        return Answer(201, out.model_dump_json().encode(), headers)

    return await answer(request, by, work)


@router.get("", summary="List experiments")
async def list_experiments(
    request: Request, caller: Reading, limit: Limit = 50, cursor: CursorText = None
) -> ExperimentList:
    """List experiments, oldest first."""
    now = state_of(request).clock.now()

    async def listed(tx: Reader, tenant: str, after: str, most: int) -> list[ExperimentView]:
        return await service.listed(tx, tenant, now, after, most)

    page = await listing.by_key(request, caller, "experiments", listed, lambda view: view.row.id, limit, cursor)
    return ExperimentList(
        items=[told_experiments.experiment(view) for view in page.items], next_cursor=page.next_cursor
    )


@router.get("/{experiment_id}", summary="Read an experiment")
async def read(request: Request, response: Response, experiment_id: ExperimentId, caller: Reading) -> ExperimentOut:
    """Read an experiment; its `ETag` is what a change has to name."""
    state = state_of(request)
    return _out(response, await state.db.read(service.view, caller.tenant, experiment_id, state.clock.now()))


@router.get("/{experiment_id}/figures", summary="Read an experiment's figures")
async def figures(request: Request, experiment_id: ExperimentId, caller: Counting) -> FiguresOut:
    """Count, by variant, who was shown it and what they did; groups of fewer than five people are not shown."""
    state = state_of(request)

    async def work(tx: Reader) -> Trial:
        view = await service.view(tx, caller.tenant, experiment_id, state.clock.now())
        return await trials.of_experiment(tx, caller.tenant, view)

    return told_experiments.figures(experiment_id, await state.db.read(work))


@router.put("/{experiment_id}", summary="Change an experiment's draft")
async def change(
    request: Request,
    response: Response,
    experiment_id: ExperimentId,
    by: Writing,
    body: ExperimentDocument,
    if_match: IfMatch = None,
) -> ExperimentOut:
    """Say something else of an experiment that was never started; takes its approval away."""
    state = state_of(request)

    async def work(tx: Tx) -> ExperimentView:
        now = state.clock.now()
        revision = await _checked(tx, by, experiment_id, if_match, now)
        return await service.change(tx, by, experiment_id, body, state.packs, now, revision)

    return _out(response, await state.db.transact(work))


@router.post("/{experiment_id}/approve", summary="Approve an experiment")
async def approve(
    request: Request, response: Response, experiment_id: ExperimentId, by: Approving, if_match: IfMatch = None
) -> ExperimentOut:
    """Approve the experiment as it stands; whoever drafted it can't."""
    state = state_of(request)

    async def work(tx: Tx) -> ExperimentView:
        now = state.clock.now()
        revision = await _checked(tx, by, experiment_id, if_match, now)
        return await service.approve(tx, by, experiment_id, state.packs, now, revision)

    return _out(response, await state.db.transact(work))


@router.post("/{experiment_id}/start", summary="Start an experiment")
async def start(
    request: Request, response: Response, experiment_id: ExperimentId, by: Writing, if_match: IfMatch = None
) -> ExperimentOut:
    """Start an approved experiment on one of its days: from now on its variants are shown."""
    state = state_of(request)

    async def work(tx: Tx) -> ExperimentView:
        now = state.clock.now()
        revision = await _checked(tx, by, experiment_id, if_match, now)
        return await service.start(tx, by, experiment_id, state.packs, now, revision)

    return _out(response, await state.db.transact(work))


@router.post("/{experiment_id}/stop", summary="Stop an experiment")
async def stop(
    request: Request,
    response: Response,
    experiment_id: ExperimentId,
    by: Writing,
    body: StopIn,
    if_match: IfMatch = None,
) -> ExperimentOut:
    """Stop an experiment for good: everybody is shown the version in force at once."""
    state = state_of(request)

    async def work(tx: Tx) -> ExperimentView:
        now = state.clock.now()
        revision = await _checked(tx, by, experiment_id, if_match, now)
        return await service.stop(tx, by, experiment_id, body.reason, now, revision)

    return _out(response, await state.db.transact(work))
