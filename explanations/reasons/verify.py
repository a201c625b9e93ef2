"""Reason tables held against the ledger: who wrote, who else approved, and that no approved word has changed since."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, NamedTuple

from core import canonical
from core.database import Reader
from explanations.reasons import store
from explanations.reasons.tables import ReasonTableHead, ReasonTableVersion
from ledger.audit import Finding
from ledger.entries import EntryRow

_Key = tuple[str, str]  # tenant, table
_HEADS, _VERSIONS = "reason_table", "reason_table_version"


class _Approval(NamedTuple):
    """What an entry says of an approved version."""

    sha256: str
    writers: tuple[str, ...]
    by: str
    at: int
    seq: int


@dataclass
class _Life:
    """What the entries say of one table, in their order."""

    system: str = ""
    changes: int = 0
    writers: set[str] = field(default_factory=set)
    draft: str | None = None
    created_at: int = 0
    retired_at: int | None = None
    approvals: dict[int, _Approval] = field(default_factory=dict)


class ReasonTableCheck:
    """The check of this room for ``ledger.verify``; used once."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._lives: dict[_Key, _Life] = {}

    async def chunk(self, tx: Reader, entries: Sequence[EntryRow]) -> Sequence[Finding]:
        """Remember what these entries say of reason tables."""
        for entry in entries:
            if entry.kind.startswith("reason-table."):
                try:
                    public = canonical.loads(entry.body)["public"]
                    self._lived(entry, public, self._lives.setdefault((entry.tenant, str(public["table"])), _Life()))
                except (ValueError, TypeError, KeyError):
                    continue  # a body that is none was reported by the re-hashing
        return ()

    def _lived(self, entry: EntryRow, public: dict[str, Any], life: _Life) -> None:
        life.changes += 1
        if entry.kind == "reason-table.drafted":
            life.created_at = life.created_at or entry.at
            life.system, life.draft = public["system"], public["sha256"]
            life.writers.add(public["by"])
        elif entry.kind == "reason-table.approved":
            writers = tuple(sorted(life.writers))
            life.approvals[public["version"]] = _Approval(public["sha256"], writers, public["by"], entry.at, entry.seq)
            life.writers, life.draft = set(), None
        else:
            life.retired_at = entry.at

    async def finish(self, tx: Reader, size: int) -> Sequence[Finding]:
        """Compare every table and version with what was remembered."""
        heads = {(row.tenant, row.key): row for row in await store.every_table(tx)}
        found = [
            Finding(_HEADS, key[1], "is missing: the ledger has its entries")
            for key in self._lives.keys() - heads.keys()
        ]
        for key, head in heads.items():
            life = self._lives.get(key)
            if life is None:
                found.append(Finding(_HEADS, key[1], "stands without its ledger entry"))
            elif not _head_agrees(head, life):
                found.append(Finding(_HEADS, key[1], "differs from its ledger entries"))
        return [*found, *self._versions(await store.every_version(tx))]

    def _versions(self, rows: Sequence[ReasonTableVersion]) -> list[Finding]:
        known = {(row.tenant, row.key, row.version) for row in rows}
        found = [
            Finding(_VERSIONS, f"{key}@{number}", "is missing: the ledger has its entry", said.seq)
            for (tenant, key), life in self._lives.items()
            for number, said in life.approvals.items()
            if (tenant, key, number) not in known
        ]
        for row in rows:
            life = self._lives.get((row.tenant, row.key))
            said = None if life is None else life.approvals.get(row.version)
            where = f"{row.key}@{row.version}"
            if said is None:
                found.append(Finding(_VERSIONS, where, "stands without its ledger entry"))
            elif not _version_agrees(row, said):
                found.append(Finding(_VERSIONS, where, "differs from its ledger entry", said.seq))
            elif said.by in said.writers:
                found.append(Finding(_VERSIONS, where, "was approved by somebody who wrote on it", said.seq))
        return found


def _digest(text: str | None) -> str | None:
    return None if text is None else sha256(text.encode()).hexdigest()


def _head_agrees(head: ReasonTableHead, life: _Life) -> bool:
    return (
        (head.system, head.revision, head.created_at, head.retired_at)
        == (life.system, life.changes, life.created_at, life.retired_at)
        and head.latest_version == max(life.approvals, default=0)
        and _digest(head.draft) == life.draft
        and head.drafted_by == canonical.dumps(sorted(life.writers)).decode()
    )


def _version_agrees(row: ReasonTableVersion, said: _Approval) -> bool:
    return (
        _digest(row.document) == row.sha256 == said.sha256
        and (row.approved_by, row.approved_at) == (said.by, said.at)
        and row.drafted_by == canonical.dumps(list(said.writers)).decode()
    )
