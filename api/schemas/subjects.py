"""Wire types of what staff and back-ends ask about a person."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.choices import ChoiceOut, Free, Reference
from api.schemas.wire import Wire


class Lookup(Wire):
    """A person by your own reference; in a body, so that it stands in no URL and no log."""

    reference: Reference
    space: Literal["customer", "device"] = "customer"


class SubjectOut(Wire):
    """A person Candor has records of."""

    subject: str = Field(description="The pseudonym `sub_...`: safe in URLs.")


class InvalidationIn(Wire):
    """Which consents are declared invalid: those for a purpose, or all the person ever gave and that still count."""

    purpose: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")] | None = None
    reason: Free = Field(description="Why. Sealed under the person's own key, so it dies with it.")


class InvalidationOut(Wire):
    """The consents that were declared invalid, each with its entry in the ledger."""

    subject: str
    choices: list[ChoiceOut]


class ErasureIn(Wire):
    """Why a person is to be erased (GDPR Art. 17(1))."""

    reason: Literal[
        "request-of-the-person", "no-longer-needed", "consent-withdrawn", "objection", "unlawful", "legal-obligation"
    ]


class ErasureOut(Wire):
    """An erasure: asked for by one person, approved by another."""

    id: str
    subject: str
    reason: str
    requested_by: str
    requested_at: str
    approved_by: str | None
    approved_at: str | None
    seq: int | None = Field(description="The ledger entry of the erasure.")
