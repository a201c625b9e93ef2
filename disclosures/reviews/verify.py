"""Vendors' updates and reviews held against the ledger: each is what its entries say, and none is missing."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

from core import canonical
from core.database import Reader
from disclosures.reviews import service, store
from disclosures.reviews.tables import DisclosureReview, VendorEvent
from ledger.audit import Finding
from ledger.entries import EntryRow

T = TypeVar("T", VendorEvent, DisclosureReview)
# which key of an entry names its row
_NAMED_BY: Final = {
    "vendor-event.recorded": "event",
    "disclosure-review.opened": "review",
    "disclosure-review.closed": "review",
}


class _Said(NamedTuple):
    public: dict[str, Any]
    at: int
    seq: int


class _Sort(NamedTuple):
    """How rows of a table are told by entries of a kind."""

    kind: str
    table: str
    facts: Callable[[Any], dict[str, Any]]
    at: Callable[[Any], int | None]


_RECORDED: Final = _Sort("vendor-event.recorded", "vendor_event", service.event_facts, lambda row: row.recorded_at)
_OPENED: Final = _Sort(
    "disclosure-review.opened", "disclosure_review", service.opening_facts, lambda row: row.opened_at
)
_CLOSED: Final = _Sort(
    "disclosure-review.closed", "disclosure_review", service.closing_facts, lambda row: row.closed_at
)


class ReviewCheck:
    """The check of this room for ``ledger.verify``; used once."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._said: dict[tuple[str, str, str], _Said] = {}

    async def chunk(self, tx: Reader, entries: Sequence[EntryRow]) -> Sequence[Finding]:
        """Remember what these entries say of updates and reviews."""
        for entry in entries:
            named = _NAMED_BY.get(entry.kind)
            if named is None:
                continue
            try:
                public = dict(canonical.loads(entry.body)["public"])
                place = (entry.kind, entry.tenant, str(public[named]))
            except (ValueError, TypeError, KeyError):
                continue  # a body that is none was reported by the re-hashing
            self._said[place] = _Said(public, entry.at, entry.seq)
        return ()

    async def finish(self, tx: Reader, size: int) -> Sequence[Finding]:
        """Compare every row with what was remembered."""
        reviews = await store.every_review(tx)
        closed = [row for row in reviews if row.closed_at is not None]
        return [
            *self._compare(_RECORDED, await store.every_event(tx)),
            *self._compare(_OPENED, reviews),
            *self._compare(_CLOSED, closed),
        ]

    def _compare(self, sort: _Sort, rows: Sequence[T]) -> Iterable[Finding]:
        left = {place[1:]: said for place, said in self._said.items() if place[0] == sort.kind}
        for row in rows:
            said = left.pop((row.tenant, row.id), None)
            if said is None:
                yield Finding(sort.table, row.id, f"stands without its ledger entry {sort.kind}")
            elif not sort.facts(row).items() <= said.public.items() or sort.at(row) != said.at:
                yield Finding(sort.table, row.id, "differs from its ledger entry", said.seq)
        for (_, key), said in left.items():
            yield Finding(sort.table, key, f"is missing: the ledger has its entry {sort.kind}", said.seq)
