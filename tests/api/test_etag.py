"""Conditions of requests: which version a change applies to, which version the caller has (RFC 9110, section 13)."""

import pytest

from api import etag
from api.problems import BadRequestError, PreconditionRequiredError, StaleError

PRESENT = etag.of(7)


@pytest.mark.parametrize("given", ['"7"', '"1", "7"', "*", ' "7" '])
def test_a_change_to_the_present_version_passes(given: str) -> None:
    etag.require(given, PRESENT)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        (None, PreconditionRequiredError),
        ('"6"', StaleError),
        ('W/"7"', StaleError),
        ("7", BadRequestError),
        ("", BadRequestError),
        ('"7', BadRequestError),
    ],
)
def test_any_other_change_is_refused(given: str | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        etag.require(given, PRESENT)


def test_a_caller_who_has_the_present_version_is_spared_it() -> None:
    assert etag.unchanged('"7"', PRESENT)
    assert etag.unchanged('W/"7", "8"', PRESENT)
    assert etag.unchanged("*", PRESENT)
    assert not etag.unchanged('"8"', PRESENT)
    assert not etag.unchanged(None, PRESENT)
