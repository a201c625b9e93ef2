"""What can be wrong with decisions, and with models that are asked. ``api/problems.py`` gives status numbers."""

from core.errors import ConflictError, InvalidError, NotFoundError, UnavailableError
from explanations.parts import Flag


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


class ModelError(UnavailableError):
    """A model could not be asked or its answer not be used. Never carries what the other side said: it may repeat
    the person's row.
    """

    code = "model-error"
    title = "The model can't be asked right now."


class ModelUnavailableError(ModelError):
    """The model did not answer: unreachable, too slow, overloaded or failing. Asking again may help."""

    code = "model-unavailable"
    title = "The model does not answer."

    def __init__(self, detail: str = "", *, ambiguous: bool = False) -> None:
        """``ambiguous``: the answer was a 500, which several servers also give for bad input."""
        super().__init__(detail)
        self.ambiguous = ambiguous


class ModelRejectedError(ModelError):
    """The model refuses the question: wrong credentials, wrong path or a row it does not take."""

    code = "model-rejected"
    title = "The model refuses what it is asked."


class ModelChangedError(ModelError):
    """The model is not the one that decided: another version, or another answer to the same question."""

    code = "model-changed"
    title = "The model has changed since the decision."


class NotSupportedError(ModelError):
    """The model's server does not explain."""

    code = "explain-not-supported"
    title = "The model's server gives no explanations."


class MalformedAnswerError(ModelError):
    """The answer is not what its protocol says: cut off, of another shape, not numbers, too large."""

    code = "model-answer-malformed"
    title = "The model's answer can't be understood."


class GateFailedError(ModelError):
    """An explanation was given, and the model's own answers contradict it; ``flag`` names the gate."""

    code = "explanation-not-true"
    title = "The explanation does not fit the model's own answers."

    def __init__(self, flag: Flag) -> None:
        """Say which gate failed."""
        super().__init__()
        self.flag: Flag = flag


class EndpointNotFoundError(NotFoundError):
    """There is no such model endpoint within the caller's reach."""

    code = "model-endpoint-not-found"
    title = "There is no such model endpoint."


class EndpointChangedError(ConflictError):
    """The endpoint changed since it was read."""

    code = "model-endpoint-changed"
    title = "This model endpoint has changed since you read it."


class EndpointRetiredError(ConflictError):
    """The endpoint was taken out of use."""

    code = "model-endpoint-retired"
    title = "This model endpoint was taken out of use."


class InvalidEndpointError(InvalidError):
    """What is said of an endpoint contradicts itself."""

    code = "invalid-model-endpoint"
    title = "What is said of this model endpoint can't be."


class ReferenceGroupNotFoundError(NotFoundError):
    """There is no such reference group within the caller's reach."""

    code = "reference-group-not-found"
    title = "There is no such reference group."


class InvalidReferenceGroupError(InvalidError):
    """A reference group's rows do not make a group."""

    code = "invalid-reference-group"
    title = "These rows do not make a reference group."


class NoEndpointError(ConflictError):
    """Nobody said where the model that decided is served, and the producer pushed no explanation."""

    code = "no-model-endpoint"
    title = "It is not known where the model that decided is served."


class NotExplainableError(ConflictError):
    """The decision's inputs are not here: kept by the producer only, or erased with the person."""

    code = "decision-not-explainable"
    title = "The decision's inputs are not in the records."


class ExplanationNotFoundError(NotFoundError):
    """There is no such explanation within the caller's reach."""

    code = "explanation-not-found"
    title = "There is no such explanation."
