"""Changing what purposes and AI systems say, by forms: new ones, and the next version of what is there.

Whatever is refused comes back as it was typed, each fault beside its field. Nothing here is for ever: a purpose's form
keeps a draft, and what the register of systems said before stands among its revisions.
"""

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from api.console import catalogue_forms as made
from api.console import forms, rendering, undo
from api.console.desk import HOME, Desk, go
from api.console.fields import revision_of
from api.console.forms import Form
from consent.purposes import service as purposes
from consent.purposes.service import PurposeView
from core import canonical
from core.database import DuplicateError, Reader
from core.errors import InvalidError
from disclosures import service as register

_MOST = 500
_NEW_PURPOSE = f"{HOME}/new-purpose"
_NEW_SYSTEM = f"{HOME}/new-system"
_TAKEN = InvalidError.field("/key", "this short name is taken")
_FIRST_PURPOSE = {
    "kind": "ai_chat",
    "lawful_basis": "consent",
    "mechanism": "opt_in",
    "retention": "P12M",
    "storage_locations": ["EU"],
}


async def new_purpose(desk: Desk) -> Response:
    """Show the form of a purpose that is not there yet."""
    return _purpose_page(desk, forms.filled(made.of_purpose(_FIRST_PURPOSE)), None)


async def create_purpose(desk: Desk) -> Response:
    """Keep the first draft of a purpose."""
    return await _keep_purpose(desk, await desk.form("key"), None)


async def edit_purpose(desk: Desk) -> Response:
    """Show the form of a purpose's next version: its draft, or else what is in force."""
    view = await desk.state.db.read(purposes.view, desk.tenant, desk.params["key"])
    said: Mapping[str, Any]
    if view.draft is not None:
        said = view.draft.model_dump(mode="json")
    else:
        said = {} if view.published is None else canonical.loads(view.published.document)
    return _purpose_page(desk, forms.filled({**made.of_purpose(said), "revision": view.purpose.revision}), view)


async def draft_purpose(desk: Desk) -> Response:
    """Keep a draft of the next version, over the very revision that was read."""
    form = await desk.form("revision")
    view = await desk.state.db.read(purposes.view, desk.tenant, desk.params["key"])
    return await _keep_purpose(desk, {**form, "key": desk.params["key"]}, view)


async def _keep_purpose(desk: Desk, typed: dict[str, str], view: PurposeView | None) -> Response:
    try:
        if typed.get("do") == "language":
            return _purpose_page(desk, forms.filled(made.with_language(typed, typed["add_language"].strip())), view)
        document = purposes.read_document(made.to_purpose(typed))
        if view is None:
            await desk.state.db.transact(purposes.create, desk.principal, document, desk.now)
        else:
            await desk.state.db.transact(purposes.draft, desk.principal, document, desk.now, revision_of(typed))
    except InvalidError as error:
        return _purpose_page(desk, forms.again(typed, error), view, 422)
    except DuplicateError:
        return _purpose_page(desk, forms.again(typed, _TAKEN), view, 422)
    return go(f"{HOME}/purposes/{document.key}")


def _purpose_page(desk: Desk, form: Form, view: PurposeView | None, status: int = 200) -> Response:
    act = _NEW_PURPOSE if view is None else f"{HOME}/purposes/{view.purpose.key}/draft"
    languages = made.languages_of(form.values)
    return rendering.page(
        desk, "purpose_form.html", status, form=form, view=view, act=act, languages=languages, made=made
    )


async def new_system(desk: Desk) -> Response:
    """Show the form of an AI system that is not in the register yet."""
    return await _system_page(desk, forms.filled(made.of_system({})), None)


async def create_system(desk: Desk) -> Response:
    """Enter an AI system into the register."""
    typed = await desk.form("key")
    try:
        document = register.read_document(made.to_system(typed, await _purposes(desk, ())))
        await desk.state.db.transact(register.register, desk.principal, document, desk.now)
    except InvalidError as error:
        return await _system_page(desk, forms.again(typed, error), None, 422)
    except DuplicateError:
        return await _system_page(desk, forms.again(typed, _TAKEN), None, 422)
    return go(f"{HOME}/systems/{document.key}")


async def edit_system(desk: Desk) -> Response:
    """Show the form of what the register says of a system."""
    view = await desk.state.db.read(register.view, desk.tenant, desk.params["key"])
    values = {**made.of_system(view.document.as_json()), "revision": view.system.revision}
    return await _system_page(desk, forms.filled(values), view)


async def change_system(desk: Desk) -> Response:
    """Say something else of a system, over the very revision that was read; for ten seconds it can be taken back."""
    key = desk.params["key"]
    typed = {**await desk.form("revision"), "key": key}
    view = await desk.state.db.read(register.view, desk.tenant, key)
    try:
        known = await _purposes(desk, view.document.purposes)
        document = register.read_document(made.to_system(typed, known))
        changed = await desk.state.db.transact(register.change, desk.principal, document, desk.now, revision_of(typed))
    except InvalidError as error:
        return await _system_page(desk, forms.again(typed, error), view, 422)
    before = {name: _field(value) for name, value in made.of_system(view.document.as_json()).items()}
    way_back = {**before, "revision": str(changed.system.revision)}
    words = f"Changed what the register says of {document.name}."
    return undo.offer(desk, go(f"{HOME}/systems/{key}"), undo.Undo(words, f"{HOME}/systems/{key}/change", way_back))


def _field(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


async def _purposes(desk: Desk, also: tuple[str, ...]) -> list[str]:
    async def work(tx: Reader) -> list[str]:
        found = await purposes.listed(tx, desk.tenant, "", _MOST)
        return [view.purpose.key for view in found if view.purpose.retired_at is None]

    return list(dict.fromkeys((*await desk.state.db.read(work), *also)))


async def _system_page(desk: Desk, form: Form, view: Any, status: int = 200) -> Response:
    known = await _purposes(desk, () if view is None else view.document.purposes)
    act = _NEW_SYSTEM if view is None else f"{HOME}/systems/{view.system.key}/change"
    return rendering.page(desk, "system_form.html", status, form=form, view=view, act=act, purposes=known, made=made)
