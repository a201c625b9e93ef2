"""What can be wrong with claims, as facts."""

from core.errors import ConflictError, InvalidError, NotFoundError


class ClaimNotFoundError(NotFoundError):
    """There is no such claim within the caller's reach."""

    code = "claim-not-found"
    title = "There is no such claim."


class ClaimKnownError(ConflictError):
    """There is, or was, a claim under this key."""

    code = "claim-known"
    title = "There is a claim under this key already."


class ClaimChangedError(ConflictError):
    """The claim changed since it was read."""

    code = "claim-changed"
    title = "The claim has changed since you read it."


class ClaimRetiredError(ConflictError):
    """The claim was retired: it is not made any more."""

    code = "claim-retired"
    title = "This claim was retired."


class InvalidClaimError(InvalidError):
    """A claim leaves out what it has to say, or contradicts itself."""

    code = "invalid-claim"
    title = "The claim is not complete or contradicts itself."
