"""What can be wrong with acts that take two people."""

from core.errors import ConflictError, ForbiddenError, NotFoundError


class NoErasureRequestError(NotFoundError):
    """Nobody has asked to erase this subject."""

    code = "no-erasure-request"
    title = "There is no open request to erase this subject."


class ErasureUnderWayError(ConflictError):
    """There is an open request already."""

    code = "erasure-under-way"
    title = "There is an open request to erase this subject already."


class SecondPersonNeededError(ForbiddenError):
    """Whoever asks for an erasure can't approve it."""

    code = "second-person-needed"
    title = "Another person has to approve this."
