"""The register of touchpoints held against the ledger: what it says, and ever said, is what its entries say."""

from collections.abc import Sequence
from hashlib import sha256
from typing import NamedTuple

from core import canonical
from core.database import Reader
from disclosures.touchpoints import store
from ledger.audit import Finding
from ledger.entries import EntryRow

_TABLE, _VERSION = "touchpoint", "touchpoint_version"


class _Said(NamedTuple):
    sha256: str
    state: str
    at: int
    seq: int


class TouchpointCheck:
    """The check of this room for ``ledger.verify``; used once."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._said: dict[tuple[str, str], dict[int, _Said]] = {}

    async def chunk(self, tx: Reader, entries: Sequence[EntryRow]) -> Sequence[Finding]:
        """Remember what these entries say of touchpoints."""
        for entry in entries:
            if not entry.kind.startswith("touchpoint."):
                continue
            try:
                public = canonical.loads(entry.body)["public"]
                place = (entry.tenant, str(public["touchpoint"]))
                said = _Said(str(public["sha256"]), str(public["state"]), entry.at, entry.seq)
                self._said.setdefault(place, {})[int(public["revision"])] = said
            except (ValueError, TypeError, KeyError):
                continue  # a body that is none was reported by the re-hashing
        return ()

    async def finish(self, tx: Reader, size: int) -> Sequence[Finding]:
        """Compare every row of the register with what was remembered."""
        found: list[Finding] = []
        known = {(row.tenant, row.key): row for row in await store.every_touchpoint(tx)}
        for place in {**known, **self._said}:
            said = self._said.get(place, {})
            found += await self._versions(tx, place, dict(said))
            row = known.get(place)
            if row is None:
                found.append(Finding(_TABLE, place[1], "is missing: the ledger has its entries"))
                continue
            last = said.get(max(said, default=0))
            if last is None or (row.revision, row.state, _hash(row.document)) != (max(said), last.state, last.sha256):
                found.append(Finding(_TABLE, place[1], "is not what its last ledger entry says"))
        return found

    async def _versions(self, tx: Reader, place: tuple[str, str], said: dict[int, _Said]) -> list[Finding]:
        found = []
        for row in await store.versions(tx, *place):
            expected = said.pop(row.revision, None)
            where = f"{place[1]} revision {row.revision}"
            if expected is None:
                found.append(Finding(_VERSION, where, "stands without its ledger entry"))
            elif (_hash(row.document), row.state, row.recorded_at) != expected[:3] or row.sha256 != expected.sha256:
                found.append(Finding(_VERSION, where, "differs from its ledger entry", expected.seq))
        return found + [
            Finding(_VERSION, f"{place[1]} revision {revision}", "is missing: the ledger has its entry", expected.seq)
            for revision, expected in said.items()
        ]


def _hash(document: str) -> str:
    return sha256(document.encode()).hexdigest()
