"""Tampering with choices in the database: each kind is found, and the bad row is named."""

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from consent import choices, receipts
from consent.notary import Notary
from consent.purposes import service as purposes
from consent.verify import ChoiceCheck
from core import keys
from core.clock import DAY, FixedClock
from core.database import Database, Reader, Sql, Tx
from jobs.expire import Expire
from ledger import jws
from ledger import service as ledger
from ledger.audit import Finding
from ledger.subjects import SubjectBinding
from ledger.verify import Check, verify
from oversight import erasure
from tests.consent.choosing import choose, how, one, person
from tests.consent.keeping import DPO, TENANT, opt_out_document, publish, purpose_document

pytestmark = pytest.mark.anyio
ORIGIN = "candor.example/ledger"


@pytest.fixture
async def shop(db: Database, notary: Notary, clock: FixedClock) -> Database:
    """A database with a little of everything: versions, people, reasons, signals, expiry, erasure and a return."""
    await publish(db, clock, purpose_document(validity="P1M"))
    await publish(db, clock, opt_out_document(gpc=True))
    await choose(db, notary, clock, one("train", "given", reason="why not"), one("profile", "objected"), reference="a")
    await choose(db, notary, clock, one("train", "given", reason="as you like"), reference="b", gpc=True)
    await choose(db, notary, clock, one("train", "refused"), one("profile", "restricted"), reference="gone")
    gone = person(notary.keyring, "gone").pseudonym
    await db.transact(erasure.request, notary.keyring, DPO, gone, "objection", clock.now())
    other = DPO.__class__(tenant=TENANT, id="key_other", role=DPO.role)
    await db.transact(erasure.approve, notary.keyring, other, gone, clock.now())
    await choose(db, notary, clock, one("train", "given", reason="back"), reference="gone")
    clock.advance(40 * DAY)
    await Expire(db, clock, notary).run()
    await choose(db, notary, clock, one("train", "given"), reference="a")
    await publish(db, clock, purpose_document(validity="P2M"), material=False)
    await db.transact(choices.withdraw, notary, how(notary.keyring, "a"), clock)
    await publish(db, clock, purpose_document("old"))
    await db.transact(purposes.retire, DPO, "old", clock.now())
    await db.transact(ledger.seal, notary.keyring, ORIGIN, clock.now())
    return db


async def findings(db: Database, notary: Notary) -> list[Finding]:
    checks: list[Check] = [SubjectBinding(notary.keyring), ChoiceCheck(notary.keyring)]
    report = await db.read(verify, ORIGIN, ledger.verifiers(notary.keyring, ORIGIN), checks=checks)
    return report.findings


async def test_an_honest_record_verifies(shop: Database, notary: Notary) -> None:
    assert await findings(shop, notary) == []


A, B = "(SELECT min(subject) FROM choice_state)", "(SELECT max(subject) FROM choice_state)"
GIVEN = "(SELECT min(seq) FROM choice_event WHERE state = 'given')"
RECEIPT = "tenant, subject, kind, first_seq, last_seq, supersedes, issued_at, jws"
OF_ERASED = (
    "seq < (SELECT erased_seq FROM subject_key k"
    " WHERE k.tenant = choice_state.tenant AND k.subject = choice_state.subject)"
)
TAMPERINGS: dict[str, tuple[str, str]] = {
    "a withdrawal made a consent": (
        "UPDATE choice_event SET state = 'given' WHERE state = 'withdrawn'",
        "choice_event",
    ),
    "an expiry put off": (f"UPDATE choice_event SET valid_until = valid_until + 1 WHERE seq = {GIVEN}", "choice_event"),
    "an event dated back": (
        f"UPDATE choice_event SET recorded_at = recorded_at - 1 WHERE seq = {GIVEN}",
        "choice_event",
    ),
    "another notice shown": (f"UPDATE choice_event SET notice_hash = 'cd' WHERE seq = {GIVEN}", "choice_event"),
    "a second act invented": (f"UPDATE choice_event SET explicit = NOT explicit WHERE seq = {GIVEN}", "choice_event"),
    "another actor": (f"UPDATE choice_event SET actor = 'guardian' WHERE seq = {GIVEN}", "choice_event"),
    "an event deleted": (f"DELETE FROM choice_event WHERE seq = {GIVEN}", "choice_event"),
    "an event renumbered": (f"UPDATE choice_event SET seq = 100000 WHERE seq = {GIVEN}", "choice_event"),
    "an event given to another": (f"UPDATE choice_event SET subject = {B} WHERE subject = {A}", "choice_event"),
    "a sealed reason removed": ("UPDATE choice_event SET sealed = NULL WHERE sealed IS NOT NULL", "choice_event"),
    "a receipt swapped": (f"UPDATE choice_event SET receipt = 'rcp_x' WHERE seq = {GIVEN}", "choice_event"),
    "a current no made a yes": ("UPDATE choice_state SET state = 'given' WHERE state = 'withdrawn'", "choice_state"),
    "a current row deleted": ("DELETE FROM choice_state WHERE state = 'objected'", "choice_state"),
    "a current row's end put off": (
        "UPDATE choice_state SET valid_until = 9000000000000000 WHERE purpose = 'train' AND state = 'withdrawn'",
        "choice_state",
    ),
    "a current row rolled back": (f"UPDATE choice_state SET seq = {GIVEN} WHERE state = 'withdrawn'", "choice_state"),
    "a refusal reopened": ("UPDATE choice_state SET ask_after = NULL WHERE state = 'withdrawn'", "choice_state"),
    "a no of an erased person deleted": (f"DELETE FROM choice_state WHERE {OF_ERASED}", "choice_state"),
    "a no of an erased person reversed": (
        f"UPDATE choice_state SET state = 'opt_out_reversed' WHERE {OF_ERASED}",
        "choice_state",
    ),
    "a no of an erased person told more of": (
        f"UPDATE choice_state SET notice_version = 'n1' WHERE {OF_ERASED}",
        "choice_state",
    ),
    "a receipt deleted": (f"DELETE FROM receipt WHERE first_seq = {GIVEN}", "receipt"),
    "a receipt invented": (
        f"INSERT INTO receipt SELECT 'rcp_x', {RECEIPT} FROM receipt WHERE first_seq = {GIVEN}",
        "receipt",
    ),
    "a receipt dated back": (f"UPDATE receipt SET issued_at = issued_at - 1 WHERE first_seq = {GIVEN}", "receipt"),
    "a receipt of other entries": (f"UPDATE receipt SET last_seq = 100000 WHERE first_seq = {GIVEN}", "receipt"),
    "a receipt of another kind": ("UPDATE receipt SET kind = 'given' WHERE kind = 'withdrawn'", "receipt"),
    "a receipt without predecessors": ("UPDATE receipt SET supersedes = '[]' WHERE kind = 'withdrawn'", "receipt"),
    "a receipt given to another": (f"UPDATE receipt SET subject = {B} WHERE subject = {A}", "receipt"),
    "a published text changed": ("UPDATE purpose_version SET document = '{}' WHERE key = 'profile'", "purpose_version"),
    "a version deleted": ("DELETE FROM purpose_version WHERE key = 'profile'", "purpose_version"),
    "a material change hidden": ("UPDATE purpose_version SET material = NOT material", "purpose_version"),
    "a version put back in force": ("UPDATE purpose SET latest_version = 1 WHERE key = 'train'", "purpose"),
    "a retirement undone": ("UPDATE purpose SET retired_at = NULL", "purpose"),
    "an erasure pretended": ("UPDATE subject_key SET wrapped = NULL", "ledger_entry"),
}


@pytest.mark.parametrize("name", TAMPERINGS)
async def test_tampering_is_found_and_the_table_named(shop: Database, notary: Notary, name: str) -> None:
    statement, table = TAMPERINGS[name]

    async def tamper(tx: Tx) -> int:
        return await tx.execute(Sql(statement))

    assert await shop.transact(tamper) > 0
    found = await findings(shop, notary)

    assert table in {finding.table for finding in found}, found


Bend = Callable[[list[tuple[str, str]]], dict[str, str]]
BENT: dict[str, tuple[Bend, str]] = {
    "edited": (lambda kept: {kept[0][0]: kept[0][1].replace(".eyJ", ".eyK")}, "not a receipt that we signed"),
    "cut off": (lambda kept: {kept[0][0]: kept[0][1][:-1]}, "not a receipt that we signed"),
    "unsigned": (lambda kept: {kept[0][0]: kept[0][1].rpartition(".")[0] + "."}, "not a receipt that we signed"),
    "emptied": (lambda kept: {kept[0][0]: ""}, "not a receipt that we signed"),
    "swapped": (lambda kept: {kept[0][0]: kept[2][1], kept[2][0]: kept[0][1]}, "another receipt"),
}


@pytest.mark.parametrize("name", BENT)
async def test_a_receipt_that_is_not_as_issued_is_the_first_bad_row(shop: Database, notary: Notary, name: str) -> None:
    bend, what = BENT[name]
    kept = [(row[0], row[1]) for row in await shop.fetch(Sql("SELECT id, jws FROM receipt ORDER BY first_seq"))]
    bent = bend(kept)

    async def tamper(tx: Tx) -> None:
        for receipt, token in bent.items():
            await tx.execute(Sql("UPDATE receipt SET jws = :jws WHERE id = :id"), jws=token, id=receipt)

    await shop.transact(tamper)
    found = await findings(shop, notary)

    assert [(finding.table, finding.key) for finding in found] == [("receipt", receipt) for receipt in bent]
    assert all(what in finding.what for finding in found)


async def test_two_receipts_whose_numbers_are_swapped_are_found(shop: Database, notary: Notary) -> None:
    ids = [row[0] for row in await shop.fetch(Sql("SELECT id FROM receipt ORDER BY first_seq"))]

    async def swap(tx: Tx) -> None:
        for old, new in ((ids[0], "rcp_x"), (ids[1], ids[0]), ("rcp_x", ids[1])):
            await tx.execute(Sql("UPDATE receipt SET id = :new WHERE id = :old"), old=old, new=new)

    await shop.transact(swap)

    assert [finding.key for finding in await findings(shop, notary)] == ids[:2]


async def test_a_receipt_signed_with_anothers_key_is_found(shop: Database, notary: Notary, clock: FixedClock) -> None:
    stranger = keys.generate(clock.now()).signing("receipt")
    kept = (await shop.fetch(Sql("SELECT id, jws FROM receipt ORDER BY first_seq LIMIT 1")))[0]
    forged = jws.sign(receipts.verified(notary.keyring, kept[1]), stranger, receipts.TYPE)

    async def tamper(tx: Tx) -> None:
        await tx.execute(Sql("UPDATE receipt SET jws = :jws WHERE id = :id"), jws=forged, id=kept[0])

    await shop.transact(tamper)

    assert [finding.key for finding in await findings(shop, notary)] == [kept[0]]


async def test_a_receipt_whose_choices_lie_in_two_portions_of_the_log_holds(shop: Database, notary: Notary) -> None:
    check = ChoiceCheck(notary.keyring)

    async def one_by_one(tx: Reader) -> list[Finding]:
        entries = await ledger.entries(tx)
        found = [finding for entry in entries for finding in await check.chunk(tx, [entry])]
        return [*found, *await check.finish(tx, len(entries))]

    assert await shop.read(one_by_one) == []


async def test_two_peoples_rows_swapped_everywhere_are_found(shop: Database, notary: Notary) -> None:
    a, b = person(notary.keyring, "a").pseudonym, person(notary.keyring, "b").pseudonym

    async def swap(tx: Tx) -> None:
        for table in ("choice_event", "choice_state", "ledger_entry", "receipt"):
            for old, new in ((a, b"x" * 16), (b, a), (b"x" * 16, b)):
                await tx.execute(Sql(f"UPDATE {table} SET subject = :new WHERE subject = :old"), old=old, new=new)

    await shop.transact(swap)
    found = await findings(shop, notary)

    assert {"ledger_entry", "choice_event"} <= {finding.table for finding in found}


async def test_an_event_slipped_in_between_is_found(shop: Database, notary: Notary) -> None:
    async def slip(tx: Tx) -> Sequence[Any]:
        row = await tx.row(Sql("SELECT * FROM choice_event ORDER BY seq LIMIT 1"))
        assert row is not None
        columns = ", ".join(f":c{number}" for number in range(len(row)))
        values = {f"c{number}": value for number, value in enumerate(row)}
        await tx.execute(Sql(f"INSERT INTO choice_event VALUES ({columns})"), **{**values, "c0": 0})
        return row

    await shop.transact(slip)

    assert "seq 0" in {finding.key for finding in await findings(shop, notary)}
