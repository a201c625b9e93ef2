"""Notices: what people are told, in each language and for each channel; approved by a second person, then published."""

from typing import Any, Final, get_args

from starlette.responses import Response

from api.console import fields, forms, moments, rendering
from api.console.desk import HOME, Desk, go
from api.console.disclosures import sheet
from api.console.fields import json_of, lines_of, must_be_typed, revision_of
from api.console.forms import Form
from api.console.page import Page
from core.database import Reader, Tx
from core.errors import FieldError, InvalidError
from disclosures.notices import lint, service
from disclosures.notices.documents import NoticeDocument, NoticeKind
from disclosures.notices.errors import NoticeNotFoundError
from disclosures.notices.service import NoticeView
from disclosures.notices.standing import document_of
from disclosures.notices.store import VersionRow
from disclosures.packs.vocabulary import Channel
from disclosures.showings import store as showings
from disclosures.touchpoints import service as touchpoints
from disclosures.touchpoints.service import TouchpointView

_MOST: Final = 500
_KINDS: Final = get_args(NoticeKind)
_CHANNELS: Final = get_args(Channel)
_HERE: Final = f"{HOME}/notices"


async def listed(desk: Desk) -> Response:
    """Show every notice and how it stands, and the way to a new one."""
    return await _list(desk, forms.filled({}))


async def _list(desk: Desk, form: Form, status: int = 200) -> Response:
    keeper = desk.may("notices.write")
    found = await desk.state.db.read(service.listed, desk.tenant, "", _MOST)
    rows = [
        (view, document, sheet.standing(view))
        for view in found
        if (document := sheet.document_under(view, keeper=keeper)) is not None
    ]
    return rendering.page(desk, "disclosures/notices.html", status, rows=rows, form=form, kinds=_KINDS)


async def create(desk: Desk) -> Response:
    """Draft a new notice in one language; where it is shown and further languages are written on its page."""
    form = await desk.form("key", "kind", "source_language", "title", "text")
    language = form["source_language"].strip()
    try:
        document = service.read_document(
            {
                "key": form["key"].strip(),
                "kind": form["kind"],
                "source_language": language,
                "texts": {language: {"title": form["title"].strip(), "text": form["text"].strip()}},
            }
        )
    except InvalidError as error:
        return await _list(desk, forms.again(form, _of_fields(error, language)), 422)

    async def work(tx: Tx) -> None:
        await service.create(tx, desk.principal, document, desk.now)

    await desk.state.db.transact(work)
    return go(f"{_HERE}/{document.key}")


def _of_fields(error: InvalidError, language: str) -> InvalidError:
    """Return an error whose pointers are the fields of a form about one language."""
    base = f"/texts/{language}"
    fields = tuple(
        FieldError(one.pointer.removeprefix(base) if one.pointer != base else "/source_language", one.detail)
        for one in error.fields
    )
    return InvalidError(fields=fields)


async def one(desk: Desk) -> Response:
    """Show one notice: its draft and what keeps it back, its languages, previews, versions, and whom it was shown."""
    key, keeper = desk.params["key"], desk.may("notices.write")

    async def work(tx: Reader) -> dict[str, Any]:
        view = await service.view(tx, desk.tenant, key)
        document = sheet.document_under(view, keeper=keeper)
        if document is None:
            raise NoticeNotFoundError
        return {
            "view": view,
            "document": document,
            "found": await service.check(tx, desk.tenant, document, desk.state.packs, desk.now),
            "history": sheet.history(await _versions(tx, desk, key)),
            "shown": await showings.affected(tx, desk.tenant, key),
            "places": await _places(tx, desk.tenant, document),
        }

    facts = await desk.state.db.read(work)
    view, document, found = facts["view"], facts["document"], facts.pop("found")
    languages = sheet.languages(document, found)
    own = view.draft is not None and view.notice.drafted_by == desk.principal.id
    return rendering.page(
        desk,
        "disclosures/notice.html",
        **facts,
        languages=languages,
        general=sheet.general(found, languages),
        fit=not lint.errors(found),
        own=own,
        drafted=view.draft is not None and keeper,
        coming=sheet.compared(_published(view), document) if view.draft is not None else [],
        standing=sheet.standing(view),
        preview=_preview(desk, document),
        channels=_CHANNELS,
        scores=None if view.published is None else sheet.stored(view.published.readability),
        editable=fields.editable(document.as_json()),
    )


async def _versions(tx: Reader, desk: Desk, key: str) -> list[VersionRow]:
    """Return every version; those for experiments alone only for who may read these."""
    found = await service.versions(tx, desk.tenant, key)
    return [row for row in found if not row.aside or desk.may("experiments.read")]


def _published(view: NoticeView) -> NoticeDocument | None:
    return None if view.published is None else document_of(view.published.document)


async def _places(tx: Reader, tenant: str, document: NoticeDocument) -> list[TouchpointView]:
    """Return the touchpoints that show a notice."""
    there = await touchpoints.of_tenant(tx, tenant)
    return [one for one in there if one.touchpoint.key in document.touchpoints]


def _preview(desk: Desk, document: NoticeDocument) -> Any:
    channel, language = desk.query("channel") or "web", desk.query("lang") or document.source_language
    if channel not in _CHANNELS:
        raise InvalidError.field("?channel", "not one of the channels")
    return sheet.preview(document, language, channel)


async def draft(desk: Desk) -> Response:
    """Keep a whole document as the draft, over the very revision that was read."""
    form = await desk.form("document", "revision")
    document = service.read_document(json_of(form["document"]))
    if document.key != desk.params["key"]:
        raise InvalidError.field("/key", "a notice keeps its key")

    async def work(tx: Tx) -> None:
        await service.draft(tx, desk.principal, document, desk.now, revision_of(form))

    await desk.state.db.transact(work)
    return go(f"{_HERE}/{document.key}")


async def reach(desk: Desk) -> Response:
    """Keep as the draft where a notice is shown and which laws it has to satisfy."""
    form, key = await desk.form("touchpoints", "packs", "revision"), desk.params["key"]
    document = sheet.document_under(await desk.state.db.read(service.view, desk.tenant, key), keeper=True)
    if document is None:
        raise NoticeNotFoundError
    given = {"touchpoints": lines_of(form["touchpoints"]), "packs": lines_of(form["packs"])}
    changed = service.read_document({**document.as_json(), **given})

    async def work(tx: Tx) -> None:
        await service.draft(tx, desk.principal, changed, desk.now, revision_of(form))

    await desk.state.db.transact(work)
    return go(f"{_HERE}/{key}")


async def approve(desk: Desk) -> Response:
    """Approve the very draft that was read; whoever wrote it can't."""
    form = await desk.form("revision")
    key, packs = desk.params["key"], desk.state.packs

    async def work(tx: Tx) -> None:
        await service.approve(tx, desk.principal, key, packs, desk.now, revision_of(form))

    await desk.state.db.transact(work)
    return go(f"{_HERE}/{key}")


async def publish(desk: Desk) -> Response:
    """Publish the approved draft now, or at the time that was written."""
    form = await desk.form("material", "revision")
    material = {"yes": True, "no": False}.get(form["material"])
    if material is None:
        raise InvalidError.field("/material", "say whether people have to be told anew")
    later = moments.read(form.get("at", "").strip(), desk.zone, "at")
    key, packs = desk.params["key"], desk.state.packs

    async def work(tx: Tx) -> None:
        revision = revision_of(form)
        await service.publish(
            tx, desk.principal, key, packs, desk.now, material=material, later=later, revision=revision
        )

    await desk.state.db.transact(work)
    return go(f"{_HERE}/{key}")


async def retire(desk: Desk) -> Response:
    """End a notice: nobody is shown it any more."""
    form = await desk.form("revision", "number")
    must_be_typed(form, desk.params["key"])

    async def work(tx: Tx) -> None:
        await service.retire(tx, desk.principal, desk.params["key"], desk.now, revision_of(form))

    await desk.state.db.transact(work)
    return go(f"{_HERE}/{desk.params['key']}")


PAGES: Final = (
    Page("GET", _HERE, "notices.read", listed),
    Page("POST", _HERE, "notices.write", create),
    Page("GET", f"{_HERE}/{{key}}", "notices.read", one),
    Page("POST", f"{_HERE}/{{key}}/draft", "notices.write", draft),
    Page("POST", f"{_HERE}/{{key}}/reach", "notices.write", reach),
    Page("POST", f"{_HERE}/{{key}}/approve", "notices.approve", approve),
    Page("POST", f"{_HERE}/{{key}}/publish", "notices.write", publish),
    Page("POST", f"{_HERE}/{{key}}/retire", "notices.write", retire),
)
