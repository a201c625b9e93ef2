"""What memory answers is what the one decision function answers, for whoever and whenever."""

from hypothesis import given, settings
from hypothesis import strategies as st

from consent.cache import Catalogue, Question, StateRow, TenantCache, ask, by_level
from consent.gate import PurposeFacts, SystemFacts, wire
from consent.lifecycle import STATES
from core.clock import MICROS

_NOW = 1_800_000_000 * MICROS
_PURPOSES = ("chat", "ads", "training", "gone")
_SYSTEMS = ("bot", "scorer", "old")

purposes = st.fixed_dictionaries(
    {},
    optional={
        key: st.builds(
            PurposeFacts,
            key=st.just(key),
            version=st.integers(0, 3),
            material=st.integers(0, 3),
            mechanism=st.sampled_from(["opt_in", "opt_out", "notice_only"]),
            explicit=st.booleans(),
            retired=st.booleans(),
        )
        for key in _PURPOSES
    },
)
systems = st.fixed_dictionaries(
    {},
    optional={
        key: st.builds(
            SystemFacts,
            key=st.just(key),
            purposes=st.frozensets(st.sampled_from(_PURPOSES)),
            human_route=st.sampled_from([None, "desk"]),
            retired=st.booleans(),
        )
        for key in _SYSTEMS
    },
)
row = st.builds(
    StateRow,
    purpose=st.sampled_from(["*", *_PURPOSES]),
    system=st.sampled_from(["*", *_SYSTEMS]),
    state=st.sampled_from(sorted(STATES)),
    explicit=st.booleans(),
    purpose_version=st.integers(1, 3),
    notice_version=st.sampled_from([None, "n-1"]),
    choice=st.integers(0, 2**128 - 1).map(lambda number: f"chc_{number:032x}"),
    valid_until=st.sampled_from([None, _NOW - 1, _NOW, _NOW + 1, _NOW + 30 * MICROS, _NOW + 10**9 * MICROS]),
)
rows = st.lists(row, max_size=6, unique_by=lambda one: (one.purpose, one.system))
questions = st.builds(
    Question, purpose=st.sampled_from([*_PURPOSES, "never"]), system=st.sampled_from([None, *_SYSTEMS, "never"])
)


@given(
    purposes, systems, st.lists(rows, min_size=1, max_size=3), st.lists(questions, max_size=5), st.sampled_from([0, 60])
)
@settings(max_examples=300, deadline=None)
def test_memory_answers_with_the_bytes_of_the_decision(
    known_purposes: dict[str, PurposeFacts],
    known_systems: dict[str, SystemFacts],
    people: list[list[StateRow]],
    asked: list[Question],
    ttl: int,
) -> None:
    cache = TenantCache(1000, ttl)
    cache.catalogue = Catalogue(known_purposes, known_systems)
    for number, theirs in enumerate(people):
        cache.remember(bytes([number]) * 16, theirs)

    for question in asked:
        for number, theirs in enumerate(people):
            expected = wire(ask(question, cache.catalogue, by_level(theirs), _NOW, ttl))
            answered = cache.answer(bytes([number]) * 16, question, _NOW)
            assert answered in {None, expected}
            if question.purpose in known_purposes and (question.system is None or question.system in known_systems):
                assert answered == expected or any(one.valid_until == _NOW + 30 * MICROS for one in theirs)


def test_nobody_unknown_is_answered_from_memory() -> None:
    cache = TenantCache(10, 0)
    cache.catalogue = Catalogue({}, {})

    assert cache.answer(b"s" * 16, Question("chat", None), _NOW) is None


def test_the_oldest_remembered_make_room_for_the_newest() -> None:
    cache = TenantCache(2, 0)
    cache.catalogue = Catalogue({"chat": PurposeFacts("chat", 1, 1, "opt_out", explicit=False, retired=False)}, {})
    for number in range(3):
        cache.remember(bytes([number]) * 16, ())

    assert len(cache) == 2
    assert cache.answer(bytes([0]) * 16, Question("chat", None), _NOW) is None
    assert cache.answer(bytes([2]) * 16, Question("chat", None), _NOW) is not None


def test_a_changed_catalogue_changes_the_answers() -> None:
    cache = TenantCache(2, 0)
    facts = PurposeFacts("chat", 1, 1, "opt_out", explicit=False, retired=False)
    cache.catalogue = Catalogue({"chat": facts}, {})
    cache.remember(b"s" * 16, ())
    before = cache.answer(b"s" * 16, Question("chat", None), _NOW)

    cache.forget_catalogue()
    assert cache.answer(b"s" * 16, Question("chat", None), _NOW) is None
    cache.catalogue = Catalogue({"chat": facts._replace(retired=True)}, {})
    after = cache.answer(b"s" * 16, Question("chat", None), _NOW)

    assert before is not None
    assert b'"allow"' in before
    assert after is not None
    assert b'"deny"' in after


def test_a_full_memory_forgets_those_remembered_longest() -> None:
    cache = TenantCache(100, 5)
    people = [number.to_bytes(16) for number in range(1000)]

    for person in people:
        cache.remember(person, ())
        assert len(cache) <= 100

    assert len(cache) >= 98
    assert person in cache._subjects
    assert people[0] not in cache._subjects
