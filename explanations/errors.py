"""What can be wrong with decisions, as facts. ``api/problems.py`` gives them status numbers."""

from core.errors import ConflictError, InvalidError, NotFoundError


class DecisionNotFoundError(NotFoundError):
    """There is no such decision within the caller's reach."""

    code = "decision-not-found"
    title = "There is no such decision."


class DecisionDiffersError(ConflictError):
    """A decision with this id of the producer's was recorded before, and said something else."""

    code = "decision-differs"
    title = "A different decision was recorded under this id before."


class InvalidDecisionError(InvalidError):
    """Some of the decisions are not complete; nothing was recorded."""

    code = "invalid-decision"
    title = "Some of the decisions are not complete. Nothing was recorded."
