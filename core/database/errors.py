"""What can go wrong with the store, as domain errors; driver exceptions do not leave ``core.database``."""

from core.errors import ConflictError, UnavailableError


class DuplicateError(ConflictError):
    """A row with this key is already there."""

    code = "already-exists"
    title = "This is already there."


class StoreUnavailableError(UnavailableError):
    """The database can't be reached or refused the work; unless ``in_doubt``, nothing was changed."""

    code = "store-unavailable"
    title = "The records can't be reached right now. Nothing was changed; try again shortly."


class OutcomeUnknownError(UnavailableError):
    """The connection broke during the commit itself, so it is not known whether it took effect."""

    code = "outcome-unknown"
    title = "The connection broke while saving. Repeat the request with the same Idempotency-Key to be sure."
    advice = "Repeat the request with the same Idempotency-Key: it takes effect once. Without a key, read first."


class SerializationError(Exception):
    """The database asks for the work to be run again (PostgreSQL 40001, 40P01; SQLite busy)."""


class BatchError(Exception):
    """A row of another work of the batch was refused: every work has to be run again alone."""
