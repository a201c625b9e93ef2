"""What the handoff refuses. An explicit request for a human is never among it."""

from core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, UnavailableError


class HandoffNotFoundError(NotFoundError):
    """No such handoff within the caller's reach."""

    code = "handoff-not-found"
    title = "There is no such handoff."


class MoveNotPossibleError(ConflictError):
    """The state of the handoff does not allow this."""

    code = "handoff-move-not-possible"
    title = "The handoff's state does not allow this."


class TakenError(ConflictError):
    """Another person has the case."""

    code = "handoff-taken"
    title = "Another agent has this case."


class NothingWaitingError(NotFoundError):
    """No case waits that this agent could take."""

    code = "nothing-waiting"
    title = "No case is waiting that you could take."


class NotYoursError(ForbiddenError):
    """Only the person who has the case may do this."""

    code = "handoff-not-yours"
    title = "This case is another agent's."


class NotHereError(ConflictError):
    """An agent who is not present can't take cases."""

    code = "agent-not-here"
    title = "Say that you are online first."


class ErasedError(ConflictError):
    """The customer was erased: there is no key to seal words under."""

    code = "customer-erased"
    title = "The customer was erased; nothing can be said any more."


class NoReturnAskedError(ConflictError):
    """Nobody has proposed to return to the AI."""

    code = "no-return-proposed"
    title = "The agent has not proposed to return to the AI."


class SurveyedError(ConflictError):
    """The survey was answered before."""

    code = "survey-answered"
    title = "The survey was answered before."


class WrapUpNeededError(InvalidError):
    """Resolving takes a wrap-up code."""

    code = "wrap-up-needed"
    title = "Resolving a case takes an outcome."


class QueueNotFoundError(NotFoundError):
    """No such queue."""

    code = "queue-not-found"
    title = "There is no such queue."


class QueueChangedError(ConflictError):
    """The queue's rules changed since they were read."""

    code = "queue-changed"
    title = "The queue's rules have changed since you read them."


class DeskNotFoundError(NotFoundError):
    """No such desk."""

    code = "desk-not-found"
    title = "There is no such desk."


class BadSignatureError(ForbiddenError):
    """A delivery that is not signed as agreed, too old, or from nowhere known."""

    code = "bad-signature"
    title = "The delivery is not signed as agreed, or too old."


class UnreadableDeliveryError(InvalidError):
    """A delivery that is signed, and says nothing that is understood."""

    code = "delivery-unreadable"
    title = "The delivery is signed but was not understood."


class DeskFailedError(UnavailableError):
    """A desk of others did not do what was asked; ``after`` seconds to wait where it said so."""

    code = "desk-failed"
    title = "The help desk did not do what was asked."

    def __init__(self, detail: str = "", *, after: float | None = None, permanent: bool = False) -> None:
        """Say how it failed, never what it sent."""
        super().__init__(detail)
        self.after = after
        self.permanent = permanent
