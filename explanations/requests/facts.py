"""What is known of a case that is not personal: what guards look at, and what each step makes of it. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final, NamedTuple

LEVELS: Final = ("none", "basic", "substantial", "high")
# what each method of identification proves; a document is never kept, only the outcome (GDPR Art. 5(1)(c), 12(6))
METHODS: Final = {
    "customer_token": "high",
    "vouched_by_site": "high",
    "document_check": "high",
    "code_to_known_address": "substantial",
    "code_to_given_address": "basic",
}


def at_least(level: str, needed: str) -> bool:
    """Tell whether an identity level is enough."""
    return LEVELS.index(level) >= LEVELS.index(needed)


class Asked(NamedTuple):
    """A step somebody wants to take: ``told`` goes into the record in the open, ``texts`` sealed. ``at`` in micros."""

    step: str
    by: str
    role: str  # subject, agent, dpo, site, system
    at: int
    told: Mapping[str, Any] = {}
    texts: Mapping[str, str] = {}


@dataclass(frozen=True)
class Facts:
    """The facts of a case; instants in microseconds, days as ISO dates."""

    laws: tuple[Mapping[str, Any], ...] = ()
    holidays: tuple[str, ...] = ()
    zone: str = "UTC"
    place: str | None = None  # where the person lives
    round: int = 1
    started_on: str = ""
    clock: tuple[Mapping[str, Any], ...] = ()  # what happened to the clocks since ``started_on``
    language: str = "en"
    channel: str = "api"
    on_behalf: str = "self"
    effect: str | None = None
    decisions: tuple[str, ...] = ()
    actors: tuple[str, ...] = ()  # who took part in the decisions: never their reviewers
    identity: str = "none"
    needed: str = "basic"
    method: str | None = None
    drafters: tuple[str, ...] = ()
    draft: int = 0
    gaps: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    redactions: tuple[Mapping[str, str], ...] = ()
    approver: str | None = None
    approved: int = 0
    involved: tuple[str, ...] = ()  # who ever approved, refused or decided a review: never the next reviewers
    extended: bool = False
    released_at: int | None = None
    contest_until: int | None = None
    reviewer: str | None = None
    evidence_at: int | None = None
    first_view_at: int | None = None
    blind: bool = False
    documents: int = 0
    outcome: str | None = None
    known_address: bool = False

    def document(self) -> dict[str, Any]:
        """Return the facts as JSON values."""
        return asdict(self)

    @classmethod
    def read(cls, document: Mapping[str, Any]) -> "Facts":
        """Return the facts of a stored document."""
        known = {field.name for field in fields(cls)}
        made: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in document.items()
            if name in known
        }
        return cls(**made)


def _event(facts: Facts, kind: str, asked: Asked, **more: Any) -> Facts:
    event = {"type": kind, "on": asked.told["on"], "reason": str(asked.told.get("reason", "")), **more}
    return replace(facts, clock=(*facts.clock, event))


def _proved(facts: Facts, asked: Asked) -> Facts:
    method = asked.told["method"]
    level = max(METHODS[method], facts.identity, key=LEVELS.index)
    proved = replace(facts, identity=level, method=method)
    return _event(proved, "identity_verified", asked) if at_least(level, facts.needed) else proved


def _scoped(facts: Facts, asked: Asked) -> Facts:
    needed = max(asked.told["needed"], facts.needed, key=LEVELS.index)
    decisions, actors = tuple(asked.told["decisions"]), tuple(asked.told["actors"])
    return replace(facts, decisions=decisions, actors=actors, needed=needed, effect=asked.told["effect"])


def _drafted(facts: Facts, asked: Asked) -> Facts:
    return replace(
        facts,
        drafters=tuple(dict.fromkeys((*facts.drafters, asked.by))),
        draft=asked.told["version"],
        gaps=tuple(asked.told["gaps"]),
        warnings=tuple(asked.told["warnings"]),
        approver=None,
        approved=0,
    )


def _redacted(facts: Facts, asked: Asked) -> Facts:
    redaction = {"section": asked.told["section"], "ground": asked.told["ground"]}
    return replace(_drafted(facts, asked), redactions=(*facts.redactions, redaction))


def _involving(facts: Facts, asked: Asked, **more: Any) -> Facts:
    return replace(facts, involved=tuple(dict.fromkeys((*facts.involved, asked.by))), **more)


def _contested(facts: Facts, asked: Asked) -> Facts:
    fresh: dict[str, Any] = {"reviewer": None, "evidence_at": None, "first_view_at": None, "outcome": None}
    return replace(_new_round(facts, asked), **fresh)


def _new_round(facts: Facts, asked: Asked) -> Facts:
    return replace(facts, round=facts.round + 1, started_on=asked.told["on"], clock=(), extended=False)


def _assigned(facts: Facts, asked: Asked) -> Facts:
    return replace(facts, reviewer=asked.told["reviewer"], evidence_at=None, first_view_at=None)


def _reopened(facts: Facts, asked: Asked) -> Facts:
    return replace(_new_round(facts, asked), approver=None, approved=0, outcome=None, reviewer=None)


_EFFECTS: Final[dict[str, Callable[[Facts, Asked], Facts]]] = {
    "ask_identity": lambda facts, asked: _event(facts, "identity_requested", asked),
    "prove_identity": _proved,
    "scope": _scoped,
    "ask_clarification": lambda facts, asked: _event(facts, "pause", asked),
    "clarify": lambda facts, asked: _event(facts, "resume", asked),
    "draft": _drafted,
    "redact": _redacted,
    "send_back": lambda facts, asked: replace(facts, approver=None, approved=0),
    "approve": lambda facts, asked: _involving(facts, asked, approver=asked.by, approved=facts.draft),
    "release": lambda facts, asked: replace(
        facts, released_at=asked.at, contest_until=asked.told["contest_until"], outcome="released"
    ),
    "extend": lambda facts, asked: replace(_event(facts, "extend", asked, notice_sent=True), extended=True),
    "refuse": lambda facts, asked: _involving(
        facts, asked, contest_until=asked.told["contest_until"], outcome=f"refused:{asked.told['ground']}"
    ),
    "contest": _contested,
    "add_document": lambda facts, asked: replace(facts, documents=facts.documents + 1),
    "assign_review": _assigned,
    "open_evidence": lambda facts, asked: replace(facts, evidence_at=facts.evidence_at or asked.at),
    "give_first_view": lambda facts, asked: replace(facts, first_view_at=facts.first_view_at or asked.at),
    "uphold": lambda facts, asked: _involving(facts, asked, outcome="upheld"),
    "overturn": lambda facts, asked: _involving(facts, asked, outcome="overturned"),
    "overturn_partly": lambda facts, asked: _involving(facts, asked, outcome="partly_overturned"),
    "reopen": _reopened,
}


def after(facts: Facts, asked: Asked) -> Facts:
    """Return the facts once a step was taken; most steps leave them as they are."""
    effect = _EFFECTS.get(asked.step)
    return facts if effect is None else effect(facts, asked)
