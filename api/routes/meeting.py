"""``/v1/touchpoints/{key}/resolve``: what is due where a person meets AI, and the texts that say it (DIS-03)."""

from typing import Annotated, NamedTuple

from fastapi import APIRouter, Depends, Path, Request

from api import acting, willing
from api.access import requires
from api.resolved import resolution_out
from api.routes.disclosures import instant_of, question_of, seen_of
from api.schemas.disclosures import QuestionIn
from api.schemas.meeting import ChoiceOffered, MeetingIn, MeetingOut, ToldOut
from api.state import AppState, state_of
from api.widget import personal
from api.widget.shelf import shelf_of
from core.database import Reader
from core.principal import Principal
from disclosures.cadence import Seen
from disclosures.documents import KEY_PATTERN
from disclosures.experiments import assignment, serving
from disclosures.experiments.serving import Cohort, Person
from disclosures.notices import renderings, standing
from disclosures.notices import store as notices
from disclosures.notices.documents import NoticeDocument
from disclosures.notices.store import VersionRow
from disclosures.offers import tokens
from disclosures.packs import service as packs
from disclosures.resolution import resolve
from disclosures.showings import store as showings
from disclosures.touchpoints import service as touchpoints
from disclosures.touchpoints.documents import TouchpointDocument

router = APIRouter(prefix="/v1/touchpoints", tags=["disclosures"])
Asking = Annotated[Principal, Depends(requires("disclosures.resolve"))]
Key = Annotated[str, Path(pattern=KEY_PATTERN)]
_OF_THE_QUESTION = {"seen", "session", "at", "model_version", "subject"}


class _Here(NamedTuple):
    """A touchpoint, and who is there if she may be shown a variant."""

    touchpoint: TouchpointDocument
    who: Person | None


class _Telling(NamedTuple):
    """The version of a notice that this person is shown, and in which experiment, if in any."""

    row: VersionRow
    document: NoticeDocument
    stale: bool
    cohort: Cohort | None


async def _seen(tx: Reader, tenant: str, body: MeetingIn, at: int) -> Seen | None:
    """Return what the person was told before: as the caller says, or as this session's showings prove."""
    if body.seen is not None or body.session is None:
        return seen_of(body.seen)
    rows = []
    for row in await showings.showings(tx, tenant, "session", body.session):
        # what was shown before a material change does not count: people are told anew (GDPR Art. 13(3))
        versions = await notices.versions(tx, tenant, row.notice)
        if row.version >= max(one.version for one in versions if one.material):
            rows.append(row)
    if not rows:
        return Seen(at)
    return Seen(min(row.shown_at for row in rows), max(row.shown_at for row in rows))


async def _telling(
    tx: Reader, state: AppState, tenant: str, notice: tuple[VersionRow, NoticeDocument], here: _Here
) -> _Telling:
    """Return what stands for a topic here: the version in force, or the variant of an experiment that runs."""
    row, document = notice
    cohort = None
    if here.who is not None:
        key = assignment.key_of(state.keyring)
        cohort = await serving.cohort(tx, key, tenant, row, here.touchpoint, here.who, state.clock.now())
    shown = None if cohort is None else await notices.version(tx, tenant, row.key, cohort.version)
    if shown is not None:
        row, document = shown, standing.document_of(shown.document)
    return _Telling(row, document, await standing.is_stale(tx, tenant, row), cohort)


def _told(topic: str, found: _Telling | None, body: MeetingIn) -> ToldOut:
    if found is None:
        return ToldOut(
            topic=topic, notice=None, version=None, sha256=None, lang=None, media_type=None, content=None, stale=False
        )
    language = found.document.nearest(body.locale or found.document.source_language)
    channel = body.channel or "web"
    return ToldOut(
        topic=topic,
        notice=found.row.key,
        version=found.row.version,
        sha256=found.row.sha256,
        lang=language,
        media_type=renderings.MEDIA[channel],
        content=renderings.render(found.document.texts[language], channel, language),
        stale=found.stale,
        experiment=None if found.cohort is None else found.cohort.experiment,
        variant=None if found.cohort is None else found.cohort.variant,
    )


@router.post("/{key}/resolve", summary="Ask what is due at a registered touchpoint")
async def resolve_here(request: Request, key: Key, caller: Asking, body: MeetingIn) -> MeetingOut:
    """Say what has to be told here, in which words, and what can be chosen; a browser also gets an offer."""
    state = state_of(request)
    now: int = request.scope["candor.at"]
    at = now if body.at is None else instant_of(body.at, "/at")
    packs.check_words(state.packs, [], body.sectors, body.contract)
    subject = willing.subject_of(request, caller, body)
    may_be_asked = willing.may_be_asked(request, subject, body)

    async def work(tx: Reader) -> tuple[MeetingOut, TouchpointDocument, tuple[Cohort, ...]]:
        view = await touchpoints.view(tx, caller.tenant, key)
        overrides = await packs.in_force(tx, caller.tenant, at)
        asked = QuestionIn(
            kind=view.document.kind,
            facts=sorted(view.document.all_facts & state.packs.facts()),
            **body.model_dump(exclude=_OF_THE_QUESTION),
        )
        question = question_of(asked, at)
        resolution = resolve(state.packs, question, overrides)
        published = await standing.in_force(tx, caller.tenant)
        who = await willing.person(tx, state, caller.tenant, subject) if subject and may_be_asked else None
        here, telling = _Here(view.document, who), {}
        for due in resolution.due:
            notice = standing.for_touchpoint(published, key, due.topic, body.model_version)
            if notice is not None:
                telling[due.topic] = await _telling(tx, state, caller.tenant, notice, here)
        told = [_told(due.topic, telling.get(due.topic), body) for due in resolution.due]
        cohorts = tuple(sorted({one.cohort for one in telling.values() if one.cohort is not None}))
        seen = await _seen(tx, caller.tenant, body, at)
        out = resolution_out(resolution, question, at, seen)
        return MeetingOut(touchpoint=key, resolution=out, told=told, choices=[], offer=None), view.document, cohorts

    found, document, cohorts = await state.db.read(work)
    found.choices = await _choices(state, caller, document)
    if acting.is_browser(caller):
        site = await personal.site_of(state, caller)
        ready = await shelf_of(state).of_cohorts(site, body.locale or site.languages[0], cohorts)
        offer = personal.made(state, site, caller.subject, ready, body.channel or "page")
        found.offer = tokens.seal(tokens.key_of(state.keyring), offer)
    return found


async def _choices(state: AppState, caller: Principal, document: TouchpointDocument) -> list[ChoiceOffered]:
    published = await state.db.read(state.notary.purposes.of_tenant, caller.tenant)
    return [
        ChoiceOffered(
            purpose=one.facts.key,
            version=one.facts.version,
            on=one.facts.mechanism != "opt_in",
            locked=one.facts.mechanism == "notice_only",
        )
        for one in published
        if one.facts.key in document.purposes and not one.facts.retired
    ]
