"""Conversations with an AI as its operator reports them, turn by turn: the source of triggers and of the transcript.

From the request for a human on the AI is silent: a turn it takes is recorded as a violation and never reaches the
customer through us. Who answers is told truthfully (CA B&P 17941, Utah 13-75-103, AI Act Art. 50(1)) and logged.
"""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag

from core import canonical, crypto, ids, subjects
from core.database import Insert, Reader, Tx
from core.keys import KeyRing
from core.principal import Subject
from handoff import cases, lifecycle, service, store, triggers
from handoff.queues import QueueRules
from handoff.tables import ConversationTurn
from handoff.talks import store as talks
from handoff.talks.store import Talk, TurnRow
from handoff.triggers import Signals, Verdict

_INSERT_TURN = Insert(ConversationTurn)
SPEAKERS = ("customer", "ai", "human", "system")


class Turn(NamedTuple):
    """One turn as reported. Scores are the operator's; ``missed`` says that the AI did not meet the wish again."""

    speaker: str
    text: str
    confidence: float | None = None
    sentiment: float | None = None
    missed: bool = False
    tool_failed: bool = False
    vulnerable: bool = False
    high_stakes: bool = False
    right: str | None = None
    rule: str | None = None
    status: bool = False  # a labelled status line such as "a person will be with you"


class Where(NamedTuple):
    """Which conversation, with whom, and by which AI system."""

    tenant: str
    subject: Subject
    ref: str
    touchpoint: str = "web"
    system: str | None = None
    language: str = "en"


class Heard(NamedTuple):
    """What became of reported turns."""

    talk: Talk
    verdict: Verdict | None
    handoff: str | None
    ai_may_speak: bool
    violations: int


class Wishes(NamedTuple):
    """What the person wants of AI: ``opted_out`` of it as a whole, ``human_only`` for this conversation."""

    opted_out: bool = False
    human_only: bool = False


async def hear(
    tx: Tx, keyring: KeyRing, where: Where, turns: Sequence[Turn], wishes: Wishes, rules: QueueRules, now: int
) -> Heard:
    """Record turns in order and judge the last state; the caller opens the handoff that a verdict asks for."""
    dek = await subjects.ensure(tx, keyring, where.tenant, where.subject, now)
    talk = await _talk(tx, where, now)
    opened = await store.open_one(tx, where.tenant, cases.open_key(where.subject.pseudonym, where.ref))
    talk.human_only = talk.human_only or wishes.human_only
    silent = opened is not None or talk.human_only or wishes.opted_out
    signals = Signals(opted_out=wishes.opted_out or talk.human_only)
    violations = 0
    for turn in turns:
        violation = silent and turn.speaker == "ai" and not turn.status
        _record(tx, talk, turn, dek, now, kind="violation" if violation else "said")
        violations += violation
        signals = _weighed(talk, turn, signals, rules)
    if violations and opened is not None:
        case = await cases.case_of(tx, keyring, opened, now)
        for _ in range(violations):
            await service.violated(case, "ai-spoke-after-request", where.system or "")
    verdict = None if opened is not None else triggers.judge(signals, rules.thresholds, rules.version)
    if verdict is not None:
        _found(tx, talk, verdict, now)
    await talks.save(tx, talk)
    may = not silent and (verdict is None or verdict.action == "offer")
    return Heard(talk, verdict, None if opened is None else opened.id, may, violations)


def _weighed(talk: Talk, turn: Turn, before: Signals, rules: QueueRules) -> Signals:
    """Count turns of one kind in a row, and add what this turn says."""
    limits = rules.thresholds
    if turn.speaker == "ai":
        if turn.confidence is not None:
            talk.low = talk.low + 1 if turn.confidence < limits.confidence else 0
        talk.failed = talk.failed + 1 if turn.missed else 0
    if turn.speaker == "customer" and turn.sentiment is not None:
        talk.sour = talk.sour + 1 if turn.sentiment < limits.sentiment else 0
    return Signals(
        asked=before.asked or (turn.speaker == "customer" and triggers.asks_for_human(turn.text)),
        confidence=turn.confidence if turn.confidence is not None else before.confidence,
        low=talk.low,
        failed=talk.failed,
        sentiment=turn.sentiment if turn.sentiment is not None else before.sentiment,
        sour=talk.sour,
        vulnerable=before.vulnerable or turn.vulnerable,
        stakes=before.stakes or turn.high_stakes,
        opted_out=before.opted_out,
        right=turn.right or before.right,
        tool_failed=before.tool_failed or turn.tool_failed,
        operator=turn.rule or before.operator,
    )


async def _talk(tx: Tx, where: Where, now: int) -> Talk:
    known = await talks.find(tx, where.tenant, where.subject.pseudonym, where.ref)
    if known is not None:
        known.last_at = now
        return known
    made = Talk(
        id=ids.new("cnv", now),
        tenant=where.tenant,
        subject=where.subject.pseudonym,
        ref=where.ref,
        touchpoint=where.touchpoint,
        system=where.system,
        language=where.language,
        opened_at=now,
        last_at=now,
    )
    talks.add(tx, made)
    return made


def _place(talk: Talk, seq: int) -> str:
    return f"{talk.tenant}|{talk.subject.hex()}|conversation_turn|sealed|{talk.id}:{seq}"


def _record(tx: Tx, talk: Talk, turn: Turn, dek: bytes, now: int, *, kind: str) -> None:
    talk.last_seq += 1
    public = {name: value for name, value in turn._asdict().items() if name not in {"speaker", "text"} and value}
    sealed = crypto.seal(dek, turn.text.encode(), _place(talk, talk.last_seq))
    row = (talk.id, talk.last_seq, kind, turn.speaker, now, canonical.dumps(public).decode(), sealed)
    tx.insert(_INSERT_TURN, row)


def _found(tx: Tx, talk: Talk, verdict: Verdict, now: int) -> None:
    """Keep a verdict beside the turns: why the machine transferred, offered, or would have."""
    talk.last_seq += 1
    said = {
        "rule": verdict.rule,
        "trigger": verdict.trigger,
        "action": verdict.action,
        "because": dict(verdict.because),
    }
    row = (talk.id, talk.last_seq, "verdict", "system", now, canonical.dumps(said).decode(), None)
    tx.insert(_INSERT_TURN, row)


async def transcript(tx: Reader, keyring: KeyRing, tenant: str, subject: bytes, ref: str) -> list[Mapping[str, Any]]:
    """Return what was said in a conversation, each turn with who said it; nothing of an erased customer."""
    talk = await talks.find(tx, tenant, subject, ref)
    dek = await subjects.data_key(tx, keyring, tenant, subject)
    if talk is None or dek is None:
        return []
    found: list[Mapping[str, Any]] = []
    for row in await talks.turns(tx, talk.id, 200):
        text = _opened(talk, dek, row)
        if text is not None:
            found.append({"speaker": row.speaker, "at": row.at, "text": text})
    return found


def _opened(talk: Talk, dek: bytes, row: TurnRow) -> str | None:
    if row.sealed is None:
        return None
    try:
        return crypto.unseal(dek, row.sealed, _place(talk, row.seq)).decode()
    except InvalidTag:  # of the customer's former life
        return None


async def who_answers(tx: Tx, keyring: KeyRing, where: Where, now: int, *, opted_out: bool) -> tuple[str, bool]:
    """Return who answers now (``ai``, ``waiting``, ``human``) and whether the AI may speak; the question is logged."""
    await subjects.ensure(tx, keyring, where.tenant, where.subject, now)
    talk = await _talk(tx, where, now)
    opened = await store.open_one(tx, where.tenant, cases.open_key(where.subject.pseudonym, where.ref))
    if opened is not None:
        handler = lifecycle.handler(opened.state, ever_accepted=opened.accepted_at is not None)
    else:
        handler = "waiting" if opted_out or talk.human_only else "ai"
    talk.last_seq += 1
    said = canonical.dumps({"handler": handler}).decode()
    tx.insert(_INSERT_TURN, (talk.id, talk.last_seq, "asked_who", "customer", now, said, None))
    await talks.save(tx, talk)
    return handler, handler == "ai"
