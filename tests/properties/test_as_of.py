"""Every past answer can be reproduced: a random history, answers noted on the way, asked again as of their instant."""

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from consent.cache import Question
from consent.gate import Answer
from core.clock import FixedClock
from core.keys import KeyRing
from tests.properties.oracle import ALL, HOUR, Act, Version, Wish
from tests.properties.world import World

pytestmark = pytest.mark.anyio
_PEOPLE = [f"person-{number}" for number in range(40)]
_PURPOSES = {
    "train": Version(1, True, "opt_in", False, 48, False, 0),
    "health": Version(1, True, "opt_in", True, 500, False, 0),
    "ads": Version(1, True, "opt_out", False, None, True, 0),
}
_SYSTEMS = ("bot", "scorer")


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, make_database_url: Callable[[str], str]) -> str:
    """A database of either engine."""
    return make_database_url(request.param)


async def _open(world: World) -> None:
    await world.open()
    world.start()
    for key, version in _PURPOSES.items():
        await world.publish(key, version)
    await world.say_of_system("bot", frozenset({"train", "ads"}), None)
    await world.say_of_system("scorer", frozenset(_PURPOSES), "desk")


async def _change_catalogue(world: World, dice: random.Random) -> None:
    key = dice.choice(sorted(_PURPOSES))
    if dice.random() < 0.5:
        material = dice.random() < 0.5
        await world.publish(key, replace(_PURPOSES[key], material=material, at=world.clock.now()))
    else:
        serves = frozenset(dice.sample(sorted(_PURPOSES), 2))
        await world.say_of_system(dice.choice(_SYSTEMS), serves, dice.choice([None, "desk"]))


async def _act(world: World, dice: random.Random) -> int:
    """Let somebody do something that is possible; return how many events that made."""
    person = dice.choice(_PEOPLE)
    if dice.random() < 0.05:
        outcome = await world.request(person, Act("honour", gpc=True))
    else:
        purpose, system = dice.choice([ALL, *_PURPOSES, *_PURPOSES]), dice.choice([ALL, *_SYSTEMS])
        possible = world.oracle.may_follow(person, purpose, system, world.clock.now())
        if not possible:
            return 0
        state = dice.choice(sorted(possible))
        pending = world.oracle.latest(person).get((purpose, system))
        confirms = pending.choice if state == "explicitly_given" and pending is not None else None
        outcome = await world.request(person, Act("choose", (Wish(purpose, system, state, confirms),)))
    world.oracle.people.setdefault(person, []).extend(outcome.made)
    return len(outcome.made)


async def _every_past_answer(url: str, folder: Path, keyring: KeyRing, clock: FixedClock, events: int) -> int:
    dice = random.Random(events)
    world = World(url, folder, keyring, clock)
    await _open(world)
    noted: list[tuple[int, bytes, Question, Answer]] = []
    made = 0
    while made < events:
        clock.advance(dice.choice([1, 1000, HOUR // 60, HOUR // 6]))
        made += await _act(world, dice)
        if dice.random() < 0.01:
            await _change_catalogue(world, dice)
        for _ in range(2):
            question = Question(dice.choice(sorted(_PURPOSES)), dice.choice([None, *_SYSTEMS]))
            subject = world.subject(dice.choice(_PEOPLE)).pseudonym
            answer = await world.states[0].gate.check(world.tenant, subject, question)
            noted.append((clock.now(), subject, question, answer))
        clock.advance(1)
    clock.advance(1000 * HOUR)
    for at, subject, question, answer in noted:
        again = await world.states[1].gate.check_at(world.tenant, subject, question, at)
        assert again == answer, f"{question} as of {at}"
    await world.close()
    return len(noted)


async def test_the_past_answers_as_it_did(url: str, tmp_path: Path, keyring: KeyRing, clock: FixedClock) -> None:
    assert await _every_past_answer(url, tmp_path, keyring, clock, 400) >= 800


@pytest.mark.full
async def test_ten_thousand_events_answer_as_they_did(
    url: str, tmp_path: Path, keyring: KeyRing, clock: FixedClock
) -> None:
    assert await _every_past_answer(url, tmp_path, keyring, clock, 10_000) >= 20_000
