"""What can be wrong with the register of AI systems, as facts."""

from core.errors import ConflictError, InvalidError, NotFoundError


class SystemNotFoundError(NotFoundError):
    """There is no such AI system within the caller's reach."""

    code = "system-not-found"
    title = "There is no such AI system."


class SystemRetiredError(ConflictError):
    """The AI system was retired and can't be changed any more."""

    code = "system-retired"
    title = "This AI system was retired."


class SystemChangedError(ConflictError):
    """The AI system's entry changed since it was read."""

    code = "system-changed"
    title = "The AI system's entry has changed since you read it."


class InvalidSystemError(InvalidError):
    """An AI system's entry is not complete or contradicts itself."""

    code = "invalid-system"
    title = "The AI system's entry is not complete or contradicts itself."
