"""Choices held against the ledger: every row of this room says what its entry says, and nothing stands without one.

Four things are compared: each event with the entry of its number, each current row with the replay of the events,
each receipt with the entries that name it, each published purpose version with the hash in its entry. What is personal
is opened with the subject's key and held against the entry's commitment. Of erased subjects the tombstones are left to
compare (GDPR Art. 17), and as current rows exactly each no that stood at the erasure (Art. 21(3)).
"""

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap

from consent import store
from consent.issued.verify import ReceiptCheck
from consent.lifecycle import NO
from consent.purposes import store as purposes
from consent.recording import present_of, public_of, sealed_place
from consent.store import Happened, Present
from core import canonical, crypto, subjects
from core.database import Reader
from core.keys import KeyFileError, KeyRing
from ledger.audit import Finding
from ledger.entries import EntryRow, commitment

_PAGE = 5_000
_Who = tuple[str, bytes]
_EVENT, _STATE, _VERSION, _PURPOSE = "choice_event", "choice_state", "purpose_version", "purpose"


class _Last(NamedTuple):
    """The last event of one place: its number, and whether it says no."""

    seq: int
    no: bool


class ChoiceCheck:
    """The check of this room for ``ledger.verify``; used once."""

    def __init__(self, keyring: KeyRing) -> None:
        """Open what is personal with ``keyring``."""
        self._keyring = keyring
        self._receipts = ReceiptCheck(keyring)
        self._latest: dict[_Who, dict[tuple[str, str], _Last]] = {}
        self._erased: dict[_Who, int] = {}
        self._deks: dict[_Who, tuple[bytes | None, int]] = {}
        self._published: dict[tuple[str, str], int] = {}
        self._retired: dict[tuple[str, str], int] = {}

    async def chunk(self, tx: Reader, entries: Sequence[EntryRow]) -> Sequence[Finding]:
        """Compare the events whose numbers lie among these entries, and the purposes they publish."""
        found: list[Finding] = []
        events = {event.seq: event for event in await store.events_between(tx, entries[0].seq, entries[-1].seq + 1)}
        for entry in entries:
            event = events.pop(entry.seq, None)
            if entry.kind.startswith("choice."):
                found += await self._choice(tx, entry, event)
            elif event is not None:
                events[entry.seq] = event
            if entry.kind == "subject.erased" and entry.subject is not None:
                self._erase((entry.tenant, entry.subject), entry.seq)
            elif entry.kind in {"purpose.published", "purpose.retired"}:
                found += await self._purpose(tx, entry)
        found += [_wrong(_EVENT, f"seq {seq}", "stands without its ledger entry", seq) for seq in events]
        return found + await self._receipts.judge(tx, entries[-1].seq)

    def _erase(self, who: _Who, seq: int) -> None:
        """Of what an erased person said before, a no remains."""
        self._erased[who] = seq
        self._latest[who] = {place: last for place, last in self._latest.pop(who, {}).items() if last.no}

    async def _choice(self, tx: Reader, entry: EntryRow, event: Happened | None) -> list[Finding]:
        """Compare one event with its entry, and remember it as the latest of its key."""
        body = _body(entry)
        public = body.get("public")
        if not isinstance(public, dict) or entry.subject is None:
            return []  # a body that is none was reported by the re-hashing
        who = (entry.tenant, entry.subject)
        place = (str(public.get("purpose")), str(public.get("system")))
        self._latest.setdefault(who, {})[place] = _Last(entry.seq, public.get("state") in NO)
        self._receipts.entry(entry, public)
        where = f"seq {entry.seq}"
        if event is None:
            return [_wrong(_EVENT, where, "is missing: the ledger has its entry", entry.seq)]
        if (event.tenant, event.subject) != who:
            return [_wrong(_EVENT, where, "names another person than its ledger entry", entry.seq)]
        differing = _differing(public_of(event), public)
        if entry.kind != f"choice.{event.state}":
            differing.append("state")
        if event.recorded_at != entry.at:
            differing.append("recorded_at")
        found = [_wrong(_EVENT, where, f"column {name} differs from its ledger entry", entry.seq) for name in differing]
        if not await self._personal_fits(tx, who, entry, event, body.get("commitment")):
            found.append(_wrong(_EVENT, where, "column sealed is not what the ledger entry commits to", entry.seq))
        return found

    async def _personal_fits(self, tx: Reader, who: _Who, entry: EntryRow, event: Happened, committed: object) -> bool:
        if event.sealed is None or committed is None:
            return event.sealed is None and committed is None
        if who not in self._deks:
            self._deks[who] = await self._key(tx, who)
        dek, since = self._deks[who]
        if dek is None or entry.seq <= since:
            return True  # nobody can open it any more
        try:
            personal = canonical.loads(crypto.unseal(dek, event.sealed, sealed_place(*who, event.id)))
        except (InvalidTag, ValueError):
            return False
        return commitment(dek, entry.id, personal) == committed

    async def _key(self, tx: Reader, who: _Who) -> tuple[bytes | None, int]:
        """Return a subject's data key, and the entry of the erasure after which it was made."""
        stored = await subjects.find(tx, *who)
        if stored is None or stored.wrapped is None:
            return None, -1
        since = -1 if stored.erased_seq is None else stored.erased_seq
        try:
            return crypto.unwrap(self._keyring.kek_by_id(stored.kek_id), stored.wrapped), since
        except (KeyFileError, InvalidUnwrap):
            return None, since

    async def _purpose(self, tx: Reader, entry: EntryRow) -> list[Finding]:
        public = _body(entry).get("public")
        if not isinstance(public, dict):
            return []
        key = (entry.tenant, str(public.get("purpose")))
        if entry.kind == "purpose.retired":
            self._retired[key] = entry.at
            return []
        number = public.get("version")
        if not isinstance(number, int):
            return []
        self._published[key] = number
        where = f"{key[1]} version {number}"
        row = await purposes.version(tx, *key, number)
        if row is None:
            return [_wrong(_VERSION, where, "is missing: the ledger has its entry", entry.seq)]
        if sha256(row.document.encode()).hexdigest() != public.get("sha256") or row.sha256 != public.get("sha256"):
            return [_wrong(_VERSION, where, "says something else than was published", entry.seq)]
        if (row.material == number) != public.get("material") or row.published_at != entry.at:
            return [_wrong(_VERSION, where, "differs from its ledger entry", entry.seq)]
        return []

    async def finish(self, tx: Reader, size: int) -> Sequence[Finding]:
        """Compare current rows with the replay; find what lies outside the log, and what is missing."""
        found: list[Finding] = []
        for outside in (await store.events_between(tx, -(1 << 63), 0), await store.events_between(tx, size, 1 << 62)):
            found += [
                _wrong(_EVENT, f"seq {event.seq}", "stands without its ledger entry", event.seq) for event in outside
            ]
        after: store.StatePlace | None = None
        while rows := await store.states_after(tx, after, _PAGE):
            events = {event.seq: event for event in await store.events_of(tx, [row.seq for _, row in rows])}
            for person, row in rows:
                found += self._state(person, row, events.get(row.seq))
            last = rows[-1]
            after = (last[0][1], last[0][0], last[1].purpose, last[1].system)
        for who, places in self._latest.items():
            found += [
                _wrong(_STATE, _place(who, *place), "is missing: its events are there", last.seq)
                for place, last in places.items()
            ]
        return [*found, *await self._receipts.finish(tx), *await self._heads(tx)]

    def _state(self, who: _Who, row: Present, event: Happened | None) -> list[Finding]:
        where = _place(who, row.purpose, row.system)
        last = self._latest.get(who, {}).pop((row.purpose, row.system), None)
        if last is None:
            return [_wrong(_STATE, where, "has no events", row.seq)]
        expected = last.seq
        if row.seq != expected or event is None:
            return [_wrong(_STATE, where, "is not the latest event", expected)]
        kept = expected <= self._erased.get(who, -1)
        replayed = present_of(store.suppression(event) if kept else event, 0)
        if (row.ask_after is None) != (replayed.ask_after is None):
            return [_wrong(_STATE, where, "column ask_after differs from its event", expected)]
        replayed = replayed._replace(ask_after=row.ask_after)
        return [
            _wrong(_STATE, where, f"column {name} differs from its event", expected)
            for name in _differing(row._asdict(), replayed._asdict())
        ]

    async def _heads(self, tx: Reader) -> list[Finding]:
        """Compare which version of each purpose is in force, and whether it is retired."""
        found = []
        for tenant, key, latest, retired_at in await purposes.all_heads(tx):
            if latest != self._published.pop((tenant, key), 0):
                found.append(_wrong(_PURPOSE, key, "column latest_version is not the last one published", 0))
            if retired_at != self._retired.pop((tenant, key), None):
                found.append(_wrong(_PURPOSE, key, "column retired_at differs from the ledger", 0))
        return found + [_wrong(_PURPOSE, key, "is missing: it was published", 0) for _, key in self._published]


def _body(entry: EntryRow) -> Mapping[str, Any]:
    try:
        body = canonical.loads(entry.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _differing(row: Mapping[str, Any], entry: Mapping[str, Any]) -> list[str]:
    return [name for name in {**row, **entry} if row.get(name) != entry.get(name)]


def _place(who: _Who, purpose: str, system: str) -> str:
    return f"sub_{who[1].hex()} {purpose} {system}"


def _wrong(table: str, key: str, what: str, place: int) -> Finding:
    return Finding(table, key, what, place)
