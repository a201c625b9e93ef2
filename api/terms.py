"""The policy of requests for an explanation, from the settings."""

from zoneinfo import ZoneInfo

from api.startup import RefusedToStartError
from core.settings import Settings
from explanations.requests.terms import Terms


def terms_of(settings: Settings) -> Terms:
    """Return what the controller decided about its cases. Raises ``RefusedToStartError`` for what can't be kept."""
    wanted, who = settings.requests, settings.controller
    try:
        ZoneInfo(wanted.time_zone)
    except (KeyError, ValueError, OSError) as error:
        raise RefusedToStartError(f"CANDOR__REQUESTS__TIME_ZONE names no time zone: {wanted.time_zone}.") from error
    if wanted.webhook_url and wanted.webhook_secret is None:
        raise RefusedToStartError("CANDOR__REQUESTS__WEBHOOK_URL needs CANDOR__REQUESTS__WEBHOOK_SECRET to sign with.")
    return Terms(
        zone=wanted.time_zone,
        contest_days=wanted.contest_days,
        link_days=wanted.link_days,
        code_minutes=wanted.code_minutes,
        code_attempts=wanted.code_attempts,
        codes_a_day=wanted.codes_a_day,
        blind=wanted.blind_review,
        training=wanted.review_training,
        quick_review_seconds=wanted.quick_review_seconds,
        rubber_stamp_reviews=wanted.rubber_stamp_reviews,
        incident_overturns=wanted.incident_overturns,
        incident_days=wanted.incident_days,
        controller=who.name,
        contact=who.contact,
        authority=wanted.authority,
        place=wanted.place,
        public_url=settings.serve.public_url,
    )
