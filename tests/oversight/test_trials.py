"""What a person did after she was shown a text; and when a variant seems to talk people into a yes."""

import pytest

from consent.store import Happened
from disclosures.experiments.documents import Variant
from oversight.trials import Conduct, Count, Figures, compared, conduct_of, count


def event(seq: int, state: str, actor: str = "subject", purpose: str = "train") -> Happened:
    """Return an event of a person."""
    facts: dict[str, object] = dict.fromkeys(Happened._fields)
    said = {"seq": seq, "state": state, "actor": actor, "purpose": purpose, "system": "*"}
    return Happened._make({**facts, **said}.values())


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], Conduct(yes=False, no=False, took_back=False)),
        ([event(5, "given")], Conduct(yes=False, no=False, took_back=False)),  # before she was shown anything
        ([event(11, "given")], Conduct(yes=True, no=False, took_back=False)),
        ([event(11, "given"), event(12, "withdrawn")], Conduct(yes=True, no=False, took_back=True)),
        ([event(5, "given"), event(12, "withdrawn")], Conduct(yes=False, no=True, took_back=False)),
        ([event(11, "refused")], Conduct(yes=False, no=True, took_back=False)),
        ([event(11, "given"), event(12, "opted_out", purpose="ads")], Conduct(yes=True, no=True, took_back=False)),
        ([event(11, "opted_out", "signal")], Conduct(yes=False, no=False, took_back=False)),
        ([event(11, "opted_out"), event(12, "opt_out_reversed")], Conduct(yes=True, no=True, took_back=False)),
        ([event(11, "given"), event(12, "expired", "system")], Conduct(yes=True, no=False, took_back=False)),
    ],
)
def test_a_person_s_conduct_is_what_she_herself_said_afterwards(events: list[Happened], expected: Conduct) -> None:
    assert conduct_of(events, shown_seq=10) == expected


@pytest.mark.parametrize(
    ("number", "of", "expected"),
    [
        (0, 4, Count(None, None)),
        (4, 100, Count(None, None)),
        (0, 5, Count(0, 0.0)),
        (5, 8, Count(5, 62.5)),
    ],
)
def test_a_small_group_is_not_shown(number: int, of: int, expected: Count) -> None:
    assert count(number, of) == expected


def figures(version: int, yes: float | None, took_back: float | None) -> Figures:
    """Return the figures of a version."""
    variant = Variant(name=f"v{version}", version=version, share=50)
    hundred, nothing = Count(100, 50.0), Count(0, 0.0)
    return Figures(variant, 100, hundred, Count(50, yes), nothing, Count(10, took_back), nudges=False)


@pytest.mark.parametrize(
    ("yes", "took_back", "nudges"),
    [(60.0, 30.0, True), (59.9, 30.0, False), (60.0, 29.9, False), (None, 30.0, False), (60.0, None, False)],
)
def test_more_yes_and_more_taken_back_is_a_sign_of_nudging(
    yes: float | None, took_back: float | None, *, nudges: bool
) -> None:
    found = compared([figures(1, 50.0, 20.0), figures(2, yes, took_back)], control=1)
    assert [one.nudges for one in found] == [False, nudges]
