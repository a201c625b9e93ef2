"""Overrides of rules held against the ledger: who changed what, until when, and when it was revoked (RUL-04)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from core import canonical
from core.database import Reader
from core.principal import Role
from disclosures.packs import store
from disclosures.packs.overrides import Direction
from disclosures.packs.service import digest
from disclosures.tables import RuleOverride
from ledger.audit import Finding
from ledger.entries import EntryRow

_Key = tuple[str, str]  # tenant, override
_TABLE = "rule_override"


class _Said(NamedTuple):
    """What an entry says of an override."""

    facts: dict[str, Any]
    at: int
    seq: int


class OverrideCheck:
    """The check of this room for ``ledger.verify``; used once."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._made: dict[_Key, _Said] = {}
        self._revoked: dict[_Key, _Said] = {}

    async def chunk(self, tx: Reader, entries: Sequence[EntryRow]) -> Sequence[Finding]:
        """Remember what these entries say of overrides."""
        for entry in entries:
            remembered = {"rule.overridden": self._made, "override.revoked": self._revoked}.get(entry.kind)
            if remembered is None:
                continue
            try:
                public = canonical.loads(entry.body)["public"]
                remembered[entry.tenant, str(public["override"])] = _Said(public, entry.at, entry.seq)
            except (ValueError, TypeError, KeyError):
                continue  # a body that is none was reported by the re-hashing
        return ()

    async def finish(self, tx: Reader, size: int) -> Sequence[Finding]:
        """Compare every override with what was remembered."""
        known = {(row.tenant, row.id): row for row in await store.every_override(tx)}
        found = [
            Finding(_TABLE, key[1], "is missing: the ledger has its entry", self._made[key].seq)
            for key in self._made.keys() - known.keys()
        ]
        for key, row in known.items():
            said = self._made.get(key)
            if said is None:
                found.append(Finding(_TABLE, key[1], "stands without its ledger entry"))
            elif not _agrees(row, said):
                found.append(Finding(_TABLE, key[1], "differs from its ledger entry", said.seq))
            ended = self._revoked.get(key)
            expected = (None, None) if ended is None else (ended.at, ended.facts.get("by"))
            if (row.revoked_at, row.revoked_by) != expected:
                found.append(Finding(_TABLE, key[1], "its revocation differs from the ledger"))
        return found


def _agrees(row: RuleOverride, said: _Said) -> bool:
    """Tell whether a row says what its entry says; only a DPO's entry may stand behind one that asks for less."""
    try:
        sha256 = digest(row)
    except ValueError:
        return False
    looser = row.direction == Direction.LOOSER
    expected = {
        "by": row.created_by,
        "override": row.id,
        "pack": row.pack,
        "rule": row.rule,
        "direction": row.direction,
        "sha256": sha256,
    }
    if looser:
        expected["by_role"] = Role.DPO.value
    same = all(said.facts.get(name) == value for name, value in expected.items())
    return same and row.created_at == said.at and row.signed_off_by == (row.created_by if looser else None)
