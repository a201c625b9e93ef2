"""Whose entry it is: checks the subject column of entries against what their bodies commit to.

A row moved from one subject to another keeps its hash, since a body names no subject. It commits to one, though,
under that subject's key: with the keys at hand a wrong subject shows. Entries of an erased subject can't be linked
any more (GDPR Art. 17), which is only right where the log itself says that the subject was erased.
"""

from collections.abc import Sequence
from typing import NamedTuple

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap

from core import canonical, crypto
from core.database import Reader
from core.keys import KeyFileError, KeyRing
from ledger import store
from ledger.audit import Finding
from ledger.entries import EntryRow, subject_binding

ERASED = "subject.erased"
_Who = tuple[str, bytes]
_ALWAYS = -1


class _Life(NamedTuple):
    """A subject's present key, and the entry of the erasure after which it was made: earlier ones can't be linked."""

    dek: bytes | None
    since: int


class SubjectBinding:
    """A check for ``ledger.verify``: every entry about a subject is about that subject."""

    def __init__(self, keyring: KeyRing) -> None:
        """Unwrap subjects' keys with ``keyring``."""
        self._keyring = keyring
        self._lives: dict[_Who, _Life] = {}
        self._without: dict[_Who, int] = {}
        self._erased: dict[_Who, int] = {}

    async def chunk(self, tx: Reader, entries: Sequence[EntryRow]) -> Sequence[Finding]:
        """Check the next entries."""
        found = []
        for entry in entries:
            if entry.subject is None:
                continue
            who = (entry.tenant, entry.subject)
            if entry.kind == ERASED:
                self._erased[who] = entry.seq
            if who not in self._lives:
                self._lives[who] = await self._life(tx, who)
            life = self._lives[who]
            if life.dek is None or entry.seq <= life.since:
                self._without.setdefault(who, entry.seq)
            elif _stated(entry) != subject_binding(life.dek, entry.id, entry.subject):
                what = "column subject is not whom the entry is about"
                found.append(Finding("ledger_entry", f"seq {entry.seq}", what, entry.seq))
        return found

    async def finish(self, tx: Reader, size: int) -> Sequence[Finding]:
        """Name the entries whose subject has no key although no entry says that it was erased."""
        what = "column subject has no key, and no entry says that it was erased"
        return [
            Finding("ledger_entry", f"seq {seq}", what, seq)
            for who, seq in self._without.items()
            if who not in self._erased or self._lives[who].since not in (_ALWAYS, self._erased[who])
        ]

    async def _life(self, tx: Reader, who: _Who) -> _Life:
        row = await store.subject_key(tx, *who)
        if row is None:
            return _Life(None, _ALWAYS)
        since = _ALWAYS if row[2] is None else row[2]
        try:
            return _Life(None if row[1] is None else crypto.unwrap(self._keyring.kek_by_id(row[0]), row[1]), since)
        except (KeyFileError, InvalidUnwrap):
            return _Life(None, since)


def _stated(entry: EntryRow) -> object:
    try:
        return canonical.loads(entry.body)["subject"]
    except (ValueError, TypeError, KeyError):
        return None  # a body that is none was reported by the re-hashing
