"""Whose entry it is: checks the subject column of entries against what their bodies commit to.

A row moved from one subject to another keeps its hash, since a body names no subject. It commits to one, though,
under that subject's key: with the keys at hand a wrong subject shows. Entries of an erased subject can't be linked
any more (GDPR Art. 17), which is only right where the log itself says that the subject was erased.
"""

from collections.abc import Sequence

from cryptography.hazmat.primitives.keywrap import InvalidUnwrap

from core import canonical, crypto
from core.database import Reader
from core.keys import KeyFileError, KeyRing
from ledger import store
from ledger.audit import Finding
from ledger.entries import EntryRow, subject_binding

ERASED = "subject.erased"
_Who = tuple[str, bytes]


class SubjectBinding:
    """A check for ``ledger.verify``: every entry about a subject is about that subject."""

    def __init__(self, keyring: KeyRing) -> None:
        """Unwrap subjects' keys with ``keyring``."""
        self._keyring = keyring
        self._deks: dict[_Who, bytes | None] = {}
        self._without: dict[_Who, int] = {}
        self._erased: set[_Who] = set()

    async def chunk(self, tx: Reader, entries: Sequence[EntryRow]) -> Sequence[Finding]:
        """Check the next entries."""
        found = []
        for entry in entries:
            if entry.subject is None:
                continue
            who = (entry.tenant, entry.subject)
            if entry.kind == ERASED:
                self._erased.add(who)
            if who not in self._deks:
                self._deks[who] = await self._dek(tx, who)
            dek = self._deks[who]
            if dek is None:
                self._without.setdefault(who, entry.seq)
            elif _stated(entry) != subject_binding(dek, entry.id, entry.subject):
                what = "column subject is not whom the entry is about"
                found.append(Finding("ledger_entry", f"seq {entry.seq}", what, entry.seq))
        return found

    async def finish(self, tx: Reader, size: int) -> Sequence[Finding]:
        """Name the entries whose subject has no key although no entry says that it was erased."""
        what = "column subject has no key, and no entry says that it was erased"
        return [
            Finding("ledger_entry", f"seq {seq}", what, seq)
            for who, seq in self._without.items()
            if who not in self._erased
        ]

    async def _dek(self, tx: Reader, who: _Who) -> bytes | None:
        row = await store.subject_key(tx, *who)
        if row is None or row[1] is None:
            return None
        try:
            return crypto.unwrap(self._keyring.kek_by_id(row[0]), row[1])
        except (KeyFileError, InvalidUnwrap):
            return None


def _stated(entry: EntryRow) -> object:
    try:
        return canonical.loads(entry.body)["subject"]
    except (ValueError, TypeError, KeyError):
        return None  # a body that is none was reported by the re-hashing
