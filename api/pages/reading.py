"""From records to the choices page: one consistent read of what is published and what this person chose."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from api.catalogue import catalogue_at
from api.pages import standing
from api.pages.standing import Person, Rows
from api.pages.view import Happening, PurposeRow, ReceiptRow, SystemRow, Text
from api.pages.words import Words
from consent import store as choices
from consent.cache import Catalogue, Question, ask
from consent.gate import Row
from consent.lifecycle import ALL
from consent.purposes import service as purposes
from consent.purposes.documents import PurposeDocument
from consent.purposes.service import PurposeView
from consent.store import Happened, Present
from core.database import Reader
from disclosures import service as register
from disclosures.service import SystemView

_MOST = 200
HISTORY = 30
RECEIPTS = 10
_VOICES = {"signal": "machine", "system": "machine"}


class Published(NamedTuple):
    """What a tenant has published, as read in one transaction."""

    purposes: Mapping[str, PurposeView]
    systems: Mapping[str, SystemView]
    catalogue: Catalogue


class Record(NamedTuple):
    """What is on record of one person."""

    rows: Rows = MappingProxyType({})
    history: Sequence[Happened] = ()
    receipts: Sequence[ReceiptRow] = ()


async def published(tx: Reader, tenant: str) -> Published:
    """Return a tenant's live purposes and AI systems, and what the gate knows of them."""
    found = sorted(await purposes.listed(tx, tenant, "", _MOST), key=lambda view: view.purpose.created_at)
    systems = await register.listed(tx, tenant, "", _MOST)
    return Published(
        {view.purpose.key: view for view in found if view.published is not None and view.purpose.retired_at is None},
        {view.system.key: view for view in systems if view.system.retired_at is None},
        await catalogue_at(tx, tenant, None),
    )


async def record(tx: Reader, tenant: str, subject: bytes | None, before: int | None = None) -> Record:
    """Return what is on record of a person; nothing for somebody who is nobody yet."""
    if subject is None:
        return Record()
    rows = {(row.purpose, row.system): row for row in await choices.present(tx, tenant, subject)}
    history = await choices.history(tx, tenant, subject, before, HISTORY + 1)
    receipts = await choices.receipts(tx, tenant, subject, None, RECEIPTS)
    return Record(rows, history, [ReceiptRow(receipt.id, receipt.issued_at) for receipt in receipts])


class Telling:
    """Puts facts into the page's language: picks the operator's texts, else those of the site's first language."""

    def __init__(self, words: Words, languages: Sequence[str]) -> None:
        """Prefer the language of ``words``, then ``languages`` in their order."""
        self._words = words
        self.wanted = words.language
        self._order = (words.language, words.language.partition("-")[0], *languages)

    def pick(self, languages: Iterable[str]) -> str:
        """Return the language to show out of those there are."""
        there = list(languages)
        return next((language for language in self._order if language in there), there[0])

    def categories(self, document: PurposeDocument) -> tuple[Text, ...]:
        """Return data categories: the page's own words where it knows the key, else as the operator wrote them."""
        return tuple(
            Text(self._words.plain(f"category.{word}"), self._words.own.language)
            if self._words.knows(f"category.{word}")
            else Text(word, "")
            for word in document.data_categories
        )

    def name(self, view: PurposeView) -> Text:
        """Return a purpose's name."""
        document = document_of(view)
        language = self.pick(document.texts)
        return Text(document.texts[language].name, language)

    def use(self, view: PurposeView, facts: Published, person: Person, at: int) -> PurposeRow:
        """Return the row of one use of AI."""
        if view.published is None:
            raise ValueError("only what is published is shown")
        document = document_of(view)
        key, language = document.key, self.pick(document.texts)
        texts = document.texts[language]
        rows = {place: _row(row) for place, row in person.rows.items()}
        answer = ask(Question(key, None), facts.catalogue, rows, at, 0)
        own = person.rows.get((key, ALL))

        def text(value: str | None) -> Text | None:
            return None if value is None else Text(value, language)

        return PurposeRow(
            key=key,
            version=view.published.version,
            published_at=view.published.published_at,
            name=Text(texts.name, language),
            sentence=Text(texts.text, language),
            logic=text(texts.logic_summary),
            consequences=text(texts.consequences),
            withdrawal=text(texts.withdrawal),
            basis=document.lawful_basis,
            categories=self.categories(document),
            recipients=_untold(document.recipients),
            transfers=_untold(document.transfers),
            retention=document.retention,
            validity=document.validity,
            mechanism=document.mechanism,
            explicit=document.explicit,
            sensitive=document.special_category,
            gpc=document.gpc,
            systems=_untold(view.document.name for view in facts.systems.values() if key in view.document.purposes),
            standing=standing.of_use(answer, person, facts.catalogue.purposes[key], at),
            pending=own.choice if own is not None and own.state == "requested" else None,
        )

    def system(self, view: SystemView, facts: Published, person: Person) -> SystemRow:
        """Return the row of one AI system."""
        document = view.document
        return SystemRow(
            key=document.key,
            name=Text(document.name, ""),
            provider=Text(document.provider, ""),
            purposes=tuple(self.name(facts.purposes[key]) for key in document.purposes if key in facts.purposes),
            contact=None if document.human_alternative is None else Text(document.contact, ""),
            no_human_reason=_maybe(document.no_human_alternative_reason),
            standing=standing.of_system(document.key, person),
        )

    def happening(self, event: Happened, facts: Published) -> Happening:
        """Return one line of the history."""
        return Happening(
            at=event.recorded_at,
            seq=event.seq,
            event=event.state,
            what=self.what(event.purpose, event.system, facts),
            actor=event.actor,
            voice=_VOICES.get(event.actor, "human"),
            receipt=event.receipt,
        )

    def what(self, purpose: str, system: str, facts: Published) -> Text | str:
        """Return what a choice is about: a use, a system, a use in one system, or the key of the word for all AI."""
        known = facts.systems.get(system)
        system_name = system if known is None else known.document.name
        if purpose == ALL:
            return "history.all" if system == ALL else Text(system_name, "")
        view = facts.purposes.get(purpose)
        name = Text(purpose, "") if view is None else self.name(view)
        return name if system == ALL else Text(f"{name.text} ({system_name})", name.language)


def document_of(view: PurposeView) -> PurposeDocument:
    """Return what the version in force says."""
    if view.published is None:
        raise ValueError("only what is published is shown")
    return purposes.document_of(view.published.document)


def _untold(texts: Iterable[str]) -> tuple[Text, ...]:
    """Return texts whose language nobody said: names, mostly."""
    return tuple(Text(text, "") for text in texts)


def _maybe(text: str | None) -> Text | None:
    return Text(text, "") if text else None


def _row(row: Present) -> Row:
    return Row(row.state, row.explicit, row.purpose_version, row.choice, row.notice_version, row.valid_until)
