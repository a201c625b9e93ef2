"""What can go wrong with the log, as facts."""

from core.errors import ConflictError, NotFoundError, UnavailableError


class EntryNotFoundError(NotFoundError):
    """The log has no such entry, tile or tree size within the caller's reach."""

    code = "entry-not-found"
    title = "The log has nothing here."


class NotSealedYetError(ConflictError):
    """The entry is recorded but no checkpoint covers it yet: one is signed within a second."""

    code = "not-sealed-yet"
    title = "This entry is recorded; its checkpoint is signed within a second. Try again then."


class LedgerBrokenError(UnavailableError):
    """What is stored of the log contradicts itself: nothing more is recorded or signed until it was looked at."""

    code = "ledger-broken"
    title = "The log does not hold together. Nothing was recorded; run `candor verify`."
