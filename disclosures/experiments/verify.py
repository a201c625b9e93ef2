"""Experiments held against the ledger: each is what its entries say, and none is missing."""

from collections.abc import Sequence
from hashlib import sha256
from typing import Any, Final

from core import canonical
from core.database import Reader
from disclosures.experiments import service, store
from disclosures.experiments.tables import Experiment
from ledger.audit import Finding
from ledger.entries import EntryRow

_TABLE: Final = "experiment"
_STATES: Final = {
    "experiment.drafted": "draft",
    "experiment.approved": "approved",
    "experiment.started": "running",
    "experiment.stopped": "stopped",
}


class _Said:
    """What the log says of one experiment, up to its last entry."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}
        self.seq = 0

    def hear(self, state: str, public: dict[str, Any], at: int, seq: int) -> None:
        """Take one more entry."""
        by = public["by"]
        if state == "draft":
            self.facts = {"notice": public["notice"], "sha256": public["sha256"], "drafted_by": by}
        elif state == "approved":
            self.facts |= {"approved_by": by, "approved_at": at, "control": public["control"]}
            self.facts["sha256"] = public["sha256"]
        elif state == "running":
            self.facts |= {"started_by": by, "started_at": at}
        else:
            self.facts |= {"stopped_by": by, "stopped_at": at, "stop_reason": public["reason_sha256"]}
        self.facts["state"], self.seq = state, seq


class ExperimentCheck:
    """The check of this room for ``ledger.verify``; used once."""

    def __init__(self) -> None:
        """Know nothing yet."""
        self._said: dict[tuple[str, str], _Said] = {}

    async def chunk(self, tx: Reader, entries: Sequence[EntryRow]) -> Sequence[Finding]:
        """Remember what these entries say of experiments."""
        for entry in entries:
            if entry.kind not in _STATES:
                continue
            try:
                public = dict(canonical.loads(entry.body)["public"])
                said = self._said.setdefault((entry.tenant, str(public["experiment"])), _Said())
                said.hear(_STATES[entry.kind], public, entry.at, entry.seq)
            except (ValueError, TypeError, KeyError):
                continue  # a body that is none was reported by the re-hashing
        return ()

    async def finish(self, tx: Reader, size: int) -> Sequence[Finding]:
        """Compare every row with what was remembered."""
        found = []
        for row in await store.every_experiment(tx):
            said = self._said.pop((row.tenant, row.id), None)
            if said is None:
                found.append(Finding(_TABLE, row.id, "stands without its ledger entries"))
            elif _facts_of(row) != said.facts:
                found.append(Finding(_TABLE, row.id, "is not what its ledger entries say", said.seq))
        missing = [
            Finding(_TABLE, key, "is missing: the ledger has its entries", at.seq)
            for (_, key), at in self._said.items()
        ]
        return found + missing


def _facts_of(row: Experiment) -> dict[str, Any]:
    facts = {
        "notice": row.notice,
        "sha256": service.digest_of(row),
        "state": row.state,
        "drafted_by": row.drafted_by,
        "approved_by": row.approved_by,
        "approved_at": row.approved_at,
        "control": row.control,
        "started_by": row.started_by,
        "started_at": row.started_at,
        "stopped_by": row.stopped_by,
        "stopped_at": row.stopped_at,
        "stop_reason": None if row.stop_reason is None else sha256(row.stop_reason.encode()).hexdigest(),
    }
    return {name: value for name, value in facts.items() if value is not None}
