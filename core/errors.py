"""The hierarchy of domain errors: facts with data, one of five kinds, no status numbers.

    DomainError
      NotFoundError       there is no such thing within the caller's reach (a foreign thing counts as absent)
      ForbiddenError      the caller may not do this
      ConflictError       the thing is not in a state that allows it
      InvalidError        the input is well-formed but wrong; names each field by JSON pointer
      UnavailableError    something Candor needs can't be had now; nothing was changed

``api/problems.py`` alone turns them into RFC 9457 problem documents. Nothing personal goes into a detail.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar


class Kind(StrEnum):
    """What sort of refusal an error is; the wire maps each to one status."""

    NOT_FOUND = "not-found"
    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    INVALID = "invalid"
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong input: ``pointer`` is an RFC 6901 JSON pointer (or ``?name`` for a query parameter)."""

    pointer: str
    detail: str


class DomainError(Exception):
    """A refusal that the caller can understand and act upon."""

    kind: ClassVar[Kind]
    code: ClassVar[str]
    title: ClassVar[str]

    def __init__(self, detail: str = "", fields: tuple[FieldError, ...] = ()) -> None:
        """Carry a sentence that says what to do next, and the wrong fields if any."""
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.fields = fields


class NotFoundError(DomainError):
    """There is no such thing within the caller's reach."""

    kind = Kind.NOT_FOUND
    code = "not-found"
    title = "There is nothing here."


class ForbiddenError(DomainError):
    """The caller is known but may not do this."""

    kind = Kind.FORBIDDEN
    code = "forbidden"
    title = "You may not do this."


class ConflictError(DomainError):
    """The thing is not in a state that allows this."""

    kind = Kind.CONFLICT
    code = "conflict"
    title = "This is not possible in the present state."


class InvalidError(DomainError):
    """The input is wrong; ``fields`` names where."""

    kind = Kind.INVALID
    code = "invalid-input"
    title = "Some of the input is not right."

    @classmethod
    def field(cls, pointer: str, detail: str) -> "InvalidError":
        """Make the error for one wrong field."""
        return cls(fields=(FieldError(pointer, detail),))


class UnavailableError(DomainError):
    """Something Candor needs can't be had now; nothing was changed."""

    kind = Kind.UNAVAILABLE
    code = "unavailable"
    title = "This can't be answered right now. Nothing was changed; try again shortly."
