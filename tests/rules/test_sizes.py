"""Files and functions stay small enough to be read in one sitting."""

import warnings

import pytest

from tests.rules.sources import Source, gather, planted, product, suite

# a schema revision is a list of statements, written once and never changed
EXEMPT = "migrations/versions/"
FILE_WISHED, FILE_MOST, FUNCTION_MOST = 300, 400, 60


class LongFileWarning(UserWarning):
    """A file grew past the wished length but not past the limit."""


def measured() -> list[Source]:
    return [s for s in product() + suite() if not s.path.startswith(EXEMPT)]


def length(source: Source) -> int:
    return len(source.text.splitlines())


def long_files(source: Source) -> list[str]:
    return [f"{source.path}: {length(source)} lines"] if length(source) > FILE_MOST else []


def long_functions(source: Source) -> list[str]:
    return [
        f"{source.path}:{f.lineno} {f.name}: {(f.end_lineno or f.lineno) - f.lineno + 1} lines"
        for f in source.functions()
        if (f.end_lineno or f.lineno) - f.lineno + 1 > FUNCTION_MOST
    ]


def test_no_file_is_too_long() -> None:
    found = gather(*(long_files(s) for s in measured()))

    assert not found, found


def test_no_function_is_too_long() -> None:
    found = gather(*(long_functions(s) for s in measured()))

    assert not found, found


@pytest.mark.filterwarnings("always::tests.rules.test_sizes.LongFileWarning")
def test_files_that_grow_long_are_named() -> None:
    for source in measured():
        if not source.path.startswith("tests/") and FILE_WISHED < length(source) <= FILE_MOST:
            warnings.warn(f"{source.path} has {length(source)} lines", LongFileWarning, stacklevel=1)


def test_long_ones_are_found() -> None:
    assert long_files(planted("x = 1\n" * (FILE_MOST + 1)))
    assert long_functions(planted("def f():\n" + "    x = 1\n" * FUNCTION_MOST))
    assert not long_functions(planted("def f():\n" + "    x = 1\n" * (FUNCTION_MOST - 1)))
