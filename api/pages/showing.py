"""Puts one choices page together: reads the record, honours the signal, renders in the visitor's language."""

from collections.abc import Mapping, Sequence
from hashlib import sha256

from markupsafe import Markup
from starlette.responses import Response

from api.pages import reading, rendering, standing, visitors
from api.pages.arrival import Arrival
from api.pages.pressing import Shown
from api.pages.reading import Published, Record, Telling
from api.pages.standing import Person
from api.pages.view import ChoicesPage, Done, Happening, PurposeRow, Signal, Text, Tongue
from api.pages.words import Words
from consent import choices, signals
from consent.lifecycle import ALL, NO
from consent.store import Happened
from core.database import Reader

_EFFECTS = {"given": "on", "explicitly_given": "on", "renewed": "on", "opt_out_reversed": "same"}


async def facts_of(arrival: Arrival, before: int | None = None) -> tuple[Published, Record]:
    """Return what is published and what is on record, after the signal was honoured."""

    async def work(tx: Reader) -> tuple[Published, Record, bool]:
        subject = arrival.subject
        facts = await reading.published(tx, arrival.tenant)
        found = await reading.record(tx, arrival.tenant, None if subject is None else subject.pseudonym, before)
        purposes = await arrival.state.notary.purposes.of_tenant(tx, arrival.tenant)
        return facts, found, arrival.gpc and bool(signals.due(purposes, found.rows))

    facts, found, unset = await arrival.state.db.read(work)
    if unset and arrival.subject is not None:
        how = arrival.acting(arrival.subject)
        await arrival.state.db.transact(choices.honour, arrival.state.notary, how, arrival.state.clock)
        facts, found, _ = await arrival.state.db.read(work)
    return facts, found


def person_of(arrival: Arrival, facts: Published, found: Record) -> Person:
    """Return the person's choices; for nobody yet, those that the signal alone turns off."""
    if arrival.subject is not None or not arrival.gpc:
        return Person(found.rows)
    return Person(found.rows, frozenset(key for key, view in facts.purposes.items() if reading.document_of(view).gpc))


def telling_of(arrival: Arrival) -> Telling:
    """Return who puts the operator's texts into the visitor's language."""
    return Telling(arrival.words, arrival.site.languages)


async def choices_page(arrival: Arrival, done: str | None, before: int | None) -> Response:
    """Return the whole page. ``done`` names the choice made last, ``before`` the entry the history starts before."""
    facts, found = await facts_of(arrival, before)
    person, telling = person_of(arrival, facts, found), telling_of(arrival)
    at = arrival.state.clock.now()
    uses = tuple(telling.use(view, facts, person, at) for view in facts.purposes.values())
    systems = tuple(telling.system(view, facts, person) for view in facts.systems.values())
    history = [telling.happening(event, facts) for event in found.history[: reading.HISTORY]]
    page = ChoicesPage(
        site=arrival.site.slug,
        site_name=arrival.site.name,
        language=arrival.language,
        languages=_tongues(arrival),
        who=_who(arrival),
        everything=standing.of_everything(person),
        uses=uses,
        systems=systems,
        history=tuple(history),
        older=history[-1].seq if len(found.history) > reading.HISTORY else None,
        receipts=tuple(found.receipts),
        signal=_signal(arrival, uses, person),
        done=_done(done, found.history, history),
    )
    wordings = _wordings(page, uses, arrival.words)
    acts = ("all", "leave", *(use.key for use in uses), *(f"system {system.key}" for system in systems))
    page.tokens.update((act, visitors.form_token(arrival.state, arrival.site, arrival.visitor, act)) for act in acts)
    return rendering.page("choices.html", arrival.words, page=page, wordings=wordings)


def confirm_page(arrival: Arrival, use: PurposeRow, until: int | None) -> Response:
    """Return the page of the second step for an explicit purpose."""
    page = bare_page(arrival)
    text, digest = rendering.wording(use, page, arrival.words, unfolded=True)
    page.texts[use.key] = digest
    token = visitors.form_token(arrival.state, arrival.site, arrival.visitor, use.key)
    return rendering.page(
        "confirm.html", arrival.words, page=page, use=use, wordings={use.key: text}, token=token, until=until
    )


def bare_page(arrival: Arrival) -> ChoicesPage:
    """Return what is known of a page before anything was read."""
    return ChoicesPage(
        arrival.site.slug,
        arrival.site.name,
        arrival.language,
        _tongues(arrival),
        _who(arrival),
        standing.of_everything(Person({})),
        (),
        (),
    )


def shown_use(arrival: Arrival, use: PurposeRow, *, unfolded: bool) -> Shown:
    """Return what stands on the page about a use of AI."""
    _, digest = rendering.wording(use, bare_page(arrival), arrival.words, unfolded=unfolded)
    return Shown(rendering.notice_version(use.key, use.version, arrival.words), digest, arrival.language)


def shown_wide(arrival: Arrival, name: str) -> Shown:
    """Return what stands beside the switch for all AI or for one system."""
    text = "\n".join((name, arrival.words.plain("all.what")))
    edition = rendering.notice_version("all" if name == ALL else f"system-{name}", 1, arrival.words)
    return Shown(edition, sha256(text.encode()).hexdigest(), arrival.language)


def _wordings(page: ChoicesPage, uses: Sequence[PurposeRow], words: Words) -> Mapping[str, Markup]:
    made = {}
    for use in uses:
        made[use.key], page.texts[use.key] = rendering.wording(use, page, words)
    return made


def _tongues(arrival: Arrival) -> tuple[Tongue, ...]:
    return tuple(Tongue(code, Words(code).own.name, code == arrival.language) for code in arrival.site.languages)


def _who(arrival: Arrival) -> str:
    who = arrival.visitor.who
    return "account" if who == "nobody" and not arrival.site.anonymous_choices else who


def _signal(arrival: Arrival, uses: Sequence[PurposeRow], person: Person) -> Signal | None:
    if not arrival.gpc:
        return None
    off: list[Text] = []
    kept: list[Text] = []
    for use in uses:
        if use.gpc:
            row = person.rows.get((use.key, ALL))
            (off if row is None or row.state in NO else kept).append(use.name)
    return Signal(tuple(off), tuple(kept))


def _place(event: Happened) -> str:
    if event.purpose != ALL:
        return f"use-{event.purpose}"
    return "all" if event.system == ALL else f"system-{event.system}"


def _done(done: str | None, events: Sequence[Happened], history: Sequence[Happening]) -> Done | None:
    """Return what the last button did, from the person's own record; an id that is not hers says nothing."""
    if done == "same":
        return Done(None)
    for event, told in zip(events, history, strict=False):
        if event.id == done:
            effect = _EFFECTS.get(event.state, "off")
            return Done(told.what, event.state, effect, event.seq, event.recorded_at, event.receipt, _place(event))
    return None
