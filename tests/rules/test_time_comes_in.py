"""Time and ids come in by argument: only core/clock.py reads the wall clock, only core/ids.py makes ids."""

import ast

from tests.rules.sources import Source, gather, planted, product

HOMES = {"core/clock.py", "core/ids.py"}
CALLS = {
    "time.time",
    "time.time_ns",
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "uuid.uuid1",
    "uuid.uuid4",
    "uuid4",
    "time_ns",
}


def offences(source: Source) -> list[str]:
    if source.path in HOMES:
        return []
    found = []
    for node in ast.walk(source.tree):
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if called in CALLS or any(called.endswith(f".{c}") for c in CALLS if "." in c):
                found.append(f"{source.path}:{node.lineno} calls {called}()")
    return found


def test_no_room_reads_the_wall_clock() -> None:
    found = gather(*(offences(s) for s in product()))

    assert not found, found


def test_a_second_clock_is_found() -> None:
    assert offences(planted("at = datetime.now(UTC)\n"))
    assert offences(planted("at = datetime.datetime.now()\n"))
    assert offences(planted("at = time.time_ns()\n"))
    assert not offences(planted("at = clock.now()\nstarted = time.monotonic()\n"))
