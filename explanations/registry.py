"""Which kinds of model servers there are: entry points of the group ``candor.models``, ours and other packages'."""

from collections.abc import Callable
from typing import cast

from core.errors import InvalidError
from core.plugins import installed
from explanations.port import Endpoint, ModelAdapter

GROUP = "candor.models"
Make = Callable[[Endpoint], ModelAdapter]


class UnknownKindError(InvalidError):
    """No installed package knows this kind of model server."""

    code = "unknown-model-kind"
    title = "No installed adapter knows this kind of model server."


def kinds() -> list[str]:
    """Return the kinds that are installed, by name."""
    return sorted({point.name for point in installed(GROUP)})


def maker(kind: str) -> Make:
    """Return what makes adapters of a kind. Raises ``UnknownKindError``."""
    found = [point for point in installed(GROUP) if point.name == kind]
    if not found:
        raise UnknownKindError.field("/kind", f"install a package that brings it, or use one of {', '.join(kinds())}")
    ours = [point for point in found if point.value.startswith("explanations.adapters.")]
    return cast("Make", (ours or found)[0].load())  # another package can't take the place of ours


def adapter(endpoint: Endpoint) -> ModelAdapter:
    """Return the adapter of an endpoint. Raises ``UnknownKindError``."""
    return maker(endpoint.kind)(endpoint)
