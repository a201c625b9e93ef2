"""Claims held against the ledger: each revision is what its entry says, and none is missing."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Final, NamedTuple

from core import canonical
from core.database import Reader
from disclosures.claims import store
from ledger.audit import Finding
from ledger.entries import EntryRow

_TABLE: Final = "claim_version"


class _Said(NamedTuple):
    sha256: str
    retired: bool
    at: int


class ClaimCheck:
    """The check of this room for ``ledger.verify``; used once."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._said: dict[tuple[str, str, int], tuple[_Said, int]] = {}

    async def chunk(self, tx: Reader, entries: Sequence[EntryRow]) -> Sequence[Finding]:
        """Remember what these entries say of claims."""
        for entry in entries:
            if not entry.kind.startswith("claim."):
                continue
            try:
                public = canonical.loads(entry.body)["public"]
                place = (entry.tenant, str(public["claim"]), int(public["revision"]))
                said = _Said(str(public["sha256"]), entry.kind == "claim.retired", entry.at)
            except (ValueError, TypeError, KeyError):
                continue  # a body that is none was reported by the re-hashing
            self._said[place] = said, entry.seq
        return ()

    async def finish(self, tx: Reader, size: int) -> Sequence[Finding]:
        """Compare every revision with what was remembered."""
        found, left = [], dict(self._said)
        for row in await store.every_version(tx):
            where = f"{row.key} revision {row.revision}"
            expected = left.pop((row.tenant, row.key, row.revision), None)
            digest = sha256(row.document.encode()).hexdigest()
            if expected is None:
                found.append(Finding(_TABLE, where, "stands without its ledger entry"))
            elif (digest, row.retired, row.recorded_at) != expected[0] or row.sha256 != digest:
                found.append(Finding(_TABLE, where, "differs from its ledger entry", expected[1]))
        return found + [
            Finding(_TABLE, f"{key} revision {revision}", "is missing: the ledger has its entry", seq)
            for (_, key, revision), (_, seq) in left.items()
        ]
