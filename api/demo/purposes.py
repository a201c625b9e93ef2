"""What the Tarnfield group wants to use AI for: eight purposes, said plainly in three languages (``purposes.toml``)."""

import tomllib
from collections.abc import Mapping
from importlib.resources import files
from typing import Any


def documents() -> list[dict[str, Any]]:
    """Return the eight purposes as the JSON values of ``consent.documents.PurposeDocument``, in the page's order."""
    raw: Mapping[str, Any] = tomllib.loads(files(__package__).joinpath("purposes.toml").read_text(encoding="utf-8"))
    return [{"key": key, **purpose} for key, purpose in raw.items()]
