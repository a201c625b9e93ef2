"""Who is calling: the one description of a caller that services and routes know.

Made by ``api/auth`` from a verified credential; rooms below read it and never see the credential itself.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Role(StrEnum):
    """The closed list of roles (docs/access.md); what each may do is the table in ``api/access.py``."""

    ANONYMOUS = "anonymous"  # a browser with a publishable site key only
    CUSTOMER = "customer"  # a browser with a customer token
    SITE = "site"  # a site's back-end with an API key
    AGENT = "agent"
    DPO = "dpo"
    AUDITOR = "auditor"
    ADMIN = "admin"


@dataclass(frozen=True, slots=True)
class Subject:
    """The human a request is about: ``space`` is ``customer`` (known to the tenant) or ``device`` (anonymous)."""

    space: str
    reference: str
    pseudonym: bytes

    @property
    def public_id(self) -> str:
        """Return ``sub_`` and the pseudonym in hex: safe to show and to store."""
        return f"sub_{self.pseudonym.hex()}"


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified caller. ``id`` names the credential (``key_...``, ``iss|sub`` hash), never a person's name."""

    tenant: str
    id: str
    role: Role
    site: str | None = None
    subject: Subject | None = None
    scopes: frozenset[str] = field(default_factory=frozenset)
    authenticated_at: int = 0
