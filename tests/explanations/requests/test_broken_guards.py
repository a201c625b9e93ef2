"""Can the random lives fail? Each guard is broken on purpose, and the lives have to find it.

Prints how many lives it took; `docs/acceptance.md` has a table of it.
"""

from collections.abc import Callable
from datetime import date

import pytest

from explanations.requests import deadlines, facts, guards, lifecycle
from explanations.requests.facts import Asked, Facts
from explanations.requests.guards import Guard
from tests.explanations.requests.conftest import Lives
from tests.explanations.requests.lives import Broken

pytestmark = pytest.mark.full
ENOUGH = 400
Break = Callable[[pytest.MonkeyPatch], None]
_DECIDING = ("uphold", "overturn", "overturn_partly")


def _without(guard: Guard, *steps: str) -> Break:
    """Forget a guard in steps."""

    def broken(patch: pytest.MonkeyPatch) -> None:
        for name in steps:
            step = lifecycle.STEPS[name]
            assert guard in step.guards
            kept = tuple(one for one in step.guards if one is not guard)
            patch.setitem(lifecycle.STEPS, name, step._replace(guards=kept))

    return broken


def _asks_nothing(pointer: str, *steps: str) -> Break:
    """Forget the guards of steps that ask for one thing to be told."""

    def broken(patch: pytest.MonkeyPatch) -> None:
        for name in steps:
            step = lifecycle.STEPS[name]
            nothing = Asked(name, "staff", "agent", 0)
            kept = tuple(one for one in step.guards if not (one(Facts(), nothing) or "").startswith(f"/{pointer}:"))
            assert len(kept) == len(step.guards) - 1, (name, pointer)
            patch.setitem(lifecycle.STEPS, name, step._replace(guards=kept))

    return broken


def _released_unapproved(patch: pytest.MonkeyPatch) -> None:
    _without(guards.approved, "release")(patch)
    step = lifecycle.STEPS["release"]
    patch.setitem(lifecycle.STEPS, "release", step._replace(moves={**step.moves, "in_review": "released"}))


def _extended_late(patch: pytest.MonkeyPatch) -> None:
    real = deadlines.extendable
    on_the_first = lambda case, _, reason: real(case, date.fromisoformat(case.started_on), reason)  # noqa: E731 -- short
    patch.setattr(deadlines, "extendable", on_the_first)


def _less_identity(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(deadlines, "needed_identity", lambda *_: "basic")


def _old_evidence(patch: pytest.MonkeyPatch) -> None:
    def assigned(case: Facts, asked: Asked) -> Facts:
        kept = {"reviewer": asked.told["reviewer"]}
        return Facts.read({**case.document(), **kept})

    patch.setitem(facts._EFFECTS, "assign_review", assigned)


BREAKS: dict[str, Break] = {
    "who drafted may approve": _without(guards.second_person, "approve"),
    "the checklist is not looked at": _without(guards.checked, "approve"),
    "nobody signs the warnings": _without(guards.warnings_signed, "approve"),
    "gaps are handed over": _without(guards.complete, "submit"),
    "released without approval": _released_unapproved,
    "released without the identity level": _without(guards.identified, "release"),
    "any identity is enough": _less_identity,
    "withheld without a ground": _asks_nothing("ground", "redact"),
    "more time is taken late": _extended_late,
    "more time is taken for any reason": _without(guards.in_time, "extend"),
    "more time without a letter": _asks_nothing("letter", "extend"),
    "refused without reasons": _asks_nothing("reasons", "refuse"),
    "refused without remedies": _asks_nothing("remedy", "refuse"),
    "contested after the window": _without(guards.window_open, "contest"),
    "closed within the window": _without(guards.window_over, "close"),
    "who took part may review": _without(guards.independent, "assign_review"),
    "reviewers need no competence": _asks_nothing("competence", "assign_review"),
    "anybody decides the review": _without(guards.by_the_reviewer, *_DECIDING),
    "decided without the evidence": _without(guards.evidence_seen, *_DECIDING),
    "a new reviewer lives on the old one's evidence": _old_evidence,
    "decided before a view of one's own": _without(guards.first_view, *_DECIDING),
    "overturned without a cause": _asks_nothing("cause", "overturn", "overturn_partly"),
    "overturned without an outcome": _asks_nothing("new_outcome", "overturn", "overturn_partly"),
    "two colleagues hold one request": _without(guards.not_anothers, "claim"),
    "drafted over a colleague's head": _without(guards.not_anothers, "draft"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_guard_is_found(lives: Lives, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    BREAKS[name](monkeypatch)

    with pytest.raises(Broken) as found:
        lives("sqlite", ENOUGH, until_broken=True)
    print(f"\nFOUND {name}: {found.value}")  # noqa: T201 -- what this is run for
