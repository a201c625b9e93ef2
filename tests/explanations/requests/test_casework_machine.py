"""Random lives of cases, by random people over HTTP: what is accepted was allowed, what is refused says why.

An observer who knows none of the guards judges each case by its events: no release without a second person's approval
of that very version, no own draft approved, no own decision reviewed, no identity level missed, no redaction without a
ground, no extension after the first due date.
"""

import pytest

from tests.explanations.requests.conftest import Lives


@pytest.mark.parametrize(("engine", "examples"), [("sqlite", 25), ("postgresql", 5)])
def test_no_sequence_of_steps_breaks_a_rule(lives: Lives, engine: str, examples: int) -> None:
    lives(engine, examples)


@pytest.mark.full
@pytest.mark.parametrize("portion", range(4))
def test_no_sequence_of_steps_breaks_a_rule_in_two_thousand_lives(lives: Lives, portion: int) -> None:
    lives("sqlite", 500)  # in portions, to run beside each other


@pytest.mark.full
def test_no_sequence_of_steps_breaks_a_rule_in_two_hundred_lives_on_postgresql(lives: Lives) -> None:
    lives("postgresql", 200)
