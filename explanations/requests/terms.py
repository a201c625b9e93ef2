"""What the controller decided about its cases: time zone, periods of its own policy, thresholds, the authority."""

from typing import NamedTuple

from core.keys import KeyRing


class Terms(NamedTuple):
    """The policy of one installation; periods in the unit that the name says."""

    zone: str = "UTC"
    contest_days: int = 183  # no law sets it
    link_days: int = 90
    code_minutes: int = 15
    code_attempts: int = 5
    codes_a_day: int = 5
    blind: bool = False  # reviewers note a view of their own before they see what the AI system said
    training: bool = False  # reviewers need a record of training that counts on the day
    quick_review_seconds: int = 60
    rubber_stamp_reviews: int = 10
    incident_overturns: int = 3
    incident_days: int = 30
    controller: str = "This company"
    contact: str = ""
    authority: str = ""
    place: str | None = None  # where the controller's people live, if they don't say
    public_url: str = ""


class Desk(NamedTuple):
    """What it takes to work on cases."""

    keyring: KeyRing
    terms: Terms = Terms()
