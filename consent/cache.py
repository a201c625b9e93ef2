"""HOT PATH, budget 2 us an answer, 250 bytes a subject. What the gate remembers of people, in one process.

A person's rows are packed into one ``bytes``: the number of an interned profile (which states at which levels; few
differ) and, for each row, the choice's id and its end. Answers are prepared once for a (profile, question) and
differ between people only in the choice they cite. A person without rows is remembered too: the empty profile.

This file never reads the database and never decides: ``consent.permissions`` fills it, ``consent.gate`` decides.
"""

import struct
from binascii import hexlify
from collections.abc import Iterable, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from consent.gate import NO_ROWS, Answer, Levels, PurposeFacts, Row, SystemFacts, decide, wire
from consent.lifecycle import ALL, NO
from core.clock import MICROS

_HEAD = struct.Struct(">I")
_TAIL = struct.Struct(">16sq")
_FOREVER = 0  # in the packed form: no end
_MOST_PROFILES = 50_000
_MOST_QUESTIONS = 4_096  # for each profile; more means that somebody invents them
_PLACEHOLDER_DIGITS = b"0" * 32
_PLACEHOLDER = "chc_" + _PLACEHOLDER_DIGITS.decode()
_ANY_TIME = 1


class Catalogue(NamedTuple):
    """The purposes and AI systems of one tenant at one moment, by key."""

    purposes: dict[str, PurposeFacts]
    systems: dict[str, SystemFacts]


class StateRow(NamedTuple):
    """One row of ``choice_state`` as the gate reads it."""

    purpose: str
    system: str
    state: str
    explicit: bool
    purpose_version: int
    notice_version: str | None
    choice: str
    valid_until: int | None


class Question(NamedTuple):
    """What is asked about a person: a purpose, and perhaps one AI system."""

    purpose: str
    system: str | None


class Prepared(NamedTuple):
    """An answer's bytes: constant, or ``before`` + the cited choice's 32 hex digits + ``after``."""

    before: bytes
    after: bytes
    cited: int  # index of the row whose choice is cited; -1: none
    lapsed: "Prepared | None"  # the answer once the cited row has ended
    ttl_micros: int  # the longest reuse it promises


ProfileKey = tuple[tuple[str, str, str, bool, int, str | None], ...]


class Profile:
    """One set of states that many people share, and the answers prepared for it."""

    __slots__ = ("answers", "key")

    def __init__(self, key: ProfileKey) -> None:
        """Begin without answers."""
        self.key = key
        self.answers: dict[Question, Prepared] = {}


Rows = Mapping[tuple[str, str], Row]  # by (purpose, system)


def by_level(rows: Iterable[StateRow]) -> Rows:
    """Return a person's rows as the gate takes them."""
    return {
        (row.purpose, row.system): Row(
            row.state, row.explicit, row.purpose_version, row.choice, row.notice_version, row.valid_until
        )
        for row in rows
    }


def levels(rows: Rows, question: Question) -> Levels:
    """Pick a person's rows for a question, widest to nearest."""
    if not rows:
        return NO_ROWS
    purpose, system = question
    if system is None:
        return (rows.get((ALL, ALL)), None, rows.get((purpose, ALL)), None)
    return (rows.get((ALL, ALL)), rows.get((ALL, system)), rows.get((purpose, ALL)), rows.get((purpose, system)))


def ask(question: Question, catalogue: Catalogue, rows: Rows, at: int, ttl: int) -> Answer:
    """Put a question to the one decision function (``consent.gate.decide``)."""
    purpose, system = question
    facts = None if system is None else catalogue.systems.get(system)
    return decide(purpose, catalogue.purposes.get(purpose), system, facts, levels(rows, question), at, ttl)


class TenantCache:
    """What one tenant's gate remembers."""

    def __init__(self, most_subjects: int, ttl_seconds: int) -> None:
        """Remember at most ``most_subjects``; answers may be reused for ``ttl_seconds``."""
        self._most = most_subjects
        self._ttl = ttl_seconds
        self.catalogue: Catalogue | None = None
        self._profiles: list[Profile] = []
        self._numbers: dict[ProfileKey, int] = {}
        self._subjects: dict[bytes, bytes] = {}

    def __len__(self) -> int:
        """Return the number of people remembered."""
        return len(self._subjects)

    def answer(self, subject: bytes, question: Question, now: int) -> bytes | None:
        """HOT PATH. Return the answer's JSON for a remembered person, or nothing if it has to be worked out."""
        packed = self._subjects.get(subject)
        if packed is None:
            return None
        prepared = self._profiles[int.from_bytes(packed[:4])].answers.get(question)
        if prepared is None:
            prepared = self._prepare(self._profiles[int.from_bytes(packed[:4])], question)
            if prepared is None:
                return None
        cited = prepared.cited
        if cited < 0:
            return prepared.before
        start = 4 + cited * 24
        ends = int.from_bytes(packed[start + 16 : start + 24])
        if ends != _FOREVER:
            if ends <= now:
                prepared = prepared.lapsed or prepared
            elif ends - now < prepared.ttl_micros:
                return None
        return prepared.before + hexlify(packed[start : start + 16]) + prepared.after

    def remember(self, subject: bytes, rows: Sequence[StateRow]) -> None:
        """Remember a person's rows as they are now."""
        if self._most == 0:
            return
        if len(self._subjects) >= self._most:
            self._make_room()
        if len(self._profiles) >= _MOST_PROFILES:
            self.forget_everyone()
        key: ProfileKey = tuple(
            (row.purpose, row.system, row.state, row.explicit, row.purpose_version, row.notice_version) for row in rows
        )
        number = self._numbers.get(key)
        if number is None:
            number = self._numbers[key] = len(self._profiles)
            self._profiles.append(Profile(key))
        ends = (_TAIL.pack(bytes.fromhex(row.choice[4:]), row.valid_until or _FOREVER) for row in rows)
        self._subjects[subject] = _HEAD.pack(number) + b"".join(ends)

    def _make_room(self) -> None:
        """Forget those remembered longest, many at once: a dict looks for its first key among all removed ones."""
        for subject in list(islice(self._subjects, self._most // 64 + 1)):
            del self._subjects[subject]

    def forget(self, subjects: Iterable[bytes]) -> None:
        """Forget some people: something of theirs has changed."""
        for subject in subjects:
            self._subjects.pop(subject, None)

    def forget_everyone(self) -> None:
        """Forget all people and profiles."""
        self._subjects.clear()
        self._profiles.clear()
        self._numbers.clear()

    def forget_catalogue(self) -> None:
        """Forget purposes, systems and the answers prepared with them."""
        self.catalogue = None
        for profile in self._profiles:
            profile.answers.clear()

    def _prepare(self, profile: Profile, question: Question) -> Prepared | None:
        catalogue = self.catalogue
        if catalogue is None:
            return None
        known = question.purpose in catalogue.purposes and (
            question.system is None or question.system in catalogue.systems
        )
        if not known or len(profile.answers) >= _MOST_QUESTIONS:
            return None
        prepared = _prepared(profile.key, question, catalogue, self._ttl)
        profile.answers[question] = prepared
        return prepared


def _prepared(key: ProfileKey, question: Question, catalogue: Catalogue, ttl: int) -> Prepared:
    """Decide for a profile: once as if no row ended, and once as if the cited one had."""
    rows = {
        (item[0], item[1]): Row(item[2], item[3], item[4], str(place), item[5], None) for place, item in enumerate(key)
    }
    live = ask(question, catalogue, rows, _ANY_TIME, ttl)
    if live.choice is None:
        return Prepared(wire(live), b"", -1, None, 0)
    cited = int(live.choice)
    if key[cited][2] in NO:
        return _split(live, cited, None, 0)
    where = key[cited][:2]
    ended = {**rows, where: rows[where]._replace(valid_until=_ANY_TIME)}
    lapsed = _split(ask(question, catalogue, ended, _ANY_TIME, ttl), cited, None, 0)
    return _split(live, cited, lapsed, ttl * MICROS)


def _split(answer: Answer, cited: int, lapsed: Prepared | None, ttl_micros: int) -> Prepared:
    before, _, after = wire(answer._replace(choice=_PLACEHOLDER)).partition(_PLACEHOLDER_DIGITS)
    return Prepared(before, after, cited, lapsed, ttl_micros)
