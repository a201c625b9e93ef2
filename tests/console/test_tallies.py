"""The figures equal a recount of the events, whatever was recorded between two counts (DPO-03)."""

from collections import Counter

import pytest

from consent import store as choices
from core.database import Reader
from oversight import tallies
from tests.api.pages_company import Town
from tests.api.pages_company import press as choose

pytestmark = pytest.mark.anyio


async def _recounted(tx: Reader) -> Counter[tuple[str, str, str]]:
    found = await choices.events_between(tx, 0, await choices.newest_seq(tx) + 1)
    return Counter((event.purpose, event.state, event.actor) for event in found)


async def _figures(tx: Reader) -> Counter[tuple[str, str, str]]:
    found = await tallies.by(tx, "default", "purpose", "0000-00-00", "9999-99-99")
    return Counter({(figure.group, figure.state, figure.actor): figure.number for figure in found})


async def test_figures_equal_a_recount(company: Town) -> None:
    db = company.app.state.db
    while await db.transact(tallies.catch_up):
        pass
    assert await db.read(_figures) == await db.read(_recounted)
    async with company.visitor() as client:
        await company.enter(client)
        for answer in ("yes", "no", "yes"):
            await choose(client, "uses/ai-training", answer)
    while await db.transact(tallies.catch_up):
        pass
    recounted = await db.read(_recounted)

    assert await db.read(_figures) == recounted
    assert recounted["ai-training", "given", "subject"] >= 2
    assert not await db.transact(tallies.catch_up)


async def test_counting_in_small_steps_counts_the_same(company: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tallies, "CHUNK", 3)
    db, steps = company.app.state.db, 1
    while await db.transact(tallies.catch_up):
        steps += 1

    assert steps > 3
    assert await db.read(_figures) == await db.read(_recounted)


async def test_another_tenant_s_choices_are_not_counted_with_ours(company: Town) -> None:
    db = company.app.state.db
    while await db.transact(tallies.catch_up):
        pass

    assert await db.read(tallies.by, "ten_other", "purpose", "0000-00-00", "9999-99-99") == []
