"""A file is named by the noun it knows; a drawer for leftovers has no name here."""

import re

from tests.rules.sources import Source, gather, planted, product, suite

ANYWHERE = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "handler", "processor", "impl"}
ALONE = ANYWHERE | {"base", "data", "info", "models", "model", "lib", "stuff", "types", "constants"}


def offences(source: Source) -> list[str]:
    found = []
    for part in source.path.removesuffix(".py").split("/"):
        words = set(re.split(r"[_\-.]", part.lower()))
        if part.lower() in ALONE or words & ANYWHERE:
            found.append(f"{source.path}: {part!r} says nothing about what it knows")
    return found


def test_no_file_is_a_drawer() -> None:
    found = gather(*(offences(s) for s in product() + suite()))

    assert not found, found


def test_a_drawer_is_found() -> None:
    assert offences(planted("", "consent/utils.py"))
    assert offences(planted("", "consent/date_helpers.py"))
    assert offences(planted("", "common/receipts.py"))
    assert not offences(planted("", "consent/receipts.py"))
