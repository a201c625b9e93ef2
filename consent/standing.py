"""How a person's choices stand, now or at a past instant: what was expressed, what it is worth, what the gate says."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from consent import signals, store
from consent.cache import Catalogue, Question, ask
from consent.errors import FutureInstantError, SubjectNotFoundError
from consent.gate import Answer, PurposeFacts, Row
from consent.lifecycle import ALL, effective
from consent.notary import Notary
from consent.purposes.published import facts_at
from consent.recording import present_of
from consent.store import Present
from core import subjects
from core.database import Reader
from core.errors import FieldError


class Worth(NamedTuple):
    """A current row and what it is worth at the instant asked about."""

    row: Present
    effective: str


class Standing(NamedTuple):
    """A person's rows, what the gate says to each purpose for all systems, and what a signal has switched off."""

    rows: tuple[Worth, ...]
    answers: tuple[Answer, ...]
    honoured: tuple[str, ...]
    at: int


def _gate_rows(rows: Iterable[Present]) -> dict[tuple[str, str], Row]:
    return {
        (row.purpose, row.system): Row(
            row.state, row.explicit, row.purpose_version, row.choice, row.notice_version, row.valid_until
        )
        for row in rows
    }


def _weighed(
    rows: Iterable[Present],
    facts: Mapping[str, PurposeFacts],
    gate_rows: Mapping[tuple[str, str], Row],
    honoured: Iterable[str],
    at: int,
) -> Standing:
    found = sorted(rows, key=lambda row: (row.purpose, row.system))
    worth = []
    for row in found:
        material = facts[row.purpose].material if row.purpose in facts else 0
        worth.append(Worth(row, effective(row.state, row.valid_until, row.purpose_version, material, at)))
    catalogue = Catalogue(dict(facts), {})
    answers = tuple(
        ask(Question(key, None), catalogue, gate_rows, at, 0)
        for key, known in sorted(facts.items())
        if not known.retired
    )
    return Standing(tuple(worth), answers, tuple(honoured), at)


async def now_of(tx: Reader, notary: Notary, tenant: str, subject: bytes, now: int) -> Standing:
    """Return how a person's choices stand now; nobody's if nothing is known of her."""
    rows = await store.present(tx, tenant, subject)
    published = await notary.purposes.of_tenant(tx, tenant)
    facts = {one.facts.key: one.facts for one in published}
    honoured = signals.honoured(published, {(row.purpose, row.system): row for row in rows})
    return _weighed(rows, facts, _gate_rows(rows), honoured, now)


async def of_nobody(tx: Reader, notary: Notary, tenant: str, now: int, *, signal: bool) -> Standing:
    """Return how things stand for a visitor who has no id; with ``signal`` the purposes it covers are off."""
    published = await notary.purposes.of_tenant(tx, tenant)
    facts = {one.facts.key: one.facts for one in published}
    honoured = signals.honoured(published, {}) if signal else []
    off = Row("opted_out", explicit=False, purpose_version=0, choice="", notice_version=None, valid_until=None)
    rows = {(key, ALL): off for key in honoured}
    made = _weighed((), facts, rows, honoured, now)
    return made._replace(answers=tuple(answer._replace(choice=answer.choice or None) for answer in made.answers))


async def at_instant(tx: Reader, notary: Notary, tenant: str, subject: bytes, at: int, now: int) -> Standing:
    """Return how a person's choices stood at a past instant, from events alone. Raises ``FutureInstantError``."""
    if at > now:
        raise FutureInstantError(fields=(FieldError("?at", "an instant that has not come yet"),))
    days = notary.settings.ask_again_days
    rows = [present_of(event, days) for event in await store.events_at(tx, tenant, subject, at)]
    return _weighed(rows, await facts_at(tx, tenant, at), _gate_rows(rows), (), at)


async def must_be_known(tx: Reader, tenant: str, subject: bytes) -> None:
    """Raise ``SubjectNotFoundError`` for a subject without records, or whose records were erased."""
    stored = await subjects.find(tx, tenant, subject)
    if stored is None or stored.wrapped is None:
        raise SubjectNotFoundError
