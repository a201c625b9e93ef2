"""What is due at a touchpoint, in process, with every pack installed: own CPU time, so that neighbours don't count."""

import time
from datetime import date

import pytest

from disclosures.packs.loading import bundled
from disclosures.resolution import Question, resolve
from tests.speed import harness

pytestmark = pytest.mark.speed
TIMES = 5000


def test_resolution_with_all_packs() -> None:
    packs = bundled()
    question = Question(kind="companion", on=date(2027, 2, 1), facts=frozenset(packs.facts()))
    assert len(resolve(packs, question).due) >= 8  # nothing is known of the person: every pack applies
    spent = []
    for _ in range(TIMES):
        before = time.thread_time()
        resolve(packs, question)
        spent.append(time.thread_time() - before)
    p99 = sorted(spent)[TIMES * 99 // 100] * 1000
    harness.record("resolution, all packs, p99", "<= 5 ms", f"{p99:.2f} ms", met=p99 <= 5)
