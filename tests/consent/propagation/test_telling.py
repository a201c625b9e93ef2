"""From a no to a recipient that acknowledges it: over real sockets, on both engines, through failures and crashes."""

import asyncio
import json
from typing import Any

import pytest

from consent.propagation import service, store
from consent.propagation.errors import NoticeClosedError, RecipientRetiredError
from consent.propagation.recipients import service as recipients
from core.clock import DAY, MICROS
from core.database import Database
from core.http import Answer
from core.principal import Principal
from oversight import erasure
from tests.consent.choosing import choose, one, person
from tests.consent.keeping import TENANT
from tests.consent.propagation.listening import ADMIN, APPLIED, DPO, House

pytestmark = pytest.mark.anyio
HOUR = 3600 * MICROS


async def says(house: House, purpose: str, state: str, reference: str = "customer-1", **more: Any) -> int:
    """Have somebody choose; return the choice's entry."""
    house.clock.advance(MICROS)
    subject = person(house.keyring, reference)
    made = await choose(house.db, house.notary, house.clock, one(purpose, state, **more), subject=subject)
    return made.chosen[0].event.seq


async def withdraws(house: House, reference: str = "customer-1") -> int:
    """Have somebody consent and withdraw; return the withdrawal's entry."""
    await says(house, "train", "given", reference)
    return await says(house, "train", "withdrawn", reference)


async def test_a_withdrawal_is_told_signed_and_acknowledged_at_once(house: House) -> None:
    row, secret = await house.register()
    house.receiver.answers(APPLIED)
    seq = await withdraws(house)

    await house.job.run()

    [taken] = house.receiver.taken
    notice = await house.one()
    assert taken.is_signed_with(secret)
    assert (taken.headers["webhook-id"], json.loads(taken.body)["type"]) == (notice.id, "choice.withdrawn")
    said = taken.said
    assert (said["subject"], said["purpose"], said["system"], said["entry"]) == ("customer-1", "train", "*", seq)
    assert said["subject_id"] == person(house.keyring).public_id
    assert (notice.stage, notice.seq, notice.recipient) == ("acknowledged", seq, row.id)
    assert await house.kinds() == ["registered", "told", "acknowledged"]
    assert (await house.last())["scope"] == ["inference", "training"]
    assert {entry.subject for entry in (await house.entries())[1:]} == {person(house.keyring).pseudonym}


async def test_a_yes_and_a_no_that_changes_nothing_are_not_told(house: House) -> None:
    await house.register()
    await says(house, "train", "refused")
    await says(house, "train", "given", "customer-2")
    await house.job.run()
    assert house.receiver.taken == []

    await says(house, "profile", "opted_out", "customer-2")  # on until opted out: no yes came before
    await house.job.run()
    assert [one.said["state"] for one in house.receiver.taken] == ["opted_out"]


async def test_a_recipient_hears_only_of_what_is_its_business_and_of_nothing_before_it_came(house: House) -> None:
    await withdraws(house, "customer-0")
    await house.register(purposes=("profile",), systems=("scorer",))
    await withdraws(house)
    await says(house, "profile", "opted_out", system="bot")
    mine = [
        await says(house, "profile", "opted_out", system="scorer"),
        await says(house, "profile", "objected", "customer-2"),
        await says(house, "*", "opted_out", "customer-3"),
    ]
    await house.job.run()

    assert sorted(one.said["entry"] for one in house.receiver.taken) == mine


async def test_a_recipient_that_was_down_is_told_in_order_once_it_is_up(house: House) -> None:
    await house.register()
    house.receiver.down = True
    await withdraws(house)
    await house.job.run()
    await says(house, "train", "given")
    last = await says(house, "train", "withdrawn")
    await house.job.run()
    [later, first] = await house.notices()
    assert (first.attempts > 0, later.attempts, house.receiver.taken) == (True, 0, [])

    house.receiver.down = False
    house.clock.advance(HOUR)
    await house.job.run()

    assert [one.said["entry"] for one in house.receiver.taken] == [first.seq, last]
    attempts = await house.db.read(store.deliveries, TENANT, first.recipient, "e", 9)
    assert [one.outcome for one in attempts][:3] == ["told", "told", "failed"]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("200 OK", b'{"error": "unknown customer"}'),
        ("200 OK", b"<html>Sign in</html>"),
        ("302 Found", b""),
        ("503 Later", b"{}"),
    ],
)
async def test_an_answer_that_is_no_yes_is_tried_again(house: House, status: str, body: bytes) -> None:
    await house.register()
    house.receiver.status, house.receiver.answer = status, body
    await withdraws(house)
    await house.job.run()
    assert ((await house.one()).stage, (await house.one()).attempts) == ("waiting", 1)

    house.receiver.answers(APPLIED)
    house.clock.advance(HOUR)
    await house.job.run()
    assert (await house.one()).stage == "acknowledged"
    assert len({one.headers["webhook-id"] for one in house.receiver.taken}) == 1
    assert len({one.body for one in house.receiver.taken}) == 1


@pytest.mark.parametrize(
    "said",
    [
        "thanks",
        {"applied": True},
        {"applied": True, "scope": ["index"]},
        {"applied": "yes", "scope": ["inference"]},
        [],
    ],
)
async def test_an_answer_that_acknowledges_nothing_leaves_the_notice_told(house: House, said: Any) -> None:
    await house.register()
    house.receiver.answers(said)
    await withdraws(house)
    await house.job.run()

    assert ((await house.one()).stage, await house.kinds()) == ("told", ["registered", "told"])


async def test_a_crash_after_the_message_went_out_repeats_it_and_nothing_else(house: House) -> None:
    await house.register()
    await withdraws(house)
    await withdraws(house, "customer-2")

    class Killed(BaseException):
        """The process ends here."""

    fetch = house.client.fetch

    async def dying(*args: Any, **kwargs: Any) -> Answer:
        answer = await fetch(*args, **kwargs)
        if len(house.receiver.taken) == 2:
            raise Killed
        return answer

    house.client.fetch = dying  # type: ignore[method-assign]  # the process ends between the answer and the commit
    with pytest.raises(Killed):
        await house.job.run()
    house.client.fetch = fetch  # type: ignore[method-assign]  # the next process is whole
    other = house.runner()
    await other.run()
    house.clock.advance(2 * 60 * MICROS)
    await other.run()
    await other.run()

    names = [one.headers["webhook-id"] for one in house.receiver.taken]
    assert sorted(names.count(name) for name in set(names)) in ([1, 2], [2, 2])  # whether one had been written down yet
    assert [one.stage for one in await house.notices()] == ["told", "told"]
    assert (await house.kinds()).count("told") == 2


async def test_two_processes_tell_each_notice_once(house: House) -> None:
    await house.register()
    for number in range(6):
        await withdraws(house, f"customer-{number}")
    await asyncio.gather(*(house.runner().run() for _ in range(3)))

    assert len(house.receiver.taken) == len(await house.notices()) == 6


async def test_after_a_rotation_both_secrets_sign_for_a_while(house: House) -> None:
    row, old = await house.register()
    _, new = await house.db.transact(recipients.rotate, house.keyring, ADMIN, row.id, 24, house.clock.now())
    await withdraws(house)
    await house.job.run()
    house.clock.advance(DAY)
    await withdraws(house, "customer-2")
    await house.job.run()

    during, after = house.receiver.taken
    assert (during.is_signed_with(old), during.is_signed_with(new)) == (True, True)
    assert (after.is_signed_with(old), after.is_signed_with(new)) == (False, True)
    assert len(after.headers["webhook-signature"].split(" ")) == 1


async def test_an_address_on_a_private_network_is_never_called(house: House) -> None:
    await house.register(url="https://127.0.0.1:8443/in")
    await withdraws(house)
    await house.job.run()

    assert (await house.one()).attempts == 1
    [attempt] = await house.db.read(store.deliveries, TENANT, (await house.one()).recipient, "e", 9)
    assert (attempt.outcome, attempt.status) == ("failed", None)


async def test_what_nobody_takes_is_given_up_and_sent_again_by_a_person(house: House) -> None:
    await house.register()
    house.receiver.status = "500 Broken"
    await withdraws(house)
    for _ in range(service.MOST_ATTEMPTS):
        await house.job.run()
        house.clock.advance(6 * HOUR)
    notice = await house.one()
    assert (notice.stage, notice.attempts, await house.kinds()) == (
        "given_up",
        service.MOST_ATTEMPTS,
        ["registered", "given-up"],
    )
    await house.job.run()
    assert len(house.receiver.taken) == service.MOST_ATTEMPTS

    house.receiver.answers(APPLIED)
    again = (house.keyring, DPO, notice.id, house.clock.now())
    await house.db.transact(service.tell_again, *again)
    with pytest.raises(NoticeClosedError):
        await house.db.transact(service.tell_again, *again)
    await house.job.run()
    assert (await house.one()).stage == "acknowledged"
    with pytest.raises(NoticeClosedError):
        await house.db.transact(service.tell_again, *again)


async def test_a_recipient_at_rest_hears_of_everything_once_it_is_active(house: House) -> None:
    row, _ = await house.register(active=False)
    await withdraws(house)
    await house.job.run()
    assert (house.receiver.taken, (await house.one()).stage) == ([], "waiting")

    await house.db.transact(recipients.change, ADMIN, row, {"active": True}, house.clock.now())
    await house.job.run()
    assert (await house.one()).stage == "told"


async def test_a_retired_recipient_is_told_nothing_and_its_open_notices_stay_to_be_seen(house: House) -> None:
    row, _ = await house.register()
    house.receiver.down = True
    await withdraws(house)
    await house.job.run()
    await house.db.transact(recipients.retire, ADMIN, row, house.clock.now())
    house.receiver.down = False
    house.clock.advance(DAY)
    await withdraws(house, "customer-2")
    await house.job.run()

    assert (house.receiver.taken, (await house.one()).stage) == ([], "given_up")
    assert (await house.last())["given_up"] == 1
    with pytest.raises(RecipientRetiredError):
        await house.db.transact(service.tell_again, house.keyring, DPO, (await house.one()).id, house.clock.now())


async def test_of_an_erased_person_the_pseudonym_alone_is_told(house: House) -> None:
    await house.register()
    house.receiver.down = True
    await withdraws(house)
    await house.job.run()
    subject, now = person(house.keyring).pseudonym, house.clock.now()
    await house.db.transact(erasure.request, house.keyring, DPO, subject, "withdrawn", now)
    second = Principal(TENANT, "dpo_2", DPO.role)
    await house.db.transact(erasure.approve, house.keyring, second, subject, now)
    house.receiver.down = False
    house.clock.advance(HOUR)
    await house.job.run()

    [taken] = house.receiver.taken
    assert (taken.said["subject"], taken.said["subject_id"]) == (None, person(house.keyring).public_id)
    assert [entry.subject for entry in await house.entries() if entry.kind == "recipient.told"] == [None]


async def test_following_the_log_twice_makes_no_second_notice(house: House, db: Database) -> None:
    await house.register()
    await withdraws(house)
    await house.job.note()

    async def back(tx: Any) -> None:
        store.move_mark(tx, -1)

    await db.transact(back)
    await house.job.run()
    assert len(house.receiver.taken) == len(await house.notices()) == 1
