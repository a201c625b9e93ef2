"""schemathesis against the running server: what the contract promises holds for generated requests, good and bad.

Each operation is called with a credential that has its permission, so that the requests get past the door.
"""

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from tests.api import serving
from tests.contract.whole import Operation, Whole

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).resolve().parents[2]
HOOKS = "tests.contract.lines"
CONFIGURATION = Path(__file__).with_name("schemathesis.toml")
PHASES = "examples,coverage,fuzzing,stateful"


def by_credential(whole: Whole) -> dict[str, list[Operation]]:
    """Return the operations grouped by the header fields they are called with."""
    groups: dict[str, list[Operation]] = {}
    for operation in whole.operations():
        groups.setdefault(json.dumps(whole.credential(operation.permission)), []).append(operation)
    return groups


async def st(
    port: int, contract: Path, headers: dict[str, str], operations: list[Operation], examples: int
) -> tuple[int, str]:
    """Run schemathesis on some operations; return its exit status and what it said."""
    chosen = [part for one in operations for part in ("--include-operation-id", one.declared["operationId"])]
    fields = [part for name, value in headers.items() for part in ("-H", f"{name}: {value}")]
    command = (
        *(sys.executable, "-m", "schemathesis.cli", "--config-file", str(CONFIGURATION)),
        *("run", str(contract), *chosen, "--url", f"http://127.0.0.1:{port}"),
        *("--checks", "all", "--phases", PHASES, "--max-examples", str(examples), "--seed", "7", "--no-color"),
        *("--max-response-time", "2", "--request-timeout", "5", "--continue-on-failure", "--no-shrink"),
        *("--generation-database", "none", *fields),
    )
    process = await asyncio.create_subprocess_exec(
        *command,
        env={**os.environ, "SCHEMATHESIS_HOOKS": HOOKS},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        cwd=ROOT,
    )
    said, _ = await process.communicate()
    return process.returncode or 0, said.decode()


async def assert_conforms(whole: Whole, tmp_path: Path, examples: int) -> None:
    async with serving.listening(whole.app, whole.settings) as port:
        contract = tmp_path / "openapi.json"
        contract.write_text(json.dumps(whole.app.openapi()), encoding="utf-8")
        for credential, operations in by_credential(whole).items():
            status, said = await st(port, contract, json.loads(credential), operations, examples)
            assert status == 0, said


async def test_generated_requests_are_answered_as_the_contract_says(whole: Whole, tmp_path: Path) -> None:
    await assert_conforms(whole, tmp_path, 5)


@pytest.mark.full
async def test_many_generated_requests_are_answered_as_the_contract_says(whole: Whole, tmp_path: Path) -> None:
    await assert_conforms(whole, tmp_path, 200)
