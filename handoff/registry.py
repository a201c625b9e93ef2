"""Which kinds of help desks there are: entry points of the group ``candor.desks``, ours and other packages'."""

from collections.abc import Callable
from typing import cast

from core.errors import InvalidError
from core.plugins import installed
from handoff.port import Desk, Setup

GROUP = "candor.desks"
Make = Callable[[Setup], Desk]


class UnknownDeskError(InvalidError):
    """No installed package knows this kind of help desk."""

    code = "unknown-desk-kind"
    title = "No installed adapter knows this kind of help desk."


def kinds() -> list[str]:
    """Return the kinds that are installed, by name."""
    return sorted({point.name for point in installed(GROUP)})


def maker(kind: str) -> Make:
    """Return what makes desks of a kind. Raises ``UnknownDeskError``."""
    found = [point for point in installed(GROUP) if point.name == kind]
    if not found:
        raise UnknownDeskError.field("/kind", f"install a package that brings it, or use one of {', '.join(kinds())}")
    ours = [point for point in found if point.value.startswith("handoff.desks.")]
    return cast("Make", (ours or found)[0].load())  # another package can't take the place of ours
