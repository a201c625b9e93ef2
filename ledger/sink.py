"""The checkpoint file: every signed checkpoint, appended to a text file outside the database.

Whoever can rewrite the database can cut off the log's tail together with its checkpoints; not the copy that lies
where he can't write. Notes stand one after the other, each followed by an empty line.
"""

import os
import re
from collections.abc import Iterable
from pathlib import Path

_NOTE = re.compile(r"([^\n]+\n\d+\n(?:[^\n]+\n)+\n(?:— [^\n]+\n)+)\n")


class SinkError(Exception):
    """The checkpoint file is not what Candor wrote."""


class CheckpointFile:
    """An append-only text file of notes."""

    def __init__(self, path: Path) -> None:
        """Name the file; the first append makes it."""
        self.path = path

    def notes(self) -> list[str]:
        """Return the notes in order; none if there is no file yet. Raises ``SinkError`` for other text."""
        if not self.path.exists():
            return []
        return split_notes(self.path.read_text(encoding="utf-8"))

    def last_size(self) -> int:
        """Return the tree size of the last note, 0 without any: later checkpoints are still to be appended."""
        notes = self.notes()
        return int(notes[-1].split("\n", 2)[1]) if notes else 0

    def append(self, notes: Iterable[str]) -> None:
        """Append notes and wait for the disk."""
        text = join_notes(notes)
        if not text:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())


def join_notes(notes: Iterable[str]) -> str:
    """Return notes as the text of a checkpoint file."""
    return "".join(f"{note}\n" for note in notes)


def split_notes(text: str) -> list[str]:
    """Return the notes of a checkpoint file. Raises ``SinkError`` for other text."""
    notes = _NOTE.findall(text)
    if join_notes(notes) != text:
        raise SinkError("the checkpoint file holds something else than checkpoints")
    return notes
