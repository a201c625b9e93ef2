"""The demo company: complete in three languages, made by the ordinary services, kept when asked to."""

import json
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from api.auth import compact, customer_tokens
from api.demo.company import LANGUAGES, SITES, SYSTEMS
from api.demo.purposes import documents
from api.demo.run import banner, run, settings_in
from api.demo.seed import DemoFacts
from consent.purposes.documents import PurposeDocument, contradictions
from core.clock import FixedClock
from core.keys import KeyRing
from disclosures.documents import SystemDocument, omissions
from ledger import service as ledger
from tests.api.pages_company import Town, town

pytestmark = pytest.mark.anyio


@pytest.fixture
async def company(database_url: str, tmp_path: Path, clock: FixedClock, keyring: KeyRing) -> AsyncIterator[Town]:
    async with town(database_url, tmp_path, clock, keyring) as served:
        yield served


def test_it_has_three_sites_five_systems_and_eight_purposes() -> None:
    assert (len(SITES), len(SYSTEMS), len(documents())) == (3, 5, 8)
    keys = {document["key"] for document in documents()}
    assert {purpose for system in SYSTEMS for purpose in system.purposes} == keys


def test_every_purpose_is_sound_and_said_in_three_languages() -> None:
    for values in documents():
        document = PurposeDocument.model_validate(values)
        assert not contradictions(document)
        assert tuple(document.texts) == LANGUAGES
        said = {language: text.model_dump(exclude_none=True).keys() for language, text in document.texts.items()}
        assert said["en"] == said["de"] == said["ar"]


def test_every_kind_of_purpose_is_there() -> None:
    found = [PurposeDocument.model_validate(values) for values in documents()]

    assert {document.mechanism for document in found} == {"opt_in", "opt_out", "notice_only"}
    assert sum(document.explicit for document in found) == 2
    assert sum(document.special_category for document in found) == 1
    assert sum(document.gpc for document in found) == 2


def test_every_system_says_what_the_register_asks_for() -> None:
    for system in SYSTEMS:
        assert not omissions(SystemDocument.model_validate(system.document()))


async def test_a_declined_credit_is_explained_at_once_without_its_model(company: Town) -> None:
    decided = company.facts.decisions[company.facts.customer]
    headers = {"Authorization": f"Bearer {company.facts.api_key}"}
    async with company.visitor(**headers) as back_end:
        why = (await back_end.get(f"/v1/decisions/{decided}/why")).json()
        warum = (await back_end.get(f"/v1/decisions/{decided}/why?language=de")).json()

    assert (why["status"], why["outcome"]) == ("stated", {"label": "declined", "adverse": True})
    assert {one["speaks"] for one in why["factors"]} == {"against"}
    assert "There is little or nothing on your checking account." in why["text"]
    assert "Auf Ihrem Girokonto ist wenig oder nichts." in warum["text"]


async def test_its_story_stands_in_the_ledger(company: Town) -> None:
    entries = await company.app.state.db.read(ledger.entries, -1, 1000, "default")
    kinds = [entry.kind for entry in entries]

    assert kinds.count("purpose.published") == 8
    assert kinds.count("system.registered") == 5
    assert {"choice.given", "choice.withdrawn", "choice.explicitly_given", "choice.opted_out"} <= set(kinds)
    assert [entry.at for entry in entries] == sorted(entry.at for entry in entries)


async def test_its_token_is_one_a_site_would_make(company: Town) -> None:
    token = compact.parse(company.token("finance"))

    assert token.type == customer_tokens.TYPE
    assert customer_tokens.audience(token) == company.facts.publishable_keys["finance"]


async def test_its_facts_can_be_kept_and_are_printed(company: Town) -> None:
    kept = DemoFacts.from_json(company.facts.as_json())
    printed = banner(kept, "http://127.0.0.1:1")

    assert kept == company.facts
    assert json.loads(kept.as_json())["customer"] == "customer-4711"
    assert "http://127.0.0.1:1/t/shop/en/choices" in printed
    assert kept.api_key in printed


def test_its_files_stay_in_its_folder_and_it_listens_on_this_machine_only(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, 8787)

    assert settings.serve.host == "127.0.0.1"
    assert settings.database_url() == f"sqlite:///{tmp_path}/candor.db"
    assert settings.store.keys_file.parent == tmp_path
    assert settings.store.checkpoint_file is not None
    assert settings.store.checkpoint_file.parent == tmp_path


def test_a_port_in_use_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as stopped:
            run(port, tmp_path)

    assert stopped.value.code == 2
    assert f"port {port} is in use" in capsys.readouterr().err
