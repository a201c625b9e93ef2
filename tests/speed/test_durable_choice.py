"""A durable choice (event, current row, ledger entry, signed receipt) against the same endpoint without a database."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.speed import choosing, harness, running
from tests.speed.town import Town

pytestmark = pytest.mark.speed
ROUNDS = 3


def test_durable_choice_against_one_that_is_not_recorded(a_town: Town, wrk_script: Callable[[str], Path]) -> None:
    scripts = {known: wrk_script(choosing.script(a_town.key, known=known)) for known in (True, False)}
    with (
        running.candor(a_town.env) as (candor, base),
        harness.floor("unrecorded:app", CANDOR_FLOOR_KEY=a_town.key, **a_town.env) as (plain, floor),
    ):
        for where in (base, floor):
            asked = choosing.body("customer-99999", "renewed").encode()
            made = json.loads(running.ask(where + choosing.PATH, a_town.key, asked))
            assert made["choices"][0]["state"] == "renewed"
            assert made["receipt"]["jws"].count(".") == 2
        harness.load(base, candor.pid, script=scripts[True], seconds=4)  # everyone gets a key
        under: list[harness.Load] = []
        durable: dict[bool, list[harness.Load]] = {True: [], False: []}
        for _ in range(ROUNDS):
            under.append(harness.load(floor, plain.pid, script=scripts[True]))
            for known, rounds in durable.items():
                rounds.append(harness.load(base, candor.pid, script=scripts[known]))
    least = harness.best(under)
    for known, rounds in durable.items():
        made_durable = harness.best(rounds)
        assert not made_durable.errors
        ratio = made_durable.cpu_us / least.cpu_us
        harness.record(
            f"durable choice, {'someone on record' if known else 'someone new'}, {running.engine_of(a_town.env)}",
            "<= 1.6x without database",
            f"{ratio:.2f}x ({made_durable.cpu_us:.0f} us against {least.cpu_us:.0f}; {made_durable.rate:,.0f}/s)",
            met=ratio <= 1.6,
        )
