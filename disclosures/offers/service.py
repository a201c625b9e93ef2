"""The verbs of offers: make one, take one back once, keep and show the text that it stands for."""

from hashlib import sha256
from typing import Any, Final

from core import canonical
from core.clock import MICROS
from core.database import Reader, Tx
from core.principal import Subject
from disclosures.offers import store
from disclosures.offers.errors import OfferExpiredError, OfferForeignError, OfferUsedError
from disclosures.offers.tokens import Offer
from disclosures.tables import OfferedText
from ledger import service as ledger
from ledger.entries import Entry

GOOD_FOR: Final = 30 * 60 * MICROS


def check(offer: Offer, tenant: str, site: str | None, subject: Subject, at: int) -> None:
    """Hold an offer against who brings it back. Raises ``OfferForeignError``, ``OfferExpiredError``."""
    if (offer.tenant, offer.site) != (tenant, site):
        raise OfferForeignError
    bound = subject.space == "device" if offer.subject is None else offer.subject == subject.pseudonym
    if not bound:
        raise OfferForeignError
    if offer.expires_at <= at:
        raise OfferExpiredError


async def use(tx: Tx, offer: Offer) -> None:
    """HOT PATH. Take an offer back, once. Raises ``OfferUsedError``."""
    if await store.is_used(tx, offer.id):
        raise OfferUsedError
    store.use(tx, offer.id, offer.expires_at)


def digest(document: dict[str, Any]) -> str:
    """Return the hash by which a text is known."""
    return sha256(canonical.dumps(document)).hexdigest()


async def keep(tx: Tx, tenant: str, document: dict[str, Any], at: int) -> bool:
    """Keep the text that offers stand for, unless it is kept already; tell whether it was new."""
    known = digest(document)
    if await store.text(tx, tenant, known) is not None:
        return False
    raw = canonical.dumps(document).decode()
    store.add_text(tx, OfferedText(tenant=tenant, sha256=known, document=raw, first_at=at))
    ledger.append(tx, Entry(kind="offer.worded", tenant=tenant, at=at, public={"sha256": known}))
    return True


async def text(tx: Reader, tenant: str, known: str) -> Any | None:
    """Return the text by its hash, as JSON values, or nothing."""
    found = await store.text(tx, tenant, known)
    return None if found is None else canonical.loads(found)
