"""What can be wrong with requests for an explanation. A refusal of a step says everything that is missing."""

from core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class RequestNotFoundError(NotFoundError):
    """There is no such case within the caller's reach; also the answer to a link or code that does not hold."""

    code = "explanation-request-not-found"
    title = "There is no such request."


class StepRefusedError(ConflictError):
    """The case is not in a state for this step, or something the step needs is missing."""

    code = "explanation-step-refused"
    title = "This step is not possible yet."
    advice = "Supply what `errors` names, then take the step again."


class CodeRefusedError(ForbiddenError):
    """A code that does not hold: wrong, used, expired, tried too often, or of no case. The answer is always this."""

    code = "identity-code-refused"
    title = "This code does not hold."
    advice = "Ask for a new code and send it within its time; after a few wrong ones a code is void."


class TooManyCodesError(ConflictError):
    """So many codes were asked for that no more are sent today."""

    code = "too-many-codes"
    title = "No more codes are sent for this request today."


class DocumentRefusedError(InvalidError):
    """A document that is too large, of a kind that is not taken, or not what it says it is."""

    code = "document-refused"
    title = "This document can't be taken."
    advice = "Send a PDF, PNG, JPEG or plain text of at most 500 kB, in base64, with its right media type."


class DraftRefusedError(InvalidError):
    """A draft with a sentence that has no source, or with sections that are none."""

    code = "draft-refused"
    title = "The draft can't be kept as it is."
