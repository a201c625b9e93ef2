"""Published notices held against the ledger: each version is what its publication says, and none is missing."""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from typing import Any

from core import canonical
from core.database import Reader
from disclosures.notices import store
from disclosures.notices.store import VersionRow
from ledger.audit import Finding
from ledger.entries import EntryRow

_TABLE, _VERSION = "notice", "notice_version"
_ASIDE = "notice.set-aside"
_KINDS = frozenset({"notice.published", _ASIDE, "notice.retired"})


class NoticeCheck:
    """The check of this room for ``ledger.verify``; used once."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._said: dict[tuple[str, str], dict[int, tuple[dict[str, Any], int, int]]] = {}
        self._retired: dict[tuple[str, str], int] = {}
        self._aside: set[tuple[str, str, int]] = set()

    async def chunk(self, tx: Reader, entries: Sequence[EntryRow]) -> Sequence[Finding]:
        """Remember what these entries say of notices."""
        for entry in entries:
            if entry.kind not in _KINDS:
                continue
            try:
                public = canonical.loads(entry.body)["public"]
                place = (entry.tenant, str(public["notice"]))
                if entry.kind == "notice.retired":
                    self._retired[place] = entry.at
                    continue
                version = int(public["version"])
                self._said.setdefault(place, {})[version] = (public, entry.at, entry.seq)
                if entry.kind == _ASIDE:
                    self._aside.add((*place, version))
            except (ValueError, TypeError, KeyError):
                continue  # a body that is none was reported by the re-hashing
        return ()

    async def finish(self, tx: Reader, size: int) -> Sequence[Finding]:
        """Compare every row with what was remembered."""
        found: list[Finding] = []
        known = {(row.tenant, row.key): row for row in await store.every_notice(tx)}
        for place in {**known, **self._said}:
            said = self._said.get(place, {})
            found += await self._versions(tx, place, dict(said))
            row = known.get(place)
            if row is None:
                found.append(Finding(_TABLE, place[1], "is missing: the ledger has its entries"))
            elif (row.latest_version, row.retired_at) != (self._in_force(place, said), self._retired.get(place)):
                found.append(Finding(_TABLE, place[1], "is not what its ledger entries say"))
        return found

    def _in_force(self, place: tuple[str, str], said: Iterable[int]) -> int:
        return max((version for version in said if (*place, version) not in self._aside), default=0)

    async def _versions(
        self, tx: Reader, place: tuple[str, str], said: dict[int, tuple[dict[str, Any], int, int]]
    ) -> list[Finding]:
        found = []
        for row in await store.versions(tx, *place):
            expected = said.pop(row.version, None)
            where = f"{place[1]} version {row.version}"
            if expected is None:
                found.append(Finding(_VERSION, where, "stands without its ledger entry"))
            elif row.aside != ((*place, row.version) in self._aside) or not _agrees(row, expected[0], expected[1]):
                found.append(Finding(_VERSION, where, "differs from its ledger entry", expected[2]))
        return found + [
            Finding(_VERSION, f"{place[1]} version {version}", "is missing: the ledger has its entry", expected[2])
            for version, expected in said.items()
        ]


def _agrees(row: VersionRow, public: dict[str, Any], at: int) -> bool:
    digest = sha256(row.document.encode()).hexdigest()
    same = all(
        public.get(name) == getattr(row, name)
        for name in ("sha256", "material", "drafted_by", "approved_by", "register_sha256")
    )
    return same and digest == row.sha256 and row.published_at == at
