"""The committed openapi.json is what `candor openapi` prints: a change of the contract is seen in review."""

import json

from tests.rules.generated import OPENAPI, openapi


def first_difference(committed: str, made: str) -> str:
    """Return the first line that differs with its number, or nothing."""
    ours, theirs = committed.splitlines(), made.splitlines()
    for number, (old, new) in enumerate(zip(ours, theirs, strict=False), 1):
        if old != new:
            return f"line {number}: committed {old.strip()!r}, made {new.strip()!r}"
    return "" if len(ours) == len(theirs) else f"{len(ours)} lines committed, {len(theirs)} made"


def test_the_committed_contract_is_the_one_that_is_served() -> None:
    found = first_difference(OPENAPI.read_text(encoding="utf-8"), openapi())

    assert not found, f"openapi.json is stale, run `just generated`: {found}"


def test_the_contract_is_json_with_one_entry_a_line() -> None:
    text = OPENAPI.read_text(encoding="utf-8")

    assert json.loads(text)["openapi"].startswith("3.")
    assert text.endswith("}\n")
    assert len(text.splitlines()) > len(json.loads(text)["paths"])


def test_a_stale_contract_is_found() -> None:
    assert first_difference('{\n  "a": 1\n}\n', '{\n  "a": 2\n}\n')
    assert first_difference("{\n}\n", "{\n}\n\n")
    assert not first_difference("{\n}\n", "{\n}\n")
