"""The verbs of choices: choose, withdraw, opt out, honour a signal, lapse, invalidate; each atomic and in the ledger.

HOT PATH, budget 60 us of CPU for one choice, most of it the receipt's signature. Everything read comes through
loaders, so that a batch of many requests reads each table once.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from consent import signals, store
from consent.asked import Asked, Circumstances, Known, Step, plan
from consent.errors import (
    InvalidChoiceError,
    NothingToInvalidateError,
    NothingToWithdrawError,
    SubjectNotFoundError,
)
from consent.lifecycle import ALL, NO, YES
from consent.notary import Notary
from consent.purposes.published import Published
from consent.recording import Places, Recorded, append_event, record, write_rows
from consent.store import Present
from core import subjects
from core.clock import Clock
from core.database import Reader, Tx
from core.database.lane import Prefetch
from core.errors import FieldError


def prefetch(notary: Notary, how: Circumstances, asked: Iterable[Asked]) -> Prefetch:
    """Return the keys ``choose`` will load, so that a batch of requests reads each table once."""
    place = (how.tenant, how.subject.pseudonym)
    one = list(asked)
    purposes = dict.fromkeys(a.purpose for a in one if a.purpose != ALL)
    systems = dict.fromkeys(a.system for a in one if a.system != ALL)
    wanted: list[tuple[Any, Any]] = [(subjects.KEYS, place), (store.PRESENT, place)]
    wanted += [(notary.purposes.loader, (how.tenant, key)) for key in purposes]
    wanted += [(notary.systems, (how.tenant, key)) for key in systems]
    if how.gpc:
        wanted.append((notary.purposes.signalled, how.tenant))
    return wanted


async def choose(
    tx: Tx,
    notary: Notary,
    how: Circumstances,
    asked: Sequence[Asked],
    clock: Clock,
    base: str = "/choices/{}",
) -> Recorded:
    """Record up to 50 choices, all or none, with one receipt; a signal sent along is honoured in the same act.

    Raises ``InvalidChoiceError``, ``TransitionNotPossibleError``, ``SecondStepNeededError``,
    ``ConfirmationLapsedError``.
    """
    rows, now = await _present(tx, how, clock)
    purposes = {
        key: await tx.load(notary.purposes.loader, (how.tenant, key))
        for key in {one.purpose for one in asked}
        if key != ALL
    }
    systems = frozenset(
        [
            key
            for key in {one.system for one in asked}
            if key != ALL and await tx.load(notary.systems, (how.tenant, key))
        ]
    )
    steps = plan(asked, how, Known(purposes, systems, rows, notary.settings, now), base)
    signalled: tuple[Published, ...] = ()
    if how.gpc:
        signalled = await tx.load(notary.purposes.signalled, how.tenant)
        chosen = frozenset((one.purpose, one.system) for one in asked)
        steps += signals.due(signalled, rows, asked[0].jurisdiction, chosen)
    return await record(tx, notary, how, steps, rows, signalled, now)


async def _present(tx: Tx, how: Circumstances, clock: Clock) -> tuple[Places, int]:
    """Return the person's rows by key, and an instant that is not before any of them."""
    found = await tx.load(store.PRESENT, (how.tenant, how.subject.pseudonym))
    return {(row.purpose, row.system): row for row in found}, max([clock.now(), *(row.recorded_at for row in found)])


async def is_signal_due(tx: Reader, notary: Notary, how: Circumstances) -> bool:
    """Tell whether ``honour`` would record anything, so that most requests need no transaction."""
    rows = {(row.purpose, row.system): row for row in await store.present(tx, how.tenant, how.subject.pseudonym)}
    signalled = [published for published in await notary.purposes.of_tenant(tx, how.tenant) if published.gpc]
    return bool(signals.due(signalled, rows))


async def honour(tx: Tx, notary: Notary, how: Circumstances, clock: Clock) -> Recorded:
    """Record what ``Sec-GPC: 1`` has yet to set for this person; nothing if it is all set."""
    rows, now = await _present(tx, how, clock)
    signalled = await tx.load(notary.purposes.signalled, how.tenant)
    return await record(tx, notary, how, signals.due(signalled, rows), rows, signalled, now)


async def withdraw(
    tx: Tx, notary: Notary, how: Circumstances, clock: Clock, purpose: str | None = None, system: str | None = None
) -> Recorded:
    """Take back every consent for a purpose, for an AI system, or all there are (GDPR Art. 7(3)); one receipt.

    For a system the person is besides opted out of it, so that consents for all systems do not reach it any more.
    Raises ``NothingToWithdrawError``.
    """
    rows, now = await _present(tx, how, clock)
    asked = []
    purposes: dict[str, Published | None] = {}
    for row in rows.values():
        if row.state not in YES or purpose not in (None, row.purpose) or system not in (None, row.system):
            continue
        published = purposes[row.purpose] = await tx.load(notary.purposes.loader, (how.tenant, row.purpose))
        by_consent = published is not None and published.facts.mechanism == "opt_in"
        asked.append(Asked(row.purpose, "withdrawn" if by_consent else "opted_out", row.system))
    if system is not None and purpose is None and await tx.load(notary.systems, (how.tenant, system)):
        whole = rows.get((ALL, system))
        if whole is None or whole.state not in NO:
            asked.append(Asked(ALL, "opted_out", system))
    if not asked:
        raise NothingToWithdrawError
    systems = frozenset(one.system for one in asked)
    known = Known(purposes, systems, rows, notary.settings, now)
    steps = [step for one in asked for step in plan([one], how, known, "")]
    signalled = await tx.load(notary.purposes.signalled, how.tenant) if how.gpc else ()
    steps += signals.due(signalled, rows, None, frozenset((one.purpose, one.system) for one in asked))
    return await record(tx, notary, how, steps, rows, signalled, now)


async def lapse(
    tx: Tx,
    notary: Notary,
    how: Circumstances,
    clock: Clock,
    state: str,
    still: Callable[[Present, int], bool],
    reason: str | None = None,
) -> Recorded:
    """Set ``expired``, ``superseded`` or ``invalidated`` on every consent of which ``still`` holds; without receipt.

    ``reason`` is sealed under the person's key; ``how.subject`` may lack its reference. Raises
    ``SubjectNotFoundError`` if the person has no key (any more).
    """
    rows, now = await _present(tx, how, clock)
    steps = []
    for row in rows.values():
        if row.state in YES and still(row, now):
            published = await tx.load(notary.purposes.loader, (how.tenant, row.purpose))
            asked = Asked(row.purpose, state, row.system, reason=reason)
            steps.append(Step(asked, how.actor, how.method, published, row, row.explicit, row.purpose_version))
    dek = await subjects.known_key(tx, notary.keyring, how.tenant, how.subject.pseudonym)
    if dek is None:
        raise SubjectNotFoundError
    chosen = [append_event(tx, how, step, dek, None, now) for step in steps]
    return Recorded(tuple(chosen), None, write_rows(tx, notary, how, chosen, rows), (), now)


async def invalidate(
    tx: Tx, notary: Notary, how: Circumstances, clock: Clock, purpose: str | None, reason: str
) -> Recorded:
    """Declare a person's consents for a purpose, or all of them, never to have been valid (GDPR Art. 7(2), (4)).

    For whoever keeps the records, where consent was not free, informed or proven. Raises ``SubjectNotFoundError``,
    ``InvalidChoiceError`` for an unknown purpose, ``NothingToInvalidateError``.
    """
    if purpose is not None and await tx.load(notary.purposes.loader, (how.tenant, purpose)) is None:
        raise InvalidChoiceError(fields=(FieldError("/purpose", "no such purpose is published"),))
    made = await lapse(tx, notary, how, clock, "invalidated", lambda row, _: purpose in (None, row.purpose), reason)
    if not made.chosen:
        raise NothingToInvalidateError
    return made
