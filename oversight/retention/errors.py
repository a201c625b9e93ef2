"""What can be wrong with retention schedules, legal holds and certificates."""

from core.errors import ConflictError, InvalidError, NotFoundError


class RecordTypeNotFoundError(NotFoundError):
    """No records of this type are deleted by a schedule."""

    code = "record-type-not-found"
    title = "There is no such type of records, or nothing of it is ever deleted by a schedule."


class RetentionTooShortError(InvalidError):
    """A law in force asks to keep these records longer; ``fields`` name the rule and its source."""

    code = "retention-too-short"
    title = "A rule in force asks to keep these records longer."


class NoScheduleToApproveError(ConflictError):
    """Nothing waits for a second person here."""

    code = "no-schedule-to-approve"
    title = "No change of this schedule waits for approval."


class HoldNotFoundError(NotFoundError):
    """There is no such legal hold."""

    code = "legal-hold-not-found"
    title = "There is no such legal hold."


class HoldReleasedError(ConflictError):
    """The hold was released already."""

    code = "legal-hold-released"
    title = "This legal hold was released already."


class HoldStandsError(ConflictError):
    """A legal hold reaches the person: her records may be evidence (GDPR Art. 17(3)(e))."""

    code = "legal-hold-stands"
    title = "A legal hold reaches this person's records. Nothing was deleted."


class CertificateNotFoundError(NotFoundError):
    """There is no such certificate of deletion."""

    code = "certificate-not-found"
    title = "There is no such certificate of deletion."
