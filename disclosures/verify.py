"""The register of AI systems held against the ledger: what it says, and ever said, is what its entries say."""

from collections.abc import Sequence
from hashlib import sha256

from core import canonical
from core.database import Reader
from disclosures import store
from ledger.audit import Finding
from ledger.entries import EntryRow

_Key = tuple[str, str]
_SYSTEM, _VERSION = "ai_system", "ai_system_version"


class RegisterCheck:
    """The check of this room for ``ledger.verify``; used once."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._said: dict[_Key, dict[int, tuple[str, int, int]]] = {}
        self._retired: dict[_Key, int] = {}

    async def chunk(self, tx: Reader, entries: Sequence[EntryRow]) -> Sequence[Finding]:
        """Remember what these entries say of systems."""
        for entry in entries:
            if not entry.kind.startswith("system."):
                continue
            try:
                public = canonical.loads(entry.body)["public"]
                key = (entry.tenant, str(public["system"]))
                said = (str(public["sha256"]), entry.at, entry.seq)
                self._said.setdefault(key, {})[int(public["revision"])] = said
            except (ValueError, TypeError, KeyError):
                continue  # a body that is none was reported by the re-hashing
            if entry.kind == "system.retired":
                self._retired[key] = entry.at
        return ()

    async def finish(self, tx: Reader, size: int) -> Sequence[Finding]:
        """Compare every row of the register with what was remembered."""
        found: list[Finding] = []
        known = {(row[0], row[1]): row for row in await store.all_systems(tx)}
        for key in {**known, **self._said}:
            said = self._said.get(key, {})
            found += await self._versions(tx, key, dict(said))
            if key not in known:
                found.append(Finding(_SYSTEM, key[1], "is missing: the ledger has its entries"))
                continue
            _, _, document, revision, retired_at = known[key]
            if not said or revision != max(said) or _hash(document) != said[max(said)][0]:
                found.append(Finding(_SYSTEM, key[1], "is not what its last ledger entry says"))
            if retired_at != self._retired.get(key):
                found.append(Finding(_SYSTEM, key[1], "column retired_at differs from the ledger"))
        return found

    async def _versions(self, tx: Reader, key: _Key, said: dict[int, tuple[str, int, int]]) -> list[Finding]:
        found = []
        for row in await store.versions(tx, *key):
            expected = said.pop(row.revision, None)
            where = f"{key[1]} revision {row.revision}"
            if expected is None:
                found.append(Finding(_VERSION, where, "stands without its ledger entry"))
            elif (_hash(row.document), row.recorded_at) != expected[:2] or row.sha256 != expected[0]:
                found.append(Finding(_VERSION, where, "differs from its ledger entry", expected[2]))
        return found + [
            Finding(_VERSION, f"{key[1]} revision {revision}", "is missing: the ledger has its entry", expected[2])
            for revision, expected in said.items()
        ]


def _hash(document: str) -> str:
    return sha256(document.encode()).hexdigest()
