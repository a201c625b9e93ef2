"""A withdrawal holds from its acknowledgement on, at every process, whoever wrote it and whatever is cut or stopped.

Permitted after the acknowledgement means stale; not one answer may be (GDPR Art. 7(3)).
"""

import contextlib
import os
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count

import pytest

from tests.journeys.conftest import MakeTown
from tests.journeys.proxy import Proxy
from tests.journeys.running import ROOT, Line, Server, Told, serving
from tests.speed.town import Town

SUBJECTS = 10
LEASE = 1.0
Act = Callable[[str], None]


@contextlib.contextmanager
def _background(servers: Sequence[Server]) -> Iterator[None]:
    """Have two threads ask all servers for other people until the block ends."""
    over = threading.Event()

    def ask(number: int) -> None:
        lines = [server.line() for server in servers]
        for turn in count():
            if over.is_set():
                break
            lines[turn % len(lines)].ask(f"somebody-{number}-{turn % 50}")
            time.sleep(0.001)  # the threads of this process share one interpreter
        for line in lines:
            line.close()

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        over.set()
        for thread in threads:
            thread.join()


def _until_allowed(line: Line, subject: str, seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not (told := line.ask(subject)).allowed:
        assert time.monotonic() < until, told
        time.sleep(0.002)


def _choose(line: Line, subject: str, state: str) -> None:
    told = line.choose(subject, state)
    assert told.status == 201, told


def _stale_answers(acts: Sequence[tuple[Act, Act]], servers: Sequence[Server], trials: int) -> int:
    """Give, see it allowed everywhere, withdraw, ask everywhere at once; return how many answers still permitted.

    ``acts`` are ways to (give, withdraw), taken in turn.
    """
    lines = [server.line() for server in servers]
    stale = 0
    took: list[float] = []
    with _background(servers):
        for trial in range(trials):
            give, withdraw = acts[trial % len(acts)]
            subject = f"customer-{trial % SUBJECTS}"
            give(subject)
            for line in lines:
                _until_allowed(line, subject)
            withdraw(subject)
            acknowledged = time.perf_counter()
            for line in lines[::-1] if trial % 2 == 0 else lines:  # who did not write himself is asked first
                while (told := line.ask(subject)).status != 200 or told.allowed:
                    stale += told.allowed
                    assert time.perf_counter() - acknowledged < 10, told
                took.append((time.perf_counter() - acknowledged) * 1000)
    for line in lines:
        line.close()
    took.sort()
    print(
        f"\n  {trials} withdrawals, {len(lines)} server(s): {stale} stale answers; from acknowledgement to the deny"
        f" p50 {statistics.median(took):.2f} ms, p99 {took[int(len(took) * 0.99)]:.2f} ms"
    )
    return stale


def _two_servers(town: Town, trials: int) -> int:
    servers = [
        Server(town),
        Server(town, CANDOR__STORE__CHECKPOINT_FILE=f"{town.env['CANDOR__STORE__KEYS_FILE']}.notes"),
    ]
    with serving(*servers):
        acts = []
        for server in servers:
            line = server.line()
            acts.append(
                (lambda who, on=line: _choose(on, who, "given"), lambda who, on=line: _choose(on, who, "withdrawn"))
            )
        return _stale_answers(acts, servers, trials)


@contextlib.contextmanager
def _outside_writer(town: Town) -> Iterator[Callable[[str], None]]:
    """Run the outside writer; yields a call that has it do a line and waits until it is done."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.journeys.outside_writer"],
        env={**os.environ, **town.env},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    into, out = process.stdin, process.stdout

    def do(line: str) -> None:
        into.write(line + "\n")
        into.flush()
        assert out.readline() == "done\n"

    try:
        assert out.readline() == "ready\n"
        yield do
    finally:
        into.close()
        process.wait(10)
        out.close()


def _one_server_and_an_outside_writer(town: Town, trials: int) -> int:
    server = Server(town)
    with serving(server), _outside_writer(town) as do:
        acts = [(lambda who: do(f"give {who}"), lambda who: do(f"withdraw {who}"))]
        return _stale_answers(acts, [server], trials)


def test_no_server_permits_what_another_was_told_is_withdrawn(make_town: MakeTown) -> None:
    assert _two_servers(make_town("postgresql"), 30) == 0


def test_the_server_does_not_permit_what_an_outside_writer_withdrew(make_town: MakeTown) -> None:
    assert _one_server_and_an_outside_writer(make_town("sqlite"), 30) == 0


@pytest.mark.full
def test_no_server_permits_what_another_was_told_is_withdrawn_over_300_trials(make_town: MakeTown) -> None:
    assert _two_servers(make_town("postgresql"), 300) == 0


@pytest.mark.full
def test_the_server_does_not_permit_what_an_outside_writer_withdrew_over_300_trials(make_town: MakeTown) -> None:
    assert _one_server_and_an_outside_writer(make_town("sqlite"), 300) == 0


@pytest.mark.parametrize("hang_up", [False, True], ids=["silent", "hung-up"])
def test_a_server_cut_off_from_its_records_permits_nothing_after_its_lease(make_town: MakeTown, hang_up: bool) -> None:
    town = make_town("postgresql")
    with Proxy(town.env["CANDOR__STORE__URL"]).running() as proxy:
        lease = str(LEASE)
        near = Server(town, CANDOR__GATE__LEASE_SECONDS=lease)
        notes = f"{town.env['CANDOR__STORE__KEYS_FILE']}.notes"
        far = Server(
            town, CANDOR__GATE__LEASE_SECONDS=lease, CANDOR__STORE__URL=proxy.url, CANDOR__STORE__CHECKPOINT_FILE=notes
        )
        with serving(near, far):
            _cut_and_ask(near, far, proxy, hang_up=hang_up)


def _cut_and_ask(near: Server, far: Server, proxy: Proxy, *, hang_up: bool) -> None:
    at_near, at_far = near.line(), far.line()
    for who in ("stays", "goes"):
        _choose(at_near, who, "given")
        _until_allowed(at_near, who)
        _until_allowed(at_far, who)
    asked: list[tuple[float, str, Told, float]] = []
    over = threading.Event()

    def keep_asking() -> None:
        line = far.line()
        while not over.is_set():
            for who in ("stays", "goes"):
                begun = time.monotonic()
                told = line.ask(who)
                asked.append((begun, who, told, time.monotonic()))
            time.sleep(0.005)
        line.close()

    asking = threading.Thread(target=keep_asking)
    asking.start()
    cut = time.monotonic()
    proxy.cut(hang_up=hang_up)
    _choose(at_near, "goes", "withdrawn")
    acknowledged = time.monotonic()
    time.sleep(max(0.0, cut + LEASE + 2 - time.monotonic()))
    proxy.mend()
    mended = time.monotonic()
    _until_allowed(at_far, "stays", 20)
    back = time.monotonic()
    time.sleep(0.2)
    over.set()
    asking.join()
    _expect_nothing_stale(asked, cut, acknowledged, mended)
    assert at_far.ask("goes").body["reasons"] == ["consent-withdrawn"]
    slowest = max(end - begun for begun, _, _, end in asked)
    print(
        f"\n  cut off: withdrawal acknowledged after {acknowledged - cut:.2f} s, {len(asked)} questions, slowest answer"
        f" {slowest:.2f} s, back {back - mended:.2f} s after the mending"
    )


def _expect_nothing_stale(
    asked: Sequence[tuple[float, str, Told, float]], cut: float, acknowledged: float, mended: float
) -> None:
    stale = [one for one in asked if one[1] == "goes" and one[0] > acknowledged and one[2].allowed]
    assert not stale
    dark = [one for one in asked if cut + LEASE < one[0] and one[3] < mended]
    assert dark
    assert {told.status for _, _, told, _ in dark} == {503}
    assert min(end for _, _, told, end in asked if told.status == 503) <= cut + LEASE + 1


def test_a_stopped_server_that_wakes_does_not_permit_what_was_withdrawn_meanwhile(make_town: MakeTown) -> None:
    town = make_town("postgresql")
    notes = f"{town.env['CANDOR__STORE__KEYS_FILE']}.notes"
    near = Server(town, CANDOR__GATE__LEASE_SECONDS=str(LEASE))
    far = Server(town, CANDOR__GATE__LEASE_SECONDS=str(LEASE), CANDOR__STORE__CHECKPOINT_FILE=notes)
    with serving(near, far):
        waited = [_stop_and_ask(near, far, f"customer-{number}", pause) for number, pause in enumerate((0.0, 0.6, 0.0))]
    print(f"\n  withdrawals beside a stopped server acknowledged after {', '.join(f'{one:.2f}' for one in waited)} s")


def _stop_and_ask(near: Server, far: Server, who: str, pause: float) -> float:
    """Stop ``far``, withdraw at ``near``, wake ``far``; return how long the withdrawal took, in seconds."""
    at_near, at_far, queued = near.line(), far.line(), far.line()
    _choose(at_near, who, "given")
    for line in (at_near, at_far, queued):
        _until_allowed(line, who)
    far.signal(signal.SIGSTOP)
    queued.put_question(who)
    begun = time.monotonic()
    _choose(at_near, who, "withdrawn")
    took = time.monotonic() - begun
    time.sleep(pause)  # none: woken at the very moment of the acknowledgement
    far.signal(signal.SIGCONT)
    answers = [queued.answer()]
    until = time.monotonic() + LEASE + 0.5
    while time.monotonic() < until:
        answers.append(at_far.ask(who))
    assert not [told for told in answers if told.allowed]
    assert answers[-1].body["reasons"] == ["consent-withdrawn"]
    for line in (at_near, at_far, queued):
        line.close()
    return took
