"""Showings, gaps and offered texts held against the ledger: none altered, none missing, none made up."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from core import canonical
from core.database import Reader
from disclosures.offers import store as offers
from disclosures.showings import store
from disclosures.showings.service import facts_of, place
from disclosures.tables import DisclosureGap, Showing
from ledger.audit import Finding
from ledger.entries import EntryRow

_SHOWN, _GAP, _WORDED = "notice.shown", "disclosure.gap-found", "offer.worded"


class ShowingCheck:
    """The check of this room for ``ledger.verify``; used once. Memory does not grow with the showings."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._shown = 0
        self._gaps: dict[int, tuple[str, int, dict[str, Any]]] = {}
        self._worded: dict[tuple[str, str], int] = {}

    async def chunk(self, tx: Reader, entries: Sequence[EntryRow]) -> Sequence[Finding]:
        """Compare the showings of this part of the log, and remember its gaps and texts."""
        shown: dict[int, tuple[EntryRow, dict[str, Any]]] = {}
        for entry in entries:
            if entry.kind not in {_SHOWN, _GAP, _WORDED}:
                continue
            try:
                public = canonical.loads(entry.body)["public"]
            except (ValueError, TypeError, KeyError):
                continue  # a body that is none was reported by the re-hashing
            if entry.kind == _SHOWN:
                shown[entry.seq] = (entry, public)
            elif entry.kind == _GAP:
                self._gaps[entry.seq] = (entry.tenant, entry.at, public)
            else:
                self._worded[entry.tenant, str(public.get("sha256"))] = entry.seq
        if not shown:
            return ()
        rows = {row.seq: row for row in await store.between(tx, min(shown), max(shown))}
        self._shown += len(rows)
        found = [
            Finding("showing", f"seq {seq}", _fault(rows.get(seq), *said), seq)
            for seq, said in shown.items()
            if _fault(rows.get(seq), *said)
        ]
        return found + [
            Finding("showing", f"seq {seq}", "stands without its ledger entry", seq) for seq in rows if seq not in shown
        ]

    async def finish(self, tx: Reader, size: int) -> Sequence[Finding]:
        """Compare gaps and texts, and count the showings."""
        found: list[Finding] = []
        if await store.count(tx) != self._shown:
            found.append(Finding("showing", "all", "there are others than the ledger has entries of"))
        for row in await store.every_gap(tx):
            said = self._gaps.pop(row.seq, None)
            if said is None or not _same_gap(row, *said):
                found.append(Finding("disclosure_gap", f"seq {row.seq}", "differs from its ledger entry", row.seq))
        found += [Finding("disclosure_gap", f"seq {seq}", "is missing", seq) for seq in self._gaps]
        for (tenant, digest), seq in self._worded.items():
            text = await offers.text(tx, tenant, digest)
            if text is None or sha256(text.encode()).hexdigest() != digest:
                found.append(Finding("offered_text", digest, "is missing or altered: the ledger has its entry", seq))
        return found


def _fault(row: Showing | None, entry: EntryRow, public: dict[str, Any]) -> str:
    if row is None:
        return "is missing: the ledger has its entry"
    same = facts_of(row) == public and (row.tenant, row.recorded_at, row.subject) == (
        entry.tenant,
        entry.at,
        entry.subject,
    )
    return "" if same else "differs from its ledger entry"


def _same_gap(row: DisclosureGap, tenant: str, at: int, public: dict[str, Any]) -> bool:
    facts = {
        "place": place(row.conversation),
        "touchpoint": row.touchpoint,
        "first_ai_at": row.first_ai_at,
        "shown_at": row.shown_at,
    }
    return facts == public and (row.tenant, row.found_at) == (tenant, at)
