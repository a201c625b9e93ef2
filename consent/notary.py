"""What it takes to record a choice besides the transaction: keys, rules, purposes in force, and who the controller is.

Made once in the composition root and passed down.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from orjson import Fragment

from consent.purposes.published import PublishedPurposes
from core import canonical
from core.database import Loader
from core.keys import KeyRing, SigningKey
from core.settings import ConsentSettings


class Controller(NamedTuple):
    """Who decides over the data (GDPR Art. 4(7); ISO/IEC TS 27560 party block)."""

    name: str
    address: str = ""
    contact: str = ""
    kind: str = "organisation"


@dataclass(frozen=True)
class Notary:
    """Records choices and signs receipts for them; holds no state of a request.

    ``systems`` tells which AI systems are registered, by (tenant, key): they live in another room.
    """

    keyring: KeyRing
    settings: ConsentSettings
    public_url: str
    systems: Loader[tuple[str, str], Any]
    controllers: Mapping[str, Controller] = field(default_factory=dict)
    purposes: PublishedPurposes = field(default_factory=PublishedPurposes)
    receipt_key: SigningKey = field(init=False)
    _parties: dict[tuple[str, Controller], Fragment] = field(init=False, default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        """Look the signing key up once."""
        object.__setattr__(self, "receipt_key", self.keyring.signing("receipt"))
        object.__setattr__(self, "public_url", self.public_url.rstrip("/"))

    def controller(self, tenant: str) -> Fragment:
        """Return the party block of who decides over a tenant's data; its id stands in for a name nobody has given."""
        known = self.controllers.get(tenant) or Controller(tenant)
        made = self._parties.get((tenant, known))
        if made is None:
            made = self._parties[tenant, known] = Fragment(canonical.dumps({"id": tenant, **known._asdict()}))
        return made
