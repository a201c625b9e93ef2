"""Periods of retention are calendar periods; of two, the longer is the one that never ends first."""

from hypothesis import given
from hypothesis import strategies as st

from consent.durations import after, parse
from core.clock import DAY
from oversight.retention.periods import Terms, at_least

PERIODS = st.sampled_from(("P30D", "P1M", "P3M", "P12M", "P25M", "P3Y", "P7Y", "P1M15D", "P90DT6H"))
INSTANTS = st.integers(min_value=18_000 * DAY, max_value=24_000 * DAY)


@given(PERIODS, INSTANTS)
def test_the_cut_off_is_due_and_nothing_later_is(period: str, as_of: int) -> None:
    terms = Terms((period,), as_of)
    assert terms.due(terms.cut_off)
    assert not any(terms.due(terms.cut_off + later) for later in (1, 3_600_000_000, DAY, 2 * DAY, 40 * DAY))


@given(PERIODS, PERIODS, INSTANTS)
def test_a_period_that_is_at_least_another_never_ends_before_it(one: str, other: str, at: int) -> None:
    assert not at_least(one, other) or after(at, parse(one)) >= after(at, parse(other))


def test_months_and_days_that_are_not_always_alike_are_told_apart() -> None:
    assert at_least("P3Y", "P36M")
    assert at_least("P36M", "P3Y")
    assert not at_least("P365D", "P1Y")
    assert not at_least("P1M", "P30D")
    assert at_least("P31D", "P1M")
