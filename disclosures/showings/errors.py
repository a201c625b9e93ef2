"""What can be wrong with showings and with who speaks, as facts."""

from core.errors import InvalidError


class InvalidShowingError(InvalidError):
    """A showing names something that was never published or registered."""

    code = "invalid-showing"
    title = "This can't have been shown."
