"""What can be wrong with rule packs and with a tenant's overrides, as facts."""

from core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class PackRefusedError(Exception):
    """A pack file is not complete, contradicts itself or is not what was signed: Candor does not start with it."""


class PackNotFoundError(NotFoundError):
    """There is no such rule pack in this installation."""

    code = "pack-not-found"
    title = "There is no such rule pack."


class OverrideNotFoundError(NotFoundError):
    """There is no such override within the caller's reach."""

    code = "override-not-found"
    title = "There is no such override."


class OverrideEndedError(ConflictError):
    """The override was revoked before."""

    code = "override-ended"
    title = "This override was revoked before."


class LooseningRefusedError(ForbiddenError):
    """Only a data protection officer may ask for less than a rule pack does."""

    code = "loosening-refused"
    title = "This would ask for less than the rule; only a data protection officer may sign that off."


class InvalidOverrideError(InvalidError):
    """An override names nothing that exists, changes nothing, or lacks what a loosening needs."""

    code = "invalid-override"
    title = "The override is not complete or contradicts itself."


class InvalidQuestionError(InvalidError):
    """A question about what is due uses words that no rule pack knows."""

    code = "invalid-disclosure-question"
    title = "The question uses words that no rule pack knows."
