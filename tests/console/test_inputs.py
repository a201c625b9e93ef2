"""Corrected inputs: only what changed is asked anew, each value of the type it had."""

import pytest

from api.console.cases.inputs import corrected, shown
from core.errors import InvalidError

GIVEN = {"duration": 48, "rate": 0.5, "housing": "own", "telephone": True, "note": None}


def test_what_was_not_touched_is_not_asked_again() -> None:
    form = {f"input-{place}": shown(value) for place, value in enumerate(GIVEN.values())}

    assert corrected(GIVEN, form) == {}
    assert corrected(GIVEN, {}) == {}


def test_a_changed_input_keeps_its_type() -> None:
    form = {"input-0": "36", "input-1": "0.25", "input-2": "rent", "input-3": "false", "input-4": "seen"}

    found = corrected(GIVEN, form)
    assert found == {"duration": 36, "rate": 0.25, "housing": "rent", "telephone": False, "note": "seen"}
    assert [type(value) for value in found.values()] == [int, float, str, bool, str]


@pytest.mark.parametrize("form", [{"input-0": "four"}, {"input-1": ""}, {"input-3": "maybe"}, {"input-2": "x" * 201}])
def test_what_can_not_be_is_refused_by_name(form: dict[str, str]) -> None:
    with pytest.raises(InvalidError) as told:
        corrected(GIVEN, form)

    assert told.value.fields[0].pointer == "/correction"
