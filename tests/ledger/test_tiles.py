"""Tiles as C2SP tlog-tiles lays them out: paths, widths, entry bundles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.tiles import (
    as_tile,
    bundle,
    parse_path_number,
    path_number,
    split_bundle,
    split_tile,
    tile_path,
    tiles_of,
    width_of,
)


def test_published_example_of_a_tile_number() -> None:
    """C2SP tlog-tiles: index 1234067 is x001/x234/067."""
    assert path_number(1_234_067) == "x001/x234/067"
    assert tile_path(0, 1_234_067, 112) == "tile/0/x001/x234/067.p/112"
    assert tile_path("entries", 5) == "tile/entries/005"


def test_published_example_of_a_tree_in_tiles() -> None:
    """C2SP tlog-tiles: 70,000 leaves are 273 full and one 112-wide tile, one full and one 17-wide, one 1-wide."""
    tiles = list(tiles_of(70_000))

    assert sum(level == 0 and width == 256 for level, _, width in tiles) == 273
    assert tiles[273] == (0, 273, 112)
    assert tiles[274:] == [(1, 0, 256), (1, 1, 17), (2, 0, 1)]
    assert list(tiles_of(256)) == [(0, 0, 256), (1, 0, 1)]
    assert list(tiles_of(0)) == []


@given(st.integers(0, 10**12))
def test_tile_numbers_are_read_back(number: int) -> None:
    assert parse_path_number(path_number(number)) == number


@pytest.mark.parametrize("text", ["", "1", "0001", "x000/001", "000/001", "x001", "x001/x234/67", "1/067", "x1a/067"])
def test_other_spellings_of_a_number_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="number"):
        parse_path_number(text)


@given(st.lists(st.binary(max_size=300), max_size=20))
def test_bundles_are_read_back(entries: list[bytes]) -> None:
    assert split_bundle(bundle(entries)) == entries


def test_a_cut_bundle_and_a_giant_entry_are_refused() -> None:
    with pytest.raises(ValueError, match="ends"):
        split_bundle(bundle([b"abc"])[:-1])
    with pytest.raises(ValueError, match="ends"):
        split_bundle(b"\x00")
    with pytest.raises(ValueError, match="longer"):
        bundle([b"x" * 65_536])


@pytest.mark.parametrize("size", [0, 31, 33, 257 * 32])
def test_what_is_no_tile_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="tile"):
        split_tile(b"x" * size)


def test_a_tile_is_split_into_its_hashes() -> None:
    hashes = [bytes([n]) * 32 for n in range(3)]

    assert split_tile(as_tile(hashes)) == hashes


def test_widths_follow_the_size() -> None:
    assert width_of(0, 273, 70_000) == 112
    assert width_of(1, 1, 70_000) == 17
    assert width_of(0, 274, 70_000) == 0
    assert width_of(0, 0, 70_000) == 256
