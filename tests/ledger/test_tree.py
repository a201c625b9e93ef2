"""The Merkle tree against published vectors (RFC 6962/9162) and against the definition itself."""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import proofs
from ledger.tiles import tiles_of
from ledger.tree import (
    EMPTY_ROOT,
    Frontier,
    ProofError,
    check_consistency,
    check_inclusion,
    leaf_hash,
    node_hash,
    perfect_root,
    root_from_inclusion,
)

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "rfc6962.json").read_text("utf-8"))
LEAVES = [bytes.fromhex(leaf) for leaf in VECTORS["leaves"]]
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]
SOME_HASH = bytes.fromhex("abacaba000000000000000000000000000000000000000000060061e00123456")
INCLUSION = [(v["leaf"], v["size"], [bytes.fromhex(h) for h in v["proof"]]) for v in VECTORS["inclusion"]]
CONSISTENCY = [(v["first"], v["second"], [bytes.fromhex(h) for h in v["proof"]]) for v in VECTORS["consistency"]]


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """The tree's root exactly as RFC 9162, 2.1.1 defines it, by recursion over leaf hashes."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """The inclusion path exactly as RFC 9162, 2.1.3.1 defines it."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if index < k:
        return [*naive_path(index, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(index - k, leaves[k:]), naive_root(leaves[:k])]


def naive_subproof(m: int, leaves: Sequence[bytes], *, known: bool) -> list[bytes]:
    """The consistency proof exactly as RFC 9162, 2.1.4.1 defines it."""
    if m == len(leaves):
        return [] if known else [naive_root(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*naive_subproof(m, leaves[:k], known=known), naive_root(leaves[k:])]
    return [*naive_subproof(m - k, leaves[k:], known=False), naive_root(leaves[:k])]


def stored_tiles(leaves: Sequence[bytes]) -> dict[tuple[int, int], list[bytes]]:
    """What a store would hold: the roots of full subtrees of 256**level leaves, in tiles."""
    levels = [list(leaves)]
    while len(levels[-1]) >= 256:
        below = levels[-1]
        levels.append([perfect_root(below[at : at + 256]) for at in range(0, len(below) - 255, 256)])
    return {
        (level, number): levels[level][number * 256 : number * 256 + width]
        for level, number, width in tiles_of(len(leaves))
    }


def numbered(count: int) -> list[bytes]:
    return [leaf_hash(str(n).encode()) for n in range(count)]


def test_published_roots_of_the_reference_tree() -> None:
    """RFC 6962/9162 published vectors: the Certificate Transparency reference tree."""
    frontier = Frontier()
    assert frontier.root() == EMPTY_ROOT == bytes.fromhex(VECTORS["empty_root"])
    for leaf, root in zip(LEAVES, ROOTS, strict=True):
        frontier.append(leaf_hash(leaf))
        assert frontier.root() == root


def test_domain_separators_are_pinned() -> None:
    """RFC 9162, 2.1.1: a leaf begins with 0x00, a node with 0x01."""
    assert leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    assert leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    assert node_hash(b"N123", b"N456").hex() == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"


@pytest.mark.parametrize(("leaf", "size", "proof"), INCLUSION)
def test_published_inclusion_proofs(leaf: int, size: int, proof: list[bytes]) -> None:
    """RFC 6962/9162 published vectors (transparency-dev/merkle): each is accepted, and made by our planner."""
    check_inclusion(leaf, size, leaf_hash(LEAVES[leaf]), proof, ROOTS[size - 1])

    tiles = stored_tiles([leaf_hash(entry) for entry in LEAVES[:size]])
    assert proofs.assemble(proofs.plan_inclusion(leaf, size), tiles) == proof


@pytest.mark.parametrize(("first", "second", "proof"), CONSISTENCY)
def test_published_consistency_proofs(first: int, second: int, proof: list[bytes]) -> None:
    """RFC 6962/9162 published vectors (transparency-dev/merkle): each is accepted, and made by our planner."""
    check_consistency(first, second, proof, ROOTS[first - 1], ROOTS[second - 1])

    tiles = stored_tiles([leaf_hash(entry) for entry in LEAVES[:second]])
    assert proofs.assemble(proofs.plan_consistency(first, second), tiles) == proof


def flipped(proof: list[bytes], place: int, bit: int) -> list[bytes]:
    changed = bytearray(proof[place])
    changed[0] ^= bit
    return [*proof[:place], bytes(changed), *proof[place + 1 :]]


def corrupt_inclusions(
    leaf: int, size: int, proof: list[bytes]
) -> Iterator[tuple[int, int, bytes, list[bytes], bytes]]:
    """The corruptions that transparency-dev/merkle publishes for each inclusion vector."""
    root, entry = ROOTS[size - 1], leaf_hash(LEAVES[leaf])
    for wrong in (leaf - 1, leaf + 1, leaf ^ 2):
        yield wrong, size, entry, proof, root
    yield leaf, size * 2, entry, proof, root
    yield leaf, size // 2, entry, proof, root
    yield leaf, size, b"WrongLeaf", proof, root
    for bad_root in (EMPTY_ROOT, SOME_HASH):
        yield leaf, size, entry, proof, bad_root
    for garbage in (b"", root):
        yield leaf, size, entry, [*proof, garbage], root
        yield leaf, size, entry, [garbage, *proof], root
    for place in range(len(proof)):
        yield leaf, size, entry, flipped(proof, place, 8), root
    if proof:
        yield leaf, size, entry, proof[:-1], root
        yield leaf, size, entry, [proof[0], SOME_HASH, *proof[1:]], root


def corrupt_consistencies(
    first: int, second: int, proof: list[bytes]
) -> Iterator[tuple[int, int, list[bytes], bytes, bytes]]:
    """The corruptions that transparency-dev/merkle publishes for each consistency vector."""
    old, new = ROOTS[first - 1], ROOTS[second - 1]
    for wrong in (first - 1, first + 1, first ^ 2):
        yield wrong, second, proof, old, new
    yield first, second * 2, proof, old, new
    yield first, second // 2, proof, old, new
    yield first, second, proof, b"WrongRoot", new
    yield first, second, proof, old, b"WrongRoot"
    yield first, second, proof, new, old
    yield first, second, [], old, new
    for garbage in (b"", old, new, proof[0]):
        yield first, second, [*proof, garbage], old, new
        yield first, second, [garbage, *proof], old, new
    yield first, second, proof[:-1], old, new
    for place in range(len(proof)):
        yield first, second, flipped(proof, place, 16), old, new


def test_published_corruptions_of_inclusion_proofs_are_refused() -> None:
    """RFC 6962/9162 published vectors (transparency-dev/merkle), the refused ones."""
    tried = 0
    for vector in INCLUSION:
        for index, size, entry, proof, root in corrupt_inclusions(*vector):
            with pytest.raises(ProofError):
                check_inclusion(index, size, entry, proof, root)
            tried += 1
    assert tried == 78


def test_published_corruptions_of_consistency_proofs_are_refused() -> None:
    """RFC 6962/9162 published vectors (transparency-dev/merkle), the refused ones."""
    tried = 0
    for vector in CONSISTENCY[1:]:
        for first, second, proof, old, new in corrupt_consistencies(*vector):
            with pytest.raises(ProofError):
                check_consistency(first, second, proof, old, new)
            tried += 1
    assert tried == 83


@pytest.mark.parametrize(("index", "size"), [(0, 0), (1, 0), (2, 1), (-1, 1)])
def test_an_empty_tree_and_a_place_outside_are_refused(index: int, size: int) -> None:
    with pytest.raises(ProofError):
        root_from_inclusion(index, size, SOME_HASH, [])


@pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 1), (1, 0), (2, 1)])
def test_consistency_with_an_empty_or_younger_tree_is_refused(first: int, second: int) -> None:
    with pytest.raises(ProofError):
        check_consistency(first, second, [], EMPTY_ROOT, EMPTY_ROOT)


@pytest.mark.parametrize("size", [0, 1, 31, 33, 64])
def test_hashes_of_another_length_are_refused(size: int) -> None:
    odd = b"x" * size
    with pytest.raises(ProofError):
        check_inclusion(0, 1, odd, [], odd)
    with pytest.raises(ProofError):
        check_consistency(1, 1, [], odd, odd)


@given(st.integers(1, 300), st.data())
def test_proofs_equal_those_of_the_definition(size: int, data: st.DataObject) -> None:
    leaves = numbered(size)
    index = data.draw(st.integers(0, size - 1))
    first = data.draw(st.integers(1, size))
    tiles = stored_tiles(leaves)

    path = proofs.assemble(proofs.plan_inclusion(index, size), tiles)
    assert path == naive_path(index, leaves)
    check_inclusion(index, size, leaves[index], path, naive_root(leaves))

    between = proofs.assemble(proofs.plan_consistency(first, size), tiles)
    assert between == naive_subproof(first, leaves, known=True)
    check_consistency(first, size, between, naive_root(leaves[:first]), naive_root(leaves))


@given(st.integers(0, 700), st.integers(0, 700))
def test_a_frontier_grows_to_the_root_of_the_definition(size: int, pause: int) -> None:
    leaves = numbered(size)
    frontier = Frontier()
    for number, leaf in enumerate(leaves):
        if number == pause:
            frontier = Frontier.unpack(frontier.size, frontier.packed())
        frontier.append(leaf)

    assert frontier.root() == naive_root(leaves)


@given(st.integers(1, 200), st.data())
def test_a_changed_leaf_fits_no_proof(size: int, data: st.DataObject) -> None:
    leaves = numbered(size)
    index = data.draw(st.integers(0, size - 1))
    path = naive_path(index, leaves)

    with pytest.raises(ProofError):
        check_inclusion(index, size, leaf_hash(b"another"), path, naive_root(leaves))


def test_proofs_cross_tiles_of_three_levels() -> None:
    size = 256 * 256 + 256 * 3 + 17
    leaves = numbered(size)
    tiles = stored_tiles(leaves)
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    root = frontier.root()

    for index in (0, 255, 256, 65_535, 65_536, size - 18, size - 1):
        plan = proofs.plan_inclusion(index, size)
        needed = {place: tiles[place] for place in proofs.tiles_needed(plan)}
        check_inclusion(index, size, leaves[index], proofs.assemble(plan, needed), root)
        assert len(needed) <= 4
    for first in (1, 255, 256, 257, 65_536, 65_537, size - 1, size):
        plan = proofs.plan_consistency(first, size)
        old = Frontier()
        for leaf in leaves[:first]:
            old.append(leaf)
        check_consistency(first, size, proofs.assemble(plan, tiles), old.root(), root)


def test_whole_subtrees_can_be_appended() -> None:
    leaves = numbered(512 + 3)
    frontier = Frontier()
    for start in (0, 256):
        frontier.append_perfect(perfect_root(leaves[start : start + 256]), 8)
    for leaf in leaves[512:]:
        frontier.append(leaf)

    assert frontier.root() == naive_root(leaves)
    with pytest.raises(ValueError, match="multiple"):
        frontier.append_perfect(leaves[0], 8)


def test_what_is_no_frontier_is_refused() -> None:
    with pytest.raises(ValueError, match="frontier"):
        Frontier(3, [SOME_HASH])
    with pytest.raises(ValueError, match="frontier"):
        Frontier.unpack(1, SOME_HASH[:-1])
