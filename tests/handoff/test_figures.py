"""The friction criteria F1 to F14, each measured where it is met and where it is not; waits, causes, processors."""

from typing import Any

import pytest

from core.clock import DAY, MICROS
from core.database import Sql, Tx
from core.principal import Principal
from handoff import asking, counting, figures, presence, service
from handoff.asking import Asking
from handoff.delivery import erasing
from handoff.delivery import store as desks
from handoff.delivery.store import RemoteRow
from handoff.figures import Target, Told
from handoff.hours import Hours
from handoff.packs import Pack
from handoff.presence import Here
from handoff.queues import QueueRules
from handoff.rows import HandoffRow
from tests.handoff.floor import TENANT, Floor

pytestmark = pytest.mark.anyio
PACK = Pack({"rule": "asked/1"}, "en", {"transcript": [{"speaker": "customer", "text": "hi"}]})
NOTHING = Told({}, {}, [], 0, 0, 0, 0)


async def ask(floor: Floor, reference: str = "customer-1", pack: Pack | None = PACK, **more: Any) -> HandoffRow:
    wanted = Asking(TENANT, floor.subject(reference), **more)
    case, _ = await floor.db.transact(asking.ask, floor.keyring, wanted, pack, floor.clock.now())
    return await floor.row(case.row.id)


async def served(floor: Floor, seconds: int = 10, **more: Any) -> tuple[HandoffRow, Principal]:
    row = await ask(floor, **more)
    floor.clock.advance(seconds * MICROS)
    ana = floor.agent("ana")
    said = Here("online", "Ana", capacity=20)
    await floor.db.transact(presence.say_here, floor.keyring, ana, said, floor.clock.now())
    return await floor.accept(ana, row), ana


async def report(floor: Floor) -> dict[str, Any]:
    now = floor.clock.now()
    return await floor.db.read(counting.report, TENANT, now - 30 * DAY, now + 1)


async def criterion(floor: Floor, name: str) -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in (await report(floor))["friction"] if one["id"] == name)
    return found


async def test_all_fourteen_are_there_and_an_empty_period_claims_nothing(floor: Floor) -> None:
    found = (await report(floor))["friction"]

    assert [one["id"] for one in found] == [f"F{number}" for number in range(1, 15)]
    assert {one["met"] for one in found} == {None}


async def test_f1_one_action_is_enough_and_asking_twice_shows(floor: Floor) -> None:
    await ask(floor)
    assert (await criterion(floor, "F1"))["met"]
    await ask(floor)
    assert await criterion(floor, "F1") | {"value": 2.0, "met": False} == await criterion(floor, "F1")


async def test_f2_the_reply_comes_with_the_request(floor: Floor) -> None:
    await ask(floor)

    assert (await criterion(floor, "F2"))["met"]


async def test_f2_is_missed_by_a_late_reply() -> None:
    told = NOTHING._replace(placed_after=[300_000])

    assert figures.friction([], told, Target())[1]["met"] is False


async def test_f3_every_turn_of_the_ai_after_the_request_counts(floor: Floor) -> None:
    row = await ask(floor)
    assert (await criterion(floor, "F3"))["met"]

    async def speak(tx: Tx) -> None:
        from handoff import cases

        await service.violated(await cases.load(tx, floor.keyring, TENANT, row.id, floor.clock.now()), "spoke", "bot")

    await floor.db.transact(speak)
    assert (await criterion(floor, "F3"))["value"] == 1
    assert "handoff.violated" in await floor.facts()


async def test_f4_time_to_a_human_counts_opening_hours_only(floor: Floor) -> None:
    await served(floor, 100)
    assert (await criterion(floor, "F4"))["value"] == 100
    await served(floor, 400, reference="customer-2")

    assert await criterion(floor, "F4") == {
        "id": "F4",
        "measure": "time to a human, p95, s",
        "value": 400.0,
        "target": 180,
        "met": False,
    }


async def test_f4_the_night_does_not_count(floor: Floor) -> None:
    await floor.queue(QueueRules(hours=Hours("UTC", {"mon": (("10:00", "17:00"),)})))  # it is Monday, 09:00
    row = await ask(floor)
    assert row.state == "deferred"
    await floor.here("ana", presence="busy")
    await floor.later(3600 + 30)
    await floor.here("ana")
    row = await floor.row(row.id)
    await floor.accept(floor.agent("ana"), row)

    assert (await criterion(floor, "F4"))["value"] == 30


async def test_f5_a_case_that_nothing_moves_is_found(floor: Floor) -> None:
    row = await ask(floor)
    assert (await criterion(floor, "F5"))["met"]
    await spoil(floor, "UPDATE handoff SET next_at = NULL WHERE id = :id", row)

    assert (await criterion(floor, "F5"))["value"] == 1


async def spoil(floor: Floor, text: str, row: HandoffRow) -> None:
    async def work(tx: Tx) -> None:
        await tx.execute(Sql(text), id=row.id)

    await floor.db.transact(work)


async def test_f6_an_end_without_a_human_or_the_customer_is_found(floor: Floor) -> None:
    row = await ask(floor)
    await floor.do(service.cancel, TENANT, row.id, "")
    assert (await criterion(floor, "F6"))["met"]
    await spoil(floor, "UPDATE handoff SET end_reason = 'expired' WHERE id = :id", row)

    assert (await criterion(floor, "F6"))["value"] == 1


async def test_f7_out_of_hours_everybody_is_told_the_opening(floor: Floor) -> None:
    await floor.queue(QueueRules(hours=Hours("UTC", {"tue": (("10:00", "17:00"),)})))
    await ask(floor)

    assert await criterion(floor, "F7") | {"value": 1.0, "met": True} == await criterion(floor, "F7")
    assert figures.friction([], NOTHING._replace(closed=2, closed_with_opening=1), Target())[6]["met"] is False


async def test_f8_context_is_there_before_a_human_and_its_lack_shows(floor: Floor) -> None:
    await served(floor)
    assert (await criterion(floor, "F8"))["met"]
    await served(floor, reference="customer-2", pack=None)

    assert (await criterion(floor, "F8"))["value"] == 0.5


async def test_f9_whether_the_language_matches_is_known(floor: Floor) -> None:
    row, _ = await served(floor)
    assert (await criterion(floor, "F9"))["met"]
    await spoil(floor, "UPDATE handoff SET agent_language = NULL WHERE id = :id", row)

    assert (await criterion(floor, "F9"))["met"] is False


async def test_f10_every_message_says_who_spoke(floor: Floor) -> None:
    row, _ = await served(floor)
    await floor.say(row, "customer", "hello")
    assert (await criterion(floor, "F10"))["met"]
    await spoil(floor, "UPDATE handoff_event SET actor = 'somebody' WHERE handoff = :id AND kind = 'message'", row)

    assert (await criterion(floor, "F10"))["met"] is False


async def test_f11_a_lost_event_is_found(floor: Floor) -> None:
    row, _ = await served(floor)
    assert (await criterion(floor, "F11"))["met"]
    await spoil(floor, "DELETE FROM handoff_event WHERE handoff = :id AND seq = 2", row)

    assert (await criterion(floor, "F11"))["value"] == 1


async def test_f12_is_said_to_be_proven_elsewhere(floor: Floor) -> None:
    await served(floor)

    assert (await criterion(floor, "F12"))["met"] is None


async def test_f13_every_case_has_a_reference(floor: Floor) -> None:
    row = await ask(floor)
    assert (await criterion(floor, "F13"))["met"]
    await spoil(floor, "UPDATE handoff SET reference = '' WHERE id = :id", row)

    assert (await criterion(floor, "F13"))["met"] is False


async def test_f14_leaving_takes_one_action_in_every_open_state(floor: Floor) -> None:
    row, _ = await served(floor)
    await floor.do(service.cancel, TENANT, row.id, "")

    assert (await criterion(floor, "F14"))["met"]


async def test_waits_stand_against_each_touchpoints_threshold(floor: Floor) -> None:
    await served(floor, 10, touchpoint="shop")
    await served(floor, 500, reference="customer-2", touchpoint="app")
    left = await ask(floor, "customer-3", touchpoint="app")
    floor.clock.advance(60 * MICROS)
    await floor.do(service.cancel, TENANT, left.id, "")
    found = {one["touchpoint"]: one for one in (await report(floor))["touchpoints"]}

    assert (found["shop"]["under_threshold"], found["shop"]["alert"]) == (1.0, False)
    assert (found["app"]["under_threshold"], found["app"]["alert"]) == (0.0, True)
    assert (found["app"]["abandoned"], found["app"]["abandoned_after_p50_seconds"]) == (1, 60.0)


async def test_small_groups_are_not_shown(floor: Floor) -> None:
    for number in range(5):
        await ask(floor, f"customer-{number}", language="en")
    await ask(floor, "customer-9", language="ca")
    found = {one["segment"]: one["requests"] for one in (await report(floor))["by_language"]}

    assert found == {"en": 5, "ca": None}


async def test_the_map_of_processors_says_who_received_what(floor: Floor) -> None:
    row = await ask(floor)
    now = floor.clock.now()

    async def share(tx: Tx) -> None:
        parts = '["transcript", "decisions"]'
        desks.put_remote(tx, RemoteRow(row.id, "zen", TENANT, "1", None, "{}", None, None, parts, now, 0, None, None))

    await floor.db.transact(share)

    none = {"asked": 0, "confirmed": 0, "by_hand": 0}
    fields = {"decisions": 1, "transcript": 1}
    zen = {"desk": "zen", "cases": 1, "fields": fields, "first_at": now, "last_at": now, "erasures": none}
    assert (await report(floor))["processors"] == [zen]

    await floor.db.transact(erasing.forget, floor.keyring, TENANT, row.subject, now)
    [zen] = (await report(floor))["processors"]
    assert zen["erasures"] == {"asked": 1, "confirmed": 0, "by_hand": 0}


def test_containment_never_stands_alone() -> None:
    assert figures.containment(10, 3, 4) == {"conversations": 10, "contained": 0.7, "came_back_within_7_days": 0.4}
    assert figures.containment(0, 0, 0)["contained"] is None


async def test_scores_of_the_human_part_and_of_the_ai_part_stand_apart(floor: Floor) -> None:
    row, ana = await served(floor)
    await floor.do(service.resolve, ana, row.id, "changed")
    await floor.do(service.survey, TENANT, row.id, 5, 1, None)
    found = (await report(floor))["quality"]

    assert (found["csat_human"], found["csat_ai"], found["overturned"], found["honoured"]) == (5.0, 1.0, 1.0, 1.0)
