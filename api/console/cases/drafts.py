"""A draft under the pen: one section at a time, each sentence with its source; approved words at hand."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from starlette.responses import Response

from api.console import library
from api.console.cases import acts, filing, one, view, wording
from api.console.cases.filing import BOARD, Refused
from api.console.cases.view import Whole
from api.console.desk import Desk, go
from api.problems import StaleError
from api.schemas.explanation_requests import DraftIn, SectionIn, Sentence
from core.database import Reader
from core.errors import DomainError, FieldError, InvalidError

_BLANKS: Final = 2
_MOST: Final = 60


class Line(NamedTuple):
    """A sentence in the form."""

    text: str
    source: str
    language: str


class Editing(NamedTuple):
    """A section under the pen; ``faults`` are sentences by line."""

    section: str
    title: str
    lines: list[Line]
    absent: str
    phrases: list[library.Phrase]
    faults: Mapping[str, str]


async def page(desk: Desk) -> Response:
    """Show a request with one section of its draft open for writing."""
    whole, editing = await desk.state.db.read(_open, desk, desk.params["section"])
    return await one.shown(desk, whole, editing=editing)


async def _open(tx: Reader, desk: Desk, name: str) -> tuple[Whole, Editing]:
    whole = await view.read(tx, desk, desk.params["request"])
    return whole, await _editing(tx, desk, whole, name)


async def _editing(tx: Reader, desk: Desk, whole: Whole, name: str) -> Editing:
    section = next((one for one in (whole.draft or {}).get("sections", ()) if one["id"] == name), None)
    if name not in wording.SECTIONS:
        raise InvalidError.field("/section", "an answer has no such section")
    lines = [] if section is None else [Line(**_plain(one)) for one in section["sentences"]]
    absent = "" if section is None else section.get("absent") or ""
    row = whole.case.row
    phrases = (
        [] if row.system is None else await library.phrases(tx, desk.tenant, row.system, whole.case.facts.language)
    )
    return Editing(name, wording.SECTIONS[name], [*lines, *_blank(len(lines))], absent, phrases, {})


def _plain(sentence: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(sentence.get(name) or "") for name in Line._fields}


def _blank(written: int) -> list[Line]:
    return [Line("", "", "")] * min(_BLANKS, _MOST - written)


async def write(desk: Desk) -> Response:
    """Put a draft together, or keep one section of it as it was written."""
    form = await desk.form("version")
    name = form.get("section", "")
    if not name:
        return await acts.taken(desk, "draft", form)
    request_id = desk.params["request"]
    lines = _lines(form)
    try:
        if form.get("add"):
            lines = [*lines, await _approved(desk, form["add"])]
        section = _section(name, lines, form.get("absent", ""))
        body = DraftIn(step="draft", sections=[section])
        await desk.state.db.transact(acts.step_over, desk, request_id, form["version"], body)
    except StaleError:
        return await acts.overtaken(desk, "draft", form)
    except DomainError as error:
        return await _refused(desk, name, lines, form, error)
    if form.get("add"):
        return go(f"{BOARD}/{request_id}/sections/{name}#section-{name}")
    return go(f"{BOARD}/{request_id}#section-{name}")


def _lines(form: Mapping[str, str]) -> list[Line]:
    """Return the sentences of a form; empty ones are left out."""
    found = [
        Line(form.get(f"text-{n}", "").strip(), form.get(f"source-{n}", "").strip(), form.get(f"language-{n}", ""))
        for n in range(_MOST)
    ]
    return [line for line in found if line.text]


async def _approved(desk: Desk, named: str) -> Line:
    async def work(tx: Reader) -> Line:
        _, editing = await _open(tx, desk, "result")
        for phrase in editing.phrases:
            if phrase.source == named:
                return Line(phrase.text, phrase.source, phrase.language)
        raise InvalidError.field("/add", "these words are not approved any more")

    return await desk.state.db.read(work)


def _section(name: str, lines: Sequence[Line], absent: str) -> SectionIn:
    faults = tuple(
        FieldError(f"/text-{place}", "say where this sentence comes from, such as policy:7 or call:2026-11-23")
        for place, line in enumerate(lines)
        if not line.source
    )
    if faults:
        raise InvalidError(fields=faults)
    for place, line in enumerate(lines):
        if len(line.text) > 2000 or len(line.source) > 300:
            raise InvalidError.field(f"/text-{place}", "at most 2,000 characters, and 300 for the source")
    sentences = [Sentence(text=line.text, source=line.source, language=line.language or None) for line in lines]
    return SectionIn(id=name, sentences=sentences, absent=absent.strip() or None)


async def _refused(
    desk: Desk, name: str, lines: Sequence[Line], form: Mapping[str, str], error: DomainError
) -> Response:
    """Show the section again as it was written, with what is wrong with it."""
    whole, editing = await desk.state.db.read(_open, desk, name)
    faults = {one.pointer.lstrip("/"): wording.fault(one) for one in error.fields}
    again = editing._replace(lines=[*lines, *_blank(len(lines))], absent=form.get("absent", ""), faults=faults)
    return await one.shown(desk, whole, Refused("section", form, error), editing=again)


async def withhold(desk: Desk) -> Response:
    """Move sentences of a section into the sealed annex, with a ground."""
    form = await desk.form("version", "redact-section")
    request_id, name = desk.params["request"], form["redact-section"]
    try:
        body = filing.body("redact", form)
        await desk.state.db.transact(acts.step_over, desk, request_id, form["version"], body)
    except StaleError:
        return await acts.overtaken(desk, "redact", form)
    except DomainError as error:
        whole, editing = await desk.state.db.read(_open, desk, name)
        return await one.shown(desk, whole, Refused("redact", form, error), editing=editing)
    return go(f"{BOARD}/{request_id}#section-{name}")
