"""Signed notes and checkpoints against published vectors (C2SP signed-note, tlog-checkpoint)."""

import json
from base64 import b64decode
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ledger.checkpoints import Checkpoint, open_checkpoint, parse_text, sign_checkpoint
from ledger.note import NoteError, Verifier, open_note, parse_signing_key, parse_vkey, sign

VECTORS = json.loads((Path(__file__).parents[1] / "vectors" / "signed_note.json").read_text("utf-8"))
TEXT: str = VECTORS["text"]
PETER_LINE: str = VECTORS["peter"]["line"]
ENOCH_LINE: str = VECTORS["enoch"]["line"]
PETER_VKEY: str = VECTORS["peter"]["vkey"]
PETER = parse_vkey(PETER_VKEY)
ENOCH = parse_vkey(VECTORS["enoch"]["vkey"])


def test_published_key_signs_the_published_note() -> None:
    """Signed-note published vectors (golang.org/x/mod/sumdb/note)."""
    name, private = parse_signing_key(VECTORS["peter"]["skey"])

    assert sign(TEXT, name, private) == f"{TEXT}\n{PETER_LINE}"


def test_published_note_verifies() -> None:
    """Signed-note published vectors: one key known, both known."""
    note = open_note(f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}", [PETER])
    assert note.text == TEXT
    assert [s.name for s in note.verified] == ["PeterNeumann"]
    assert [s.name for s in note.unverified] == ["EnochRoot"]

    both = open_note(f"{TEXT}\n{PETER_LINE}{ENOCH_LINE}", [PETER, ENOCH])
    assert [s.name for s in both.verified] == ["PeterNeumann", "EnochRoot"]


def test_published_key_is_read_and_written_alike() -> None:
    """Signed-note published vectors: the verifier key."""
    assert PETER.vkey() == PETER_VKEY
    assert PETER.id.hex() == "c74f20a3"


def test_published_manglings_of_the_key_are_refused() -> None:
    """Signed-note published vectors: every part of the key, every byte raised, wrong length and algorithm."""
    mangled = [
        PETER_VKEY[start:end]
        for start in range(len(PETER_VKEY))
        for end in range(start + 1, len(PETER_VKEY) + 1)
        if (start, end) != (0, len(PETER_VKEY))
    ]
    mangled += [PETER_VKEY[:at] + chr(ord(PETER_VKEY[at]) + 1) + PETER_VKEY[at + 1 :] for at in range(len(PETER_VKEY))]
    for vkey in mangled + VECTORS["bad_vkeys"]:
        with pytest.raises(NoteError):
            parse_vkey(vkey)


def test_published_bad_notes_are_refused() -> None:
    """Signed-note published vectors: malformed, unsigned and wrongly signed notes."""
    bad = [
        TEXT,
        TEXT + "\n",
        TEXT + "\n" + PETER_LINE[:-1],
        "\x01" + TEXT + "\n" + PETER_LINE,
        TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "Bad Name"),
        TEXT + "\n" + PETER_LINE + "Unexpected line.\n",
        TEXT + "\n" + PETER_LINE * 101,
        TEXT + "\n" + PETER_LINE[:60] + "ABCD" + PETER_LINE[60:],
        TEXT + "\n" + ENOCH_LINE,
        TEXT.replace("answer", "question") + "\n" + PETER_LINE,
        TEXT + "\n" + PETER_LINE.replace("PeterNeumann", "CarmenSandiego"),
        TEXT + "\n" + PETER_LINE.replace("x08g", "xxxx"),
    ]
    for raw in bad:
        with pytest.raises(NoteError):
            open_note(raw, [PETER])


def test_published_ambiguous_keys_are_refused_only_where_they_matter() -> None:
    """Signed-note published vectors: the same key known twice."""
    with pytest.raises(NoteError, match="ambiguous key EnochRoot"):
        open_note(f"{TEXT}\n{ENOCH_LINE}", [ENOCH, PETER, ENOCH])

    assert open_note(f"{TEXT}\n{PETER_LINE}", [ENOCH, PETER, ENOCH]).text == TEXT


def test_published_repeated_signatures_count_once() -> None:
    """Signed-note published vectors: the same line twice."""
    note = open_note(f"{TEXT}\n{PETER_LINE}{PETER_LINE}{ENOCH_LINE}{ENOCH_LINE}", [PETER])

    assert len(note.verified) == 1
    assert len(note.unverified) == 1


def test_published_checkpoint_is_read() -> None:
    """C2SP tlog-checkpoint: the example of the specification."""
    vector = VECTORS["checkpoint"]
    text = vector["note"].split("\n\n")[0] + "\n"

    checkpoint = parse_text(text)

    assert checkpoint == Checkpoint(vector["origin"], vector["size"], b64decode(vector["root"]))
    assert checkpoint.text() == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "origin\n",
        "origin\n1\n",
        "\n1\n" + "A" * 43 + "=\n",
        "origin\n01\n" + "A" * 43 + "=\n",
        "origin\n-1\n" + "A" * 43 + "=\n",
        "origin\n1\n" + "A" * 43 + "=",
        "origin\n1\nAAAA\n",
        "origin\n1\n" + "A" * 42 + "B=\n",
        "origin\n1\n" + "A" * 43 + "=\n\nextension\n",
    ],
)
def test_a_malformed_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteError):
        parse_text(text)


@given(st.integers(0, 10**18), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_survives_signing_and_opening(size: int, root: bytes) -> None:
    private = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
    checkpoint = Checkpoint("log.example/1", size, root)
    verifier = Verifier("log.example/1", private.public_key())

    note = sign_checkpoint(checkpoint, private)

    assert open_checkpoint(note, "log.example/1", [verifier]) == checkpoint
    with pytest.raises(NoteError):
        open_checkpoint(note, "log.example/2", [verifier])


def test_a_text_without_final_newline_is_not_signed() -> None:
    with pytest.raises(NoteError):
        sign("abc", "name", Ed25519PrivateKey.generate())
    with pytest.raises(NoteError):
        sign("abc\n", "bad name", Ed25519PrivateKey.generate())
