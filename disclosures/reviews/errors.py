"""What can be wrong with reviews of disclosures, as facts."""

from core.errors import ConflictError, NotFoundError


class ReviewNotFoundError(NotFoundError):
    """There is no such review within the caller's reach."""

    code = "disclosure-review-not-found"
    title = "There is no such review of a disclosure."


class ReviewClosedError(ConflictError):
    """The review has ended already; its answer stands."""

    code = "disclosure-review-closed"
    title = "This review has been closed already."


class NothingNewError(ConflictError):
    """The review is to end with a new version, but none has been published since it was opened."""

    code = "no-new-version"
    title = "No new version was published since the review was opened."
