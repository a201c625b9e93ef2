"""What tests of requests may ask for: many random lives of cases."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Protocol

import pytest
import structlog
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from core.clock import FixedClock
from core.keys import KeyRing
from tests.api.requesting import Bank, open_bank
from tests.explanations.requests.lives import START, Casework


class Lives(Protocol):
    """Runs many lives on an engine; ``until_broken`` stops at the first broken rule instead of looking for less."""

    def __call__(self, engine: str, examples: int, *, until_broken: bool = False) -> None: ...


async def _banks(stack: AsyncExitStack, urls: dict[bool, str], folder: Path, keyring: KeyRing) -> dict[bool, Bank]:
    banks = {}
    for blind, url in urls.items():
        place = folder / f"{blind}"
        place.mkdir()
        banks[blind] = bank = await stack.enter_async_context(open_bank(url, place, FixedClock(START), keyring))
        desk = bank.town.app.state.desk
        object.__setattr__(bank.town.app.state, "desk", desk._replace(terms=desk.terms._replace(blind=blind)))
    return banks


@pytest.fixture
def silence() -> Iterator[None]:
    """Log nothing: many thousand lines say who was let in and who was not."""
    kept = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.configure(**kept)


@pytest.fixture
def lives(make_database_url: Callable[[str], str], tmp_path: Path, keyring: KeyRing, silence: None) -> Lives:
    """Run many lives on an engine."""

    def run(engine: str, examples: int, *, until_broken: bool = False) -> None:
        numbers = itertools.count()
        urls = {blind: make_database_url(engine) for blind in (False, True)}

        def life() -> Casework:
            return Casework(banks, runner, next(numbers), until_broken=until_broken)

        with asyncio.Runner() as runner:
            stack = AsyncExitStack()
            banks = runner.run(_banks(stack, urls, tmp_path, keyring))
            try:
                run_state_machine_as_test(
                    life,  # type: ignore[arg-type]  # any factory will do
                    settings=settings(
                        max_examples=examples, stateful_step_count=40, deadline=None, database=None,
                        suppress_health_check=list(HealthCheck),
                    ),
                )  # fmt: skip
            finally:
                runner.run(stack.aclose())

    return run
