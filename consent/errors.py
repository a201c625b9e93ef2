"""What can be wrong with purposes, choices and receipts, as facts. ``api/problems.py`` gives them status numbers."""

from core.errors import ConflictError, InvalidError, NotFoundError


class TransitionNotPossibleError(ConflictError):
    """The present state of a choice does not lead to the one asked for; the detail says which are possible."""

    code = "transition-not-possible"
    title = "This choice can't follow the present one."


class SecondStepNeededError(ConflictError):
    """An explicit purpose (GDPR Art. 9(2)(a), 22(2)(c)) takes two distinct acts: ``requested``, then a confirmation."""

    code = "second-step-needed"
    title = "This purpose needs a second, separate confirmation."


class ConfirmationLapsedError(ConflictError):
    """The first of two acts is not there, belongs to another choice, or is too old."""

    code = "confirmation-lapsed"
    title = "There is no open request that this confirms. Ask again."


class InvalidChoiceError(InvalidError):
    """Some of the requested choices are wrong; nothing was recorded."""

    code = "invalid-choice"
    title = "Some of the choices are not right. Nothing was recorded."


class InvalidPurposeError(InvalidError):
    """A purpose's document is not complete or contradicts itself."""

    code = "invalid-purpose"
    title = "The purpose is not complete or contradicts itself."


class PurposeNotFoundError(NotFoundError):
    """There is no such purpose within the caller's reach."""

    code = "purpose-not-found"
    title = "There is no such purpose."


class PurposeRetiredError(ConflictError):
    """The purpose was retired; nothing more can be published or chosen for it."""

    code = "purpose-retired"
    title = "This purpose was retired."


class PurposeChangedError(ConflictError):
    """The purpose changed since it was read."""

    code = "purpose-changed"
    title = "The purpose has changed since you read it."


class NoDraftError(ConflictError):
    """There is no draft to publish."""

    code = "no-draft"
    title = "There is no draft to publish."


class NothingToWithdrawError(ConflictError):
    """No consent in force matches what is to be withdrawn; nothing was recorded."""

    code = "nothing-to-withdraw"
    title = "There is no consent in force here that could be withdrawn."


class NothingToInvalidateError(ConflictError):
    """The person has no consent, for this purpose or at all, that could be declared invalid; nothing was recorded."""

    code = "nothing-to-invalidate"
    title = "There is no consent here that could be declared invalid."


class ReceiptNotFoundError(NotFoundError):
    """There is no such receipt within the caller's reach."""

    code = "receipt-not-found"
    title = "There is no such receipt."


class SubjectNotFoundError(NotFoundError):
    """Nothing is known of such a subject within the caller's reach."""

    code = "subject-not-found"
    title = "There is no such subject."


class FutureInstantError(InvalidError):
    """The instant asked about has not come yet."""

    code = "instant-in-the-future"
    title = "Nobody can say yet what will be allowed then."
