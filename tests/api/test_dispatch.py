"""From path to route: the tree finds what a walk over all patterns would find, at a cost that does not grow."""

import re
from typing import Any

import pytest
from fastapi import APIRouter
from hypothesis import given
from hypothesis import strategies as st

from api.app import declare
from api.dispatch import Node, find, tree

SEGMENTS = st.sampled_from(["v1", "a", "b", "{x}", "{y}"])
TEMPLATES = st.lists(SEGMENTS, min_size=1, max_size=4).map(lambda parts: "/" + "/".join(parts))


async def nothing() -> None:
    """Do nothing."""


def tree_of(templates: list[str]) -> Node:
    router = APIRouter()
    for number, template in enumerate(templates):
        plain = re.sub(r"\{\w", lambda match, n=number: f"{match[0]}{n}", template)  # type: ignore[misc]  # a default binds n
        router.add_api_route(_numbered(plain), nothing, name=str(number))
    return tree(declare([router]))


def _numbered(template: str) -> str:
    counted = iter(range(100))
    return re.sub(r"\{(\w+)", lambda match: f"{{{match[1]}_{next(counted)}", template)


def shape(template: str) -> str:
    return re.sub(r"\{\w+\}", "{}", template)


@given(
    st.lists(TEMPLATES, min_size=1, max_size=8, unique_by=shape),
    st.lists(st.sampled_from(["v1", "a", "b", "c"]), max_size=4),
)
def test_the_tree_finds_what_the_patterns_match(templates: list[str], parts: list[str]) -> None:
    path = "/" + "/".join(parts)
    matching = [t for t in templates if re.fullmatch(re.sub(r"\{\w+\}", "([^/]+)", t), path)]

    found = find(tree_of(templates), path)

    if not matching:
        assert found is None
    else:
        assert found is not None
        node, values = found
        template = shape(next(iter(node.methods.values())).template)
        assert template in {shape(t) for t in matching}
        assert [part for part, held in zip(parts, template[1:].split("/"), strict=True) if held == "{}"] == values


def test_fixed_segments_win_over_parameters() -> None:
    root = tree_of(["/v1/{x}", "/v1/batch", "/v1/batch/{x}", "/v1/{x}/history"])

    assert template_at(root, "/v1/batch") == "/v1/batch"
    assert template_at(root, "/v1/other") == "/v1/{}"
    assert template_at(root, "/v1/batch/history") == "/v1/batch/{}"
    assert template_at(root, "/v1/other/history") == "/v1/{}/history"


def template_at(root: Node, path: str) -> str:
    found = find(root, path)
    assert found is not None
    return shape(found[0].methods["GET"].template)


def test_a_path_parameter_takes_the_rest() -> None:
    root = tree_of(["/files/{x}", "/files/{rest:path}"][1:])

    found = find(root, "/files/a/b.css")

    assert found is not None
    assert found[1] == ["a/b.css"]


@pytest.mark.parametrize("paths", [("/a", "/a"), ("/a/{x}", "/a/{y}")])
def test_two_routes_for_one_place_stop_the_start(paths: tuple[str, str]) -> None:
    with pytest.raises(ValueError, match="two routes answer GET"):
        tree_of(list(paths))


@pytest.mark.parametrize("path", ["/a/{x}.json", "/a/{x:int}", "/a/v{x}"])
def test_a_parameter_is_a_whole_segment(path: str) -> None:
    router = APIRouter()
    router.add_api_route(path, nothing)

    with pytest.raises(ValueError, match="whole plain segment"):
        tree(declare([router]))


def test_the_last_of_many_routes_is_as_near_as_the_first() -> None:
    """Counted in looks into the tree, which unlike time is the same on every machine."""
    looks: list[str] = []

    class Counted(dict[str, Any]):
        def get(self, key: str, default: Any = None) -> Any:
            looks.append(key)
            return super().get(key, default)

    root = tree_of([f"/v1/resource{n}/{{x}}" for n in range(400)])
    root.fixed = Counted(root.fixed)
    root.fixed["v1"].fixed = Counted(root.fixed["v1"].fixed)

    find(root, "/v1/resource0/7")
    first, looks[:] = len(looks), []
    find(root, "/v1/resource399/7")

    assert len(looks) == first
