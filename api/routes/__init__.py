"""Routes, one file per resource, each with its ``router``; a new file is served without being listed anywhere."""

from importlib import import_module
from pkgutil import iter_modules

from fastapi import APIRouter


def routers() -> list[APIRouter]:
    """Return the router of every file of this folder, by name. Raises ``TypeError`` for a file without one."""
    found = []
    for module in sorted(iter_modules(__path__), key=lambda item: item.name):
        router = getattr(import_module(f"{__name__}.{module.name}"), "router", None)
        if not isinstance(router, APIRouter):
            raise TypeError(f"api/routes/{module.name}.py has no router")
        found.append(router)
    return found
