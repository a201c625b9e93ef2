"""Every statement on offers: which were used, and the texts they stand for."""

from core.database import Insert, Reader, Sql, Tx
from disclosures.tables import OfferedText, UsedOffer

_USED = Sql("SELECT 1 FROM used_offer WHERE id = :id")
_USE = Insert(UsedOffer)
_TEXT = Sql("SELECT document FROM offered_text WHERE tenant = :tenant AND sha256 = :sha256")
_PURGE = Sql("DELETE FROM used_offer WHERE id IN (SELECT id FROM used_offer WHERE expires_at < :before LIMIT :most)")


async def is_used(tx: Reader, offer: str) -> bool:
    """Tell whether an offer was brought back before."""
    return await tx.row(_USED, id=offer) is not None


def use(tx: Tx, offer: str, expires_at: int) -> None:
    """Note that an offer was brought back; a second time is a ``DuplicateError``."""
    tx.insert(_USE, (offer, expires_at))


async def text(tx: Reader, tenant: str, sha256: str) -> str | None:
    """Return the text that offers with this hash stand for."""
    row = await tx.row(_TEXT, tenant=tenant, sha256=sha256)
    return None if row is None else str(row[0])


def add_text(tx: Tx, made: OfferedText) -> None:
    """Keep a text."""
    tx.add(made)


async def purge(tx: Tx, before: int, most: int) -> int:
    """Forget up to ``most`` used offers that have expired anyway; return how many those were."""
    return await tx.execute(_PURGE, before=before, most=most)
