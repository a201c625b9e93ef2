"""What runs by itself: how much of each sort there is, what was given up and why, and the way to try it again."""

from typing import Any

from starlette.responses import Response

from api.console import rendering
from api.console.desk import HOME, Desk, go
from core import queue
from core.database import Reader
from core.errors import NotFoundError

_MOST = 100


class JobNotFoundError(NotFoundError):
    """There is no such job among those that were given up."""

    code = "job-not-found"
    title = "This job was not given up, or was tried again already."


async def listed(desk: Desk) -> Response:
    """Show the sorts of jobs, and those that were given up."""

    async def work(tx: Reader) -> tuple[Any, Any]:
        return await queue.counts(tx), await queue.dead(tx, _MOST)

    rows, dead = await desk.state.db.read(work)
    return rendering.page(desk, "jobs.html", rows=rows, dead=dead)


async def retry(desk: Desk) -> Response:
    """Try a job again that was given up; what it does is harmless twice."""
    await desk.form()
    if not await desk.state.db.transact(queue.revive, desk.params["job"], desk.now):
        raise JobNotFoundError
    return go(f"{HOME}/jobs")
