"""docs/errors.md lists every error there is, with what to do about it."""

from tests.rules.generated import ERRORS, errors_page


def test_the_errors_page_is_current() -> None:
    assert ERRORS.read_text(encoding="utf-8") == errors_page(), "docs/errors.md is stale, run `just generated`"


def test_every_error_says_what_to_do() -> None:
    rows = [row.strip("| ").split(" | ") for row in errors_page().splitlines() if row.startswith("| `")][1:]

    assert len(rows) > 20
    for _, _, title, advice in rows:
        assert title.endswith((".", "?")) or "?" in title, title
        assert advice.endswith("."), advice
