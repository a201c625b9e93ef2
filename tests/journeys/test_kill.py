"""A server killed in mid-load, again and again: what was acknowledged stays, and nothing happens twice."""

import asyncio
import random
import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.compose import database
from api.verification import verify
from core.database import Sql
from tests.journeys.conftest import MakeTown
from tests.journeys.running import GONE, Line, Server, Told
from tests.properties.replaying import differences
from tests.speed.town import TENANT, Town

WRITERS = 8
PURPOSES = ("recommendations", "training")
LATEST_READY = 5.0  # seconds, of the quickest start: half the starts took at most 2 on a machine doing nothing else
MOST_CPU = 3.0  # seconds of the process until it is ready, 1.3 at rest; two busy cores slow each other down
_PATIENCE = 60.0
_EVENTS = Sql("SELECT id FROM choice_event ORDER BY seq")


class Writers:
    """Clients that give and withdraw, and repeat under the same key whatever they got no answer to."""

    def __init__(self, server: Server) -> None:
        """Write to ``server``; not yet started."""
        self._server = server
        self._over = threading.Event()
        self._pool = ThreadPoolExecutor(WRITERS)
        self.acknowledged: dict[str, list[str]] = {}  # ids of choices by the key of the request
        self.unknown = 0
        self._running = [self._pool.submit(self._write, number) for number in range(WRITERS)]

    def finish(self) -> None:
        """Let everyone finish what he is at. Raises what any of them met."""
        self._over.set()
        for one in self._running:
            one.result(_PATIENCE * 2)
        self._pool.shutdown()

    def _write(self, number: int) -> None:
        line = self._server.line()
        count = 0
        while not self._over.is_set():
            for state in ("given", "withdrawn"):
                self._persist(line, f"w{number}-{count}", state)
            count += 1
        line.close()

    def _persist(self, line: Line, subject: str, state: str) -> None:
        key = f"{subject}-{state}"
        until = time.monotonic() + _PATIENCE
        unanswered = False
        while True:
            try:
                told = line.choose(subject, state, *PURPOSES, key=key)
            except GONE:
                told = None
            if told is not None and told.status != 503:
                break
            assert time.monotonic() < until, f"no answer to {key}"
            self.unknown += not unanswered
            unanswered = True
            time.sleep(0.05)
        ids = _ids(told)
        if unanswered:
            self._repeat(line, subject, state, ids)
        self.acknowledged[key] = ids

    def _repeat(self, line: Line, subject: str, state: str, ids: list[str]) -> None:
        """Send once more what has been answered: the same answer, as a repetition."""
        try:
            again = line.choose(subject, state, *PURPOSES, key=f"{subject}-{state}")
        except GONE:
            return  # killed again
        if again.status != 503:
            assert (_ids(again), again.replayed) == (ids, True)


def _ids(told: Told) -> list[str]:
    assert told.status == 201, told
    return [one["id"] for one in told.body["choices"]]


async def _recorded(town: Town) -> tuple[list[str], list[str]]:
    """Return the ids of all events, and in what the current rows differ from them."""
    db = database(town.settings)
    await db.open()
    try:
        return [row[0] for row in await db.fetch(_EVENTS)], await differences(db, TENANT)
    finally:
        await db.close()


def _expect_intact(town: Town) -> None:
    report = verify(town.settings)
    assert report.good, report.lines


def _kill_again_and_again(town: Town, kills: int) -> None:
    server = Server(town)
    ready = [server.start()]
    writers = Writers(server)
    dice = random.Random(4711)
    try:
        for _ in range(kills):
            before = len(writers.acknowledged)
            until = time.monotonic() + _PATIENCE
            while len(writers.acknowledged) < before + 3 * WRITERS and time.monotonic() < until:
                time.sleep(0.01)
            time.sleep(dice.uniform(0.05, 0.5))
            server.kill()
            assert len(writers.acknowledged) > before
            ready.append(server.start())
        writers.finish()
        server.kill()
        _expect_intact(town)
        ready.append(server.start())
    finally:
        writers._over.set()
        server.stop()
    _expect_intact(town)
    events, different = asyncio.run(_recorded(town))
    assert not different
    acknowledged = [one for ids in writers.acknowledged.values() for one in ids]
    print(
        f"\n  {kills + 1} kills: {len(acknowledged)} choices acknowledged, {len(events)} recorded,"
        f" {writers.unknown} requests without an answer; ready within {max(ready):.2f} s"
        f" (median {statistics.median(ready):.2f} s, of its own CPU {server.cpu_until_ready:.2f} s)"
    )
    assert sorted(events) == sorted(acknowledged)  # none lost, and none twice: every request was answered in the end
    assert writers.unknown
    assert min(ready) <= LATEST_READY
    assert server.cpu_until_ready <= MOST_CPU


def test_nothing_acknowledged_is_lost_and_nothing_repeated_happens_twice(make_town: MakeTown) -> None:
    _kill_again_and_again(make_town("sqlite"), 2)


@pytest.mark.full
@pytest.mark.parametrize("engine", ["sqlite", "postgresql"])
def test_nothing_is_lost_or_doubled_over_twenty_kills(make_town: MakeTown, engine: str) -> None:
    _kill_again_and_again(make_town(engine), 20)
