"""What can be wrong with notices, as facts."""

from core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class NoticeNotFoundError(NotFoundError):
    """There is no such notice, or no such version of it, within the caller's reach."""

    code = "notice-not-found"
    title = "There is no such notice."


class NoticeChangedError(ConflictError):
    """The notice changed since it was read."""

    code = "notice-changed"
    title = "The notice has changed since you read it."


class NoticeRetiredError(ConflictError):
    """The notice was retired and can't be changed any more."""

    code = "notice-retired"
    title = "This notice was retired."


class NoNoticeDraftError(ConflictError):
    """There is no draft to approve or publish."""

    code = "no-notice-draft"
    title = "There is no draft of this notice."


class NotApprovedError(ConflictError):
    """The draft as it stands was approved by nobody."""

    code = "notice-not-approved"
    title = "Nobody has approved this draft as it stands."


class NoControlError(ConflictError):
    """A version can be set aside for experiments only where another one is in force to be compared with."""

    code = "no-version-in-force"
    title = "No version of this notice is in force yet: publish one for everybody first."


class SecondPersonNeededError(ForbiddenError):
    """Whoever wrote a draft can't approve it."""

    code = "second-person-needed"
    title = "A second person has to approve what somebody wrote."


class InvalidNoticeError(InvalidError):
    """A notice leaves out what it has to say, says it vaguely, or contradicts itself."""

    code = "invalid-notice"
    title = "The notice is not fit to be shown."
