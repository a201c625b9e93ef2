"""Seven hours with a companion: when each law wants the person told again, asked as a site would ask."""

from typing import Any

import pytest

from core.clock import MICROS, parse_rfc3339, rfc3339
from tests.api.shop import Shop
from tests.disclosures.noticing import touchpoint_document

pytestmark = pytest.mark.anyio
START = parse_rfc3339("2027-02-01T12:00:00Z")
MINUTE = 60 * MICROS
STEP = 10
HOURS = 7


async def seven_hours(shop: Shop, key_steps: tuple[int, ...] = (), **where: Any) -> list[int]:
    """Return the minutes of a conversation at which the person is to be told that it is AI."""
    told: list[int] = []
    for minute in range(0, HOURS * 60 + 1, STEP):
        seen: dict[str, Any] = {"session_started_at": rfc3339(START)}
        if told:
            seen["last_shown_at"] = rfc3339(START + told[-1] * MINUTE)
        moment = "session_start" if minute == 0 else "key_step" if minute in key_steps else "ongoing"
        body = {"at": rfc3339(START + minute * MINUTE), "seen": seen, "moment": moment, **where}
        answer = await shop.post("/v1/touchpoints/companion/resolve", body, "site")
        assert answer.status_code == 200, answer.text
        due = [
            one["now"]["due"] for one in answer.json()["resolution"]["disclosures"] if one["topic"] == "ai_interaction"
        ]
        if any(due):
            told.append(minute)
    return told


EVERY_THREE_HOURS = [0, 180, 360]


@pytest.mark.parametrize(
    ("where", "minutes"),
    [
        ({"residence": "US-NY", "audience": "adult"}, EVERY_THREE_HOURS),
        ({"residence": "DE", "audience": "adult"}, [0, 90]),
        ({"residence": "US-CA", "audience": "minor"}, EVERY_THREE_HOURS),
        ({"residence": "US-CA", "audience": "adult"}, [0]),
        ({"residence": "CN", "audience": "adult"}, [0, 120, 240, 360]),
        ({"residence": "US-CT", "audience": "minor"}, [60 * hour for hour in range(HOURS + 1)]),
        ({"residence": "US-CT", "audience": "adult"}, [0]),
    ],
)
async def test_the_rhythm_of_each_pack(shop: Shop, where: dict[str, str], minutes: list[int]) -> None:
    companion = touchpoint_document(key="companion", kind="companion", system="bot", purposes=["profile"])
    assert (await shop.post("/v1/touchpoints", companion.as_json(), "dpo")).status_code == 201

    assert await seven_hours(shop, key_steps=(90,), **where) == minutes
