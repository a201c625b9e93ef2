"""HOT. A browser's choice brings back its offer: once, in time, by the same person, about what is still in force.

What the record says was shown comes from the offer alone: the text's hash, its version and its language (GDPR
Art. 7(1)). The text itself goes on record with the first choice that answers it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from api.auth.snapshot import KnownSite
from api.pages.visitors import directory_of
from api.state import AppState
from api.widget import personal
from api.widget.shelf import Ready, SiteNotFoundError, shelf_of
from consent.asked import Asked, Circumstances
from consent.errors import InvalidChoiceError
from consent.lifecycle import ALL
from core.database import Reader, Tx
from core.errors import FieldError
from disclosures.experiments import serving
from disclosures.experiments.serving import Cohort
from disclosures.offers import service as offers
from disclosures.offers import tokens
from disclosures.offers.errors import OfferOutdatedError, OfferRequiredError
from disclosures.offers.tokens import Offer


@dataclass(frozen=True, slots=True)
class Taken:
    """An offer that was brought back, and what its site shows at this moment."""

    state: AppState
    site: KnownSite
    how: Circumstances
    offer: Offer
    ready: Ready

    async def back(self, tx: Tx, asked: Sequence[Asked]) -> list[Asked]:
        """Use the offer up, and return the choices with what was shown.

        Raises ``OfferForeignError``, ``OfferExpiredError``, ``OfferUsedError``, ``OfferOutdatedError``,
        ``InvalidChoiceError`` for what was not offered.
        """
        offer, how = self.offer, self.how
        offers.check(offer, how.tenant, how.site, how.subject, self.state.clock.now())
        if self.ready.made.offered_sha256 != offer.text_sha256:
            raise OfferOutdatedError
        offered = offer.purposes
        faults = [
            FieldError(f"/choices/{number}/purpose", "was not offered here")
            for number, one in enumerate(asked)
            if one.purpose != ALL and one.purpose not in offered
        ]
        if faults:
            raise InvalidChoiceError(fields=tuple(faults))
        for one in asked:
            if one.purpose != ALL:
                published = await tx.load(self.state.notary.purposes.loader, (offer.tenant, one.purpose))
                if published is None or published.facts.version != offered[one.purpose]:
                    raise OfferOutdatedError
        await offers.use(tx, offer)
        await shelf_of(self.state).keep(tx, offer.tenant, self.ready.made)
        version, digest = f"widget.{offer.version}", offer.text_sha256
        return [one._replace(notice_version=version, notice_hash=digest, locale=offer.language) for one in asked]

    def following(self) -> str:
        """Return the next offer, of the same text, for whoever has just chosen."""
        made = personal.made(self.state, self.site, self.how.subject, self.ready, self.offer.surface)
        return tokens.seal(tokens.key_of(self.state.keyring), made)

    def kept(self) -> None:
        """Remember, after the commit, that the text is on record."""
        shelf_of(self.state).kept(self.offer.tenant, self.ready.made)


async def taken(state: AppState, how: Circumstances, text: str | None) -> Taken:
    """Return the offer that a browser brings back; whether it is good is judged with the choice.

    So a repeated request is answered with the first answer. Raises ``OfferRequiredError``, ``OfferAlteredError``.
    """
    if text is None:
        raise OfferRequiredError
    offer = tokens.unseal(tokens.key_of(state.keyring), text)
    site = None if how.site is None else await directory_of(state).site_by_id(how.site)
    if site is None:
        raise SiteNotFoundError
    cohorts = await state.db.read(_cohorts, offer, state.clock.now()) if offer.cohorts else ()
    return Taken(state, site, how, offer, await shelf_of(state).of_cohorts(site, offer.language, cohorts))


async def _cohorts(tx: Reader, offer: Offer, at: int) -> tuple[Cohort, ...]:
    """Return the cohorts of an offer; none once one of their experiments is over: then the offer is outdated."""
    found = [await serving.still(tx, offer.tenant, *one, at) for one in offer.cohorts]
    return () if None in found else tuple(one for one in found if one is not None)
