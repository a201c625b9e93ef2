"""The gates as rules: when reasons are enough, and what that does to the grade."""

from typing import Any

import pytest

from explanations import gates

GOOD: dict[str, Any] = {"replayed": True, "separated": True, "direction": True, "additivity": 0.0}


@pytest.mark.parametrize(
    ("together", "threshold", "enough"),
    [
        (0.35, None, True),  # closes 0.25 of 0.3
        (0.45, None, False),  # closes half
        (0.45, 0.5, True),  # closes half, and the outcome turns
        (0.55, 0.5, False),
        (0.70, 0.5, False),  # moves the wrong way
    ],
)
def test_reasons_are_enough_if_most_of_the_gap_goes_with_them_or_the_outcome_turns(
    together: float, threshold: float | None, enough: bool
) -> None:
    closed = gates.gap_closed(0.6, 0.3, together, higher_is_adverse=True)

    assert gates.sufficient(closed, together, threshold, higher_is_adverse=True) is enough


def test_low_scores_are_judged_the_other_way_round() -> None:
    closed = gates.gap_closed(0.3, 0.6, 0.5, higher_is_adverse=False)

    assert closed == pytest.approx(2 / 3)
    assert gates.sufficient(0.1, 0.5, 0.45, higher_is_adverse=False)
    assert not gates.sufficient(0.1, 0.44, 0.45, higher_is_adverse=False)


@pytest.mark.parametrize(("output", "base"), [(0.3, 0.3), (0.2, 0.3)])
def test_without_a_gap_to_the_persons_disadvantage_there_is_nothing_to_close(output: float, base: float) -> None:
    assert gates.gap_closed(output, base, 0.1, higher_is_adverse=True) is None
    assert gates.sufficient(None, 0.1, 0.5, higher_is_adverse=True) is None


def test_reasons_that_are_not_the_whole_story_are_no_first_grade() -> None:
    assert gates.grade(**GOOD, enough=True) == gates.grade(**GOOD, enough=None) == "A"
    assert gates.grade(**GOOD, enough=False) == "B"
    assert gates.grade(**{**GOOD, "direction": False}, enough=True) == "fail"
