"""The personal part of what a widget shows: how each purpose stands, and an offer for the next choice."""

from typing import Any, cast

from starlette.requests import Request

from api import acting
from api.auth.snapshot import KnownSite
from api.pages.visitors import directory_of
from api.schemas.choices import GpcOut
from api.schemas.widget import OffersOut, StateOut
from api.state import AppState, state_of
from api.widget.shelf import Ready, SiteNotFoundError, shelf_of
from consent import choices, signals, standing
from consent.gate import ALLOW, Answer
from consent.lifecycle import ALL, NO
from consent.standing import Standing, Worth
from core import ids
from core.clock import rfc3339
from core.principal import Principal, Subject
from disclosures.offers import service as offers
from disclosures.offers import tokens
from disclosures.offers.tokens import Offer

_OF_A_CHOICE = frozenset({"consent-given", "consent-explicitly-given", "consent-renewed", "consent-refused"})
_CHOSEN = _OF_A_CHOICE | {"consent-withdrawn", "objection", "restriction", "opted-out", "consent-pending"}


async def site_of(state: AppState, caller: Principal) -> KnownSite:
    """Return the site a browser named. Raises ``SiteNotFoundError``."""
    site = None if caller.site is None else await directory_of(state).site_by_id(caller.site)
    if site is None:
        raise SiteNotFoundError
    return site


async def offered(request: Request, caller: Principal, language: str, surface: str) -> OffersOut:
    """Return how things stand and an offer. Raises ``SiteNotFoundError``."""
    state = state_of(request)
    site = await site_of(state, caller)
    ready = await shelf_of(state).of_site(site, language)
    gpc = signals.is_on(request.scope["headers"])
    found = await _standing(request, state, caller, gpc=gpc)
    offer = made(state, site, caller.subject, ready, surface)
    shown = [answer for answer in found.answers if answer.purpose in ready.made.purposes]
    places = {(worth.row.purpose, worth.row.system) for worth in found.rows if worth.row.state in NO}
    return OffersOut(
        subject=None if caller.subject is None else caller.subject.public_id,
        states={answer.purpose: _state(answer, found) for answer in shown},
        all_off=(ALL, ALL) in places,
        gpc=GpcOut(signal=gpc, honoured=list(found.honoured) if gpc else []),
        version=ready.made.version,
        offer=tokens.seal(tokens.key_of(state.keyring), offer),
        expires_at=rfc3339(offer.expires_at),
    )


def made(state: AppState, site: KnownSite, subject: Subject | None, ready: Ready, surface: str) -> Offer:
    """Make an offer of what a configuration shows, for one person."""
    now = state.clock.now()
    return Offer(
        ids.new("off", now),
        site.tenant,
        site.id,
        None if subject is None else subject.pseudonym,
        ready.made.purposes,
        ready.made.offered_sha256,
        ready.made.version,
        str(ready.made.document["lang"]),
        surface,
        now + offers.GOOD_FOR,
        tuple((one.experiment, one.version) for one in ready.made.cohorts),
    )


async def _standing(request: Request, state: AppState, caller: Principal, *, gpc: bool) -> Standing:
    now = state.clock.now()
    if caller.subject is None:
        return await state.db.read(standing.of_nobody, state.notary, caller.tenant, now, signal=gpc)
    how = acting.own(request, caller)
    if gpc and await state.db.read(choices.is_signal_due, state.notary, how):
        wanted = choices.prefetch(state.notary, how, ())
        await state.db.transact_prefetched(wanted, choices.honour, state.notary, how, state.clock)
    return await state.db.read(standing.now_of, state.notary, caller.tenant, how.subject.pseudonym, now)


def _state(answer: Answer, found: Standing) -> StateOut:
    own: Worth | None = next(
        (worth for worth in found.rows if (worth.row.purpose, worth.row.system) == (answer.purpose, ALL)), None
    )
    return StateOut(
        on=answer.decision == ALLOW,
        why=cast("Any", _why(answer, own, found)),
        pending=own is not None and own.row.state == "requested",
        ask_after=None if own is None or own.row.ask_after is None else rfc3339(own.row.ask_after),
    )


def _why(answer: Answer, own: Worth | None, found: Standing) -> str:
    reasons = set(answer.reasons)
    if reasons & {"all-ai-opted-out", "system-opted-out"}:
        return "all-off"
    if "consent-expired" in reasons:
        return "expired"
    if "consent-needs-renewal" in reasons:
        return "renewal"
    by_signal = own is None and answer.purpose in found.honoured and "opted-out" in reasons
    if by_signal or (own is not None and own.row.actor == "signal"):
        return "signal"
    return "choice" if reasons & _CHOSEN or own is not None else "default"
