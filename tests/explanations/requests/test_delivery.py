"""Letters, words to the source system and late answers: delivered once noted, never with a word lying open."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from core import crypto
from core.clock import DAY, FixedClock
from core.database import Database, Reader, Sql, Tx
from core.http import Answer
from core.keys import KeyRing
from core.mail import Letter, NotDeliveredError
from core.principal import Principal, Role, Subject
from explanations import alerts
from explanations.requests import answers, identity, links, record, reviews, service, store
from explanations.requests.record import Case
from explanations.requests.verify import RequestCheck
from jobs.deadlines import Deadlines
from jobs.letters import Letters
from jobs.webhooks import WebhookRefusedError, Webhooks
from ledger import service as ledger
from ledger.verify import verify
from oversight import erasure
from tests.explanations.deciding import TENANT, person
from tests.explanations.requests import casework
from tests.explanations.requests.casework import ANN, BEN, CLEO, DPO, SITE

pytestmark = pytest.mark.anyio
ADDRESS = "ann.customer@example.org"


class Pigeon:
    """A post that keeps what it was given."""

    def __init__(self, *, fails: bool = False) -> None:
        self.letters: list[Letter] = []
        self.fails = fails

    async def send(self, letter: Letter) -> None:
        if self.fails:
            raise NotDeliveredError
        self.letters.append(letter)


class Source:
    """A source system that takes events, or not."""

    def __init__(self, status: int = 204) -> None:
        self.status = status
        self.taken: list[tuple[dict[str, str], bytes]] = []

    async def fetch(self, method: str, url: str, *, headers: dict[str, str], body: bytes, **_: Any) -> Answer:
        self.taken.append((headers, body))
        return Answer(self.status, {}, b"")


async def jobs(db: Database, kind: str) -> list[dict[str, Any]]:
    """Return what was enqueued of a kind, oldest first."""

    async def work(tx: Reader) -> list[dict[str, Any]]:
        rows = await tx.rows(Sql("SELECT payload FROM job WHERE kind = :kind ORDER BY created_at, id"), kind=kind)
        return [json.loads(row[0]) for row in rows]

    return await db.read(work)


async def with_address(db: Database, keyring: KeyRing, clock: FixedClock, **more: Any) -> Case:
    """Have a customer ask who gave an address."""
    decision = await casework.declined(db, keyring, clock)
    wish = casework.opening(person(keyring), decision, texts={"question": "Why?", "address": ADDRESS}, **more)
    by = casework.customer(keyring)
    return (await db.transact(service.open_case, casework.desk_of(keyring), by, wish, clock.now())).case


async def test_the_receipt_is_acknowledged_with_number_date_and_link(
    db: Database, keyring: KeyRing, clock: FixedClock
) -> None:
    case = await with_address(db, keyring, clock)
    desk = casework.desk_of(keyring, public_url="https://bank.example")
    pigeon = Pigeon()
    [payload] = await jobs(db, service.LETTER)

    await Letters(db, clock, desk, pigeon).run(payload)

    [letter] = pigeon.letters
    assert letter.to == ADDRESS
    assert case.row.number in letter.text
    assert "23 December 2026" in letter.text
    assert "https://bank.example/r/" in letter.text
    assert ADDRESS not in json.dumps(payload)
    assert [one.kind for one in await casework.events(db, case)][-1].endswith("letter-sent")


async def test_a_letter_that_was_not_taken_is_tried_again_and_without_a_server_it_is_noted(
    db: Database, keyring: KeyRing, clock: FixedClock
) -> None:
    case = await with_address(db, keyring, clock)
    desk = casework.desk_of(keyring)
    [payload] = await jobs(db, service.LETTER)

    with pytest.raises(NotDeliveredError):
        await Letters(db, clock, desk, Pigeon(fails=True)).run(payload)
    assert not (await casework.events(db, case))[-1].kind.endswith("letter-sent")
    await Letters(db, clock, desk, None).run(payload)
    assert json.loads((await casework.events(db, case))[-1].facts)["outcome"] == "no_mail_server"


async def test_a_code_holds_once_for_minutes_and_a_few_attempts(
    db: Database, keyring: KeyRing, clock: FixedClock
) -> None:
    case = await with_address(db, keyring, clock, method=None, known_address=True)
    desk, by = casework.desk_of(keyring), casework.customer(keyring)

    async def fresh() -> str:
        clock.advance(1)
        await db.transact(identity.send_code, desk, case, clock.now())
        pigeon = Pigeon()
        await Letters(db, clock, desk, pigeon).run((await jobs(db, service.LETTER))[-1])
        return pigeon.letters[0].text.partition("code is ")[2][:6]

    async def give(code: str) -> Case | None:
        present = await db.read(record.load, TENANT, case.row.id)
        return await db.transact(identity.check_code, desk, by, present, code, clock.now())

    code = await fresh()
    wrong = "000000" if code != "000000" else "111111"
    assert await give(wrong) is None
    proven = await give(code)
    assert proven is not None
    assert proven.facts.identity == "substantial"
    assert await give(code) is None
    code = await fresh()
    clock.advance(16 * 60_000_000)
    assert await give(code) is None
    code = await fresh()
    for _ in range(5):
        assert await give("999999" if code != "999999" else "111111") is None
    assert await give(code) is None


async def test_more_codes_than_a_day_allows_are_not_sent(db: Database, keyring: KeyRing, clock: FixedClock) -> None:
    case = await with_address(db, keyring, clock, method=None)
    desk = casework.desk_of(keyring, codes_a_day=2)
    for _ in range(2):
        clock.advance(1)
        await db.transact(identity.send_code, desk, case, clock.now())

    with pytest.raises(Exception, match="No more codes"):
        await db.transact(identity.send_code, desk, case, clock.now())


async def test_who_asked_unknown_gets_her_letters_once_it_is_known_who_she_is(
    db: Database, keyring: KeyRing, clock: FixedClock
) -> None:
    decision = await casework.declined(db, keyring, clock)
    desk = casework.desk_of(keyring, public_url="https://bank.example")
    browser = Subject("device", "0f" * 16, crypto.pseudonym(keyring.pepper, TENANT, "device", "0f" * 16))
    by = Principal(TENANT, "pk_shop", Role.ANONYMOUS, "site_1", browser)
    wish = casework.opening(browser, method=None, texts={"question": "Why?", "address": ADDRESS})
    made = await db.transact(service.open_case, desk, by, wish, clock.now())
    clock.advance(1)
    named = [decision]
    await db.transact(service.scope_by_staff, desk, ANN, made.case.row.id, named, person(keyring), clock.now())
    clock.advance(1)
    doubt = {"reason": "required_level"}
    await db.transact(service.step, desk, ANN, made.case.row.id, "ask_identity", doubt, {}, clock.now())
    pigeon = Pigeon()

    for payload in await jobs(db, service.LETTER):
        await Letters(db, clock, desk, pigeon).run(payload)

    [early, late] = [one.text.partition("https://bank.example/r/")[2] for one in pigeon.letters]
    assert late
    assert (await db.read(links.find, keyring, late.strip(), clock.now())).row.subject == person(keyring).pseudonym
    assert made.link is not None
    assert (await db.read(links.find, keyring, made.link, clock.now())).row.id == made.case.row.id
    assert early == late


async def test_a_late_answer_is_noted_once(db: Database, keyring: KeyRing, clock: FixedClock) -> None:
    desk = casework.desk_of(keyring)
    case = await casework.asked(db, desk, clock)
    sweeper = Deadlines(db, clock, desk)

    assert await sweeper.sweep() == 0
    clock.advance(40 * DAY)
    assert await sweeper.sweep() == 1
    assert await sweeper.sweep() == 0
    assert [one.kind for one in await casework.events(db, case)][-1] == "explanation-request.overdue"


async def overturned(db: Database, keyring: KeyRing, clock: FixedClock) -> Case:
    """Take a case to an overturned decision."""
    desk = casework.desk_of(keyring)
    case = await casework.released(db, desk, clock)
    await db.transact(reviews.contest, desk, casework.customer(keyring), case, "Wrong.", clock.now())
    told = {"reviewer": CLEO.id, "authority": "may grant loans", "competence": "trained"}
    await db.transact(reviews.assign, desk, DPO, case.row.id, told, clock.now())
    await db.transact(reviews.open_evidence, desk, CLEO, case.row.id, clock.now())
    what = {"cause": "model", "new_outcome": "granted", "adverse": False}
    reasons = "The payslips were not taken into account."
    return await db.transact(reviews.decide, desk, CLEO, case.row.id, "overturn", what, reasons, clock.now())


async def test_the_source_system_is_told_and_can_check_who_told_it(
    db: Database, keyring: KeyRing, clock: FixedClock
) -> None:
    case = await overturned(db, keyring, clock)
    [payload] = await jobs(db, alerts.WEBHOOK)
    source, deaf = Source(), Source(500)

    await Webhooks(source, clock, "https://core.bank.example/hook", b"s").run(payload)  # type: ignore[arg-type]  # a stand-in
    with pytest.raises(WebhookRefusedError):
        await Webhooks(deaf, clock, "https://core.bank.example/hook", b"s").run(payload)  # type: ignore[arg-type]  # the same

    [(headers, body)] = source.taken
    told = json.loads(body)
    assert (told["event"], told["before"], told["after"]) == ("decision.overridden", "declined", "granted")
    assert headers["webhook-signature"] == crypto.event_signature(
        b"s", headers["webhook-id"], headers["webhook-timestamp"], body
    )
    [kept] = await db.read(store.overrides, TENANT, case.facts.decisions[0])
    await db.transact(reviews.confirm, casework.desk_of(keyring), SITE, case.row.id, "core-1", clock.now())
    [confirmed] = await db.read(store.overrides, TENANT, case.facts.decisions[0])
    assert (kept.confirmed_at, confirmed.confirmed_at) == (None, clock.now())


async def checked(db: Database, keyring: KeyRing, clock: FixedClock) -> list[str]:
    """Return what the verification finds in the cases."""
    await db.transact(ledger.seal, keyring, "test/ledger", clock.now())

    async def work(tx: Reader) -> list[str]:
        found = await verify(tx, "test/ledger", ledger.verifiers(keyring, "test/ledger"), checks=[RequestCheck()])
        return [f"{one.table}: {one.what}" for one in found.findings]

    return await db.read(work)


@pytest.mark.parametrize(
    ("tampering", "finding"),
    [
        ("UPDATE explanation_request SET state = 'closed'", "explanation_request: its state"),
        ("UPDATE explanation_request_event SET facts = '{}' WHERE seq = 3", "explanation_request_event: differs"),
        ("DELETE FROM explanation_request_event WHERE seq = 3", "explanation_request_event: is missing"),
        ("DELETE FROM explanation_request", "explanation_request: is missing"),
        ("UPDATE decision_override SET outcome = 'declined'", "decision_override: differs"),
        ("DELETE FROM decision_override", "decision_override: is missing"),
    ],
)
async def test_the_ledger_shows_what_was_changed_behind_its_back(
    db: Database, keyring: KeyRing, clock: FixedClock, tampering: str, finding: str
) -> None:
    await overturned(db, keyring, clock)
    assert await checked(db, keyring, clock) == []

    async def tamper(tx: Tx) -> None:
        await tx.execute(Sql(tampering))

    await db.transact(tamper)
    assert any(one.startswith(finding) for one in await checked(db, keyring, clock))


async def test_a_moved_due_date_is_found(db: Database, keyring: KeyRing, clock: FixedClock) -> None:
    await casework.asked(db, casework.desk_of(keyring), clock)

    async def tamper(tx: Tx) -> None:
        await tx.execute(Sql("UPDATE explanation_request SET due_at = due_at + 1"))

    await db.transact(tamper)
    assert any("due date" in one for one in await checked(db, keyring, clock))


async def test_an_erased_person_leaves_the_dates_and_nothing_else(
    db: Database, keyring: KeyRing, clock: FixedClock
) -> None:
    case = await with_address(db, keyring, clock)
    desk, subject = casework.desk_of(keyring), person(keyring).pseudonym
    await db.transact(answers.draft, desk, ANN, case.row.id, None, clock.now())
    second = Principal(TENANT, "dpo_2", Role.DPO)
    await db.transact(erasure.request, keyring, DPO, subject, "withdrawn", clock.now())
    await db.transact(erasure.approve, keyring, second, subject, clock.now())

    async def rest(tx: Reader) -> list[Any]:
        tables = ("explanation_request", "explanation_request_event", "explanation_request_paper")
        found = [await tx.rows(Sql(f"SELECT sealed FROM {table} WHERE sealed IS NOT NULL")) for table in tables]
        return [row for rows in found for row in rows] + list(
            await tx.rows(Sql("SELECT request FROM explanation_request_secret"))
        )

    assert await db.read(rest) == []
    row = (await db.read(record.load, TENANT, case.row.id)).row
    assert (row.state, row.owed, row.received_at) == ("closed", False, case.row.received_at)
    [payload] = await jobs(db, service.LETTER)
    pigeon = Pigeon()
    await Letters(db, clock, desk, pigeon).run(payload)
    assert pigeon.letters == []
    assert await checked(db, keyring, clock) == []
    refused: Callable[..., Any] = answers.draft
    with pytest.raises(Exception, match="thing"):
        await db.transact(refused, desk, BEN, case.row.id, None, clock.now())
