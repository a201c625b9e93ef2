"""What one request's page shows: everything about it, read at one instant, each part from the room that knows it.

The decision is told by the same sentences that the answer is made of, in the language of the consoles: what an agent
says on the telephone and what the letter says can't differ (AGT-02). A reviewer who is to judge alone sees nothing
that the AI system said before a view of their own is noted (AI Act Art. 14(4)(b)).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from api import casework
from api.console import together
from api.console.cases import wording
from api.console.desk import Desk
from api.console.wording import short
from core import canonical
from core.database import Reader
from disclosures.notices import readability
from explanations import listing
from explanations.requests import answers, deadlines, drafting, record, service, store
from explanations.requests.facts import at_least
from explanations.requests.material import Material, pushes
from explanations.requests.record import Case
from explanations.store import DecisionRow

_TALK: Final = ("short_answer", "role", "result", "change", "certainty")
_MOST_DECISIONS = 20


class Happened(NamedTuple):
    """An event of a request: what, who, when, with its words and its ledger entry."""

    seq: int
    at: int
    name: str
    words: str
    who: str
    voice: str
    texts: Mapping[str, str]


class Push(NamedTuple):
    """One input beside the draft: its value, how far it pushed, and the bar that shows it (percent of the longest)."""

    feature: str
    value: Any
    push: float
    bar: int


class Whole(NamedTuple):
    """One request with all that is known of it."""

    case: Case
    intake: Mapping[str, str]
    objection: str
    draft: dict[str, Any] | None
    answer: dict[str, Any] | None
    made_of: Material
    talk: list[tuple[str, list[str]]]
    pushes: list[Push]
    inputs: Mapping[str, Any]
    events: list[Happened]
    own_decisions: list[DecisionRow]
    names: Mapping[str, str]
    hidden: bool

    def name(self, person: str | None) -> str:
        """Return what somebody is called: the name while signed in, else the id."""
        return "" if person is None else self.names.get(person, short(person))


async def read(tx: Reader, desk: Desk, request_id: str) -> Whole:
    """Return a request. Raises ``RequestNotFoundError``."""
    case = await record.load(tx, desk.tenant, request_id)
    work = desk.state.desk
    hidden = is_hidden(case, desk.principal.id)
    systems = await casework.registered(tx, desk.tenant, request_id)
    made_of = await answers.material(tx, work, case, desk.now, systems)
    names = await together.colleagues(tx, desk)
    events = [await _happened(tx, desk, one, names) for one in reversed(await store.events(tx, case.row.id))]
    return Whole(
        case=case,
        intake=await record.intake_of(tx, desk.state.keyring, case.row),
        objection=next((event.texts.get("view", "") for event in events if event.name == "contested"), ""),
        draft=None if hidden else await answers.current(tx, work, case),
        answer=None if hidden else await answers.current(tx, work, case, answers.ANSWER),
        made_of=made_of,
        talk=[] if hidden else told(made_of),
        pushes=[] if hidden else _pushes(made_of),
        inputs=(made_of.views[0].personal or {}).get("inputs") or {} if made_of.views else {},
        events=events,
        own_decisions=await _decisions(tx, desk, case),
        names=names,
        hidden=hidden,
    )


def is_hidden(case: Case, person: str) -> bool:
    """Tell whether somebody has to form a view before seeing what the AI system said (AGT-06)."""
    facts = case.facts
    reviewing = case.row.state in {"human_review", "re_run"} and facts.reviewer == person
    return reviewing and facts.blind and facts.first_view_at is None


def told(made_of: Material) -> list[tuple[str, list[str]]]:
    """Return the decision in plain English words: the sentences an answer would be made of."""
    if not made_of.views:
        return []
    english = made_of._replace(facts=replace(made_of.facts, language="en"))
    by_name = {section["id"]: section for section in drafting.assemble(english)["sections"]}
    found = []
    for name in _TALK:
        section = by_name[name]
        lines = [sentence["text"] for sentence in section["sentences"]]
        if lines or section["absent"]:
            found.append((wording.SECTIONS[name], lines or [str(section["absent"])]))
    return found


def _pushes(made_of: Material) -> list[Push]:
    if not made_of.views:
        return []
    found = pushes(made_of)
    longest = max((abs(push) for _, _, push in found), default=0) or 1
    found.sort(key=lambda one: -abs(one[2]))
    return [Push(feature, value, push, round(100 * abs(push) / longest)) for feature, value, push in found]


async def _happened(tx: Reader, desk: Desk, row: store.EventRow, names: Mapping[str, str]) -> Happened:
    facts = canonical.loads(row.facts)
    texts = {} if row.sealed is None else await record.texts_of(tx, desk.state.keyring, row)
    role, by = facts.get("by_role"), facts.get("by")
    who = "the person" if role == "subject" else names.get(str(by), short(str(by))) if by and role else "Candor"
    voice = "human" if role in {"subject", "agent", "dpo"} else "machine"
    shown = {name: text for name, text in texts.items() if name not in {"address", "authorisation"}}
    name = row.kind.rpartition(".")[2]
    return Happened(row.seq, row.at, name, wording.happened(name, facts), who, voice, shown)


async def _decisions(tx: Reader, desk: Desk, case: Case) -> list[DecisionRow]:
    """Return the person's latest decisions, to name the right one of; only while none may have been named."""
    if case.row.state not in {"acknowledged", "scoped"}:
        return []
    return (await listing.page(tx, desk.tenant, {"subject": case.row.subject}, _MOST_DECISIONS)).decisions


def level(document: Mapping[str, Any] | None) -> readability.Score | None:
    """Return how hard a draft is to read."""
    if document is None:
        return None
    sentences = [sentence["text"] for section in document["sections"] for sentence in section["sentences"]]
    return readability.score("\n".join(sentences), str(document["language"]))


def clock(case: Case, now: int) -> wording.Clock:
    """Return how urgent a request is."""
    row = case.row
    return wording.clock(row.received_at, row.due_at, now, owed=row.owed, on_time=row.on_time)


def standing(whole: Whole, desk: Desk) -> dict[str, Any]:
    """Return what the page says about how a request stands, and what can be done with it."""
    case = whole.case
    facts = case.facts
    possible = set(service.steps_of(case))
    return {
        "row": case.row,
        "facts": facts,
        "possible": possible,
        "clock": clock(case, desk.now),
        "laws": [(law, deadlines.readings(facts).get(law["right"])) for law in facts.laws],
        "identified": at_least(facts.identity, facts.needed),
        "mine": case.row.assignee == desk.principal.id,
        "others": case.row.assignee not in {None, desk.principal.id},
        "drafted": desk.principal.id in facts.drafters,
        "reviewing": facts.reviewer == desk.principal.id,
        "took_part": desk.principal.id in {*facts.drafters, facts.approver, *facts.actors},
        "contestable": (facts.contest_until or 0) >= desk.now,
        "level": level(whole.draft),
        "me": desk.principal.id,
    }
