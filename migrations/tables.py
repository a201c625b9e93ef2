"""Every table there is, imported so that Alembic sees it."""

from importlib import import_module
from importlib.util import find_spec

from sqlmodel import SQLModel

for _room in (
    "core",
    "ledger",
    "consent",
    "consent.propagation",
    "disclosures",
    "disclosures.experiments",
    "disclosures.reviews",
    "explanations",
    "explanations.reasons",
    "explanations.requests",
    "handoff",
    "api",
    "api.auth",
    "api.console",
    "oversight",
    "oversight.concerns",
    "oversight.retention",
    "oversight.training",
):
    if find_spec(f"{_room}.tables"):
        import_module(f"{_room}.tables")

metadata = SQLModel.metadata
