"""Everything that waits for a second person, in one list: erasures, notices, reason tables, answers (DPO-06).

Whoever wrote something can't approve it: what is one's own is shown, and who else has to act is said.
"""

from typing import NamedTuple

from starlette.responses import Response

from api.console import rendering
from api.console.desk import HOME, Desk
from core.database import Reader
from disclosures.experiments import store as experiments
from disclosures.experiments.documents import document_of
from disclosures.notices import service as notices
from explanations.reasons import service as reasons
from explanations.requests import board
from explanations.requests.board import Filter
from oversight import store as oversight
from oversight.retention import schedules
from oversight.retention.sorts import SORTS
from oversight.tables import ErasureRequest

_MOST = 500
_MOST_ANSWERS = 50


class Waiting(NamedTuple):
    """Something to be approved: what it is, where it is approved, who wrote it, whether the caller did."""

    sort: str
    name: str
    path: str
    by: str | None
    own: bool


async def found(tx: Reader, desk: Desk) -> list[Waiting]:
    """Return what waits besides erasures, each sort in the order of its names."""
    return [
        *await _notices(tx, desk),
        *await _reasons(tx, desk),
        *await _answers(tx, desk),
        *await _schedules(tx, desk),
        *await _experiments(tx, desk),
    ]


async def _notices(tx: Reader, desk: Desk) -> list[Waiting]:
    drafts = [view.notice for view in await notices.listed(tx, desk.tenant, "", _MOST)]
    return [
        Waiting("Notice", row.key, f"{HOME}/notices/{row.key}", row.drafted_by, row.drafted_by == desk.principal.id)
        for row in drafts
        if row.draft is not None and row.approved_by is None and row.retired_at is None
    ]


async def _reasons(tx: Reader, desk: Desk) -> list[Waiting]:
    made = []
    for view in await reasons.listed(tx, desk.tenant, "", _MOST):
        if view.head.draft is not None and view.head.retired_at is None:
            writers = reasons.writers_of(view.head.drafted_by)
            by = writers[-1] if writers else None
            path = f"{HOME}/answers/{view.head.key}"
            made.append(Waiting("Reason table", view.head.key, path, by, desk.principal.id in writers))
    return made


async def _answers(tx: Reader, desk: Desk) -> list[Waiting]:
    lines = await board.page(tx, desk.tenant, Filter(state="in_review"), None, _MOST_ANSWERS, desk.now)
    return [
        Waiting("Answer", row.number, f"{HOME}/requests/{row.id}", row.assignee, row.assignee == desk.principal.id)
        for row in lines
    ]


async def _schedules(tx: Reader, desk: Desk) -> list[Waiting]:
    own = desk.principal.id
    return [
        Waiting(
            "Retention",
            SORTS[row.record_type].name,
            f"{HOME}/retention/{row.record_type}",
            row.proposed_by,
            row.proposed_by == own,
        )
        for row in await schedules.waiting(tx, desk.tenant)
    ]


async def _experiments(tx: Reader, desk: Desk) -> list[Waiting]:
    own = desk.principal.id
    return [
        Waiting(
            "Experiment",
            document_of(row.document).name,
            f"{HOME}/experiments/{row.id}",
            row.drafted_by,
            row.drafted_by == own,
        )
        for row in await experiments.drafts(tx, desk.tenant, _MOST)
    ]


async def approvals(desk: Desk) -> Response:
    """Show what waits for a second person, and which erasures were approved."""

    async def work(tx: Reader) -> tuple[list[ErasureRequest], list[Waiting]]:
        return await oversight.requests(tx, desk.tenant, 100), await found(tx, desk)

    erasures, others = await desk.state.db.read(work)
    waiting = [row for row in erasures if row.approved_at is None]
    done = [row for row in erasures if row.approved_at is not None]
    return rendering.page(desk, "approvals.html", waiting=waiting, others=others, done=done)
