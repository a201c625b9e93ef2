"""Choices end to end on both engines: all or nothing, and never allowed without a yes in force."""

import asyncio
import itertools
from typing import Any

import pytest

from consent import choices, store
from consent.errors import (
    ConfirmationLapsedError,
    InvalidChoiceError,
    NothingToWithdrawError,
    SecondStepNeededError,
    TransitionNotPossibleError,
)
from consent.notary import Notary
from core.canonical import loads
from core.clock import DAY, MICROS, FixedClock, parse_rfc3339
from core.crypto import unseal
from core.database import Database, Sql
from core.subjects import data_key
from jobs.expire import Expire
from ledger import service as ledger
from ledger.entries import commitment
from tests.consent.choosing import choose, gate, gate_at, how, one, person
from tests.consent.keeping import TENANT, opt_out_document, publish, purpose_document

pytestmark = pytest.mark.anyio


@pytest.fixture
async def shop(db: Database, clock: FixedClock) -> Database:
    """A database with an opt-in, an explicit and an opt-out purpose."""
    await publish(db, clock, purpose_document(validity="P1M"))
    await publish(db, clock, purpose_document("health", special_category=True, explicit=True))
    await publish(db, clock, opt_out_document())
    return db


async def counts(db: Database) -> list[int]:
    found = []
    for table in ("choice_event", "choice_state", "receipt", "subject_key", "ledger_entry"):
        rows = await db.fetch(Sql(f"SELECT count(*) FROM {table}"))
        found.append(rows[0][0])
    return found


async def test_a_choice_is_an_event_a_row_an_entry_and_a_receipt(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    before = await counts(shop)
    recorded = await choose(shop, notary, clock, one("train", "given", jurisdiction="EU"))

    assert [after - was for after, was in zip(await counts(shop), before, strict=True)] == [1, 1, 1, 1, 1]
    chosen = recorded.chosen[0]
    entry = await shop.read(ledger.entry, TENANT, chosen.event.seq)
    body = loads(entry.body)
    assert (entry.kind, entry.id, entry.restrictive) == ("choice.given", chosen.entry, 0)
    assert body["public"] == choices_public(chosen.event)
    answer = await gate(shop, notary.keyring, clock.now())
    assert (answer.decision, answer.choice, answer.notice_version) == ("allow", chosen.event.id, "n1")
    assert answer.valid_until == parse_rfc3339("2026-12-23T09:00:00Z")


def choices_public(event: store.Happened) -> dict[str, Any]:
    from consent.recording import public_of

    return public_of(event)


async def test_withdrawing_stops_at_once_and_twice_is_refused_and_records_nothing(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    given = await choose(shop, notary, clock, one("train", "given"))
    circumstances = how(notary.keyring)
    withdrawn = await shop.transact(choices.withdraw, notary, circumstances, clock, "train")

    assert (await gate(shop, notary.keyring, clock.now())).reasons == ("consent-withdrawn",)
    assert given.receipt is not None
    assert withdrawn.receipt is not None
    assert withdrawn.receipt.terminates == (given.receipt.id,)
    before = await counts(shop)
    with pytest.raises(NothingToWithdrawError):
        await shop.transact(choices.withdraw, notary, circumstances, clock, "train")
    with pytest.raises(TransitionNotPossibleError):
        await choose(shop, notary, clock, one("train", "withdrawn"))
    assert await counts(shop) == before


async def test_fifty_choices_with_one_bad_one_record_nothing(shop: Database, notary: Notary, clock: FixedClock) -> None:
    for number in range(48):
        await publish(shop, clock, purpose_document(f"p{number}"))
    good = [one(f"p{number}", "given") for number in range(48)]
    before = await counts(shop)

    with pytest.raises(InvalidChoiceError) as caught:
        await choose(shop, notary, clock, *good, one("nothing", "given"), one("train", "given", system="ghost"))
    assert [field.pointer for field in caught.value.fields] == ["/choices/48/purpose", "/choices/49/system"]
    with pytest.raises(TransitionNotPossibleError) as late:
        await choose(shop, notary, clock, *good, one("train", "given"), one("profile", "opt_out_reversed"))
    assert [field.pointer for field in late.value.fields] == ["/choices/49/state"]
    assert await counts(shop) == before

    recorded = await choose(shop, notary, clock, *good, one("train", "given"), one("profile", "opted_out"))
    assert len(recorded.chosen) == 50
    assert [now - was for now, was in zip(await counts(shop), before, strict=True)] == [50, 50, 1, 1, 50]
    with pytest.raises(InvalidChoiceError):
        await choose(shop, notary, clock, *good, *[one("*", "opted_out")] * 3)
    with pytest.raises(InvalidChoiceError):
        await choose(shop, notary, clock)


@pytest.mark.parametrize(
    ("asked", "changes", "pointer"),
    [
        (one("nothing", "given"), {}, "/choices/0/purpose"),
        (one("*", "given"), {}, "/choices/0/purpose"),
        (one("*", "withdrawn"), {}, "/choices/0/purpose"),
        (one("train", "opted_out", system="ghost"), {}, "/choices/0/system"),
        (one("profile", "given"), {}, "/choices/0/state"),
        (one("profile", "refused"), {}, "/choices/0/state"),
        (one("train", "explicitly_given"), {}, "/choices/0/confirms"),
        (one("train", "given", confirms="chc_1"), {}, "/choices/0/confirms"),
        (one("train", "given", notice_hash=None), {}, "/choices/0/notice_version"),
        (one("train", "given"), {"actor": "signal"}, "/choices/0/state"),
        (one("train", "opt_out_reversed"), {"actor": "signal"}, "/choices/0/state"),
        (one("train", "opted_out"), {"actor": "agent"}, "/choices/0/state"),
        (one("train", "given"), {"actor": "staff"}, "/choices/0/state"),
        (one("train", "renewed"), {"actor": "staff", "evidence": ("doc",)}, "/choices/0/state"),
        (one("train", "expired"), {}, "/choices/0/state"),
        (one("train", "given", occurred_at=parse_rfc3339("2026-11-23T09:00:03Z")), {}, "/choices/0/occurred_at"),
        (one("train", "given", occurred_at=parse_rfc3339("2026-11-23T08:54:59Z")), {}, "/choices/0/occurred_at"),
    ],
)
async def test_what_may_not_be_asked_names_the_field_and_records_nothing(
    shop: Database, notary: Notary, clock: FixedClock, asked: Any, changes: dict[str, Any], pointer: str
) -> None:
    before = await counts(shop)

    with pytest.raises(InvalidChoiceError) as caught:
        await choose(shop, notary, clock, asked, **changes)

    assert pointer in [field.pointer for field in caught.value.fields]
    assert await counts(shop) == before
    assert (await gate(shop, notary.keyring, clock.now())).decision == "deny"


async def test_an_explicit_purpose_takes_two_requests(shop: Database, notary: Notary, clock: FixedClock) -> None:
    with pytest.raises(SecondStepNeededError):
        await choose(shop, notary, clock, one("health", "given"))
    first = await choose(shop, notary, clock, one("health", "requested"))
    pending = first.chosen[0].event.id
    assert (await gate(shop, notary.keyring, clock.now(), "health")).reasons == ("consent-pending",)
    with pytest.raises(ConfirmationLapsedError):
        await choose(shop, notary, clock, one("health", "explicitly_given", confirms="chc_" + "0" * 32))
    with pytest.raises(InvalidChoiceError):  # not both acts in one request
        await choose(
            shop, notary, clock, one("health", "requested"), one("health", "explicitly_given", confirms=pending)
        )

    clock.advance(MICROS)
    await choose(shop, notary, clock, one("health", "explicitly_given", confirms=pending))
    assert (await gate(shop, notary.keyring, clock.now(), "health")).decision == "allow"
    await choose(shop, notary, clock, one("health", "renewed"))
    assert (await gate(shop, notary.keyring, clock.now(), "health")).reasons == ("consent-renewed",)


@pytest.mark.parametrize("ended", ["by its date", "by its date and swept", "by a material version"])
async def test_an_explicit_consent_that_is_over_takes_two_acts_again(
    shop: Database, notary: Notary, clock: FixedClock, ended: str
) -> None:
    explicit = {"special_category": True, "explicit": True, "validity": "P1M"}
    await publish(shop, clock, purpose_document("health", **explicit))
    first = await choose(shop, notary, clock, one("health", "requested"))
    await choose(shop, notary, clock, one("health", "explicitly_given", confirms=first.chosen[0].event.id))
    if ended == "by a material version":
        await publish(shop, clock, purpose_document("health", **explicit, retention="P9M"))
    else:
        clock.advance(40 * DAY)
    if ended == "by its date and swept":
        await Expire(shop, clock, notary).run()
    before = await counts(shop)

    with pytest.raises(SecondStepNeededError):
        await choose(shop, notary, clock, one("health", "renewed"))
    assert await counts(shop) == before
    assert (await gate(shop, notary.keyring, clock.now(), "health")).decision == "deny"
    again = await choose(shop, notary, clock, one("health", "requested"))
    await choose(shop, notary, clock, one("health", "explicitly_given", confirms=again.chosen[0].event.id))
    await choose(shop, notary, clock, one("health", "renewed"))
    assert (await gate(shop, notary.keyring, clock.now(), "health")).reasons == ("consent-renewed",)


async def test_a_confirmation_that_comes_too_late_or_for_an_older_text_is_refused(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    first = await choose(shop, notary, clock, one("health", "requested"))
    confirmation = one("health", "explicitly_given", confirms=first.chosen[0].event.id)
    clock.advance(DAY + 1)
    with pytest.raises(ConfirmationLapsedError):
        await choose(shop, notary, clock, confirmation)

    again = await choose(shop, notary, clock, one("health", "requested"))
    await publish(shop, clock, purpose_document("health", special_category=True, explicit=True, retention="P9M"))
    with pytest.raises(ConfirmationLapsedError):
        await choose(shop, notary, clock, one("health", "explicitly_given", confirms=again.chosen[0].event.id))


async def test_a_consent_ends_with_its_validity_and_with_a_material_version(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    await choose(shop, notary, clock, one("train", "given"))
    end = parse_rfc3339("2026-12-23T09:00:00Z")

    assert (await gate(shop, notary.keyring, end - 1)).decision == "allow"
    assert (await gate(shop, notary.keyring, end)).reasons == ("consent-expired",)
    await publish(shop, clock, purpose_document(validity="P1M", retention="P9M"), material=False)
    assert (await gate(shop, notary.keyring, end - 1)).decision == "allow"
    await publish(shop, clock, purpose_document(validity="P1M", retention="P9Y"))
    assert (await gate(shop, notary.keyring, end - 1)).reasons == ("consent-needs-renewal",)
    await choose(shop, notary, clock, one("train", "renewed"))
    assert (await gate(shop, notary.keyring, end - 1)).decision == "allow"


async def test_opting_out_of_everything_binds_every_purpose_and_can_be_reversed(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    await choose(shop, notary, clock, one("train", "given"))
    await choose(shop, notary, clock, one("*", "opted_out"))

    assert (await gate(shop, notary.keyring, clock.now())).reasons == ("all-ai-opted-out",)
    assert (await gate(shop, notary.keyring, clock.now(), "profile", "scorer")).decision == "human_route"
    await choose(shop, notary, clock, one("*", "opt_out_reversed"))
    assert (await gate(shop, notary.keyring, clock.now())).decision == "allow"


async def test_withdrawing_for_one_system_reaches_consents_given_for_all(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    await choose(shop, notary, clock, one("train", "given"))
    await choose(shop, notary, clock, one("train", "given", system="bot"))

    recorded = await shop.transact(choices.withdraw, notary, how(notary.keyring), clock, None, "bot")

    assert [(c.event.purpose, c.event.system, c.event.state) for c in recorded.chosen] == [
        ("train", "bot", "withdrawn"),
        ("*", "bot", "opted_out"),
    ]
    assert (await gate(shop, notary.keyring, clock.now(), system="bot")).decision == "deny"
    assert (await gate(shop, notary.keyring, clock.now(), system=None)).decision == "allow"
    await shop.transact(choices.withdraw, notary, how(notary.keyring), clock)
    assert (await gate(shop, notary.keyring, clock.now(), system=None)).decision == "deny"


async def test_staff_may_record_a_no_with_evidence_and_what_is_personal_is_sealed(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    recorded = await choose(
        shop,
        notary,
        clock,
        one("profile", "objected", reason="Ms Doe called: no profiling"),
        actor="staff",
        evidence=("call-17",),
        note="by telephone",
    )

    event = recorded.chosen[0].event
    entry = await shop.read(ledger.entry, TENANT, event.seq)
    subject = person(notary.keyring).pseudonym
    dek = await shop.read(data_key, notary.keyring, TENANT, subject)
    assert dek is not None
    assert event.sealed is not None
    assert "Doe" not in entry.body
    personal = loads(unseal(dek, event.sealed, f"{TENANT}|{subject.hex()}|choice_event|sealed|{event.id}"))
    assert personal == {"reason": "Ms Doe called: no profiling", "evidence": ["call-17"], "note": "by telephone"}
    assert loads(entry.body)["commitment"] == commitment(dek, entry.id, personal)
    assert entry.restrictive


async def test_a_refusal_starts_the_time_in_which_nobody_asks_again(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    refused = await choose(shop, notary, clock, one("train", "refused"))

    assert refused.rows["train", "*"].ask_after == clock.now() + 365 * DAY
    with pytest.raises(TransitionNotPossibleError):
        await choose(shop, notary, clock, one("train", "refused"))
    assert (await gate(shop, notary.keyring, clock.now())).reasons == ("consent-refused",)


async def test_of_many_who_write_at_once_for_one_person_each_sees_the_one_before(
    shop: Database, notary: Notary, clock: FixedClock
) -> None:
    async def attempt(state: str) -> object:
        try:
            return (await choose(shop, notary, clock, one("train", state))).chosen[0].event.seq
        except TransitionNotPossibleError:
            return None

    seqs = await asyncio.gather(*(attempt(state) for state in ["given", "withdrawn"] * 20))

    history = await shop.read(store.history, TENANT, person(notary.keyring).pseudonym, None, 100)
    states = [event.state for event in reversed(history)]
    assert len(history) == len([seq for seq in seqs if seq is not None])
    assert all(a != b for a, b in itertools.pairwise(states))
    row = (await shop.read(store.present, TENANT, person(notary.keyring).pseudonym))[0]
    assert (row.state, row.seq, row.choice) == (history[0].state, history[0].seq, history[0].id)


async def test_the_past_is_answered_from_events_alone(shop: Database, notary: Notary, clock: FixedClock) -> None:
    answers = {clock.now(): (await gate(shop, notary.keyring, clock.now())).reasons}
    for asked in (
        one("train", "given"),
        one("*", "opted_out"),
        one("*", "opt_out_reversed"),
        one("train", "withdrawn"),
        one("train", "given", system="bot"),
        one("train", "restricted"),
    ):
        clock.advance(DAY)
        await choose(shop, notary, clock, asked)
        answers[clock.now()] = (await gate(shop, notary.keyring, clock.now())).reasons

    for at, reasons in answers.items():
        assert (await gate_at(shop, notary.keyring, at)).reasons == reasons
        assert (await gate_at(shop, notary.keyring, at + DAY - 1)).reasons == reasons
    assert (await gate_at(shop, notary.keyring, min(answers) - 1)).reasons == ("undeclared-purpose",)


async def test_recorded_time_never_goes_back_for_a_person(shop: Database, notary: Notary, clock: FixedClock) -> None:
    first = await choose(shop, notary, clock, one("train", "given"))
    clock.advance(-DAY)
    second = await choose(shop, notary, clock, one("train", "withdrawn"))

    assert second.chosen[0].event.recorded_at == first.chosen[0].event.recorded_at


async def test_history_is_read_in_pages_newest_first(shop: Database, notary: Notary, clock: FixedClock) -> None:
    for state in ("given", "withdrawn", "given", "withdrawn", "given"):
        await choose(shop, notary, clock, one("train", state))
    subject = person(notary.keyring).pseudonym

    first = await shop.read(store.history, TENANT, subject, None, 2)
    rest = await shop.read(store.history, TENANT, subject, first[-1].seq, 10)

    assert [event.state for event in first + rest] == ["given", "withdrawn", "given", "withdrawn", "given"]
    assert await shop.read(store.history, "other", subject, None, 2) == []
