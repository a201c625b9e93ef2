"""Certificates of deletion: what schedules deleted, that nothing due was left, and the proof of each in the log."""

from typing import Final

from starlette.responses import Response

from api.console import lists, rendering
from api.console.desk import HOME, Desk
from api.console.retaining.schedules import TABS
from oversight.retention import certifying, store
from oversight.retention.sorts import SORTS

PAGE: Final = f"{HOME}/deletions"


async def listed(desk: Desk) -> Response:
    """Show what schedules deleted, newest first."""
    before = desk.query("before", 60) or store.LAST
    found = await desk.state.db.read(store.certificates, desk.tenant, before, lists.PAGE + 1)
    shown = [(run, certifying.document(run)) for run in found[: lists.PAGE]]
    older = shown[-1][0].id if len(found) > lists.PAGE else None
    return rendering.page(desk, "retaining/certificates.html", rows=shown, older=older, sorts=SORTS, tabs=TABS)


async def one(desk: Desk) -> Response:
    """Show one certificate: what went, what holds kept, and where the log says so."""
    run = await desk.state.db.read(certifying.certificate, desk.tenant, desk.params["certificate"])
    told = certifying.document(run)
    return rendering.page(
        desk, "retaining/certificate.html", run=run, told=told, sort=SORTS[run.record_type], tabs=TABS
    )
