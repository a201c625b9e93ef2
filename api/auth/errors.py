"""Why a caller is not let in, and what may not be granted; ``api/problems.py`` knows the status numbers."""

from api.problems import UnauthenticatedError
from core.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError


class BadCredentialError(UnauthenticatedError):
    """There is no valid credential. The reason is for the security log; the caller only learns that it failed."""

    def __init__(self, reason: str) -> None:
        """Keep the reason (a fixed word, nothing of the credential) apart from what the caller is told."""
        super().__init__()
        self.reason = reason


class GrantRefusedError(ForbiddenError):
    """Nobody may grant a role or a scope beyond his own reach."""

    code = "grant-refused"
    title = "You can't grant more than you may do yourself."


class SiteNotFoundError(NotFoundError):
    """There is no such site within the caller's reach."""

    code = "site-not-found"
    title = "There is no such site."


class KeyNotFoundError(NotFoundError):
    """There is no such key within the caller's reach."""

    code = "key-not-found"
    title = "There is no such key."


class TenantNotFoundError(NotFoundError):
    """There is no such tenant within the caller's reach."""

    code = "tenant-not-found"
    title = "There is no such tenant."


class SlugTakenError(ConflictError):
    """Another site already has this short name; it is part of public addresses."""

    code = "slug-taken"
    title = "Another site has this short name."


class TooManyLiveKeysError(ConflictError):
    """Two keys of one name are live already, which is enough for a rotation."""

    code = "too-many-live-keys"
    title = "Two of these keys are live already. Retire one first."


class RetiredError(ConflictError):
    """The thing was retired and can't be changed any more."""

    code = "retired"
    title = "This was retired and can't be changed."


class WeakKeyError(InvalidError):
    """A key is too short, of the wrong kind, or not a public one."""

    code = "weak-key"
    title = "This key can't be used."
