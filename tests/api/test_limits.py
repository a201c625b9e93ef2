"""Rates: who has used up his quota waits, all others do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.limits import Limiter, Quota, client_address
from api.problems import TooManyRequestsError
from core.clock import MICROS, FixedClock
from core.principal import Principal, Role, Subject
from core.settings import LimitSettings

SMALL = LimitSettings(customer_per_minute=3, machine_per_minute=6)
ALICE, BOB = (Subject("customer", name, name.encode().ljust(16)) for name in ("alice", "bob"))


def asking(clock: FixedClock, peer: str = "192.0.2.1", *forwarded: str) -> dict[str, object]:
    headers = [(b"x-forwarded-for", hop.encode()) for hop in forwarded]
    return {"candor.at": clock.now(), "client": (peer, 1), "headers": headers}


def customer(subject: Subject | None) -> Principal:
    return Principal("t", "key_site", Role.CUSTOMER, site="s", subject=subject)


def test_a_customer_who_used_up_his_quota_is_told_when_to_come_back(clock: FixedClock) -> None:
    limiter = Limiter(SMALL)
    for _ in range(3):
        limiter.charge(asking(clock), customer(ALICE))
    scope = asking(clock)

    with pytest.raises(TooManyRequestsError) as refused:
        limiter.charge(scope, customer(ALICE))

    assert refused.value.headers == {"Retry-After": "20"}
    assert scope["candor.rate"] == [
        (b"ratelimit-policy", b'"customer";q=3;w=60'),
        (b"ratelimit", b'"customer";r=0;t=20'),
    ]
    limiter.charge(asking(clock), customer(BOB))
    clock.advance(20 * MICROS)
    limiter.charge(asking(clock), customer(ALICE))


def test_a_browser_without_a_name_is_told_apart_by_its_address(clock: FixedClock) -> None:
    limiter = Limiter(SMALL)
    for _ in range(3):
        limiter.charge(asking(clock, "2001:db8::1"), customer(None))

    with pytest.raises(TooManyRequestsError):
        limiter.charge(asking(clock, "2001:db8::ffff"), customer(None))
    limiter.charge(asking(clock, "2001:db8:1::1"), customer(None))


def test_a_machine_is_counted_by_its_credential(clock: FixedClock) -> None:
    limiter = Limiter(SMALL)
    for _ in range(6):
        limiter.charge(asking(clock), Principal("t", "key_a", Role.SITE))

    with pytest.raises(TooManyRequestsError):
        limiter.charge(asking(clock, "198.51.100.9"), Principal("t", "key_a", Role.SITE))
    limiter.charge(asking(clock), Principal("t", "key_b", Role.SITE))


def test_forwarded_addresses_count_as_far_as_their_writers_are_trusted(clock: FixedClock) -> None:
    trusted = ("10.0.0.1", "10.0.0.2")

    assert client_address(asking(clock, "192.0.2.1", "203.0.113.9")) == "192.0.2.1"
    assert client_address(asking(clock, "192.0.2.1", "203.0.113.9"), trusted) == "192.0.2.1"
    assert client_address(asking(clock, "10.0.0.1", "1.1.1.1, 203.0.113.9"), trusted) == "203.0.113.9"
    assert client_address(asking(clock, "10.0.0.1", "203.0.113.9", "10.0.0.2"), trusted) == "203.0.113.9"
    assert client_address(asking(clock, "10.0.0.1", "not an address"), trusted) == ""


@given(st.lists(st.integers(0, 30), max_size=200), st.integers(1, 20))
def test_no_window_holds_more_than_twice_the_quota(steps: list[int], most: int) -> None:
    """A whole burst and what trickles in while it refills: the bound of the algorithm."""
    limiter, quota, at, passed = Limiter(SMALL), Quota("q", most), 0, list[int]()
    for step in steps:
        at += step * MICROS
        if limiter.hit("k", quota, at).allowed:
            passed.append(at)

    for start in passed:
        assert sum(start <= other < start + 60 * MICROS for other in passed) <= 2 * most


def test_the_table_is_bounded_and_forgets_the_longest_unused(clock: FixedClock) -> None:
    limiter, quota = Limiter(SMALL, capacity=100), Quota("q", 1)
    limiter.hit("first", quota, clock.now())
    for number in range(40):
        limiter.hit(number, quota, clock.now())

    assert not limiter.hit("first", quota, clock.now()).allowed
    for number in range(10_000):
        limiter.hit(f"x{number}", quota, clock.now())
    assert len(limiter._young) + len(limiter._old) <= 100
