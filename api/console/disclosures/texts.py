"""The words of a notice in one language: written beside the source they are made from, kept as the draft."""

import re
from collections.abc import Mapping
from typing import Any, Final

from starlette.responses import Response

from api.console import forms, rendering
from api.console.desk import HOME, Desk, go
from api.console.disclosures import sheet
from api.console.fields import revision_of
from api.console.forms import Form
from api.console.page import Page
from core.database import Reader, Tx
from core.errors import FieldError, InvalidError
from disclosures.notices import lint, service, standing
from disclosures.notices.documents import NoticeDocument, NoticeText
from disclosures.notices.errors import NoticeNotFoundError
from disclosures.notices.service import NoticeView
from disclosures.touchpoints.documents import LANGUAGE

_LANGUAGE: Final = re.compile(LANGUAGE)
_LAYERS: Final = ("title", "text", "more", "human", "label")
_HERE: Final = f"{HOME}/notices/{{key}}/texts/{{language}}"


def _asked(desk: Desk) -> str:
    """Return the language in the address. Raises ``NoticeNotFoundError`` for what is none."""
    language = desk.params["language"]
    if _LANGUAGE.fullmatch(language) is None:
        raise NoticeNotFoundError
    return language


def _under(view: NoticeView) -> NoticeDocument:
    document = sheet.document_under(view, keeper=True)
    if document is None:
        raise NoticeNotFoundError
    return document


def _wanted(desk: Desk, document: NoticeDocument) -> dict[str, str]:
    """Return what laws want said, each by its word with the rule's source; and what is written besides."""
    rules = lint.rules_about(document.kind, document.packs, desk.state.packs)
    found = {
        word: f"{pack.name}: {rule.cite}" for rule, pack in rules for word in rule.must_convey if word not in lint.MARKS
    }
    written = [word for text in document.texts.values() for word in text.elements]
    return {**found, **{word: "" for word in written if word not in found}}


async def _channels(tx: Reader, desk: Desk, document: NoticeDocument) -> list[str]:
    """Return the channels of a notice's touchpoints, and those it has an own wording for."""
    there = await standing.touchpoints_of(tx, desk.tenant, document)
    met = {channel for one in there.values() if one is not None for channel in one.channels}
    own: set[str] = {channel for text in document.texts.values() for channel in text.renderings}
    return sorted(met | own)


def _filled(text: NoticeText | None, *, present: bool) -> Form:
    if text is None:
        return forms.filled({"present": "yes"})
    values: dict[str, Any] = {name: getattr(text, name) or "" for name in _LAYERS}
    values |= {f"element-{word}": words for word, words in text.elements.items()}
    values |= {f"channel-{channel}": words for channel, words in text.renderings.items()}
    return forms.filled({**values, "present": "yes" if present else ""})


async def one(desk: Desk) -> Response:
    """Show the words in one language beside the source, to be changed."""
    language = _asked(desk)
    view = await desk.state.db.read(service.view, desk.tenant, desk.params["key"])
    document = _under(view)
    text, source = document.texts.get(language), document.texts.get(document.source_language)
    present = text is not None and source is not None and text.translated_from == source.sha256
    return await _page(desk, view, _filled(text, present=present))


async def _page(desk: Desk, view: NoticeView, form: Form, status: int = 200) -> Response:
    document = _under(view)

    async def work(tx: Reader) -> tuple[list[Any], list[str]]:
        found = await service.check(tx, desk.tenant, document, desk.state.packs, desk.now)
        return found, await _channels(tx, desk, document)

    found, channels = await desk.state.db.read(work)
    language = desk.params["language"]
    rows = [row for row in sheet.languages(document, found) if row.lang == language]
    return rendering.page(
        desk,
        "disclosures/text.html",
        status,
        view=view,
        document=document,
        language=language,
        form=form,
        source=document.texts.get(document.source_language),
        row=rows[0] if rows else None,
        wanted=_wanted(desk, document),
        channels=channels,
    )


def _text(given: Mapping[str, str], present: str | None) -> dict[str, Any]:
    """Return a text as a form says it; an empty field says nothing."""
    words = {name: value.strip() for name, value in given.items() if value.strip()}
    return {
        **{name: words[name] for name in _LAYERS if name in words},
        "elements": _under_prefix(words, "element-"),
        "renderings": _under_prefix(words, "channel-"),
        "translated_from": present,
    }


def _under_prefix(words: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): value for name, value in words.items() if name.startswith(prefix)}


def _with(document: NoticeDocument, language: str, given: Mapping[str, str]) -> NoticeDocument:
    """Return the notice with other words in a language. Raises ``InvalidError`` that points at the form's fields."""
    source, before = document.texts.get(document.source_language), document.texts.get(language)
    made_from = None if before is None else before.translated_from
    if language == document.source_language:
        made_from = None
    elif given.get("present") == "yes" and source is not None:
        made_from = source.sha256
    texts = {**document.as_json()["texts"], language: _text(given, made_from)}
    try:
        return service.read_document({**document.as_json(), "texts": texts})
    except InvalidError as error:
        base = f"/texts/{language}"
        told = tuple(FieldError(_field(one.pointer.removeprefix(base)), one.detail) for one in error.fields)
        raise InvalidError(fields=told) from error


def _field(pointer: str) -> str:
    """Return the form's field for a place in a text."""
    for member, prefix in (("/elements/", "/element-"), ("/renderings/", "/channel-")):
        if pointer.startswith(member):
            return prefix + pointer.removeprefix(member)
    return pointer


async def keep(desk: Desk) -> Response:
    """Keep the words in one language as part of the draft; takes away the approval of what stood there."""
    form, language, key = await desk.form("title", "text", "revision"), _asked(desk), desk.params["key"]
    view = await desk.state.db.read(service.view, desk.tenant, key)
    try:
        document = _with(_under(view), language, form)
    except InvalidError as error:
        return await _page(desk, view, forms.again(form, error), 422)
    await _draft(desk, document, revision_of(form))
    return go(f"{HOME}/notices/{key}")


async def leave_out(desk: Desk) -> Response:
    """Leave a language out of the draft: people who want it are told in the source language."""
    form, language, key = await desk.form("revision"), _asked(desk), desk.params["key"]
    document = _under(await desk.state.db.read(service.view, desk.tenant, key))
    if language == document.source_language:
        raise InvalidError.field("/language", "the source language can't be left out")
    texts = {name: text for name, text in document.texts.items() if name != language}
    await _draft(desk, document.model_copy(update={"texts": texts}), revision_of(form))
    return go(f"{HOME}/notices/{key}")


async def _draft(desk: Desk, document: NoticeDocument, revision: int) -> None:
    async def work(tx: Tx) -> None:
        await service.draft(tx, desk.principal, document, desk.now, revision)

    await desk.state.db.transact(work)


PAGES: Final = (
    Page("GET", _HERE, "notices.write", one),
    Page("POST", _HERE, "notices.write", keep),
    Page("POST", f"{_HERE}/leave-out", "notices.write", leave_out),
)
