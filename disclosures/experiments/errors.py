"""What can be wrong with experiments, as facts."""

from core.errors import ConflictError, InvalidError, NotFoundError


class ExperimentNotFoundError(NotFoundError):
    """There is no such experiment within the caller's reach."""

    code = "experiment-not-found"
    title = "There is no such experiment."


class ExperimentChangedError(ConflictError):
    """The experiment changed since it was read."""

    code = "experiment-changed"
    title = "The experiment has changed since you read it."


class ExperimentStateError(ConflictError):
    """An experiment can't do this in its present state."""

    code = "experiment-state"
    title = "The experiment's state does not allow this."


class ExperimentNotApprovedError(ConflictError):
    """Nobody has approved the experiment as it stands: no variant is shown to anybody."""

    code = "experiment-not-approved"
    title = "Nobody has approved this experiment as it stands."


class ExperimentRunningError(ConflictError):
    """Another experiment with the same notice is running."""

    code = "experiment-running"
    title = "Another experiment with this notice is running."


class ExperimentNotDueError(ConflictError):
    """Today is not between the experiment's first and last day."""

    code = "experiment-not-due"
    title = "Today is not a day of this experiment."


class InvalidExperimentError(InvalidError):
    """An experiment contradicts itself, or a variant of it is not fit to be shown to anybody."""

    code = "invalid-experiment"
    title = "The experiment can't be run like this."
