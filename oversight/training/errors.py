"""What can be wrong with records of training."""

from core.errors import ForbiddenError


class OwnTrainingError(ForbiddenError):
    """Nobody vouches for his own training."""

    code = "own-training"
    title = "Somebody else has to record your training."
    advice = "Ask another data protection officer or an administrator to record it."
