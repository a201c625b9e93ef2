"""What the gate said to many people at many instants: the permission state a decision was made under (EXP-01).

For decisions of the past the answer is computed again from events and catalogue versions recorded by then. Within a
batch the catalogue is read only where it changed: two instants between which nothing was published share one.
"""

from collections.abc import Sequence

from api.catalogue import catalogue_at
from api.state import AppState
from consent import store
from consent.cache import Catalogue, Question, ask, by_level
from consent.gate import Answer
from core.database import Reader
from disclosures import service as register

Asked = tuple[bytes, Question, int | None]  # pseudonym, question, past instant in microseconds or nothing for now


async def answers_then(state: AppState, tenant: str, asked: Sequence[Asked]) -> list[Answer]:
    """Return the gate's answers in order. Raises ``RecordsOutOfReachError`` if the present can't be known."""
    now = [(subject, question) for subject, question, at in asked if at is None]
    past = [(subject, question, at) for subject, question, at in asked if at is not None]
    present = iter(await state.gate.check_many(tenant, now) if now else ())
    earlier = iter(await state.db.read(_past, tenant, past) if past else ())
    return [next(present) if at is None else next(earlier) for _, _, at in asked]


async def _past(tx: Reader, tenant: str, asked: Sequence[tuple[bytes, Question, int]]) -> list[Answer]:
    catalogues = await _catalogues(tx, tenant, sorted({at for _, _, at in asked}))
    found = []
    for subject, question, at in asked:
        rows = by_level(await store.states_at(tx, tenant, subject, at))
        found.append(ask(question, catalogues[at], rows, at, 0))
    return found


Marked = tuple[Catalogue, int]


async def _marked(tx: Reader, tenant: str, at: int) -> Marked:
    """Return the catalogue of an instant, and how often the register had changed by then."""
    return await catalogue_at(tx, tenant, at), await register.changes_by(tx, tenant, at)


async def _catalogues(tx: Reader, tenant: str, instants: Sequence[int]) -> dict[int, Catalogue]:
    """Return the catalogue of each instant (in order); versions only ever count up, so equal ends mean no change."""
    first, last = 0, len(instants) - 1
    known = {place: await _marked(tx, tenant, instants[place]) for place in {first, last}}
    spans = [(first, last)]
    while spans:
        low, high = spans.pop()
        if high - low < 2:
            continue
        if known[low] == known[high]:
            known.update(dict.fromkeys(range(low + 1, high), known[low]))
            continue
        middle = (low + high) // 2
        known[middle] = await _marked(tx, tenant, instants[middle])
        spans += [(low, middle), (middle, high)]
    return {at: known[place][0] for place, at in enumerate(instants)}
