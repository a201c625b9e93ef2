"""Health: each figure with a mark, and what is to be done where it is wrong."""

import re

import pytest

from core import queue
from core.clock import MICROS
from core.database import Tx
from core.principal import Role
from migrations import run as migrations
from tests.api.pages_company import Town
from tests.console.house import sign_in
from tests.console.test_disclosures import plain
from tests.console.test_evidence import seal

pytestmark = pytest.mark.anyio
PAGE = "/console/health"


def row_of(html: str, name: str) -> str:
    """Return the words of one figure's row."""
    match = re.search(rf'<th scope="row"[^>]*>{name}</th>.*?</tr>', html, re.DOTALL)
    assert match is not None, f"no {name}"
    return plain(match[0])


async def test_every_figure_is_there_on_either_database(company: Town) -> None:
    await seal(company)
    async with sign_in(company, Role.ADMIN) as admin:
        shown = (await admin.get(PAGE)).text

    assert f"well at migration {migrations.head()}" in row_of(shown, "Schema")
    assert re.search(r"(SQLite|PostgreSQL) \d+\.\d+.*, [\d.]+ [kMG]B", row_of(shown, "Records"))
    assert re.search(r"well sees every change, \d+ people in memory", row_of(shown, "Gate"))
    assert re.search(r"\d+ entries, last checkpoint \d+ seconds? ago, 0 not sealed yet", row_of(shown, "Audit log"))
    assert "well nothing" in row_of(shown, "Given up")
    assert "none is failing" in row_of(shown, "Models")
    assert re.search(r"up for \d+ \w+, [\d.]+ MB of memory", row_of(shown, "This process"))


async def test_what_is_wrong_stands_first_and_says_what_to_do(small: Town) -> None:
    async def give_up(tx: Tx) -> None:
        await queue.enqueue(tx, "route", {}, now=small.clock.now())
        (held,) = await queue.claim(tx, "here", now=small.clock.now(), lease=MICROS, most=1)
        await queue.fail(tx, "here", queue.Claimed(held.id, held.kind, {}, queue.MAX_ATTEMPTS), "x", now=0)
        await queue.enqueue(tx, "seal", {}, now=small.clock.now())

    await small.app.state.db.transact(give_up)
    await seal(small)
    small.clock.advance(300 * MICROS)
    async with sign_in(small, Role.ADMIN) as admin, sign_in(small, Role.AUDITOR) as auditor:
        shown = (await admin.get(PAGE)).text
        part = await admin.get(PAGE, headers={"HX-Request": "true"})
        assert (await auditor.get(PAGE)).status_code == 200

    assert "2 things are wrong" in plain(shown)
    assert "wrong the oldest waits for 5 minutes" in row_of(shown, "Jobs")
    assert "wrong 1 after twelve attempts Read why" in row_of(shown, "Given up")
    first = re.findall(r'<th scope="row"[^>]*>([^<]+)</th>', shown)[:2]
    assert sorted(first) == ["Given up", "Jobs"]
    assert part.text.lstrip().startswith('<div id="now"')
