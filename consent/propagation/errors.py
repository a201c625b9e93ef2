"""What can be wrong with recipients and with what they are told, as facts."""

from core.errors import ConflictError, InvalidError, NotFoundError, UnavailableError


class RecipientNotFoundError(NotFoundError):
    """There is no such recipient within the caller's reach."""

    code = "recipient-not-found"
    title = "There is no such recipient."


class RecipientRetiredError(ConflictError):
    """The recipient was retired; it is told nothing more and nothing of it can be changed."""

    code = "recipient-retired"
    title = "This recipient was retired."


class NoticeNotFoundError(NotFoundError):
    """There is no such notice to a recipient within the caller's reach."""

    code = "recipient-notice-not-found"
    title = "There is no such notice to a recipient."


class NoticeClosedError(ConflictError):
    """The recipient has acknowledged the notice, or is being told of it anyway; it is not sent again."""

    code = "recipient-notice-closed"
    title = "This notice need not be sent again."


class InvalidAcknowledgementError(InvalidError):
    """An acknowledgement names what the recipient was never told, or says what can't be; nothing was recorded."""

    code = "invalid-acknowledgement"
    title = "Some of the acknowledgement is not right. Nothing was recorded."


class NotToldError(UnavailableError):
    """The recipient did not take what it was sent."""

    code = "recipient-not-told"
    title = "The recipient did not take what it was sent."
