"""A narrative as plain text and as HTML: the same sentences in the same order, nothing added. Pure."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from markupsafe import Markup

from explanations.narratives.words import catalogues
from explanations.parts import Narrative, Section, Sentence

_ORDERED = frozenset({"reasons"})


def as_text(sections: Iterable[Section]) -> str:
    """Return the sections as plain text: a heading and one sentence a line, sections apart by an empty line."""
    return "\n\n".join(
        "\n".join([section.title, *(f"- {one.text}" if one.item else one.text for one in section.sentences)])
        for section in sections
    )


def direction(language: str) -> str:
    """Return ``ltr`` or ``rtl`` for a language."""
    known = catalogues()
    found = known.get(language) or known.get(language.partition("-")[0])
    return "ltr" if found is None else found.dir


def as_html(narrative: Narrative, level: int = 2) -> Markup:
    """Return the narrative as HTML, headings of ``level``; every text is escaped, every other language is marked."""
    body = Markup("").join(_section(section, level) for section in narrative.sections)
    return Markup('<article class="explanation" lang="{}" dir="{}">{}</article>').format(
        narrative.lang, direction(narrative.lang), body
    )


def _section(section: Section, level: int) -> Markup:
    inner = Markup("").join(_blocks(section))
    return Markup('<section data-part="{}"><h{}>{}</h{}>{}</section>').format(
        section.key, level, section.title, level, inner
    )


def _blocks(section: Section) -> Iterator[Markup]:
    for listed, group in groupby(section.sentences, key=lambda one: one.item):
        if not listed:
            yield from (Markup("<p{}>{}</p>").format(_lang(one), one.text) for one in group)
            continue
        items = Markup("").join(Markup("<li{}>{}</li>").format(_lang(one), one.text) for one in group)
        tag = "ol" if section.key in _ORDERED else "ul"
        yield Markup("<{}>{}</{}>").format(tag, items, tag)


def _lang(one: Sentence) -> Markup:
    if one.lang is None:
        return Markup("")
    return Markup(' lang="{}" dir="{}"').format(one.lang, direction(one.lang))
