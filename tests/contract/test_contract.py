"""The contract is the only list of routes, and what it promises of methods and problems holds for each."""

import httpx
import pytest

from api.access import permissions_of
from tests.contract.whole import Whole

pytestmark = pytest.mark.anyio
UNTOLD = (
    "/t/",
    "/assets/",
    "/widget/",
    "/.well-known/",
    "/hooks/",
    "/console",
    "/r/",
)  # pages and files for browsers and verifiers, not part of the API


async def test_every_route_is_in_the_contract_and_none_beside(whole: Whole) -> None:
    declared = {(operation.method, operation.path) for operation in whole.operations()}
    served = {
        (method, path)
        for path, methods, _ in permissions_of(whole.app.contract)
        for method in methods.split(",")
        if not path.startswith(UNTOLD)
    }

    assert served - declared == set()
    assert {(method, path) for method, path in declared if not path.startswith(UNTOLD)} - served == set()


async def test_operations_have_names_of_their_own(whole: Whole) -> None:
    names = [operation.declared["operationId"] for operation in whole.operations()]

    assert sorted(names) == sorted(set(names))


async def test_every_operation_declares_its_problems(whole: Whole) -> None:
    for operation in whole.operations():
        promised = operation.declared["responses"]
        assert {"400", "422", "429", "500", "503"} <= promised.keys(), operation.path
        assert ({"401", "403"} <= promised.keys()) or operation.permission is None, operation.path
        assert operation.method == "GET" or {"408", "409", "413", "415"} <= promised.keys(), operation.path
        assert operation.declared.get("summary"), operation.path


async def test_every_path_tells_its_methods(whole: Whole) -> None:
    by_path: dict[str, set[str]] = {}
    for operation in whole.operations():
        by_path.setdefault(operation.sample_path(), {"OPTIONS"}).add(operation.method)
        if operation.method == "GET":
            by_path[operation.sample_path()].add("HEAD")
    async with whole.client() as client:
        for path, methods in by_path.items():
            assert allowed(await client.options(path), 204) == methods
            assert allowed(await client.request("TRACE", path), 405) == methods
            assert allowed(await client.request("BREW", path), 405) == methods


def allowed(answer: httpx.Response, status: int) -> set[str]:
    assert answer.status_code == status
    return set(answer.headers["allow"].split(", "))
