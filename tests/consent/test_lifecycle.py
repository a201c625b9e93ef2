"""Every state, every request, every mechanism: what may follow what, against a table written out by hand."""

import pytest

from consent.errors import SecondStepNeededError, TransitionNotPossibleError
from consent.lifecycle import (
    LAPSED,
    NO,
    REQUESTABLE,
    STATES,
    YES,
    Mechanism,
    effective,
    may_set,
    next_state,
    possible,
)

# from (state, worth) -> possible on an opt-in purpose that is not explicit
OPT_IN = {
    (None, None): "given requested refused opted_out objected restricted",
    ("expired", "expired"): "given requested refused opted_out objected restricted",
    ("invalidated", "invalidated"): "given requested refused opted_out objected restricted",
    ("superseded", "superseded"): "given requested refused opted_out objected restricted",
    ("requested", "requested"): "explicitly_given requested refused opted_out objected restricted",
    ("given", "given"): "renewed withdrawn objected restricted opted_out",
    ("explicitly_given", "explicitly_given"): "renewed withdrawn objected restricted opted_out",
    ("renewed", "renewed"): "renewed withdrawn objected restricted opted_out",
    ("given", "expired"): "given requested refused renewed withdrawn objected restricted opted_out",
    ("renewed", "superseded"): "given requested refused renewed withdrawn objected restricted opted_out",
    ("refused", "refused"): "given requested objected restricted opted_out",
    ("withdrawn", "withdrawn"): "given requested objected restricted opted_out",
    ("objected", "objected"): "given requested opt_out_reversed restricted opted_out",
    ("opted_out", "opted_out"): "given requested opt_out_reversed restricted objected",
    ("restricted", "restricted"): "given requested opt_out_reversed withdrawn objected opted_out",
    ("opt_out_reversed", "opt_out_reversed"): "given requested objected restricted opted_out",
}
CONSENT = {"requested", "given", "explicitly_given", "renewed", "refused", "withdrawn"}


def test_the_states_are_thirteen_and_each_is_yes_no_lapsed_or_neutral() -> None:
    assert len(STATES) == 13
    assert not YES & NO
    assert not LAPSED & (YES | NO)
    assert sorted(STATES - YES - NO - LAPSED) == ["opt_out_reversed"]


@pytest.mark.parametrize(("present", "expected"), OPT_IN.items(), ids=lambda v: "-".join(map(str, v)))
def test_what_may_follow_on_an_opt_in_purpose(present: tuple[str | None, str | None], expected: str) -> None:
    state, worth = present

    assert possible(state, worth, "opt_in", explicit=False) == set(expected.split())
    standing = {"renewed"} if worth in YES else set()
    assert possible(state, worth, "opt_in", explicit=True) == set(expected.split()) - {"given", "renewed"} | standing


@pytest.mark.parametrize("mechanism", ["opt_out", "notice_only", None])
@pytest.mark.parametrize("present", OPT_IN, ids=str)
def test_consent_exists_only_on_opt_in_purposes_and_never_for_everything(
    present: tuple[str | None, str | None], mechanism: Mechanism | None
) -> None:
    assert possible(*present, mechanism, explicit=False) == set(OPT_IN[present].split()) - CONSENT


@pytest.mark.parametrize("wanted", sorted(STATES))
@pytest.mark.parametrize("present", OPT_IN, ids=str)
def test_anything_else_is_refused_and_says_what_is_possible(
    present: tuple[str | None, str | None], wanted: str
) -> None:
    allowed = set(OPT_IN[present].split())
    if wanted in allowed:
        assert next_state(*present, wanted, "opt_in", explicit=False) == wanted
        return
    with pytest.raises(TransitionNotPossibleError) as caught:
        next_state(*present, wanted, "opt_in", explicit=False)

    assert ", ".join(sorted(allowed)) in caught.value.detail


def test_an_explicit_purpose_is_never_given_in_one_act() -> None:
    for state, worth in OPT_IN:
        with pytest.raises((SecondStepNeededError, TransitionNotPossibleError)):
            next_state(state, worth, "given", "opt_in", explicit=True)
    with pytest.raises(SecondStepNeededError):
        next_state(None, None, "given", "opt_in", explicit=True)


@pytest.mark.parametrize("state", [*sorted(YES), "expired", "superseded"])
@pytest.mark.parametrize("worth", ["expired", "superseded"])
def test_an_explicit_consent_that_is_over_is_not_renewed_in_one_act(state: str, worth: str) -> None:
    worth = worth if state in YES else state
    with pytest.raises(SecondStepNeededError):
        next_state(state, worth, "renewed", "opt_in", explicit=True)


@pytest.mark.parametrize("state", sorted(YES))
def test_an_explicit_consent_that_stands_is_renewed_in_one_act(state: str) -> None:
    assert next_state(state, state, "renewed", "opt_in", explicit=True) == "renewed"


@pytest.mark.parametrize("state", sorted(STATES - YES - {"expired", "superseded"}))
def test_only_what_was_a_yes_can_be_renewed_at_all(state: str) -> None:
    with pytest.raises(TransitionNotPossibleError):
        next_state(state, state, "renewed", "opt_in", explicit=True)


@pytest.mark.parametrize("state", sorted(YES))
def test_a_yes_is_worth_nothing_from_its_last_instant_or_a_material_version_on(state: str) -> None:
    assert effective(state, None, 1, 1, 10) == state
    assert effective(state, 11, 1, 1, 10) == state
    assert effective(state, 10, 1, 1, 10) == "expired"
    assert effective(state, None, 1, 2, 10) == "superseded"
    assert effective(state, 9, 1, 2, 10) == "expired"


@pytest.mark.parametrize("state", sorted(STATES - YES))
def test_a_no_outlives_every_version_and_date(state: str) -> None:
    assert effective(state, 9, 1, 2, 10) == state


def test_who_may_set_what() -> None:
    for actor in ("subject", "guardian", "agent"):
        assert {state for state in STATES if may_set(actor, state)} == REQUESTABLE
    assert {state for state in STATES if may_set("staff", state)} == NO | {"given"}
    assert {state for state in STATES if may_set("signal", state)} == {"opted_out"}
    assert {state for state in STATES if may_set("system", state)} == {"expired", "superseded", "invalidated"}
