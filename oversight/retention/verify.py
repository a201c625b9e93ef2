"""Deletions held against the ledger: what remains is what each entry says, certificates say what was certified.

A record that is empty without an entry that says so was emptied by somebody else.
"""

from collections.abc import Sequence
from typing import Any, Final

from core import canonical
from core.database import Reader
from ledger.audit import Finding
from ledger.entries import EntryRow
from oversight.retention import store
from oversight.retention.certifying import document
from oversight.retention.deleting import digest_of
from oversight.retention.emptying import store as emptying
from oversight.retention.sorts import SORTS
from oversight.retention.store import DeletedRow

_DELETED, _CERTIFIED = "records.deleted", "deletion.certified"
_TABLE, _RUN = "deleted_record", "retention_run"
_MOST: Final = 100


class RetentionCheck:
    """The check of this room for ``ledger.verify``; used once."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._deleted = 0

    async def chunk(self, tx: Reader, entries: Sequence[EntryRow]) -> Sequence[Finding]:
        """Compare what remains, and the certificates, with the entries of this part of the log."""
        found: list[Finding] = []
        for entry in entries:
            if entry.kind not in {_DELETED, _CERTIFIED}:
                continue
            try:
                public = canonical.loads(entry.body)["public"]
            except (ValueError, TypeError, KeyError):
                continue  # a body that is none was reported by the re-hashing
            found += await (self._batch if entry.kind == _DELETED else self._certificate)(tx, entry, public)
        return found

    async def _batch(self, tx: Reader, entry: EntryRow, public: dict[str, Any]) -> list[Finding]:
        rows = await store.deleted(tx, entry.tenant, entry.seq)
        self._deleted += len(rows)
        if not rows:
            return [Finding(_TABLE, f"seq {entry.seq}", "is missing: the ledger has its entry", entry.seq)]
        return [] if _as_told(rows, public) else [_differs(_TABLE, f"seq {entry.seq}", entry)]

    async def _certificate(self, tx: Reader, entry: EntryRow, public: dict[str, Any]) -> list[Finding]:
        name = str(public.get("certificate"))
        run = await store.run(tx, entry.tenant, name)
        if run is None:
            return [Finding(_RUN, name, "is missing: the ledger has its entry", entry.seq)]
        told = {key: value for key, value in public.items() if key != "left"}
        return [] if (document(run), run.seq) == (told, entry.seq) else [_differs(_RUN, name, entry)]

    async def finish(self, tx: Reader, size: int) -> Sequence[Finding]:
        """Find what was emptied, or is said to have been, outside the log."""
        found = []
        if await store.count_deleted(tx) != self._deleted:
            found.append(Finding(_TABLE, "all", "there are others than the ledger has entries of"))
        for sort in SORTS:
            found += [
                Finding(sort, name, "is empty, and no entry says that it was deleted", seq)
                for name, seq in await emptying.uncovered(tx, sort, _MOST)
            ]
        return found


def _as_told(rows: Sequence[DeletedRow], public: dict[str, Any]) -> bool:
    digest = digest_of([(row.record, row.remains) for row in rows]).hex()
    same = {(row.record_type, row.run) for row in rows} == {(public.get("record_type"), public.get("certificate"))}
    return same and (len(rows), digest) == (public.get("count"), public.get("sha256"))


def _differs(table: str, where: str, entry: EntryRow) -> Finding:
    return Finding(table, where, "differs from its ledger entry", entry.seq)
