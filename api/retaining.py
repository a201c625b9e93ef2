"""What routes and consoles share of retention: the preview of a deletion, looked through in short reads."""

from api.state import AppState
from oversight.retention import certifying, deleting
from oversight.retention.certifying import Seen
from oversight.retention.periods import Terms
from oversight.retention.schedules import Wish

_MOST_LOOKS = 200  # of 500 records each


async def preview(state: AppState, tenant: str, record_type: str, wish: Wish, now: int) -> tuple[Terms, Seen, bool]:
    """Return what ``wish`` would delete now: its terms, what was found, and whether all records were looked at."""
    terms = deleting.terms_of(state.packs, record_type, wish, now)
    end, seen, more = deleting.end_of(record_type, terms.cut_off), Seen(), True
    for _ in range(_MOST_LOOKS):
        if not more:
            break
        seen, more = await state.db.read(certifying.look, tenant, record_type, terms, seen, end)
    return terms, seen, not more
