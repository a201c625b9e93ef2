"""Cursors that only this service can write, for one list of one tenant, within an hour."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.paging import LIFETIME, CursorRefusedError, Cursors
from core import keys
from core.keys import KeyRing

RING = keys.generate(0)
FILTERS: dict[str, Any] = {"purpose": "chat", "since": 5}


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=20) | st.integers(0, 2**53), max_size=4))
def test_a_cursor_gives_back_its_sort_key(sort_key: list[str | int]) -> None:
    cursor = Cursors(RING).seal(sort_key, "t", FILTERS, 100)

    assert Cursors(RING).open(cursor, "t", FILTERS, 100 + LIFETIME - 1) == sort_key


@pytest.mark.parametrize(
    ("tenant", "filters", "at"),
    [("other", FILTERS, 100), ("t", {}, 100), ("t", {**FILTERS, "since": 6}, 100), ("t", FILTERS, 100 + LIFETIME)],
)
def test_a_cursor_of_another_list_or_time_is_refused(tenant: str, filters: dict[str, Any], at: int) -> None:
    cursor = Cursors(RING).seal(["a"], "t", FILTERS, 100)

    with pytest.raises(CursorRefusedError):
        Cursors(RING).open(cursor, tenant, filters, at)


def test_a_cursor_with_any_character_changed_is_refused() -> None:
    cursors = Cursors(RING)
    cursor = cursors.seal(["2026", "chc_1"], "t", FILTERS, 100)

    # the last character of unpadded base64 may carry bits that mean nothing
    for place in range(len(cursor) - 1):
        bent = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        with pytest.raises(CursorRefusedError):
            cursors.open(bent, "t", FILTERS, 100)


@given(st.text(max_size=80))
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(CursorRefusedError):
        Cursors(RING).open(text, "t", FILTERS, 100)


def test_a_cursor_says_nothing_and_opens_only_with_the_same_keys(keyring: KeyRing) -> None:
    cursor = Cursors(RING).seal(["customer-4711"], "t", FILTERS, 100)

    assert "customer" not in cursor
    with pytest.raises(CursorRefusedError):
        Cursors(keyring).open(cursor, "t", FILTERS, 100)


def test_a_page_has_a_cursor_only_if_there_is_more() -> None:
    cursors = Cursors(RING)

    page = cursors.page([1, 2, 3], 2, lambda n: [n], "t", {}, 100)

    assert page.items == [1, 2]
    assert page.next_cursor is not None
    assert cursors.open(page.next_cursor, "t", {}, 100) == [2]
    assert cursors.page([1, 2], 2, lambda n: [n], "t", {}, 100).next_cursor is None
