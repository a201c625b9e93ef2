"""What recipients acknowledge later, and what is said of those that do not: business day 10 and business day 15."""

import json
from typing import Any

import pytest

from consent.propagation import acknowledgements
from consent.propagation.acknowledgements import Told
from consent.propagation.errors import InvalidAcknowledgementError, RecipientNotFoundError
from consent.propagation.recipients.store import RecipientRow
from consent.propagation.verify import PropagationCheck
from core.clock import MICROS, parse_rfc3339, rfc3339
from core.database import Sql, Tx
from core.principal import Principal, Role
from jobs.calendar import BusinessDays
from ledger import service as ledger
from ledger.verify import verify
from tests.consent.keeping import TENANT
from tests.consent.propagation.listening import House
from tests.consent.propagation.test_telling import withdraws

pytestmark = pytest.mark.anyio
TRAINER = Principal(TENANT, "key_trainer", Role.SITE)
_ALERTS = Sql("SELECT payload FROM job WHERE kind = 'request-webhook' ORDER BY created_at, id")


async def told(house: House) -> tuple[RecipientRow, str]:
    """Have a recipient told of a withdrawal; return it and the notice."""
    row, _ = await house.register()
    await withdraws(house)
    await house.job.run()
    return row, (await house.one()).id


async def takes(house: House, row: RecipientRow, notices: list[str], *scopes: str, ahead: int = 0) -> list[str]:
    """Acknowledge notices; return what became of each."""
    said = Told(tuple(notices), scopes or ("inference", "training"), house.clock.now() + ahead)
    done = await house.db.transact(acknowledgements.take, house.keyring, TRAINER, row.id, said, house.clock.now())
    return [what for _, what in done]


async def test_a_later_acknowledgement_closes_the_notice_and_a_repeated_one_records_nothing(house: House) -> None:
    row, notice = await told(house)

    assert await takes(house, row, [notice], "training") == ["partly"]
    assert (await house.one()).stage == "told"
    assert await takes(house, row, [notice], "inference") == ["acknowledged"]
    before = await house.kinds()
    assert await takes(house, row, [notice]) == ["known"]

    assert before == await house.kinds() == ["registered", "told", "acknowledged", "acknowledged"]
    assert (await house.last())["by"] == TRAINER.id
    assert (await house.one()).closed_at == house.clock.now()


async def test_a_wrong_acknowledgement_is_refused_whole_and_names_each_place(house: House) -> None:
    row, notice = await told(house)
    other, _ = await house.register(name="Somebody else")

    async def refused(row: RecipientRow, notices: list[str], *scopes: str, ahead: int = 0) -> list[str]:
        with pytest.raises(InvalidAcknowledgementError) as error:
            await takes(house, row, notices, *scopes, ahead=ahead)
        return [one.pointer for one in error.value.fields]

    assert await refused(row, [notice, "ntc_" + "0" * 32]) == ["/notices/1"]
    assert await refused(row, [notice, notice]) == ["/notices/1"]
    assert await refused(other, [notice]) == ["/notices/0"]
    assert await refused(row, [notice], "inference", "index") == ["/scope/1"]
    assert await refused(row, [notice], ahead=3600 * MICROS) == ["/applied_at"]
    assert await refused(row, [notice], ahead=-3600 * MICROS) == ["/applied_at"]
    foreign = Principal("ten_other", "key_x", Role.SITE)
    said = Told((notice,), ("inference",), house.clock.now())
    with pytest.raises(RecipientNotFoundError):
        await house.db.transact(acknowledgements.take, house.keyring, foreign, row.id, said, house.clock.now())
    assert (await house.one()).stage == "told"


async def test_on_business_day_ten_it_is_warned_of_and_after_day_fifteen_it_is_a_violation(house: House) -> None:
    row, notice = await told(house)

    async def at(text: str) -> list[str]:
        house.clock.at = parse_rfc3339(text)
        await house.job.run()
        return await house.kinds()

    assert await at("2026-12-06T23:59:59.999999Z") == ["registered", "told"]
    assert (await at("2026-12-07T00:00:00Z"))[-1] == "late"
    assert (await at("2026-12-14T23:59:59.999999Z"))[-1] == "late"
    assert (await at("2026-12-15T00:00:00Z"))[-1] == "overdue"
    assert (await at("2026-12-16T00:00:00Z")).count("overdue") == 1
    alerts: list[dict[str, Any]] = [json.loads(found[0]) for found in await house.db.fetch(_ALERTS)]
    assert [(one["event"], one["notice"]) for one in alerts] == [
        ("recipient.late", notice),
        ("recipient.overdue", notice),
    ]
    assert [one.id for one in await house.notices(overdue=True)] == [notice]

    await takes(house, row, [notice])  # late is late: the violation stays on record, the list is clear
    assert await house.notices(overdue=True) == []
    assert (await house.one()).overdue_at is not None


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1",
        "UPDATE recipient_notice SET told_at = told_at - 1",
        "UPDATE recipient_notice SET scopes = '[\"training\"]', closed_at = NULL",
        "UPDATE recipient_notice SET overdue_at = NULL",
        "UPDATE recipient_notice SET purpose = 'profile'",
        "DELETE FROM recipient_notice",
    ],
)
async def test_tampering_with_what_was_told_is_found(house: House, statement: str) -> None:
    row, notice = await told(house)
    house.clock.at = parse_rfc3339("2026-12-16T00:00:00Z")
    await house.job.run()
    await house.job.run()
    await takes(house, row, [notice])
    assert (await house.one()).overdue_at is not None
    house.receiver.down = True  # nobody can be told of the next one
    await withdraws(house, "customer-2")
    await house.job.run()
    assert sorted(one.stage for one in await house.notices()) == ["acknowledged", "waiting"]

    async def tamper(tx: Tx) -> None:
        if statement != "SELECT 1":
            await tx.execute(Sql(statement))

    await house.db.transact(tamper)
    origin = "candor.example/ledger"
    known = ledger.verifiers(house.keyring, origin)
    report = await house.db.read(verify, origin, known, checks=[PropagationCheck()])
    assert bool(report.findings) == (statement != "SELECT 1"), report.findings


async def test_what_is_acknowledged_in_time_is_never_warned_of(house: House) -> None:
    row, notice = await told(house)
    await takes(house, row, [notice])
    house.clock.at = parse_rfc3339("2027-01-15T00:00:00Z")
    await house.job.run()

    assert (await house.kinds())[-1] == "acknowledged"


@pytest.mark.parametrize(
    ("zone", "place", "warned", "due"),
    [
        ("UTC", None, "2026-12-07T00:00:00.000000Z", "2026-12-14T23:59:59.999999Z"),
        # Thanksgiving and the day after lie between; a day ends when it ends in California
        ("America/Los_Angeles", "US-CA", "2026-12-09T08:00:00.000000Z", "2026-12-17T07:59:59.999999Z"),
    ],
)
def test_business_days_are_those_of_the_controller(zone: str, place: str | None, warned: str, due: str) -> None:
    at = parse_rfc3339("2026-11-23T09:00:00Z")

    assert [rfc3339(one) for one in BusinessDays(zone, place).deadlines(at)] == [warned, due]
