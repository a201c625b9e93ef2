"""Another version of a rule pack names the touchpoints and notices it affects, before it is installed."""

import json
from pathlib import Path
from typing import Any

import pytest

from disclosures.notices import impact
from disclosures.notices.impact import Impact
from disclosures.packs.errors import PackRefusedError
from disclosures.packs.loading import BUNDLED, bundled, tried
from tests.disclosures.noticing import notice_document, notice_text, touchpoint_document

REGISTERED = {
    "chat": touchpoint_document(),
    "prices": touchpoint_document(key="prices", kind="pricing", channels=["web"], facts=["uses_personal_data"]),
}


def file(pack: str) -> dict[str, Any]:
    """Return a bundled pack's file."""
    found: dict[str, Any] = json.loads((BUNDLED / f"{pack}.json").read_text(encoding="utf-8"))
    return found


def changed(values: dict[str, Any], *published: Any) -> Impact:
    """Return what a file would change for a chat and a price."""
    packs, after = tried(bundled(), json.dumps(values).encode())
    return impact.of_change(bundled().packs.get(after.id), after, packs, REGISTERED, published)


def test_the_same_file_changes_nothing() -> None:
    assert changed(file("eu"), notice_document()) == Impact([], [], [])


def test_a_rule_that_asks_for_more_names_its_touchpoint_and_the_notice_it_newly_stands_against() -> None:
    values = file("eu")
    values["disclosures"][0]["must_convey"] = ["is_ai", "who_trained_it"]
    found = changed(values, notice_document(), notice_document(key="label", kind="synthetic_content", touchpoints=[]))

    assert [(one.rule, one.what, one.fields) for one in found.rules] == [("eu.aia50-1", "changed", ("must_convey",))]
    assert [(one.key, one.rules, one.untold) for one in found.touchpoints] == [("chat", ("eu.aia50-1",), ())]
    assert [(one.key, [wrong.code for wrong in one.wrong], one.newly) for one in found.notices] == [
        ("first-line", ["element-missing"], True)
    ]


def test_a_notice_that_was_not_fit_before_is_not_newly_so() -> None:
    values = file("eu")
    values["disclosures"][0]["accessible"] = False
    vague = notice_document(texts={"en": notice_text(text="Your assistant answers.")})
    found = changed(values, vague)

    assert [(one.key, bool(one.wrong), one.newly) for one in found.notices] == [("first-line", True, False)]


def test_a_removed_rule_names_the_touchpoints_that_it_concerned() -> None:
    values = file("us-ny")
    gone = values["disclosures"].pop(0)["id"]

    assert [one.key for one in changed(values).touchpoints if gone in one.rules] == ["prices"]


def test_a_new_pack_adds_all_its_rules() -> None:
    values = {**file("us-me"), "id": "us-xx", "applies": {"places": ["US-XX"]}}
    values["disclosures"] = [{**one, "id": "xx.chat"} for one in values["disclosures"]]
    for name in ("rights", "purposes", "duties"):
        values.pop(name, None)
    found = changed(values)

    assert [(one.rule, one.what) for one in found.rules] == [("xx.chat", "added")]
    assert [(one.key, one.untold) for one in found.touchpoints] == [("chat", ("ai_interaction",))]


@pytest.mark.parametrize("fault", [{"disclosures": [{}]}, {"id": "changes"}, {"inherits": ["nowhere"]}])
def test_a_file_that_candor_would_not_start_with_is_not_tried(fault: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(PackRefusedError):
        changed({**file("us-me"), **fault})
