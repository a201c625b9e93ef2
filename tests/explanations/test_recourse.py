"""Counterfactuals: every one was asked and turned the outcome; none touches what a person can't change."""

import pytest

from explanations.errors import ModelError
from explanations.recourse import Actionable, NotActionableError, Search, candidates
from tests.explanations.credit import APPLICANTS, FEATURES, Counted, cells, p_bad

pytestmark = pytest.mark.anyio
REFERENCE = [cells(row) for row in APPLICANTS[:100]]
THRESHOLD = 0.35
IMMUTABLE = ("age_in_years",)
ACTIONABLE = (
    Actionable("duration_in_month", "down", low=6),
    Actionable("credit_amount", "down"),
    Actionable("savings_account_and_bonds"),
    Actionable("other_installment_plans", values=("none",)),
)
DECLINED = [cells(row) for row in APPLICANTS[200:400] if p_bad(cells(row)) > THRESHOLD]


async def test_each_was_really_asked_and_turns_the_outcome() -> None:
    found = 0
    for row in DECLINED:
        predict = Counted()
        for one in await Search(row, FEATURES, REFERENCE, ACTIONABLE, IMMUTABLE, predict).find(
            THRESHOLD, higher_is_adverse=True
        ):
            changed = tuple(one.changes.get(feature, row[place]) for place, feature in enumerate(FEATURES))
            assert p_bad(changed) == one.output < THRESHOLD
            found += 1
        assert predict.calls <= 3
    assert len(DECLINED) > 20
    assert found > len(DECLINED) // 2


async def test_none_touches_an_immutable_input_or_goes_the_wrong_way() -> None:
    rules = {one.feature: one for one in ACTIONABLE}
    for row in DECLINED:
        search = Search(row, FEATURES, REFERENCE, ACTIONABLE, IMMUTABLE, Counted())
        for one in await search.find(THRESHOLD, higher_is_adverse=True):
            assert set(one.changes) <= set(rules)
            assert len(one.changes) <= 3
            for feature, value in one.changes.items():
                before = row[FEATURES.index(feature)]
                assert type(value) is type(before)
                if isinstance(value, int) and isinstance(before, int) and rules[feature].direction == "down":
                    assert value < before
            assert one.changes.get("duration_in_month", 6) >= 6  # type: ignore[operator]  # a number of months


async def test_the_least_change_comes_first() -> None:
    for row in DECLINED[:20]:
        search = Search(row, FEATURES, REFERENCE, ACTIONABLE, IMMUTABLE, Counted())
        found = await search.find(THRESHOLD, higher_is_adverse=True)

        assert [one.distance for one in found] == sorted(one.distance for one in found)


@pytest.mark.parametrize("feature", ["age_in_years", "shoe_size"])
async def test_an_immutable_or_unknown_input_cant_be_offered(feature: str) -> None:
    with pytest.raises(NotActionableError):
        Search(DECLINED[0], FEATURES, REFERENCE, [Actionable(feature)], IMMUTABLE, Counted())


async def test_nothing_found_is_said_and_nothing_else_is_tried() -> None:
    async def always(rows: object) -> list[float]:
        return [0.9] * len(rows)  # type: ignore[arg-type]  # a sequence

    search = Search(DECLINED[0], FEATURES, REFERENCE, ACTIONABLE, IMMUTABLE, always)

    assert await search.find(THRESHOLD, higher_is_adverse=True) == []


async def test_a_model_that_fails_ends_the_search_with_its_error() -> None:
    async def broken(_: object) -> list[float]:
        raise ModelError

    with pytest.raises(ModelError):
        await Search(DECLINED[0], FEATURES, REFERENCE, ACTIONABLE, IMMUTABLE, broken).find(0.3, higher_is_adverse=True)


def test_values_stay_within_what_the_reference_group_shows() -> None:
    seen = [*range(1000), 1_000_000]

    found = candidates(500, seen, Actionable("x", "up"))

    assert len(found) <= 25
    assert all(isinstance(value, int) and 500 < value < 1000 for value in found)
