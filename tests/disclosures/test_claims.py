"""What a company says its AI can do: without evidence that holds no notice says it, and tampering is found."""

from datetime import date
from typing import Any

import pytest

from core.clock import DAY, FixedClock, rfc3339
from core.database import Database, Sql, Tx
from core.keys import KeyRing
from disclosures.claims import service
from disclosures.claims.documents import ClaimDocument
from disclosures.claims.errors import ClaimChangedError, ClaimKnownError, ClaimRetiredError, InvalidClaimError
from disclosures.claims.verify import ClaimCheck
from disclosures.notices import quoting
from disclosures.notices import service as notices
from disclosures.notices.errors import InvalidNoticeError
from disclosures.packs.loading import bundled
from jobs.disclose import Disclose
from ledger import service as ledger
from ledger.verify import verify
from tests.disclosures.noticing import DPO, PLAIN, SECOND, TENANT, notice_document, notice_text, registered

pytestmark = pytest.mark.anyio
SAID = f"{PLAIN} It answers  nine questions of TEN correctly."


def claim_document(**changes: Any) -> ClaimDocument:
    """Return a claim with evidence that holds for long."""
    return service.read_document(
        {
            "key": "nine-of-ten",
            "statements": {"en": ["answers nine questions of ten correctly"]},
            "owner": "Head of support",
            "evidence": [{"kind": "test", "reference": "QA-2026-31", "valid_until": "2099-12-31"}],
            **changes,
        }
    )


def saying(text: str = SAID, **changes: Any) -> Any:
    """Return a notice that makes the claim."""
    return notice_document(texts={"en": notice_text(text=text)}, **changes)


@pytest.mark.parametrize(
    ("evidence", "on", "standing"),
    [
        ([], date(2026, 11, 21), "no-evidence"),
        ([{"kind": "audit", "reference": "A", "valid_until": "2026-11-21"}], date(2026, 11, 21), "shown"),
        ([{"kind": "audit", "reference": "A", "valid_until": "2026-11-20"}], date(2026, 11, 21), "expired"),
    ],
)
async def test_a_claim_stands_on_evidence_that_holds(evidence: list[Any], on: date, standing: str) -> None:
    assert claim_document(evidence=evidence).standing(on) == standing


@pytest.mark.parametrize(
    "fault", [{"statements": {}}, {"owner": ""}, {"statements": {"en": ["short"]}}, {"made": "up"}]
)
async def test_a_claim_that_leaves_something_out_is_refused(fault: dict[str, Any]) -> None:
    with pytest.raises(InvalidClaimError):
        claim_document(**fault)


async def test_a_notice_that_says_what_nothing_shows_is_not_approved_until_something_does(
    db: Database, clock: FixedClock
) -> None:
    await registered(db, clock)
    await db.transact(service.make, DPO, claim_document(evidence=[]), clock.now())
    await db.transact(notices.create, DPO, saying(), clock.now())
    with pytest.raises(InvalidNoticeError) as caught:
        await db.transact(notices.approve, SECOND, "first-line", bundled(), clock.now())
    assert [one.pointer for one in caught.value.fields] == ["/texts/en/text"]

    await db.transact(service.change, DPO, claim_document(), clock.now())
    await db.transact(notices.approve, SECOND, "first-line", bundled(), clock.now())
    await db.transact(notices.publish, DPO, "first-line", bundled(), clock.now(), material=True)


async def test_evidence_that_has_run_out_holds_a_scheduled_notice_back(db: Database, clock: FixedClock) -> None:
    await registered(db, clock)
    evidence = [{"kind": "test", "reference": "QA", "valid_until": rfc3339(clock.now() + DAY)[:10]}]
    await db.transact(service.make, DPO, claim_document(evidence=evidence), clock.now())
    await db.transact(notices.create, DPO, saying(), clock.now())
    await db.transact(notices.approve, SECOND, "first-line", bundled(), clock.now())
    await db.transact(
        notices.publish, DPO, "first-line", bundled(), clock.now(), material=True, later=clock.now() + 5 * DAY
    )
    clock.advance(6 * DAY)

    assert await Disclose(db, clock, bundled()).publish_scheduled() == 0
    assert (await db.read(notices.view, TENANT, "first-line")).published is None


async def test_a_claim_taken_back_may_not_be_said_in_any_place_of_a_notice(db: Database, clock: FixedClock) -> None:
    await db.transact(service.make, DPO, claim_document(), clock.now())
    await db.transact(service.retire, DPO, "nine-of-ten", clock.now())
    claims = await db.read(service.of_tenant, TENANT)
    words = "It answers nine questions of ten correctly."
    text = notice_text(more=words, elements={"limits": words}, renderings={"voice": words})
    found = quoting.findings(notice_document(texts={"en-GB": text}, source_language="en-GB"), claims, date(2026, 1, 1))

    assert [one.pointer.removeprefix("/texts/en-GB/") for one in found] == [
        "more",
        "elements/limits",
        "renderings/voice",
    ]
    other = notice_document(texts={"de": notice_text(more=words)}, source_language="de")
    assert quoting.findings(other, claims, date(2026, 1, 1)) == []
    assert [quoting.quoting(claims[0], [saying(), notice_document()])] == [["first-line"]]


async def test_what_was_claimed_before_stays_and_two_people_can_not_write_over_each_other(
    db: Database, clock: FixedClock
) -> None:
    await db.transact(service.make, DPO, claim_document(), clock.now())
    with pytest.raises(ClaimKnownError):
        await db.transact(service.make, DPO, claim_document(), clock.now())
    await db.transact(service.change, DPO, claim_document(owner="Somebody else"), clock.now(), 1)
    with pytest.raises(ClaimChangedError):
        await db.transact(service.change, DPO, claim_document(), clock.now(), 1)
    await db.transact(service.retire, DPO, "nine-of-ten", clock.now(), 2)
    with pytest.raises(ClaimRetiredError):
        await db.transact(service.change, DPO, claim_document(), clock.now())

    history = await db.read(service.versions, TENANT, "nine-of-ten")
    assert [(one.row.revision, one.row.retired, one.document.owner) for one in history] == [
        (3, True, "Somebody else"),
        (2, False, "Somebody else"),
        (1, False, "Head of support"),
    ]


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1",
        "UPDATE claim_version SET document = '{}' WHERE revision = 1",
        "UPDATE claim_version SET retired = NOT retired",
        "UPDATE claim_version SET recorded_at = recorded_at - 1",
        "DELETE FROM claim_version WHERE revision = 2",
        "UPDATE claim_version SET revision = 9 WHERE revision = 1",
    ],
)
async def test_tampering_is_found(db: Database, clock: FixedClock, keyring: KeyRing, statement: str) -> None:
    await db.transact(service.make, DPO, claim_document(evidence=[]), clock.now())
    await db.transact(service.change, DPO, claim_document(), clock.advance(DAY))

    async def tamper(tx: Tx) -> None:
        await tx.execute(Sql(statement))

    if statement != "SELECT 1":
        await db.transact(tamper)
    origin = "candor.example/ledger"
    report = await db.read(verify, origin, ledger.verifiers(keyring, origin), checks=[ClaimCheck()])
    assert bool(report.findings) == (statement != "SELECT 1")
