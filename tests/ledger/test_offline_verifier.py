"""The stand-alone verifier: imports nothing of Candor, accepts what holds, names in plain words what does not."""

import ast
import json
import subprocess
import sys
from base64 import b64encode
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from core.clock import FixedClock
from core.database import Database
from core.keys import KeyRing, generate
from ledger import jws, service
from ledger.export import public_keys
from ledger.offline import candor_verify
from tests.ledger.conftest import ORIGIN

pytestmark = pytest.mark.anyio
Grow = Callable[..., Awaitable[None]]
PROGRAM = Path(candor_verify.__file__)


@pytest.fixture
async def document(db: Database, grow: Grow, keyring: KeyRing) -> dict[str, Any]:
    """A receipt for entry 3 of 30, as it is handed out."""
    await grow(30)
    proof = await db.read(service.prove, "ten_a", 3)
    entry = json.loads(proof.entry)
    payload = {"jti": "rcp_1", "ledger": {"entry": entry["id"], "seq": entry["seq"]}}
    return {
        "receipt": jws.sign(payload, keyring.signing("receipt"), jws.MEDIA_TYPES["receipt"]),
        "proof": proof.document(),
        "keys": jws.key_set(keyring),
        "vkey": service.verifiers(keyring, ORIGIN)[0].vkey(),
    }


def run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], document: object, trusted: object = None
) -> tuple[int, str]:
    path = tmp_path / "receipt.json"
    path.write_text(json.dumps(document), "utf-8")
    arguments = [str(path)]
    if trusted is not None:
        keys = tmp_path / "trusted.json"
        keys.write_text(json.dumps(trusted), "utf-8")
        arguments += ["--keys", str(keys)]
    code = candor_verify.main(arguments)
    return code, capsys.readouterr().out


def test_it_imports_the_standard_library_and_cryptography_only() -> None:
    imported = {
        name.split(".")[0]
        for node in ast.walk(ast.parse(PROGRAM.read_text("utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in ([node.module or ""] if isinstance(node, ast.ImportFrom) else [a.name for a in node.names])
    }

    assert imported - set(sys.stdlib_module_names) == {"cryptography"}


async def test_it_runs_alone_in_an_empty_folder(document: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "receipt.json").write_text(json.dumps(document), "utf-8")
    (tmp_path / "candor_verify.py").write_text(PROGRAM.read_text("utf-8"), "utf-8")

    done = subprocess.run(
        [sys.executable, "-I", "candor_verify.py", "receipt.json"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stdout + done.stderr
    assert "The receipt holds." in done.stdout


async def test_a_good_receipt_holds_with_its_own_and_with_pinned_keys(
    document: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], keyring: KeyRing
) -> None:
    code, said = run(tmp_path, capsys, document)
    assert code == 0
    assert "the keys came with the receipt itself" in said

    code, said = run(tmp_path, capsys, document, public_keys(keyring, ORIGIN))
    assert code == 0
    assert "keys came with" not in said


async def test_keys_of_someone_else_do_not_verify_it(
    document: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], clock: FixedClock
) -> None:
    code, said = run(tmp_path, capsys, document, public_keys(generate(clock.now()), ORIGIN))

    assert code == 1
    assert "not among the keys given" in said


def changed(document: dict[str, Any], path: str, value: object) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(document))
    *way, last = path.split(".")
    holder = copy
    for step in way:
        holder = holder[step]
    if value is None:
        del holder[last]
    else:
        holder[last] = value(holder[last]) if callable(value) else value
    return copy


WRONG: list[tuple[str, object, str]] = [
    ("receipt", lambda r: r.split(".")[0] + ".e30." + r.split(".")[2], "signature is not right"),
    ("proof.entry", lambda e: e.replace("advice", "ads"), "not in the log"),
    ("proof.entry", lambda e: e.replace("ent_", "ent-"), "names another entry"),
    ("proof.leaf_index", 4, "another place"),
    ("proof.tree_size", 31, "another size"),
    ("proof.hashes", lambda h: h[:-1], "too short"),
    ("proof.hashes", lambda h: [*h, h[0]], "too long"),
    ("proof.hashes", lambda h: [h[1], h[0], *h[2:]], "not in the log"),
    ("proof.hashes", lambda h: [b64encode(b"short").decode(), *h[1:]], "malformed"),
    ("proof.checkpoint", lambda c: c.replace("\n30\n", "\n31\n"), "checkpoint's signature"),
    ("proof.checkpoint", lambda c: c.replace(f"— {ORIGIN}", "— other.example"), "not signed by the log's key"),
]


@pytest.mark.parametrize(("path", "value", "word"), WRONG)
async def test_what_does_not_hold_is_said_in_plain_words(
    document: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], path: str, value: object, word: str
) -> None:
    code, said = run(tmp_path, capsys, changed(document, path, value))

    assert code == 1, said
    assert word in said


async def test_a_token_of_another_kind_is_no_receipt(
    document: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], keyring: KeyRing
) -> None:
    other = jws.sign({"ledger": {}}, keyring.signing("receipt"), "at+jwt")

    code, said = run(tmp_path, capsys, changed(document, "receipt", other))

    assert code == 1
    assert "not a consent receipt" in said


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("receipt", None),
        ("receipt", "abc"),
        ("receipt", "a.b.c!"),
        ("proof", None),
        ("proof", []),
        ("proof.entry", "not json"),
        ("proof.hashes", "x"),
        ("proof.hashes", [1]),
        ("proof.hashes", ["AAA"]),
        ("proof.leaf_index", True),
        ("proof.checkpoint", "no note"),
        ("vkey", "x"),
        ("vkey", lambda v: v.replace("+", "+0", 1)),
        ("keys", None),
    ],
)
async def test_what_can_not_be_read_is_exit_code_two(
    document: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], path: str, value: object
) -> None:
    code, said = run(tmp_path, capsys, changed(document, path, value))

    assert code == 2, said
    assert said.splitlines()[-1].startswith("??")


def test_a_missing_file_doubled_members_and_other_json_are_exit_code_two(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert candor_verify.main([str(tmp_path / "none.json")]) == 2
    for text in ('{"receipt":"a","receipt":"b"}', "[]", "{", "[" * 100_000):
        (tmp_path / "bad.json").write_text(text)
        assert candor_verify.main([str(tmp_path / "bad.json")]) == 2
    capsys.readouterr()
