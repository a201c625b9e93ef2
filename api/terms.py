"""The policy of requests for an explanation, from the settings."""

from core.settings import Settings
from explanations.requests.terms import Terms


def terms_of(settings: Settings) -> Terms:
    """Return what the controller decided about its cases."""
    wanted, who = settings.requests, settings.controller
    return Terms(
        zone=wanted.time_zone,
        contest_days=wanted.contest_days,
        link_days=wanted.link_days,
        code_minutes=wanted.code_minutes,
        code_attempts=wanted.code_attempts,
        codes_a_day=wanted.codes_a_day,
        blind=wanted.blind_review,
        quick_review_seconds=wanted.quick_review_seconds,
        rubber_stamp_reviews=wanted.rubber_stamp_reviews,
        incident_overturns=wanted.incident_overturns,
        incident_days=wanted.incident_days,
        controller=who.name,
        contact=who.contact,
        authority=wanted.authority,
        public_url=settings.serve.public_url,
    )
