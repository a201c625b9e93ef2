"""The answers library: reasons in approved words, in every language; read, drafted, approved by a second person.

Answers take their reasons from here, and agents who write by hand find the same words beside the draft. An approved
version never changes; whoever wrote on a draft can't approve it.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

from pydantic import ValidationError
from starlette.responses import Response

from api.console import fields, forms, rendering, together
from api.console.desk import HOME, Desk, go
from api.console.forms import Form
from core.database import Reader, Tx
from core.errors import InvalidError
from explanations.reasons import service
from explanations.reasons.documents import ReasonTable
from explanations.reasons.errors import ReasonTableChangedError
from explanations.reasons.service import TableView

LIBRARY: Final = f"{HOME}/answers"
_MOST = 200
_PARTS: Final = ("label", "adverse", "favourable")


class Phrase(NamedTuple):
    """An approved sentence, and how a draft names where it comes from."""

    code: str
    text: str
    source: str
    language: str


async def phrases(tx: Reader, tenant: str, system: str, language: str) -> list[Phrase]:
    """Return the approved sentences about a system in a language; none where the table lacks the language."""
    found = await service.in_force(tx, tenant, system)
    if found is None:
        return []
    made = []
    for reason in found.table.reasons:
        words = reason.texts.get(language) or reason.texts.get(language.partition("-")[0])
        if words is None or reason.guarded != "normal":
            continue
        for name, text in (("adverse", words.adverse), ("favourable", words.favourable)):
            if text:
                source = f"reason-table:{found.ref}#{reason.code}/{name}"
                made.append(Phrase(reason.code, text, source, language))
    return made


async def listed(desk: Desk) -> Response:
    """Show every table of approved answers."""
    found = await desk.state.db.read(service.listed, desk.tenant, "", _MOST)
    rows = [(view, _document(view), _languages(_document(view))) for view in found]
    return rendering.page(desk, "library.html", rows=rows)


def _document(view: TableView) -> ReasonTable:
    """Return what a table says: in force, or drafted where nothing is yet."""
    if view.approved is not None:
        return service.document_of(view.approved.document)
    if view.draft is None:  # a table is made with its first draft
        raise InvalidError.field("/table", "says nothing yet")
    return view.draft


def _languages(table: ReasonTable) -> list[str]:
    return sorted({language for reason in table.reasons for language in reason.texts})


async def one(desk: Desk) -> Response:
    """Show one table: what is in force, what is drafted, and the way to change it."""
    return await _shown(desk, None)


async def _shown(desk: Desk, refused: Form | None) -> Response:
    async def work(tx: Reader) -> tuple[TableView, list[Any], Mapping[str, str]]:
        view = await service.view(tx, desk.tenant, desk.params["table"])
        versions = await service.versions(tx, desk.tenant, desk.params["table"])
        return view, versions, await together.colleagues(tx, desk)

    view, versions, names = await desk.state.db.read(work)
    known = _languages(_document(view))
    wanted = desk.query("language", 12) if refused is None else str(refused.value("language"))
    language = wanted or ("en" if "en" in known or not known else known[0])
    base = view.draft or _document(view)
    form = refused or forms.filled(_values(base, language))
    writers = service.writers_of(view.head.drafted_by) if view.draft is not None else []
    return rendering.page(
        desk,
        "answers.html",
        200 if refused is None else 422,
        view=view,
        table=_document(view),
        language=language,
        languages=known,
        form=form,
        base=base,
        writers=writers,
        changed=_changed(view),
        versions=versions,
        names=names,
    )


def _values(table: ReasonTable, language: str) -> dict[str, str]:
    values = {"language": language}
    for reason in table.reasons:
        words = reason.texts.get(language)
        for part in _PARTS:
            values[f"{part}-{reason.code}"] = "" if words is None else getattr(words, part) or ""
    return values


def _changed(view: TableView) -> list[tuple[str, str, str, str]]:
    """Return what the draft says differently: reason, language, before, after."""
    if view.draft is None or view.approved is None:
        return []
    before = {reason.code: reason for reason in service.document_of(view.approved.document).reasons}
    found = []
    for reason in view.draft.reasons:
        earlier = before.get(reason.code)
        for language in sorted({*reason.texts, *(earlier.texts if earlier else ())}):
            old, new = earlier and earlier.texts.get(language), reason.texts.get(language)
            for part in _PARTS:
                was, now = (getattr(old, part) or "") if old else "", (getattr(new, part) or "") if new else ""
                if was != now:
                    found.append((reason.code, language, was, now))
    return found


async def draft(desk: Desk) -> Response:
    """Draft the next version: the words of one language."""
    form = await desk.form("revision", "language")
    key = desk.params["table"]

    async def work(tx: Tx) -> TableView:
        view = await service.view(tx, desk.tenant, key)
        table = _with_words(view.draft or _document(view), form)
        return await service.draft(tx, desk.principal, table, desk.now, fields.revision_of(form))

    try:
        await desk.state.db.transact(work)
    except InvalidError as error:
        return await _shown(desk, forms.again(form, error))
    return go(f"{LIBRARY}/{key}?language={form['language']}")


def _with_words(table: ReasonTable, form: Mapping[str, str]) -> ReasonTable:
    """Return a table with the words of one language as a form has them. Raises ``InvalidError``."""
    document, language = table.as_json(), form["language"]
    for reason in document["reasons"]:
        words = {part: form.get(f"{part}-{reason['code']}", "").strip() or None for part in _PARTS}
        if any(words.values()):
            reason["texts"][language] = words
        else:
            reason["texts"].pop(language, None)
    try:
        return ReasonTable.model_validate(document)
    except ValidationError as error:
        raise InvalidError.field(*_fault(document, error)) from error


def _fault(document: Mapping[str, Any], error: ValidationError) -> tuple[str, str]:
    """Return the field of the form and what is wrong with it."""
    found = error.errors(include_url=False, include_input=False)[0]
    place = found["loc"]
    if len(place) > 1 and place[0] == "reasons" and isinstance(place[1], int):
        return f"/{place[-1]}-{document['reasons'][place[1]]['code']}", str(found["msg"])
    return "", str(found["msg"])


async def approve(desk: Desk) -> Response:
    """Approve the draft as the next version, as somebody who did not write on it."""
    form = await desk.form("revision")
    key = desk.params["table"]
    if not form["revision"]:
        raise ReasonTableChangedError
    await desk.state.db.transact(service.approve, desk.principal, key, desk.now, fields.revision_of(form))
    return go(f"{LIBRARY}/{key}")
