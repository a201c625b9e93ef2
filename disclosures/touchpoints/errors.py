"""What can be wrong with the register of touchpoints, as facts."""

from core.errors import ConflictError, InvalidError, NotFoundError


class TouchpointNotFoundError(NotFoundError):
    """There is no such touchpoint within the caller's reach."""

    code = "touchpoint-not-found"
    title = "There is no such touchpoint."


class TouchpointChangedError(ConflictError):
    """The touchpoint's entry changed since it was read."""

    code = "touchpoint-changed"
    title = "The touchpoint's entry has changed since you read it."


class TouchpointRetiredError(ConflictError):
    """The touchpoint was retired and can't be changed any more."""

    code = "touchpoint-retired"
    title = "This touchpoint was retired."


class TouchpointStateError(ConflictError):
    """A touchpoint can't go from its state to the one asked for."""

    code = "touchpoint-state"
    title = "The touchpoint can't go there from where it is."


class InvalidTouchpointError(InvalidError):
    """A touchpoint's entry is not complete, contradicts itself, or is not ready to go live."""

    code = "invalid-touchpoint"
    title = "The touchpoint's entry is not complete or contradicts itself."
