"""Every rule of every bundled pack against its golden file: dropped, changed and added rules are all seen."""

import json
from dataclasses import replace

import pytest

from disclosures.packs import loading
from disclosures.packs.loading import BUNDLED, MANIFEST, bundled
from tests.disclosures.goldens import FOLDER, golden, written

PACKS = sorted(bundled().packs)
AGAIN = "if this was meant, run `uv run python -m tests.disclosures.goldens` and read the difference against the law"


@pytest.mark.parametrize("pack_id", PACKS)
def test_a_pack_asks_for_what_its_golden_file_says(pack_id: str) -> None:
    kept = json.loads((FOLDER / f"{pack_id}.json").read_text(encoding="utf-8"))
    made = json.loads(written(golden(bundled(), bundled().packs[pack_id])))

    ours = {rule["rule"]: rule for rule in kept["rules"]}
    theirs = {rule["rule"]: rule for rule in made["rules"]}
    assert theirs.keys() == ours.keys(), AGAIN
    for rule, expected in ours.items():
        assert theirs[rule] == expected, f"{rule}: {AGAIN}"
    assert made == kept, AGAIN


@pytest.mark.parametrize("pack_id", [name for name in PACKS if bundled().packs[name].disclosures])
def test_a_dropped_and_a_changed_rule_are_seen(pack_id: str) -> None:
    ours = bundled().packs[pack_id]
    kept = (FOLDER / f"{pack_id}.json").read_text(encoding="utf-8")
    first = ours.disclosures[0]
    changed = first.model_copy(update={"must_convey": (*first.must_convey, "something_else")})

    for disclosures in (ours.disclosures[1:], (changed, *ours.disclosures[1:])):
        other = ours.model_copy(update={"disclosures": disclosures})
        packs = replace(bundled(), packs={**bundled().packs, pack_id: other})
        assert written(golden(packs, other)) != kept


def test_every_pack_has_a_golden_file_and_every_golden_file_a_pack() -> None:
    assert sorted(path.stem for path in FOLDER.glob("*.json")) == PACKS


@pytest.mark.parametrize("pack_id", PACKS)
def test_every_golden_rule_names_its_source(pack_id: str) -> None:
    kept = json.loads((FOLDER / f"{pack_id}.json").read_text(encoding="utf-8"))

    for rule in kept["rules"]:
        assert rule["citation"].strip()
        assert rule["confidence"] in {"A", "B", "C", "M"}
        assert (rule["verified_on"] is None) == (rule["confidence"] == "M")
        assert rule["says"]["from"]


def test_a_disclosure_is_due_from_its_first_day_and_not_before_it() -> None:
    checked = 0
    for path in FOLDER.glob("*.json"):
        for rule in json.loads(path.read_text(encoding="utf-8"))["rules"]:
            if "due" not in rule:
                continue
            checked += 1
            dates = [reason for reason in rule["due"]["not_due"].values() if reason[0].startswith("not-yet")]
            expected = [] if rule["says"]["from"] == "in_force" else [[f"not-yet {rule['says']['from']}"]]
            assert dates == expected, rule["rule"]
    assert checked == sum(len(pack.disclosures) for pack in bundled().packs.values()) == 34


def test_the_manifest_is_that_of_the_bundled_files() -> None:
    assert (BUNDLED / MANIFEST).read_text(encoding="ascii") == loading.manifest()
