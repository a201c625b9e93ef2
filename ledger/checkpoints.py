"""Checkpoints (C2SP tlog-checkpoint): a signed statement of a tree's size and root.

Three lines are signed: the origin (which log this is, also the name of its keys), the size in decimal, and the root
in base64. Whoever keeps a checkpoint can later hold the log to it.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Iterable
from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from ledger.note import Note, NoteError, Verifier, open_note, sign
from ledger.tree import HASH_BYTES

_SIZE = re.compile(r"0|[1-9]\d{0,18}")


class Checkpoint(NamedTuple):
    """What a checkpoint states: the log's ``origin``, the tree's ``size`` and its 32-byte ``root``."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        """Return the lines that are signed."""
        return f"{self.origin}\n{self.size}\n{b64encode(self.root).decode()}\n"


def parse_text(text: str) -> Checkpoint:
    """Read a checkpoint's text; extension lines are allowed and ignored. Raises ``NoteError``."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]) or not _SIZE.fullmatch(lines[1]):
        raise NoteError("malformed checkpoint")
    try:
        root = b64decode(lines[2], validate=True)
    except ValueError as error:
        raise NoteError("malformed checkpoint") from error
    if len(root) != HASH_BYTES or b64encode(root).decode() != lines[2]:
        raise NoteError("malformed checkpoint")
    return Checkpoint(lines[0], int(lines[1]), root)


def sign_checkpoint(checkpoint: Checkpoint, private: Ed25519PrivateKey) -> str:
    """Return the checkpoint as a note signed under the log's origin."""
    return sign(checkpoint.text(), checkpoint.origin, private)


def open_checkpoint(raw: str, origin: str, verifiers: Iterable[Verifier]) -> Checkpoint:
    """Check a checkpoint's signatures and origin and return it. Raises ``NoteError``."""
    note: Note = open_note(raw, verifiers)
    checkpoint = parse_text(note.text)
    if checkpoint.origin != origin:
        raise NoteError("the checkpoint is of another log")
    return checkpoint
