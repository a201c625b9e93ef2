"""Why an offer is not good for a choice, as facts."""

from core.errors import ConflictError, ForbiddenError, NotFoundError


class OfferRequiredError(ForbiddenError):
    """A browser's choice came without the offer it answers."""

    code = "offer-required"
    title = "A choice has to bring back the offer it answers."
    advice = "Ask for an offer (GET /v1/offers), show what it is for, and send it along."


class OfferAlteredError(ForbiddenError):
    """The offer is not one of ours, or not as we made it."""

    code = "offer-altered"
    title = "This offer was not made here, or was altered."
    advice = "Ask for an offer (GET /v1/offers) and send it back as it is."


class OfferForeignError(ForbiddenError):
    """The offer was made for another site or another person."""

    code = "offer-foreign"
    title = "This offer was made for another site or another person."
    advice = "Ask for a new offer as the person who chooses; one from before signing in does not hold after."


class OfferExpiredError(ForbiddenError):
    """The offer is too old."""

    code = "offer-expired"
    title = "This offer has expired."
    advice = "Ask for a new offer and repeat the choice with it."


class OfferUsedError(ConflictError):
    """The offer was brought back before."""

    code = "offer-used"
    title = "This offer has been used."
    advice = "Each offer is good for one request; the answer to it has the next one."


class OfferOutdatedError(ConflictError):
    """What was offered is not in force any more."""

    code = "offer-outdated"
    title = "What was offered has changed since."
    advice = "Read the configuration again, show it, and ask for a new offer."


class OfferedTextNotFoundError(NotFoundError):
    """No choice of the caller's tenant answered such a text."""

    code = "offered-text-not-found"
    title = "No choice answered such a text."
