"""Decisions, explanations, endpoints and reference groups held against the ledger: each says what its entry says.

What is sealed is opened with the subject's key and held against the entry's commitment; of erased people the public
part is left to compare (GDPR Art. 17).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap

from core import canonical, crypto, subjects
from core.database import Reader
from core.keys import KeyFileError, KeyRing
from explanations import service as decisions
from explanations import store as decision_store
from explanations.deployed import store as deployed
from explanations.deployed.service import opened
from explanations.kept import service as kept
from explanations.kept import store as kept_store
from explanations.kept.store import KeptRow
from explanations.store import DecisionRow
from ledger.audit import Finding
from ledger.entries import EntryRow, commitment

_END_OF_LOG = 1 << 62
_Row = DecisionRow | KeptRow


def _decided(dek: bytes, row: Any) -> dict[str, Any]:
    opened: dict[str, Any] = canonical.loads(
        crypto.unseal(dek, row.sealed, decisions.sealed_place(row.tenant, row.subject, row.id))
    )
    return opened


def _explained(dek: bytes, row: Any) -> dict[str, Any]:
    view = kept.opened(dek, row)
    if view.document is None:
        raise ValueError("it does not open")
    return kept.personal_of(view.document, view.steps)


class _Kind(NamedTuple):
    """A table whose rows bear the numbers of their entries."""

    table: str
    entry: str
    between: Callable[[Reader, int, int], Awaitable[Sequence[_Row]]]
    public: Callable[[Any], dict[str, Any]]
    personal: Callable[[bytes, Any], dict[str, Any]]


_KINDS = (
    _Kind("decision", "decision.recorded", decision_store.between, decisions.public_of, _decided),
    _Kind("explanation", "explanation.recorded", kept_store.between, kept.public_of, _explained),
)


class ExplanationCheck:
    """The check of this room for ``ledger.verify``; used once."""

    def __init__(self, keyring: KeyRing) -> None:
        """Open what is personal with ``keyring``."""
        self._keyring = keyring
        self._deks: dict[tuple[str, bytes], tuple[bytes | None, int]] = {}
        self._said: dict[tuple[str, str, str, int], tuple[str, int, bool]] = {}

    async def chunk(self, tx: Reader, entries: Sequence[EntryRow]) -> Sequence[Finding]:
        """Compare the rows whose numbers lie among these entries; remember what they say of endpoints and groups."""
        found: list[Finding] = []
        for kind in _KINDS:
            rows = {row.seq: row for row in await kind.between(tx, entries[0].seq, entries[-1].seq + 1)}
            for entry in entries:
                if entry.kind == kind.entry:
                    found += await self._row(tx, kind, entry, rows.pop(entry.seq, None))
            found += [Finding(kind.table, f"seq {seq}", "stands without its ledger entry", seq) for seq in rows]
        for entry in entries:
            if entry.kind.startswith(("model-endpoint.", "reference-group.")):
                self._remember(entry)
        return found

    async def _row(self, tx: Reader, kind: _Kind, entry: EntryRow, row: _Row | None) -> list[Finding]:
        where, body = f"seq {entry.seq}", _body(entry)
        if row is None:
            return [Finding(kind.table, where, "is missing: the ledger has its entry", entry.seq)]
        if (row.tenant, row.subject) != (entry.tenant, entry.subject):
            return [Finding(kind.table, where, "names another person than its ledger entry", entry.seq)]
        public, said = kind.public(row), body.get("public")
        if not isinstance(said, dict):
            return []  # a body that is none was reported by the re-hashing
        differing = [name for name in {**public, **said} if public.get(name) != said.get(name)]
        differing += [] if row.recorded_at == entry.at else ["recorded_at"]
        found = [Finding(kind.table, where, f"column {name} differs from its entry", entry.seq) for name in differing]
        if not await self._fits(tx, kind, entry, row, body.get("commitment")):
            found.append(Finding(kind.table, where, "column sealed is not what the entry commits to", entry.seq))
        return found

    async def _fits(self, tx: Reader, kind: _Kind, entry: EntryRow, row: _Row, committed: object) -> bool:
        who = (row.tenant, row.subject)
        if who not in self._deks:
            self._deks[who] = await self._key(tx, who)
        dek, since = self._deks[who]
        if dek is None or entry.seq <= since or not row.sealed:
            return True  # nobody can open it any more, or it was deleted when it had run its course
        try:
            return commitment(dek, entry.id, kind.personal(dek, row)) == committed
        except (InvalidTag, ValueError):
            return False

    async def _key(self, tx: Reader, who: tuple[str, bytes]) -> tuple[bytes | None, int]:
        """Return a subject's data key, and the entry of the erasure after which it was made."""
        stored = await subjects.find(tx, *who)
        if stored is None or stored.wrapped is None:
            return None, -1
        since = -1 if stored.erased_seq is None else stored.erased_seq
        try:
            return crypto.unwrap(self._keyring.kek_by_id(stored.kek_id), stored.wrapped), since
        except (KeyFileError, InvalidUnwrap):
            return None, since

    def _remember(self, entry: EntryRow) -> None:
        public = _body(entry).get("public")
        if not isinstance(public, dict):
            return
        table, name, number = "model_endpoint", public.get("endpoint"), public.get("revision")
        if entry.kind.startswith("reference-group."):
            table, name, number = "reference_group", public.get("group"), public.get("version")
        if isinstance(name, str) and isinstance(number, int):
            told = (str(public.get("sha256")), entry.at, bool(public.get("retired")))
            self._said[entry.tenant, table, name, number] = told

    async def finish(self, tx: Reader, size: int) -> Sequence[Finding]:
        """Compare every endpoint and group with what was remembered; find rows outside the log."""
        found = []
        for kind in _KINDS:
            outside = [*await kind.between(tx, -_END_OF_LOG, 0), *await kind.between(tx, size, _END_OF_LOG)]
            found += [Finding(kind.table, f"seq {row.seq}", "stands without its ledger entry") for row in outside]
        for one in await deployed.all_endpoints(tx):
            good = sha256(one.document.encode()).hexdigest() == one.sha256 and _names(one)
            found += self._compare(
                (one.tenant, "model_endpoint", one.id, one.revision), (one.sha256, one.recorded_at, one.retired), good
            )
        for group in await deployed.all_groups(tx):
            place = (group.tenant, "reference_group", group.key, group.version)
            found += self._compare(place, (group.sha256, group.published_at, False), self._group_holds(group))
        missing = "is missing: the ledger has its entry"
        return found + [Finding(table, f"{name}@{number}", missing) for _, table, name, number in self._said]

    def _group_holds(self, group: deployed.GroupRow) -> bool:
        try:
            rows = opened(self._keyring, group)
        except (InvalidTag, ValueError):
            return False
        return sha256(group.document.encode() + canonical.dumps(rows)).hexdigest() == group.sha256

    def _compare(self, place: tuple[str, str, str, int], row: tuple[str, int, bool], holds: object) -> list[Finding]:
        told = self._said.pop(place, None)
        _, table, name, number = place
        where = f"{name}@{number}"
        if told is None:
            return [Finding(table, where, "stands without its ledger entry")]
        return [] if holds and told == row else [Finding(table, where, "differs from its ledger entry")]


def _names(one: deployed.EndpointRow) -> bool:
    told = canonical.loads(one.document)
    return bool((told["system"], told["model"]) == (one.system, one.name))


def _body(entry: EntryRow) -> Mapping[str, Any]:
    try:
        body = canonical.loads(entry.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
