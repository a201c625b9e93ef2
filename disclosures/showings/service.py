"""The verbs of showings: record one, note who speaks, judge a conversation, say whether one talks to a human.

The log keeps of a conversation, session or decision only a hash: enough to prove which it was, too little to tell.
"""

from hashlib import sha256
from typing import Any, Final, NamedTuple

from core import canonical, ids, subjects
from core.clock import MICROS
from core.database import Reader, Tx
from core.errors import FieldError
from core.keys import KeyRing
from disclosures.experiments import assignment, serving
from disclosures.experiments.serving import Cohort
from disclosures.notices import store as notices
from disclosures.notices.standing import document_of
from disclosures.notices.store import VersionRow
from disclosures.showings import store
from disclosures.showings.errors import InvalidShowingError
from disclosures.tables import DisclosureGap, Showing, Speaker
from disclosures.touchpoints import service as touchpoints
from disclosures.touchpoints.errors import TouchpointNotFoundError
from ledger import service as ledger
from ledger.entries import Entry

# a showing may be reported a little after the turn that it preceded
PATIENCE: Final = 10 * MICROS
_TELLS_OF_AI: Final = "ai_interaction"
_SPEAKS_AS_AI: Final = frozenset({"ai", "mixed"})
_MUST_BE_TOLD: Final = frozenset({"chatbot", "voice_bot", "companion", "mental_health_bot"})


class Told(NamedTuple):
    """What was displayed to whom and where; ``shown_at`` in microseconds, ``subject`` a pseudonym."""

    notice: str
    version: int
    lang: str
    surface: str
    build: str
    session: str
    shown_at: int
    site: str | None = None
    touchpoint: str | None = None
    conversation: str | None = None
    decision: str | None = None
    position: str | None = None
    subject: bytes | None = None
    experiment: str | None = None


def place(*parts: str | None) -> str:
    """Return the hash by which the log knows a session, conversation or decision."""
    return sha256(canonical.dumps(list(parts))).hexdigest()


def facts_of(row: Showing) -> dict[str, Any]:
    """Return what the log says of a showing."""
    facts = {
        "showing": row.id,
        "site": row.site,
        "notice": row.notice,
        "version": row.version,
        "sha256": row.sha256,
        "lang": row.lang,
        "surface": row.surface,
        "build": row.build,
        "touchpoint": row.touchpoint,
        "place": place(row.session, row.conversation, row.decision),
        "position": row.position,
        "before_first_turn": row.before_first_turn,
        "shown_at": row.shown_at,
    }
    return facts if row.experiment is None else {**facts, "experiment": row.experiment}


async def record(tx: Tx, keyring: KeyRing, tenant: str, told: Told, at: int) -> Showing:
    """Record that a notice was displayed. Raises ``InvalidShowingError`` naming what was never published."""
    version = await notices.version(tx, tenant, told.notice, told.version)
    if version is None:
        raise InvalidShowingError(fields=(FieldError("/version", "no such version of this notice was published"),))
    if told.lang not in document_of(version.document).texts:
        raise InvalidShowingError(fields=(FieldError("/lang", "this version has no text in this language"),))
    await _in_its_experiment(tx, keyring, tenant, told, version)
    if told.touchpoint is not None:
        await _known(tx, tenant, told.touchpoint)
    dek = None if told.subject is None else await subjects.known_key(tx, keyring, tenant, told.subject)
    row = Showing(
        seq=0,
        id=ids.new("shw", at),
        tenant=tenant,
        sha256=version.sha256,
        before_first_turn=await _before_first_turn(tx, tenant, told),
        recorded_at=at,
        **{**told._asdict(), "subject": None if dek is None else told.subject},
    )
    entry = Entry(kind="notice.shown", tenant=tenant, at=at, public=facts_of(row), subject=row.subject)
    row.seq = ledger.append(tx, entry, dek)
    store.add(tx, row)
    return row


async def _in_its_experiment(tx: Reader, keyring: KeyRing, tenant: str, told: Told, version: VersionRow) -> None:
    """Hold what is said of an experiment against it; what is there for experiments alone is shown in one only."""
    if told.experiment is None:
        if version.aside:
            detail = "this version is shown in experiments only: say in which"
            raise InvalidShowingError(fields=(FieldError("/experiment", detail),))
        return
    said = Cohort(told.experiment, "", told.notice, told.version)
    key = assignment.key_of(keyring)
    if wrong := await serving.why_not(tx, key, tenant, said, told.subject, told.shown_at):
        raise InvalidShowingError(fields=(FieldError("/experiment", wrong),))


async def _known(tx: Reader, tenant: str, touchpoint: str) -> str:
    """Return the kind of a touchpoint. Raises ``InvalidShowingError`` for one that is not registered."""
    try:
        return (await touchpoints.view(tx, tenant, touchpoint)).document.kind
    except TouchpointNotFoundError:
        raise InvalidShowingError(fields=(FieldError("/touchpoint", "there is no such touchpoint"),)) from None


async def _before_first_turn(tx: Reader, tenant: str, told: Told) -> bool | None:
    if told.conversation is None:
        return None
    speaker = await store.speaker(tx, tenant, told.conversation)
    if speaker is None or speaker.first_ai_at is None:
        return None
    return told.shown_at <= speaker.first_ai_at


async def speak(tx: Tx, tenant: str, conversation: str, touchpoint: str, who: str, by: str, at: int) -> Speaker:
    """Note who speaks in a conversation from ``at`` on; nothing changes where that was so already.

    Raises ``InvalidShowingError`` for a touchpoint that is not registered.
    """
    await _known(tx, tenant, touchpoint)
    row = await store.speaker(tx, tenant, conversation)
    first = at if who in _SPEAKS_AS_AI else None
    if row is None:
        row = Speaker(
            tenant=tenant, conversation=conversation, touchpoint=touchpoint, who=who, since=at, first_ai_at=first
        )
        store.add(tx, row)
    else:
        earliest = row.first_ai_at if first is None else min(row.first_ai_at or first, first)
        if (row.who, row.first_ai_at) == (who, earliest):
            return row
        row.since = row.since if row.who == who else at
        row.who, row.first_ai_at = who, earliest
        await store.speaks(tx, row)
    public = {"by": by, "place": place(conversation), "touchpoint": row.touchpoint, "who": who, "since": row.since}
    ledger.append(tx, Entry(kind="speaker.changed", tenant=tenant, at=at, public=public))
    return row


async def judge(tx: Tx, tenant: str, conversation: str, at: int) -> DisclosureGap | None:
    """Look at a conversation once: return the gap if the AI spoke before the person was told."""
    row = await store.speaker(tx, tenant, conversation)
    if row is None or row.first_ai_at is None or not await store.judge(tx, tenant, conversation, at):
        return None
    try:
        kind = (await touchpoints.view(tx, tenant, row.touchpoint)).document.kind
    except TouchpointNotFoundError:
        return None
    shown_at = await _first_told(tx, tenant, conversation)
    if kind not in _MUST_BE_TOLD or (shown_at is not None and shown_at <= row.first_ai_at):
        return None
    public = {
        "place": place(conversation),
        "touchpoint": row.touchpoint,
        "first_ai_at": row.first_ai_at,
        "shown_at": shown_at,
    }
    seq = ledger.append(tx, Entry(kind="disclosure.gap-found", tenant=tenant, at=at, public=public))
    gap = DisclosureGap(
        seq=seq,
        tenant=tenant,
        conversation=conversation,
        touchpoint=row.touchpoint,
        first_ai_at=row.first_ai_at,
        shown_at=shown_at,
        found_at=at,
    )
    store.add(tx, gap)
    return gap


async def _first_told(tx: Reader, tenant: str, conversation: str) -> int | None:
    """Return when the person was first told of the AI in a conversation."""
    found = []
    for row in await store.showings(tx, tenant, "conversation", conversation):
        version = await notices.version(tx, tenant, row.notice, row.version)
        if version is not None and document_of(version.document).kind == _TELLS_OF_AI:
            found.append(row.shown_at)
    return min(found, default=None)


async def who_speaks(tx: Reader, tenant: str, conversation: str | None) -> Speaker | None:
    """Return who speaks in a conversation, as the back-end has said; nothing where nobody has."""
    return None if conversation is None else await store.speaker(tx, tenant, conversation)


def note_answer(tx: Tx, tenant: str, conversation: str, who: str, lang: str, at: int) -> None:
    """Put on record that somebody asked whom she talks to, and what she was told."""
    public = {"place": place(conversation), "who": who, "lang": lang}
    ledger.append(tx, Entry(kind="identity.answered", tenant=tenant, at=at, public=public))
