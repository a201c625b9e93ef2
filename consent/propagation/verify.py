"""What recipients were told held against the ledger: each notice is what its entries say, and none is missing.

A notice that nobody was told of yet has no entry; whatever else stands in its row has one.
"""

from collections.abc import Sequence
from typing import Any, Final

from consent.propagation import store
from consent.propagation.store import NoticeRow
from core import canonical
from core.database import Reader
from ledger.audit import Finding
from ledger.entries import EntryRow

_TABLE: Final = "recipient_notice"
_PAGE: Final = 2_000
_ABOUT: Final = ("recipient", "entry", "choice", "purpose", "system", "state")
_NOTHING: Final[dict[str, Any]] = {
    "told_at": None, "scopes": [], "applied_at": None, "closed_at": None, "warned_at": None, "overdue_at": None,
}  # fmt: skip


class _Said:
    """What the log says of one notice, up to its last entry."""

    def __init__(self, public: dict[str, Any]) -> None:
        self.facts = {**_NOTHING, **{name: public[name] for name in _ABOUT}}
        self.seq = 0

    def hear(self, kind: str, public: dict[str, Any], at: int, seq: int) -> None:
        """Take one more entry."""
        facts, self.seq = self.facts, seq
        if kind == "recipient.told":
            facts["told_at"] = at
        elif kind == "recipient.acknowledged":
            facts["told_at"] = facts["told_at"] or at
            facts["scopes"] = public["scope"]
            facts["applied_at"] = max(public["applied_at"], facts["applied_at"] or 0)
            facts["closed_at"] = at if public["whole"] else None
        elif kind == "recipient.late":
            facts["warned_at"] = at
        elif kind == "recipient.overdue":
            facts["overdue_at"] = at


class PropagationCheck:
    """The check of this room for ``ledger.verify``; used once."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._said: dict[str, _Said] = {}

    async def chunk(self, tx: Reader, entries: Sequence[EntryRow]) -> Sequence[Finding]:
        """Remember what these entries say of notices."""
        for entry in entries:
            if not entry.kind.startswith("recipient."):
                continue
            try:
                public = dict(canonical.loads(entry.body)["public"])
                if "notice" in public:
                    said = self._said.setdefault(str(public["notice"]), _Said(public))
                    said.hear(entry.kind, public, entry.at, entry.seq)
            except (ValueError, TypeError, KeyError):
                continue  # a body that is none was reported by the re-hashing
        return ()

    async def finish(self, tx: Reader, size: int) -> Sequence[Finding]:
        """Compare every row with what was remembered."""
        found, after = list[Finding](), ""
        while rows := await store.page(tx, after, _PAGE):
            found += [finding for row in rows if (finding := self._compared(row)) is not None]
            after = rows[-1].id
        missing = "is missing: the ledger has its entries"
        return found + [Finding(_TABLE, key, missing, said.seq) for key, said in self._said.items()]

    def _compared(self, row: NoticeRow) -> Finding | None:
        facts, said = _facts_of(row), self._said.pop(row.id, None)
        if said is not None:
            return None if facts == said.facts else Finding(_TABLE, row.id, "is not what its entries say", said.seq)
        if facts == {**facts, **_NOTHING}:
            return None  # nobody was told yet
        return Finding(_TABLE, row.id, "stands without its ledger entries")


def _facts_of(row: NoticeRow) -> dict[str, Any]:
    return {
        "recipient": row.recipient,
        "entry": row.seq,
        "choice": row.choice,
        "purpose": row.purpose,
        "system": row.system,
        "state": row.state,
        "told_at": row.told_at,
        "scopes": canonical.loads(row.scopes),
        "applied_at": row.applied_at,
        "closed_at": row.closed_at,
        "warned_at": row.warned_at,
        "overdue_at": row.overdue_at,
    }
