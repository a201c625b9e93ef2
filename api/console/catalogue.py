"""Purposes and AI systems: what people can choose about and whose AI it is; every version, compared and published."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from api import pressing_words
from api.console import rendering
from api.console.desk import HOME, Desk, go
from api.console.fields import must_be_typed, revision_of
from consent.purposes import service as purposes
from consent.purposes.documents import KEY_PATTERN
from consent.purposes.service import PurposeView
from core import canonical
from core.database import Reader, Tx
from core.errors import InvalidError
from disclosures import service as register
from disclosures.service import SystemView

_MOST = 500
Change = tuple[str, str, str]  # a field's name, and what it said before and says after


def changes(before: Mapping[str, Any], after: Mapping[str, Any], under: str = "") -> list[Change]:
    """Return the fields in which two versions of a document differ, with both values in words."""
    found: list[Change] = []
    for name in dict.fromkeys((*before, *after)):
        old, new = before.get(name), after.get(name)
        if {type(old), type(new)} in ({dict}, {dict, type(None)}):
            found += changes(old or {}, new or {}, f"{under}{name} / ")
        elif old != new:
            found.append((f"{under}{name}".replace("_", " "), _plain(old), _plain(new)))
    return found


def _plain(value: object) -> str:
    if value is None or value == []:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


async def _versions_compared(found: list[Any], texts: list[str]) -> list[tuple[Any, list[Change]]]:
    documents = [canonical.loads(text) for text in texts]
    befores = [*documents[1:], {}]
    return [
        (version, changes(before, document) if before else [])
        for version, document, before in zip(found, documents, befores, strict=True)
    ]


async def list_purposes(desk: Desk) -> Response:
    """Show every purpose and which version is in force."""
    found = await desk.state.db.read(purposes.listed, desk.tenant, "", _MOST)
    if not desk.may("purposes.write"):
        found = [view for view in found if view.published is not None]
    rows = [(view, _document(view)) for view in found]
    return rendering.page(desk, "purposes.html", rows=rows, key_pattern=KEY_PATTERN)


def _document(view: PurposeView) -> Any:
    if view.published is not None:
        return purposes.document_of(view.published.document)
    return view.draft


async def purpose(desk: Desk) -> Response:
    """Show one purpose: what it says, its draft beside it, every version and what changed."""
    key = desk.params["key"]

    async def work(tx: Reader) -> tuple[PurposeView, list[Any]]:
        return await purposes.view(tx, desk.tenant, key), await purposes.versions(tx, desk.tenant, key)

    view, found = await desk.state.db.read(work)
    versions = await _versions_compared(found, [version.document for version in found])
    document = _document(view)
    draft = None if view.draft is None or not desk.may("purposes.write") else view.draft.model_dump(mode="json")
    published = None if view.published is None else canonical.loads(view.published.document)
    return rendering.page(
        desk,
        "purpose.html",
        view=view,
        document=document,
        draft=draft,
        coming=changes(published, draft) if draft is not None and published is not None else [],
        versions=versions,
        pressing=pressing_words.faults(view.draft) if view.draft is not None else [],
    )


async def publish_purpose(desk: Desk) -> Response:
    """Publish the draft that was read, for ever unchanged."""
    form = await desk.form("material", "revision")
    material = {"yes": True, "no": False}.get(form["material"])
    if material is None:
        raise InvalidError.field("/material", "say whether people have to be asked again")

    async def work(tx: Tx) -> None:
        revision = revision_of(form)
        await pressing_words.guard(tx, desk.principal, desk.params["key"], form.get("despite"), desk.now)
        await purposes.publish(tx, desk.principal, desk.params["key"], desk.now, material=material, revision=revision)

    await desk.state.db.transact(work)
    return go(f"{HOME}/purposes/{desk.params['key']}")


async def retire_purpose(desk: Desk) -> Response:
    """End a purpose: from now on the gate denies it."""
    form = await desk.form("revision", "number")
    must_be_typed(form, desk.params["key"])

    async def work(tx: Tx) -> None:
        await purposes.retire(tx, desk.principal, desk.params["key"], desk.now, revision_of(form))

    await desk.state.db.transact(work)
    return go(f"{HOME}/purposes/{desk.params['key']}")


async def list_systems(desk: Desk) -> Response:
    """Show the register of AI systems."""
    found = await desk.state.db.read(register.listed, desk.tenant, "", _MOST)
    return rendering.page(desk, "systems.html", rows=found)


async def system(desk: Desk) -> Response:
    """Show one AI system: whose it is, for what, who helps instead, and what the register said before."""
    key = desk.params["key"]

    async def work(tx: Reader) -> tuple[SystemView, list[Any]]:
        return await register.view(tx, desk.tenant, key), await register.versions(tx, desk.tenant, key)

    view, found = await desk.state.db.read(work)
    versions = await _versions_compared(found, [version.document for version in found])
    return rendering.page(desk, "system.html", view=view, document=view.document, versions=versions)


async def retire_system(desk: Desk) -> Response:
    """Take a system out of service: from now on the gate denies it."""
    form = await desk.form("revision", "number")
    must_be_typed(form, desk.params["key"])

    async def work(tx: Tx) -> None:
        await register.retire(tx, desk.principal, desk.params["key"], desk.now, revision_of(form))

    await desk.state.db.transact(work)
    return go(f"{HOME}/systems/{desk.params['key']}")
