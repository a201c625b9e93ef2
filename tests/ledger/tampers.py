"""Kinds of tampering that one or a few statements can do, on either engine, and the first bad row of each."""

SIZE = 320  # entries of the log that is tampered with; checkpoints at 100, 200, 300 and 320


def _entry(seq: int, change: str) -> list[str]:
    return [f"UPDATE ledger_entry SET {change} WHERE seq = {seq}"]


def _checkpoint(size: int, change: str) -> list[str]:
    return [f"UPDATE ledger_checkpoint SET {change} WHERE size = {size}"]


def _of(column: str, seq: int) -> str:
    return f"(SELECT {column} FROM ledger_entry WHERE seq = {seq})"


def _copy(seq: int, to: int) -> list[str]:
    columns = "id, tenant, kind, subject, at, restrictive, body, leaf"
    return [f"INSERT INTO ledger_entry SELECT {to}, {columns} FROM ledger_entry WHERE seq = {seq}"]


_OLDER_NOTE = "note = (SELECT note FROM ledger_checkpoint WHERE size = 100)"
_FILE = "missing, but the checkpoint file"

# (name, statements, the first bad row, a word of what is wrong)
TAMPERS: list[tuple[str, list[str], str, str]] = [
    ("edit a body", _entry(40, "body = replace(body, 'advice', 'ads')"), "ledger_entry seq 40", "does not hash"),
    ("another's body", _entry(40, f"body = {_of('body', 41)}"), "ledger_entry seq 40", "of seq 41"),
    ("reformat a body", _entry(7, "body = replace(body, ',', ', ')"), "ledger_entry seq 7", "canonical"),
    ("empty a body", _entry(0, "body = ''"), "ledger_entry seq 0", "not JSON"),
    ("a body of another sort", _entry(0, "body = '{}'"), "ledger_entry seq 0", "not that of an entry"),
    ("edit a leaf", _entry(99, f"leaf = {_of('leaf', 1)}"), "ledger_entry seq 99", "does not hash"),
    ("change a kind", _entry(12, "kind = 'choice.given'"), "ledger_entry seq 12", "kind"),
    ("change an instant", _entry(13, "at = at + 1"), "ledger_entry seq 13", "column at"),
    ("change a tenant", _entry(14, "tenant = 'ten_c'"), "ledger_entry seq 14", "tenant"),
    ("duplicate an id", _entry(15, f"id = {_of('id', 1)}"), "ledger_entry seq 15", "id"),
    ("turn restrictive", _entry(18, "restrictive = (1 = 0)"), "ledger_entry seq 18", "restrictive"),
    ("take a subject away", _entry(20, "subject = NULL"), "ledger_entry seq 20", "subject"),
    ("give a subject", _entry(3, f"subject = {_of('subject', 0)}"), "ledger_entry seq 3", "subject"),
    (
        "swap two subjects",
        _entry(1, f"subject = {_of('subject', 2)}") + _entry(2, f"subject = {_of('subject', 6)}"),
        "ledger_entry seq 1",
        "whom",
    ),
    (
        "drop subjects' keys",
        ["UPDATE subject_key SET wrapped = NULL WHERE tenant = 'ten_a'"],
        "ledger_entry seq 1",
        "no key",
    ),
    ("delete the first", ["DELETE FROM ledger_entry WHERE seq = 0"], "ledger_entry seq 0", "missing"),
    (
        "delete in the middle",
        ["DELETE FROM ledger_entry WHERE seq >= 150 AND seq < 153"],
        "ledger_entry seq 150",
        "missing, and so are the 2 after",
    ),
    ("delete the last", ["DELETE FROM ledger_entry WHERE seq = 319"], "ledger_checkpoint size 320", "has only 319"),
    ("insert at the end", _copy(319, 320), "ledger_entry seq 320", "of seq 319"),
    ("insert before the first", _copy(0, -1), "ledger_entry seq -1", "no entry"),
    (
        "swap two rows",
        _entry(5, "seq = -5") + _entry(6, "seq = 5") + _entry(-5, "seq = 6"),
        "ledger_entry seq 5",
        "of seq 6",
    ),
    ("move a row away", _entry(319, "seq = 1000000000000"), "ledger_entry seq 319", "missing"),
    ("edit a node", [f"UPDATE ledger_node SET hash = {_of('leaf', 0)}"], "ledger_node level 1 idx 0", "0 to 255"),
    ("delete a node", ["DELETE FROM ledger_node"], "ledger_node level 1 idx 0", "not the root"),
    (
        "add a node",
        ["INSERT INTO ledger_node SELECT 1, 7, hash FROM ledger_node"],
        "ledger_node level 1 idx 7",
        "does not have",
    ),
    ("raise the head", ["UPDATE ledger_head SET size = 384"], "ledger_head id 1", "says 384"),
    ("lower the head", ["UPDATE ledger_head SET size = 288"], "ledger_head id 1", "says 288"),
    ("spoil the head", ["UPDATE ledger_head SET size = 1"], "ledger_head id 1", "not the head of any tree"),
    ("delete the head", ["DELETE FROM ledger_head"], "ledger_head id 1", "missing"),
    (
        "a second head",
        ["INSERT INTO ledger_head SELECT 2, size, frontier FROM ledger_head"],
        "ledger_head id 2",
        "one head",
    ),
    (
        "edit a checkpoint's root",
        _checkpoint(200, f"root = {_of('leaf', 0)}"),
        "ledger_checkpoint size 200",
        "differ from the signed note",
    ),
    ("edit a checkpoint's size", _checkpoint(200, "size = 201"), "ledger_checkpoint size 200", _FILE),
    (
        "edit a checkpoint's note",
        _checkpoint(200, "note = replace(note, '200', '199')"),
        "ledger_checkpoint size 200",
        "invalid signature",
    ),
    ("an older note", _checkpoint(200, _OLDER_NOTE), "ledger_checkpoint size 200", "differ from the signed note"),
    ("remove a checkpoint", ["DELETE FROM ledger_checkpoint WHERE size = 200"], "ledger_checkpoint size 200", _FILE),
    ("remove all checkpoints", ["DELETE FROM ledger_checkpoint"], "ledger_checkpoint size 100", _FILE),
]
