"""The credit example is what it says: its model comes out of its script, and the demo tells what that model answers."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from api.demo import credit
from examples.credit.trees import Trees
from explanations.recourse import allowed

EXAMPLE = Path(__file__).resolve().parents[2] / "examples" / "credit"


def test_training_again_gives_the_same_model(tmp_path: Path) -> None:
    for name in ("train.py", "trees.py", "german_credit.csv"):
        shutil.copy(EXAMPLE / name, tmp_path / name)

    ran = subprocess.run([sys.executable, "train.py"], cwd=tmp_path, capture_output=True, text=True, check=True)

    assert (tmp_path / "model.json").read_text() == (EXAMPLE / "model.json").read_text()
    assert float(ran.stdout.rsplit(" ", 1)[1]) > 0.74


def test_protected_attributes_are_no_inputs() -> None:
    assert not {"age_in_years", "personal_status_and_sex", "foreign_worker"} & set(Trees().features)


def test_the_demo_tells_what_the_model_answers() -> None:
    model, told = Trees(), credit.told()

    assert (told["features"], told["version"]) == (model.features, model.version)
    for decision in told["decisions"]:
        assert decision["output"] == model.p_bad(decision["row"])
    [first, *others] = told["decisions"]
    pushed = first["explanation"]
    assert pushed["base_value"] + sum(pushed["shap_values"].values()) == pytest.approx(first["output"])
    assert not any("explanation" in other for other in others)


def test_the_demos_endpoint_offers_changes_of_inputs_only_that_people_can_change() -> None:
    document = credit.endpoint(credit.told())
    policy = document.policy(1.0)

    assert {one.feature for one in policy.actionable} == {"duration_in_month", "credit_amount"}
    allowed(policy.actionable, [feature.name for feature in document.features], policy.never_changed)
    assert json.loads(document.canonical())["class_name"] == "bad"
