"""Experiments with the texts of notices: drafted, approved by a second person, started, stopped, and what came of it.

Every variant stands beside the version in force, with what differs; the figures keep small groups back.
"""

import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from starlette.responses import Response

from api.console import fields, forms, rendering, together
from api.console.catalogue import Change
from api.console.desk import HOME, Desk, go
from api.console.disclosures import sheet
from api.console.fields import revision_of
from api.console.forms import Form
from api.console.page import Page
from api.schemas.experiments import StopIn
from core.database import Reader, Tx
from core.errors import InvalidError
from disclosures.experiments import service
from disclosures.experiments.documents import ExperimentDocument, Variant
from disclosures.experiments.service import ExperimentView
from disclosures.notices import service as notices
from disclosures.notices import standing
from disclosures.notices import store as notice_store
from disclosures.notices.documents import NoticeText
from oversight import trials

_HERE: Final = f"{HOME}/experiments"
_PAGE: Final = 50
_WRITTEN: Final = ("notice", "name", "hypothesis", "fairness", "starts_on", "ends_on", "purpose")
_VARIANT: Final = re.compile(r"(\S+)\s+(\d{1,7})\s+(\d{1,2})")


class Shown(NamedTuple):
    """A variant as its page shows it: the text in its source language, and what differs from the version in force."""

    variant: Variant
    language: str
    text: NoticeText
    differs: Sequence[Change]


async def listed(desk: Desk) -> Response:
    """Show every experiment and how it stands, and the way to a new one."""
    return await _list(desk, forms.filled({"notice": desk.query("notice"), "variants": _example()}))


def _example() -> str:
    return "as-it-is 1 50\nshorter 2 50"


async def _list(desk: Desk, form: Form, status: int = 200) -> Response:
    after = desk.query("after", 37)

    async def work(tx: Reader) -> dict[str, Any]:
        found = await service.listed(tx, desk.tenant, desk.now, after, _PAGE + 1)
        in_force = [
            (row.key, f"{row.key}, version {row.version}") for row in await notice_store.in_force(tx, desk.tenant)
        ]
        return {
            "rows": found[:_PAGE],
            "after": found[_PAGE - 1].row.id if len(found) > _PAGE else None,
            "in_force": in_force,
        }

    facts = await desk.state.db.read(work)
    return rendering.page(desk, "disclosures/experiments.html", status, **facts, form=form)


def _variants(text: str) -> list[dict[str, Any]]:
    """Return what somebody listed as ``name version share``, one a line. Raises ``InvalidError``."""
    found = [_VARIANT.fullmatch(line.strip()) for line in text.splitlines() if line.strip()]
    if not found or None in found:
        raise InvalidError.field("/variants", "write a name, a version and a share in percent on each line")
    return [{"name": one[1], "version": int(one[2]), "share": int(one[3])} for one in found if one is not None]


async def create(desk: Desk) -> Response:
    """Draft an experiment."""
    form = await desk.form(*_WRITTEN, "variants")
    told: dict[str, Any] = {name: form[name].strip() for name in _WRITTEN}
    try:
        variants = _variants(form["variants"])
        document = fields.held(ExperimentDocument, {**told, "purpose": told["purpose"] or None, "variants": variants})

        async def work(tx: Tx) -> ExperimentView:
            return await service.create(tx, desk.principal, document, desk.state.packs, desk.now)

        made = await desk.state.db.transact(work)
    except InvalidError as error:
        return await _list(desk, forms.again(form, error), 422)
    return go(f"{_HERE}/{made.row.id}")


async def one(desk: Desk) -> Response:
    """Show one experiment: why, between which texts, who answers for it, and what people did."""
    return await _page(desk, forms.filled({}))


async def _page(desk: Desk, form: Form, status: int = 200) -> Response:
    facts = await desk.state.db.read(_read, desk)
    return rendering.page(desk, "disclosures/experiment.html", status, **facts, form=form)


async def _read(tx: Reader, desk: Desk) -> dict[str, Any]:
    view = await service.view(tx, desk.tenant, desk.params["experiment"], desk.now)
    counted = desk.may("figures.read") and view.row.started_at is not None
    return {
        "view": view,
        "control": view.row.control or await _in_force(tx, view),
        "variants": await _shown(tx, view),
        "trial": await trials.of_experiment(tx, desk.tenant, view) if counted else None,
        "names": await together.colleagues(tx, desk),
        "own": view.row.drafted_by == desk.principal.id,
    }


async def _in_force(tx: Reader, view: ExperimentView) -> int:
    return (await notices.view(tx, view.row.tenant, view.row.notice)).notice.latest_version


async def _shown(tx: Reader, view: ExperimentView) -> list[Shown]:
    tenant, notice = view.row.tenant, view.row.notice
    control = view.row.control or await _in_force(tx, view)
    against = standing.document_of((await notices.version(tx, tenant, notice, control)).document)
    found = []
    for variant in view.document.variants:
        document = standing.document_of((await notices.version(tx, tenant, notice, variant.version)).document)
        language = document.source_language
        found.append(Shown(variant, language, document.texts[language], sheet.compared(against, document)))
    return found


async def approve(desk: Desk) -> Response:
    """Approve the very experiment that was read; whoever drafted it can't."""
    form = await desk.form("revision")
    key, packs = desk.params["experiment"], desk.state.packs

    async def work(tx: Tx) -> None:
        await service.approve(tx, desk.principal, key, packs, desk.now, revision_of(form))

    await desk.state.db.transact(work)
    return go(f"{_HERE}/{key}")


async def start(desk: Desk) -> Response:
    """Start the very experiment that was read: its variants are shown from now on."""
    form = await desk.form("revision")
    key, packs = desk.params["experiment"], desk.state.packs

    async def work(tx: Tx) -> None:
        await service.start(tx, desk.principal, key, packs, desk.now, revision_of(form))

    await desk.state.db.transact(work)
    return go(f"{_HERE}/{key}")


async def stop(desk: Desk) -> Response:
    """Stop an experiment for good; its revision does not matter, for a stop is never too early."""
    form, key = await desk.form("reason"), desk.params["experiment"]
    try:
        reason = fields.held(StopIn, {"reason": form["reason"].strip()}).reason

        async def work(tx: Tx) -> None:
            await service.stop(tx, desk.principal, key, reason, desk.now)

        await desk.state.db.transact(work)
    except InvalidError as error:
        return await _page(desk, forms.again(form, error), 422)
    return go(f"{_HERE}/{key}")


async def set_aside(desk: Desk) -> Response:
    """Publish a notice's approved draft as a version for experiments alone."""
    form = await desk.form("revision")
    key, packs = desk.params["key"], desk.state.packs

    async def work(tx: Tx) -> None:
        await notices.set_aside(tx, desk.principal, key, packs, desk.now, revision_of(form))

    await desk.state.db.transact(work)
    return go(f"{HOME}/notices/{key}")


PAGES: Final = (
    Page("GET", _HERE, "experiments.read", listed),
    Page("POST", _HERE, "experiments.write", create),
    Page("GET", f"{_HERE}/{{experiment}}", "experiments.read", one),
    Page("POST", f"{_HERE}/{{experiment}}/approve", "experiments.approve", approve),
    Page("POST", f"{_HERE}/{{experiment}}/start", "experiments.write", start),
    Page("POST", f"{_HERE}/{{experiment}}/stop", "experiments.write", stop),
    Page("POST", f"{HOME}/notices/{{key}}/set-aside", "notices.write", set_aside),
)
