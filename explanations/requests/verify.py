"""Cases held against the ledger: every event with its entry, every row with its last event, every override.

For ``candor verify``: a case whose date was moved, a state that nobody set, an event that was added or taken away.
"""

from collections.abc import Sequence
from typing import Any

from core import canonical
from core.clock import LATEST
from core.database import Reader
from explanations.requests import store
from explanations.requests.record import KIND
from explanations.requests.store import CaseRow
from ledger.audit import Finding
from ledger.entries import EntryRow

_EVENT, _CASE, _OVERRIDE = "explanation_request_event", "explanation_request", "decision_override"
_BATCH = 1000


class RequestCheck:
    """The check of this room for ``ledger.verify``; used once."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._said: dict[int, tuple[str, dict[str, Any]]] = {}

    async def chunk(self, tx: Reader, entries: Sequence[EntryRow]) -> Sequence[Finding]:
        """Remember what these entries say of cases."""
        for entry in entries:
            if entry.kind.startswith(KIND) or entry.kind == "decision.overridden":
                try:
                    self._said[entry.seq] = (entry.kind, canonical.loads(entry.body)["public"])
                except (ValueError, TypeError, KeyError):
                    continue  # a body that is none was reported by the re-hashing
        return ()

    async def finish(self, tx: Reader, size: int) -> Sequence[Finding]:
        """Compare every event, case and override with what was remembered."""
        found = await self._events(tx)
        found += await self._overrides(tx)
        return found + await self._cases(tx)

    async def _events(self, tx: Reader) -> list[Finding]:
        found, after, seen = [], -1, set()
        while rows := await store.all_events(tx, after, _BATCH):
            after = rows[-1].seq
            for row in rows:
                seen.add(row.seq)
                said = self._said.get(row.seq)
                if said is None:
                    found.append(Finding(_EVENT, f"seq {row.seq}", "stands without its ledger entry"))
                elif said != (row.kind, canonical.loads(row.facts)):
                    found.append(Finding(_EVENT, f"seq {row.seq}", "differs from its ledger entry", row.seq))
        missing = [seq for seq, (kind, _) in self._said.items() if kind.startswith(KIND) and seq not in seen]
        return found + [Finding(_EVENT, f"seq {seq}", "is missing: the ledger has its entry", seq) for seq in missing]

    async def _overrides(self, tx: Reader) -> list[Finding]:
        found, after, seen = [], -1, set()
        while rows := await store.all_overrides(tx, after, _BATCH):
            after = rows[-1].seq
            for row in rows:
                seen.add(row.seq)
                _, said = self._said.get(row.seq, ("", {}))
                stated = (said.get("decision"), said.get("before"), said.get("after"), said.get("adverse"))
                if stated != (row.decision, row.outcome_before, row.outcome, bool(row.adverse)):
                    found.append(Finding(_OVERRIDE, f"seq {row.seq}", "differs from its ledger entry", row.seq))
        missing = [seq for seq, (kind, _) in self._said.items() if kind == "decision.overridden" and seq not in seen]
        return found + [
            Finding(_OVERRIDE, f"seq {seq}", "is missing: the ledger has its entry", seq) for seq in missing
        ]

    async def _cases(self, tx: Reader) -> list[Finding]:
        last: dict[str, dict[str, Any]] = {}
        for seq in sorted(self._said):
            kind, said = self._said[seq]
            if kind.startswith(KIND):
                last.setdefault(said["request"], {}).update({"seq": seq, **said})
        found, after = [], ""
        while rows := await store.all_cases(tx, after, _BATCH):
            after = rows[-1].id
            for row in rows:
                said = last.pop(row.id, {})
                if what := _differs(row, said):
                    found.append(Finding(_CASE, row.id, what, said.get("seq", 0)))
        return found + [
            Finding(_CASE, name, "is missing: the ledger has its entries", said["seq"]) for name, said in last.items()
        ]


def _differs(row: CaseRow, said: dict[str, Any]) -> str:
    """Return what a case says other than its entries; an erased person's case is closed and says nothing more."""
    if not said:
        return "stands without its ledger entries"
    if row.sealed is None:
        return ""
    if row.state != said.get("state"):
        return "its state is not the one its last entry gives"
    due = said.get("due_at")
    if row.owed and row.due_at != (LATEST if due is None else due):
        return "its due date is not the one its last entry gives"
    return ""
