"""Notices: complete or held back, approved by a second person, immutable, translated from what stands there now."""

from hashlib import sha256
from typing import Any

import pytest

from core.clock import DAY, FixedClock
from core.database import Database
from core.keys import KeyRing
from disclosures import service as systems
from disclosures.documents import ModelVersion
from disclosures.notices import differences, lint, renderings, service, standing, store
from disclosures.notices.documents import NoticeDocument
from disclosures.notices.errors import (
    InvalidNoticeError,
    NotApprovedError,
    NoticeChangedError,
    NoticeRetiredError,
    SecondPersonNeededError,
)
from disclosures.packs.loading import bundled
from disclosures.touchpoints import service as touchpoints
from jobs.disclose import Disclose
from tests.disclosures.noticing import (
    DPO,
    PLAIN,
    SECOND,
    TENANT,
    notice_document,
    notice_text,
    published,
    registered,
    touchpoint_document,
)

pytestmark = pytest.mark.anyio
PACKS = bundled()


def faults(document: NoticeDocument, **touchpoint: Any) -> list[tuple[str, str]]:
    """Return where and why a document is held back, at a chat unless told otherwise."""
    there = {"chat": touchpoint_document(**touchpoint)}
    return [(one.pointer, one.code) for one in lint.errors(lint.findings(document, there, PACKS))]


def test_a_complete_notice_passes() -> None:
    assert faults(notice_document()) == []


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"text": "I am Lena, your assistant."}, ("/texts/en/text", "not-plain")),
        ({"text": f"{PLAIN} We use this to improve our services."}, ("/texts/en/text", "empty-phrase")),
        ({"human": None}, ("/texts/en/human", "no-way-to-a-person")),
    ],
)
def test_what_a_chat_must_not_be_told_like_is_named(changes: dict[str, Any], fault: tuple[str, str]) -> None:
    assert fault in faults(notice_document(texts={"en": notice_text(**changes)}))


def test_a_translation_of_another_text_than_the_present_one_is_stale() -> None:
    source = notice_document().texts["en"]
    german = {"title": "KI", "text": "Sie sprechen mit einem Computerprogramm.", "human": "Mit einem Menschen sprechen"}
    fresh = {"en": notice_text(), "de": {**german, "translated_from": source.sha256}}
    changed = {**fresh, "en": notice_text(text=PLAIN + " Ask for a person at any time.")}

    assert faults(notice_document(texts=fresh)) == []
    assert faults(notice_document(texts=changed)) == [("/texts/de/translated_from", "stale-translation")]


ELEMENTS = {
    "specific_purpose": "We use a program to decide whether you may pay later.",
    "optout_and_how": "You can say no on the choices page.",
    "access_and_how": "You can ask how the decision was made.",
    "no_retaliation": "Saying no has no other consequence for you.",
    "how_works_inputs_output_use": "It reads your income and past payments and gives a score.",
    "alternative_process": "A person decides instead.",
}


@pytest.mark.parametrize("missing", list(ELEMENTS))
def test_a_pre_use_notice_without_one_of_its_elements_is_held_back_and_the_element_named(missing: str) -> None:
    text = {
        "title": "A program helps us decide",
        "text": "A program decides whether you may pay later.",
        "elements": {word: words for word, words in ELEMENTS.items() if word != missing},
    }
    document = notice_document(kind="automated_decision", packs=["us-ca"], texts={"en": text})

    assert faults(document) == [(f"/texts/en/elements/{missing}", "element-missing")]


def test_the_law_s_own_words_stand_as_they_are() -> None:
    said = "THIS PRICE WAS SET BY AN ALGORITHM USING YOUR PERSONAL DATA"
    for text, fault in ((said, []), (said.lower(), [("/texts/en/text", "locked-wording")])):
        document = notice_document(kind="price", packs=["us-ny"], texts={"en": {"title": "Price", "text": text}})
        assert faults(document, kind="pricing", human_route=None, no_human_route_reason="a price list") == fault


def test_a_language_that_a_law_prescribes_is_asked_for() -> None:
    english = notice_document(packs=["ca-qc"])
    source = english.texts["en"].sha256
    french = {
        "title": "Vous parlez à une IA",
        "text": "Vous parlez à un programme informatique. Ce n'est pas une personne.",
        "human": "Parler à une personne",
        "translated_from": source,
    }

    assert faults(english) == [("/texts/fr", "language-missing")]
    assert faults(notice_document(packs=["ca-qc"], texts={"en": notice_text(), "fr": french})) == []


def test_every_channel_gets_its_rendering_or_holds_the_notice_back() -> None:
    text = notice_document().texts["en"]
    spoken = renderings.render(text, "voice", "en")
    assert isinstance(spoken, str)
    assert spoken.count("<s>") == 3
    assert 'xml:lang="en"' in spoken
    assert renderings.render(text, "sms", "en") == f"{PLAIN} Talk to a person"
    card = renderings.render(text, "chat", "en")
    assert isinstance(card, dict)
    assert card["buttons"] == [{"type": "human", "title": "Talk to a person"}]

    long = notice_document(texts={"en": notice_text(text=PLAIN + " See https://x.example." + " More." * 60)})
    found = faults(long, channels=["voice", "sms", "web"])
    assert found == [("/texts/en/renderings/sms", "no-rendering"), ("/texts/en/renderings/voice", "no-rendering")]
    own = {"sms": "You are talking to a computer program.", "voice": "You are talking to a computer program."}
    helped = notice_document(texts={"en": {**notice_text(text=long.texts["en"].text), "renderings": own}})
    assert faults(helped, channels=["voice", "sms", "web"]) == []


async def test_whoever_wrote_a_draft_can_not_approve_it(db: Database, clock: FixedClock) -> None:
    await registered(db, clock)
    await db.transact(service.create, DPO, notice_document(), clock.now())

    with pytest.raises(NotApprovedError):
        await db.transact(service.publish, DPO, "first-line", PACKS, clock.now(), material=True)
    with pytest.raises(SecondPersonNeededError):
        await db.transact(service.approve, DPO, "first-line", PACKS, clock.now())
    await db.transact(service.approve, SECOND, "first-line", PACKS, clock.now())
    await db.transact(service.draft, DPO, notice_document(packs=["eu", "us-ut"]), clock.now())
    with pytest.raises(NotApprovedError):
        await db.transact(service.publish, DPO, "first-line", PACKS, clock.now(), material=True)


async def test_a_published_version_never_changes(db: Database, clock: FixedClock) -> None:
    await registered(db, clock)
    await published(db, clock)
    before = await db.read(service.version, TENANT, "first-line", 1)
    await published(db, clock, notice_document(texts={"en": notice_text(more="It can be wrong about prices.")}))
    rows = await db.read(service.versions, TENANT, "first-line")

    assert [row.version for row in rows] == [2, 1]
    assert rows[1] == before
    assert before.sha256 == sha256(before.document.encode()).hexdigest()
    assert (rows[1].material, rows[0].material) == (True, False)
    assert (rows[0].drafted_by, rows[0].approved_by) == (DPO.id, SECOND.id)
    found = differences.differences(*(standing.document_of(row.document) for row in reversed(rows)))
    assert [(one.pointer, one.after) for one in found] == [("/texts/en/more", "It can be wrong about prices.")]


async def test_what_is_not_fit_is_not_approved(db: Database, clock: FixedClock) -> None:
    await registered(db, clock)
    await db.transact(service.create, DPO, notice_document(texts={"en": notice_text(text="Hi!")}), clock.now())

    with pytest.raises(InvalidNoticeError) as caught:
        await db.transact(service.approve, SECOND, "first-line", PACKS, clock.now())
    assert "/texts/en/text" in {field.pointer for field in caught.value.fields}


async def test_a_publication_waits_for_its_time(db: Database, clock: FixedClock) -> None:
    await registered(db, clock)
    job = Disclose(db, clock, PACKS)
    await db.transact(service.create, DPO, notice_document(), clock.now())
    await db.transact(service.approve, SECOND, "first-line", PACKS, clock.now())
    later = clock.now() + DAY
    await db.transact(service.publish, DPO, "first-line", PACKS, clock.now(), material=True, later=later)

    assert await job.publish_scheduled() == 0
    clock.advance(DAY)
    assert await job.publish_scheduled() == 1
    assert (await db.read(service.view, TENANT, "first-line")).notice.latest_version == 1
    assert await job.publish_scheduled() == 0


async def test_what_became_unfit_before_its_time_is_held_back(db: Database, clock: FixedClock) -> None:
    await registered(db, clock)
    document = notice_document(texts={"en": notice_text(text=PLAIN + " See https://x.example.")})
    await db.transact(service.create, DPO, document, clock.now())
    await db.transact(service.approve, SECOND, "first-line", PACKS, clock.now())
    later = clock.now() + DAY
    await db.transact(service.publish, DPO, "first-line", PACKS, clock.now(), material=True, later=later)
    spoken = touchpoint_document(channels=["chat", "voice"])
    await db.transact(touchpoints.change, DPO, spoken, clock.advance(DAY))

    assert await Disclose(db, clock, PACKS).publish_scheduled() == 0
    row = (await db.read(service.view, TENANT, "first-line")).notice
    assert (row.latest_version, row.publish_at) == (0, None)


@pytest.mark.parametrize("what", ["purpose", "vendor", "model"])
async def test_a_change_of_the_register_makes_the_notice_stale(db: Database, clock: FixedClock, what: str) -> None:
    await registered(db, clock)
    await published(db, clock)
    assert not (await db.read(service.view, TENANT, "first-line")).stale

    if what == "model":
        version = ModelVersion(model="m", version="2")
        await db.transact(systems.add_model_version, DPO, "support-bot", version, clock.now())
    else:
        vendor = {"name": "Somebody else", "processing_agreement": "DPA-8"}
        changes: dict[str, Any] = {"vendor": vendor} if what == "vendor" else {"facts": ["high_impact"]}
        await db.transact(touchpoints.change, DPO, touchpoint_document(**changes), clock.now())
    assert (await db.read(service.view, TENANT, "first-line")).stale


async def test_a_retired_notice_is_shown_to_nobody(db: Database, clock: FixedClock) -> None:
    await registered(db, clock)
    await published(db, clock)
    await db.transact(service.retire, DPO, "first-line", clock.now())

    assert await db.read(store.in_force, TENANT) == []
    with pytest.raises(NoticeRetiredError):
        await db.transact(service.draft, DPO, notice_document(), clock.now())


async def test_two_people_can_not_write_over_each_other(db: Database, clock: FixedClock, keyring: KeyRing) -> None:
    await db.transact(service.create, DPO, notice_document(), clock.now())
    await db.transact(service.draft, DPO, notice_document(), clock.now(), 1)

    with pytest.raises(NoticeChangedError):
        await db.transact(service.draft, SECOND, notice_document(), clock.now(), 1)


async def test_pressing_words_are_held_back_unless_the_version_says_why(db: Database, clock: FixedClock) -> None:
    await registered(db, clock)
    hurried = {"en": notice_text(more="Hurry, only 3 places left.")}
    await db.transact(service.create, DPO, notice_document(texts=hurried), clock.now())
    with pytest.raises(InvalidNoticeError) as caught:
        await db.transact(service.approve, SECOND, "first-line", bundled(), clock.now())
    assert [one.pointer for one in caught.value.fields] == ["/texts/en/more"]

    reason = {"urging": "The places in the course are counted."}
    await published(db, clock, notice_document(texts=hurried, despite=reason))
    kept = (await db.read(service.version, TENANT, "first-line", 1)).document
    assert standing.document_of(kept).despite == reason


def test_a_language_whose_words_are_not_known_says_so_and_holds_nothing_back() -> None:
    document = notice_document(texts={"fi": notice_text(text="Ohjelma vastaa.")}, source_language="fi")
    found = lint.findings(document, {"chat": touchpoint_document()}, PACKS)

    assert [(one.code, one.error) for one in found if one.code == "not-judged"] == [("not-judged", False)]


async def test_each_live_version_of_the_model_can_have_its_own_words(db: Database, clock: FixedClock) -> None:
    await registered(db, clock)
    old = notice_document(key="old", model_versions=["1"])
    await published(db, clock, notice_document())
    await published(db, clock, old)
    there = await db.read(standing.in_force, TENANT)
    told = [standing.for_touchpoint(there, "chat", "ai_interaction", model) for model in (None, "1", "2")]

    assert [one and one[0].key for one in told] == ["first-line", "old", "first-line"]
    only = [one for one in there if one[0].key == "old"]
    assert standing.for_touchpoint(only, "chat", "ai_interaction", "2") is None


async def test_every_live_version_of_the_model_needs_words_before_the_chat_opens(
    db: Database, clock: FixedClock
) -> None:
    await registered(db, clock)
    await published(db, clock, notice_document(model_versions=["1"]))
    chat = touchpoint_document(model_versions=["1", "2"])

    assert [one.pointer for one in await db.read(standing.ready, TENANT, chat)] == ["/kind"]
    assert list(await db.read(standing.ready, TENANT, touchpoint_document(model_versions=["1"]))) == []
