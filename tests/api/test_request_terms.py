"""The policy of requests, from the settings: what can't be kept is refused at the start."""

from typing import Any

import pytest

from api.startup import RefusedToStartError
from api.terms import terms_of
from core.settings import RequestSettings, Settings


def settings(**changes: Any) -> Settings:
    return Settings(requests=RequestSettings(**changes))


@pytest.mark.parametrize(
    ("changes", "named"),
    [({"time_zone": "Mars/Base"}, "TIME_ZONE"), ({"webhook_url": "https://core.example/hook"}, "WEBHOOK_SECRET")],
)
def test_what_can_not_be_kept_is_refused_at_the_start(changes: dict[str, Any], named: str) -> None:
    with pytest.raises(RefusedToStartError, match=named):
        terms_of(settings(**changes))


def test_the_settings_become_the_terms() -> None:
    found = terms_of(settings(time_zone="Europe/Berlin", contest_days=10, blind_review=True))

    assert (found.zone, found.contest_days, found.blind) == ("Europe/Berlin", 10, True)
