"""No variant of a text is shown without an approved experiment that runs, and none that is worse is ever approved."""

from typing import Any

import pytest

from core.clock import DAY, FixedClock
from core.database import Database, Sql, Tx
from core.errors import DomainError
from core.keys import KeyRing
from disclosures.experiments import assignment, service, serving
from disclosures.experiments.documents import Variant
from disclosures.experiments.errors import (
    ExperimentChangedError,
    ExperimentNotApprovedError,
    ExperimentNotDueError,
    ExperimentNotFoundError,
    ExperimentRunningError,
    ExperimentStateError,
    InvalidExperimentError,
)
from disclosures.experiments.serving import Cohort, Person
from disclosures.experiments.verify import ExperimentCheck
from disclosures.notices import service as notices
from disclosures.notices import standing
from disclosures.notices.errors import NoControlError, SecondPersonNeededError
from disclosures.notices.verify import NoticeCheck
from disclosures.packs.loading import bundled
from disclosures.showings.errors import InvalidShowingError
from disclosures.showings.verify import ShowingCheck
from disclosures.touchpoints import service as touchpoints
from ledger import service as ledger
from ledger.verify import Check, verify
from tests.disclosures.experimenting import drafted, experiment_document, set_aside, split, started
from tests.disclosures.noticing import DPO, SECOND, TENANT, notice_document, notice_text, opened, published
from tests.disclosures.noticing import touchpoint_document as touchpoint
from tests.disclosures.test_showings import show

pytestmark = pytest.mark.anyio
KEY = bytes(32)
PEOPLE = [number.to_bytes(16, "big") for number in range(40)]


async def shown(db: Database, clock: FixedClock, who: Person | None = None, **place: Any) -> set[int]:
    """Return the versions that many people, or one, are shown in the chat."""
    people = [Person(one, frozenset()) for one in PEOPLE] if who is None else [who]
    [(in_force, _)] = await db.read(standing.in_force, TENANT)
    found = set()
    for one in people:
        at = touchpoint(**place)
        cohort = await db.read(serving.cohort, KEY, TENANT, in_force, at, one, clock.now())
        found.add(in_force.version if cohort is None else cohort.version)
    return found


async def refused(db: Database, verb: Any, *args: Any) -> dict[str, str]:
    """Return what a verb names as wrong."""
    with pytest.raises(InvalidExperimentError) as error:
        await db.transact(verb, *args)
    return {one.pointer: one.detail for one in error.value.fields}


async def test_a_version_set_aside_is_not_in_force(db: Database, clock: FixedClock) -> None:
    await opened(db, clock)
    await set_aside(db, clock)
    view = await db.read(notices.view, TENANT, "first-line")
    assert view.published is not None
    assert (view.published.version, view.draft) == (1, None)
    assert [(one.version, one.aside) for one in await db.read(notices.versions, TENANT, "first-line")] == [
        (2, True),
        (1, False),
    ]
    await published(db, clock)
    assert (await db.read(notices.view, TENANT, "first-line")).notice.latest_version == 3
    await db.transact(notices.create, DPO, notice_document(key="new"), clock.now())
    await db.transact(notices.approve, SECOND, "new", bundled(), clock.now())
    with pytest.raises(NoControlError):
        await db.transact(notices.set_aside, DPO, "new", bundled(), clock.now())


async def test_an_experiment_runs_only_when_a_second_person_has_approved_it_as_it_stands(
    db: Database, clock: FixedClock
) -> None:
    row = (await drafted(db, clock)).row
    assert await shown(db, clock) == {1}
    with pytest.raises(ExperimentNotApprovedError):
        await db.transact(service.start, DPO, row.id, bundled(), clock.now())
    with pytest.raises(SecondPersonNeededError):
        await db.transact(service.approve, DPO, row.id, bundled(), clock.now())
    approved = await db.transact(service.approve, SECOND, row.id, bundled(), clock.now())
    assert (approved.phase, approved.row.approved_by, approved.row.approved_at) == ("approved", SECOND.id, clock.now())
    assert await shown(db, clock) == {1}

    changed = experiment_document(hypothesis="Fewer people ask what it is.")
    await db.transact(service.change, DPO, row.id, changed, bundled(), clock.now())
    with pytest.raises(ExperimentNotApprovedError):
        await db.transact(service.start, DPO, row.id, bundled(), clock.now())
    await db.transact(service.approve, SECOND, row.id, bundled(), clock.now())
    assert (await db.transact(service.start, DPO, row.id, bundled(), clock.now())).phase == "running"
    assert await shown(db, clock) == {1, 2}
    with pytest.raises(ExperimentStateError):
        await db.transact(service.change, DPO, row.id, changed, bundled(), clock.now())


async def test_stopping_takes_effect_at_once_and_for_good(db: Database, clock: FixedClock) -> None:
    row = (await started(db, clock)).row
    stopped = await db.transact(service.stop, DPO, row.id, "People complain.", clock.now())
    assert (stopped.phase, stopped.row.stop_reason) == ("stopped", "People complain.")
    assert await shown(db, clock) == {1}
    with pytest.raises(ExperimentStateError):
        await db.transact(service.start, DPO, row.id, bundled(), clock.now())
    with pytest.raises(ExperimentStateError):
        await db.transact(service.stop, DPO, row.id, "Again.", clock.now())


async def test_time_ends_an_experiment_without_anybody(db: Database, clock: FixedClock) -> None:
    row = (await started(db, clock)).row
    clock.advance(8 * DAY - 9 * DAY // 24 - 1)  # the last microsecond of its last day
    assert await shown(db, clock) == {1, 2}
    clock.advance(1)
    assert await shown(db, clock) == {1}
    assert (await db.read(service.view, TENANT, row.id, clock.now())).phase == "ended"


async def test_a_new_version_in_force_overtakes_the_experiment(db: Database, clock: FixedClock) -> None:
    await started(db, clock)
    await published(db, clock)
    assert await shown(db, clock) == {3}


async def test_what_was_overtaken_or_is_not_due_does_not_start(db: Database, clock: FixedClock) -> None:
    row = (await drafted(db, clock, starts_on="2026-11-24", ends_on="2026-11-24")).row
    await db.transact(service.approve, SECOND, row.id, bundled(), clock.now())
    with pytest.raises(ExperimentNotDueError):
        await db.transact(service.start, DPO, row.id, bundled(), clock.now())
    clock.advance(DAY)
    await published(db, clock)
    assert "/variants" in await refused(db, service.start, DPO, row.id, bundled(), clock.now())
    clock.advance(DAY)
    with pytest.raises(ExperimentNotDueError):
        await db.transact(service.start, DPO, row.id, bundled(), clock.now())


async def test_only_one_experiment_runs_with_a_notice(db: Database, clock: FixedClock) -> None:
    await started(db, clock)
    other = await db.transact(service.create, DPO, experiment_document(), bundled(), clock.now())
    await db.transact(service.approve, SECOND, other.row.id, bundled(), clock.now())
    with pytest.raises(ExperimentRunningError):
        await db.transact(service.start, DPO, other.row.id, bundled(), clock.now())


async def test_what_contradicts_itself_is_refused(db: Database, clock: FixedClock) -> None:
    await opened(db, clock)
    await set_aside(db, clock)
    unequal = [{"name": "a", "version": 1, "share": 50}, {"name": "b", "version": 2, "share": 49}]
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"variants": unequal}, "/variants"),
        ({"variants": split(1, 3)}, "/variants/1/version"),
        ({"variants": split(1, 1)}, "/variants"),
        ({"variants": split(2, 3)}, "/variants"),
        ({"notice": "no-such-notice"}, "/notice"),
        ({"ends_on": "2026-11-19"}, "/ends_on"),
        ({"ends_on": "2027-11-19"}, "/ends_on"),
        ({"fairness": "  "}, "/fairness"),
    ]
    for changes, pointer in wrong:
        document = experiment_document(**changes)
        assert pointer in await refused(db, service.create, DPO, document, bundled(), clock.now())


async def test_a_variant_that_is_worse_for_people_is_refused(db: Database, clock: FixedClock) -> None:
    await opened(db, clock)
    more = {"more": "It can be wrong about prices."}
    await published(db, clock, notice_document(texts={"en": notice_text(**more)}))
    long = f"This is a computer program {'and so on and so on ' * 12}."
    pressing = {"text": "Act now! This is a computer program."}
    worse: list[tuple[dict[str, Any], dict[str, Any], str]] = [
        ({"human": "Talk to us"}, {"touchpoints": []}, "touchpoints"),
        ({"more": None}, {}, "leaves out more in en"),
        (pressing, {"despite": {"urging": "It is urgent."}}, "presses people"),
        ({"text": long}, {}, "harder to read"),
    ]
    for version, (text, notice, said) in enumerate(worse, start=3):
        await set_aside(db, clock, texts={"en": notice_text(**{**more, **text})}, **notice)
        document = experiment_document(variants=split(2, version))
        found = await refused(db, service.create, DPO, document, bundled(), clock.now())
        assert said in found["/variants/1/version"]


async def test_what_the_register_changed_is_neither_approved_nor_shown(db: Database, clock: FixedClock) -> None:
    row = (await started(db, clock)).row
    other = await db.transact(service.create, DPO, experiment_document(), bundled(), clock.now())
    await db.transact(
        touchpoints.change, DPO, touchpoint(vendor={"name": "Other Ltd", "processing_agreement": "DPA-8"}), clock.now()
    )
    assert await shown(db, clock) == {1}
    found = await refused(db, service.approve, SECOND, other.row.id, bundled(), clock.now())
    assert "register has changed" in found["/variants/1/version"]
    assert row.state == "running"


async def test_nobody_is_experimented_on_where_much_is_at_stake(db: Database, clock: FixedClock) -> None:
    await started(db, clock)
    stakes: list[dict[str, Any]] = [{"kind": "companion"}, {"facts": ["high_risk"]}, {"emotion_or_biometrics": True}]
    for place in stakes:
        assert await shown(db, clock, **place) == {1}


async def test_where_a_purpose_is_named_only_who_allows_it_takes_part(db: Database, clock: FixedClock) -> None:
    await started(
        db,
        clock,
        purpose="better-texts",
        variants=[{"name": "as-it-is", "version": 1, "share": 1}, {"name": "shorter", "version": 2, "share": 99}],
    )
    willing = {frozenset(await shown(db, clock, Person(one, frozenset({"better-texts"})))) for one in PEOPLE}
    assert frozenset({2}) in willing
    assert await shown(db, clock) == {1}


def test_a_person_always_has_the_same_variant_and_the_shares_are_kept() -> None:
    variants = [Variant(name="a", version=1, share=80), Variant(name="b", version=2, share=20)]
    people = [number.to_bytes(16, "big") for number in range(4000)]
    names = [assignment.variant_of(KEY, "expt_1", one, variants).name for one in people]
    assert names == [assignment.variant_of(KEY, "expt_1", one, variants).name for one in people]
    assert 0.18 < names.count("b") / len(names) < 0.22
    other = [assignment.variant_of(KEY, "expt_2", one, variants).name for one in people]
    both = sum(one == two == "b" for one, two in zip(names, other, strict=True))
    assert both < 0.06 * len(people)  # 4 % if the two have nothing to do with each other


def _of(key: bytes, experiment: str, version: int) -> bytes:
    """Return somebody who is shown a version."""
    variants = experiment_document().variants
    return next(one for one in PEOPLE if assignment.variant_of(key, experiment, one, variants).version == version)


async def test_a_showing_names_the_experiment_it_belongs_to(db: Database, clock: FixedClock, keyring: KeyRing) -> None:
    row = (await started(db, clock)).row
    key = assignment.key_of(keyring)
    her = _of(key, row.id, 2)
    made = await show(db, clock, keyring, version=2, subject=her, experiment=row.id)
    assert (made.version, made.experiment) == (2, row.id)
    control = await show(db, clock, keyring, subject=_of(key, row.id, 1), experiment=row.id)
    assert (control.version, control.experiment) == (1, row.id)

    wrong: list[dict[str, Any]] = [
        {"version": 2, "subject": her},  # shown in no experiment
        {"version": 2, "experiment": row.id},  # to nobody known
        {"version": 1, "subject": her, "experiment": row.id},  # of another variant
        {"version": 2, "subject": her, "experiment": "expt_" + "0" * 32},
    ]
    for facts in wrong:
        with pytest.raises(InvalidShowingError) as error:
            await show(db, clock, keyring, **facts)
        assert error.value.fields[0].pointer == "/experiment"
    await db.transact(service.stop, DPO, row.id, "Enough.", clock.now())
    clock.advance(serving.PATIENCE)
    with pytest.raises(InvalidShowingError):
        await show(db, clock, keyring, version=2, subject=her, experiment=row.id)


async def test_an_offer_s_cohort_holds_only_while_its_experiment_runs(db: Database, clock: FixedClock) -> None:
    row = (await started(db, clock)).row
    cohort = await db.read(serving.still, TENANT, row.id, 2, clock.now())
    assert cohort == Cohort(row.id, "shorter", "first-line", 2)
    assert await db.read(serving.still, TENANT, row.id, 3, clock.now()) is None
    await db.transact(service.stop, DPO, row.id, "Enough.", clock.now())
    assert await db.read(serving.still, TENANT, row.id, 2, clock.now()) is None


async def test_whoever_read_an_older_revision_or_another_tenant_changes_nothing(
    db: Database, clock: FixedClock
) -> None:
    row = (await drafted(db, clock)).row
    wrong: list[tuple[type[DomainError], Any]] = [
        (ExperimentChangedError, (service.approve, SECOND, row.id, bundled(), clock.now(), 7)),
        (ExperimentNotFoundError, (service.approve, SECOND, "expt_" + "0" * 32, bundled(), clock.now())),
    ]
    for error, call in wrong:
        with pytest.raises(error):
            await db.transact(*call)
    with pytest.raises(ExperimentNotFoundError):
        await db.read(service.view, "ten_other", row.id, clock.now())


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1",
        "UPDATE experiment SET approved_by = drafted_by",
        "UPDATE experiment SET document = '{}'",
        "DELETE FROM experiment",
        "UPDATE showing SET experiment = NULL",
        "UPDATE notice SET latest_version = 2",
        "UPDATE notice_version SET aside = NULL",
    ],
)
async def test_tampering_is_found(db: Database, clock: FixedClock, keyring: KeyRing, statement: str) -> None:
    row = (await started(db, clock)).row
    her = _of(assignment.key_of(keyring), row.id, 2)
    await show(db, clock, keyring, version=2, subject=her, experiment=row.id)
    await db.transact(service.stop, DPO, row.id, "Enough.", clock.now())

    async def tamper(tx: Tx) -> None:
        await tx.execute(Sql(statement))

    if statement != "SELECT 1":
        await db.transact(tamper)
    origin = "candor.example/ledger"
    checks: list[Check] = [ExperimentCheck(), NoticeCheck(), ShowingCheck()]
    report = await db.read(verify, origin, ledger.verifiers(keyring, origin), checks=checks)
    assert bool(report.findings) == (statement != "SELECT 1"), report.findings
