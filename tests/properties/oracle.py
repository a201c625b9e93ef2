"""The semantics of choices and the gate, written a second time: from nothing but what happened, in plain lists.

It shares no code with the product. Each question is answered by going through everything that ever happened.
"""

import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

ALL = "*"
HOUR = 3_600_000_000
AGREED = ("given", "explicitly_given", "renewed")
REFUSING = ("refused", "withdrawn", "objected", "restricted", "opted_out")
CONSENTING = ("requested", "given", "explicitly_given", "renewed", "refused", "withdrawn")
WIDE = ("opted_out", "opt_out_reversed", "objected", "restricted")
STATES = (*CONSENTING, *WIDE)
_ANEW = ("given", "requested", "refused", "opted_out", "objected", "restricted")
_WHAT_MAY_FOLLOW = {
    "none": _ANEW,
    "expired": _ANEW,
    "invalidated": _ANEW,
    "superseded": _ANEW,
    "requested": ("explicitly_given", "requested", "refused", "opted_out", "objected", "restricted"),
    "given": ("renewed", "withdrawn", "objected", "restricted", "opted_out"),
    "explicitly_given": ("renewed", "withdrawn", "objected", "restricted", "opted_out"),
    "renewed": ("renewed", "withdrawn", "objected", "restricted", "opted_out"),
    "refused": ("given", "requested", "objected", "restricted", "opted_out"),
    "withdrawn": ("given", "requested", "objected", "restricted", "opted_out"),
    "objected": ("opt_out_reversed", "given", "requested", "restricted", "opted_out"),
    "opted_out": ("opt_out_reversed", "given", "requested", "restricted", "objected"),
    "restricted": ("opt_out_reversed", "given", "requested", "withdrawn", "objected", "opted_out"),
    "opt_out_reversed": ("opted_out", "objected", "restricted", "given", "requested"),
}
_ACTORS = {
    "subject": STATES,
    "guardian": STATES,
    "agent": STATES,
    "staff": (*REFUSING, "given"),
    "signal": ("opted_out",),
}
_WHY_NOT = {
    "refused": "consent-refused",
    "withdrawn": "consent-withdrawn",
    "objected": "objection",
    "restricted": "restriction",
    "opted_out": "opted-out",
}
_WHY = {"given": "consent-given", "explicitly_given": "consent-explicitly-given", "renewed": "consent-renewed"}


@dataclass(frozen=True)
class Version:
    """A published version of a purpose."""

    number: int
    material: bool
    mechanism: str
    explicit: bool
    hours: int | None  # how long a consent lasts
    gpc: bool
    at: int


@dataclass
class PurposeStory:
    """All that ever became of a purpose."""

    versions: list[Version] = field(default_factory=list)
    retired_at: int | None = None

    def at(self, at: int) -> Version | None:
        """The version in force."""
        return next((one for one in reversed(self.versions) if one.at <= at), None)

    def material(self, at: int) -> int:
        """The number of the last material version up to the one in force."""
        return max((one.number for one in self.versions if one.at <= at and one.material), default=0)

    def retired(self, at: int) -> bool:
        """Whether it was retired by then."""
        return self.retired_at is not None and self.retired_at <= at


@dataclass
class SystemStory:
    """All that the register ever said of an AI system: (instant, purposes, route to a human)."""

    said: list[tuple[int, frozenset[str], str | None]] = field(default_factory=list)
    retired_at: int | None = None

    def retired(self, at: int) -> bool:
        """Whether it was retired by then."""
        return self.retired_at is not None and self.retired_at <= at


@dataclass(frozen=True)
class Happening:
    """One recorded choice; ``choice`` is the id the service gave it."""

    purpose: str
    system: str
    state: str
    explicit: bool
    version: int
    until: int | None
    gpc: bool
    actor: str
    notice: str | None
    at: int
    choice: str = ""


@dataclass(frozen=True)
class Wish:
    """One requested choice."""

    purpose: str
    system: str
    state: str
    confirms: str | None = None
    notice: str | None = "n1"


@dataclass(frozen=True)
class Act:
    """One request: ``kind`` is choose, withdraw or honour."""

    kind: str
    wishes: tuple[Wish, ...] = ()
    purpose: str | None = None
    system: str | None = None
    actor: str = "subject"
    evidence: bool = False
    gpc: bool = False


@dataclass(frozen=True)
class Said:
    """What the gate has to say."""

    decision: str
    reasons: tuple[str, ...]
    choice: str | None = None
    notice: str | None = None
    version: int | None = None
    until: int | None = None


class NotSo(Exception):
    """The request must be refused, with this error."""


def a_year_later(at: int) -> int:
    """Twelve months after an instant."""
    day = datetime.fromtimestamp(0, UTC) + timedelta(microseconds=at)
    try:
        later = day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        later = day.replace(year=day.year + 1, day=28)
    return (later - datetime.fromtimestamp(0, UTC)) // timedelta(microseconds=1)


class Oracle:
    """One tenant's world."""

    def __init__(self) -> None:
        """Begin empty."""
        self.purposes: dict[str, PurposeStory] = {}
        self.systems: dict[str, SystemStory] = {}
        self.people: dict[str, list[Happening]] = {}

    def latest(self, person: str, at: int | None = None) -> dict[tuple[str, str], Happening]:
        """The last happening of each (purpose, system), perhaps only up to an instant."""
        found: dict[tuple[str, str], Happening] = {}
        for one in self.people.get(person, []):
            if at is None or one.at <= at:
                found[one.purpose, one.system] = one
        return found

    def answer(self, person: str, purpose: str, system: str | None, at: int) -> Said:  # noqa: C901 -- one rule a line
        """Answer one question as of an instant."""
        story = self.purposes.get(purpose)
        version = None if story is None else story.at(at)
        if story is None or version is None:
            return Said("deny", ("undeclared-purpose",))
        if story.retired(at):
            return Said("deny", ("purpose-retired",))
        no = "deny"
        if system is not None:
            register = self.systems.get(system)
            known = [] if register is None else [one for one in register.said if one[0] <= at]
            if register is None or not known:
                return Said("deny", ("unknown-system",))
            if register.retired(at):
                return Said("deny", ("system-retired",))
            if purpose not in known[-1][1]:
                return Said("deny", ("purpose-not-declared-for-system",))
            if known[-1][2] is not None:
                no = "human_route"
        rows = self.latest(person, at)
        asked = [(ALL, ALL), (purpose, ALL)]
        if system is not None:
            asked = [(ALL, ALL), (ALL, system), (purpose, ALL), (purpose, system)]
        against = [rows[place] for place in asked if place in rows and rows[place].state in REFUSING]
        if against:
            reasons: list[str] = []
            for one in against:
                why = _WHY_NOT[one.state]
                if one.purpose == ALL:
                    why = "all-ai-opted-out" if one.system == ALL else "system-opted-out"
                if why not in reasons:
                    reasons.append(why)
            return self._cite(no, tuple(reasons), against[0], version)
        return self._by_consent(no, story, version, rows, [(purpose, system), (purpose, ALL)], at)

    def _by_consent(
        self,
        no: str,
        story: PurposeStory,
        version: Version,
        rows: dict[tuple[str, str], Happening],
        places: list[tuple[str, str | None]],
        at: int,
    ) -> Said:
        for purpose, system in places:
            row = None if system is None else rows.get((purpose, system))
            if row is None or row.state == "opt_out_reversed":
                continue
            worth = self.worth(row, story, at)
            if worth == "expired":
                return self._cite(no, ("consent-expired",), row, version)
            if worth == "superseded":
                return self._cite(no, ("consent-needs-renewal",), row, version)
            if worth == "invalidated":
                return self._cite(no, ("consent-invalidated",), row, version)
            if worth == "requested":
                return self._cite(no, ("consent-pending",), row, version)
            if version.explicit and not row.explicit:
                return self._cite(no, ("explicit-consent-needed",), row, version)
            return self._cite("allow", (_WHY[worth],), row, version)
        if version.mechanism == "opt_out":
            return Said("allow", ("not-opted-out",), version=version.number)
        if version.mechanism == "notice_only":
            return Said("allow", ("notice-only",), version=version.number)
        return Said(no, ("consent-unknown",), version=version.number)

    @staticmethod
    def _cite(decision: str, reasons: tuple[str, ...], row: Happening, version: Version) -> Said:
        return Said(decision, reasons, row.choice, row.notice, version.number, row.until)

    @staticmethod
    def worth(row: Happening, story: PurposeStory | None, at: int) -> str:
        """What a row's state is worth at an instant."""
        if row.state in AGREED and row.until is not None and row.until <= at:
            return "expired"
        if row.state in AGREED and story is not None and row.version < story.material(at):
            return "superseded"
        return row.state

    def may_follow(self, person: str, purpose: str, system: str, now: int) -> tuple[str, ...]:
        """The states that a request may set at a place, whoever asks."""
        row = self.latest(person).get((purpose, system))
        story = self.purposes.get(purpose)
        worth = "none" if row is None else self.worth(row, story, now)
        found = _WHAT_MAY_FOLLOW[worth]
        if row is not None and row.state in AGREED and worth not in AGREED:
            found = (*found, "renewed", "withdrawn")
        if purpose == ALL:
            return tuple(one for one in found if one in WIDE)
        version = None if story is None else story.at(now)
        if version is None:
            return ()
        if version.mechanism != "opt_in":
            return tuple(one for one in found if one not in CONSENTING)
        if version.explicit:  # no single act makes a yes of what is none
            found = tuple(one for one in found if one != "given" and (one != "renewed" or worth in AGREED))
        return found

    def act(self, person: str, act: Act, clock: int) -> list[Happening]:
        """Return what a request records, in order. Raises ``NotSo`` with the error's name."""
        now = max([clock, *(one.at for one in self.latest(person).values())])
        made = []
        if act.kind == "choose":
            made = self._choose(person, act, now)
        elif act.kind == "withdraw":
            made = self._withdraw(person, act, now)
        if act.gpc:
            made += self._signalled(person, {(one.purpose, one.system) for one in made}, now)
        return made

    def _choose(self, person: str, act: Act, now: int) -> list[Happening]:
        places = [(wish.purpose, wish.system) for wish in act.wishes]
        if len(set(places)) != len(places) or any(self._wrong(wish, act, now) for wish in act.wishes):
            raise NotSo("InvalidChoiceError")
        return [self._one(person, wish, act, now) for wish in act.wishes]

    def _wrong(self, wish: Wish, act: Act, now: int) -> bool:
        if wish.purpose == ALL:
            if wish.state not in WIDE:
                return True
        else:
            story = self.purposes.get(wish.purpose)
            version = None if story is None else story.at(now)
            if story is None or version is None:
                return True
            if story.retired(now) and wish.state in (*AGREED, "requested"):
                return True
            if version.mechanism != "opt_in" and wish.state in CONSENTING:
                return True
        unknown = wish.system not in (ALL, *self.systems)
        unproven = act.actor in {"agent", "staff"} and not act.evidence
        unshown = wish.notice is None and wish.state in (*AGREED, "requested") and not act.evidence
        unconfirmed = (wish.confirms is None) == (wish.state == "explicitly_given")
        return unknown or unproven or unshown or unconfirmed or wish.state not in _ACTORS[act.actor]

    def _one(self, person: str, wish: Wish, act: Act, now: int) -> Happening:
        before = self.latest(person).get((wish.purpose, wish.system))
        story = self.purposes.get(wish.purpose, PurposeStory())
        version = story.at(now)
        possible = self.may_follow(person, wish.purpose, wish.system, now)
        if wish.state not in possible:
            over = before is not None and self.worth(before, story, now) in {"expired", "superseded"}
            single = wish.state == "given" or (wish.state == "renewed" and over)
            two_steps = single and version is not None and version.explicit and "requested" in possible
            raise NotSo("SecondStepNeededError" if two_steps else "TransitionNotPossibleError")
        if wish.state == "explicitly_given":
            fresh = before is not None and before.choice == wish.confirms and before.at >= now - 24 * HOUR
            if before is None or not fresh or before.version < story.material(now):
                raise NotSo("ConfirmationLapsedError")
        explicit = wish.state == "explicitly_given" or (
            wish.state == "renewed" and before is not None and before.explicit
        )
        made = self._made(wish, story, now, explicit=explicit, gpc=act.gpc)
        return replace(made, actor=act.actor, notice=wish.notice)

    @staticmethod
    def _made(wish: Wish, story: PurposeStory, now: int, *, explicit: bool, gpc: bool) -> Happening:
        version = story.at(now)
        until = None
        if wish.state in AGREED and version is not None and version.hours is not None:
            until = now + version.hours * HOUR
        number = 0 if version is None else version.number
        return Happening(wish.purpose, wish.system, wish.state, explicit, number, until, gpc, "", None, now)

    def _withdraw(self, person: str, act: Act, now: int) -> list[Happening]:
        rows = self.latest(person)
        made = []
        for place, row in rows.items():
            asked = act.purpose in {None, place[0]} and act.system in {None, place[1]}
            if row.state in AGREED and asked:
                version = self.purposes[place[0]].at(now)
                consent = version is not None and version.mechanism == "opt_in"
                wish = Wish(*place, "withdrawn" if consent else "opted_out", notice=None)
                made.append(self._one(person, wish, act, now))
        if act.purpose is None and act.system in self.systems and act.system is not None:
            wide = rows.get((ALL, act.system))
            if wide is None or wide.state not in REFUSING:
                made.append(self._one(person, Wish(ALL, act.system, "opted_out", notice=None), act, now))
        if not made:
            raise NotSo("NothingToWithdrawError")
        return made

    def _signalled(self, person: str, taken: set[tuple[str, str]], now: int) -> list[Happening]:
        rows = self.latest(person)
        made = []
        for key, story in sorted(self.purposes.items()):
            version = story.at(now)
            if version is None or not version.gpc or story.retired(now) or (key, ALL) in taken:
                continue
            row = rows.get((key, ALL))
            if row is None or (not row.gpc and row.state not in REFUSING):
                one = self._made(Wish(key, ALL, "opted_out"), story, now, explicit=False, gpc=True)
                made.append(replace(one, actor="signal"))
        return made

    def lapse(self, person: str, state: str, places: list[tuple[str, str]], clock: int) -> list[Happening]:
        """Return what noting that consents are over records."""
        rows = self.latest(person)
        now = max([clock, *(one.at for one in rows.values())])
        return [
            replace(rows[place], state=state, until=None, gpc=False, actor="system", notice=None, at=now, choice="")
            for place in places
        ]

    def over(self, person: str, now: int) -> list[tuple[str, str]]:
        """The places of consents whose time has come."""
        rows = self.latest(person).items()
        return [place for place, row in rows if row.state in AGREED and row.until is not None and row.until <= now]

    def erase(self, person: str) -> None:
        """Forget a person but for what she says no to now, which stays without its circumstances."""
        standing = [row for row in self.latest(person).values() if row.state in REFUSING]
        self.people[person] = [replace(row, gpc=False, notice=None) for row in standing]

    def copy(self) -> "Oracle":
        """Return a world that can be tried out."""
        made = Oracle()
        made.purposes, made.systems = self.purposes, self.systems
        made.people = {person: copy.copy(story) for person, story in self.people.items()}
        return made
