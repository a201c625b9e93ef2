"""The state graph by itself: no dead end, no refusal, humans only where a human is meant."""

import pytest

from handoff import lifecycle
from handoff.errors import MoveNotPossibleError
from handoff.lifecycle import ENDED, MOVES, OPEN, STATES


def test_every_open_state_leads_to_a_human() -> None:
    reach = {"active"}
    while more := {before for (before, _), after in MOVES.items() if after in reach} - reach:
        reach |= more

    assert reach >= OPEN | {"resolved"}


def test_every_open_state_can_be_left_by_the_customer_in_one_action() -> None:
    assert all("cancel" in lifecycle.possible(state, "customer") for state in OPEN)


@pytest.mark.parametrize("state", sorted(STATES))
def test_the_customer_always_has_a_next_step(state: str) -> None:
    assert lifecycle.steps(state)


@pytest.mark.parametrize("verb", ["accept", "resolve"])
@pytest.mark.parametrize("actor", ["ai", "system", "customer"])
def test_only_a_human_accepts_and_resolves(verb: str, actor: str) -> None:
    for state in STATES:
        with pytest.raises(MoveNotPossibleError):
            lifecycle.next_state(state, verb, actor)


def test_no_timer_ends_a_case() -> None:
    assert not [after for (state, verb), after in MOVES.items() if after in ENDED and verb in {"defer", "queue"}]
    assert all(
        lifecycle.possible(state, "system") <= {"queue", "defer", "offer", "decline", "transfer"} for state in STATES
    )
    assert "expired" not in STATES


@pytest.mark.parametrize("state", sorted(STATES))
def test_the_ai_is_silent_from_the_request_until_the_end(state: str) -> None:
    assert lifecycle.ai_may_speak(state) == (state in ENDED)
    assert lifecycle.ai_may_speak(None)


def test_nobody_is_said_to_be_human_before_a_person_accepted() -> None:
    told = {lifecycle.handler(state, ever_accepted=False) for state in STATES}

    assert told == {"ai", "waiting"}
    assert lifecycle.handler("active", ever_accepted=True) == "human"
    assert lifecycle.handler("active", ever_accepted=True, person_here=False) == "waiting"
