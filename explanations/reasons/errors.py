"""What can be wrong with reason tables. ``api/problems.py`` gives the status numbers."""

from core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class ReasonTableNotFoundError(NotFoundError):
    """There is no such reason table within the caller's reach."""

    code = "reason-table-not-found"
    title = "There is no such reason table."


class InvalidReasonTableError(InvalidError):
    """The table leaves inputs open, says something twice, or names reasons that give none."""

    code = "invalid-reason-table"
    title = "The reason table is not complete or contradicts itself."


class NothingDraftedError(ConflictError):
    """There is no draft to approve."""

    code = "reason-table-has-no-draft"
    title = "There is nothing drafted in this reason table."


class SecondPersonNeededError(ForbiddenError):
    """Whoever wrote a part of the draft can't approve it."""

    code = "second-person-needed"
    title = "A reason table is approved by somebody who did not write it."


class ReasonTableChangedError(ConflictError):
    """Somebody else changed the table in between."""

    code = "reason-table-changed"
    title = "The reason table was changed in the meantime."


class ReasonTableRetiredError(ConflictError):
    """The table is not used any more and does not change."""

    code = "reason-table-retired"
    title = "This reason table is retired."
