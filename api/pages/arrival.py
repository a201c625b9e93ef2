"""What every hosted page settles first: the site, the language, the visitor, and whether her browser sends a signal."""

from dataclasses import dataclass

from starlette.requests import Request

from api.auth.snapshot import KnownSite
from api.pages import visitors
from api.pages.plainly import NoSuchPageError
from api.pages.visitors import Visitor, directory_of
from api.pages.words import Words
from api.state import AppState, state_of
from consent import signals
from consent.asked import Circumstances
from core.principal import Subject


@dataclass(frozen=True, slots=True)
class Arrival:
    """One request to a site's pages. ``language`` is one of the site's; ``wished`` is what the address said."""

    state: AppState
    site: KnownSite
    language: str
    wished: str
    words: Words
    visitor: Visitor
    gpc: bool

    @property
    def path(self) -> str:
        """Return the path of the choices page."""
        return f"/t/{self.site.slug}/{self.language}/choices"

    @property
    def tenant(self) -> str:
        """Return the controller whose site this is."""
        return self.site.tenant

    @property
    def subject(self) -> Subject | None:
        """Return whom the request is about, if anybody yet."""
        return self.visitor.principal.subject

    def acting(self, subject: Subject) -> Circumstances:
        """Return the circumstances of what this person does here."""
        return Circumstances(
            tenant=self.tenant,
            subject=subject,
            actor="subject",
            actor_ref=self.visitor.principal.id,
            method="button",
            channel="web",
            site=self.site.id,
            gpc=self.gpc,
        )


async def arrive(request: Request, slug: str, language: str) -> Arrival:
    """Return who came where. Raises ``NoSuchPageError``; a language the site lacks becomes its first one."""
    state = state_of(request)
    site = await directory_of(state).site_by_slug(slug)
    if site is None:
        raise NoSuchPageError
    spoken = language if language in site.languages else site.languages[0]
    visitor = await visitors.recognise(request, state, site)
    gpc = signals.is_on(request.scope["headers"])
    return Arrival(state, site, spoken, language, Words(spoken), visitor, gpc)
