"""The canonical explanation: its published schema, its hash, and what it refuses."""

import json
from importlib.resources import files
from typing import Any

import jsonschema_rs
import pytest
from pydantic import ValidationError

from core import canonical
from explanations.canonical import Explanation, json_schema, read
from tests.explanations.documents import anchor_example, example, llm_example

PUBLISHED = files("explanations") / "explanation-1.schema.json"


def published() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    return schema


def test_the_published_schema_is_the_one_that_is_read_and_written() -> None:
    assert published() == json_schema()


@pytest.mark.parametrize("make", [example, anchor_example, llm_example])
def test_examples_fit_the_published_schema_and_come_back_unchanged(make: Any) -> None:
    validator = jsonschema_rs.validator_for(published())

    made = Explanation.model_validate(make()).hashed()

    validator.validate(make())
    validator.validate(made.document())
    assert read(canonical.dumps(made.document())) == made


@pytest.mark.parametrize(
    "changes",
    [
        {"attributions": [{"feature": "duration", "value": "much"}]},
        {"attributions": [{"feature": "duration"}]},
        {"target": {"space": "percent"}},
        {"quality": {"grade": "A+"}},
        {"quality": {"grade": "A", "flags": ["looks_fine"]}},
        {"colour": "red"},
        {"decision_id": "dec_1"},
        {"counterfactuals": [{"changes": [], "output_value": 0.1, "outcome": "approved", "verified": True}]},
        {"llm": {"stated_rationale": "x", "rationale_verified": True}},
    ],
)
def test_schema_and_reader_refuse_the_same(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Explanation.model_validate(example(**changes))
    assert not jsonschema_rs.validator_for(published()).is_valid(example(**changes))


def test_a_number_that_is_none_is_refused() -> None:
    with pytest.raises(ValidationError):
        Explanation.model_validate(example(output_value=float("nan")))


def test_the_hash_covers_the_facts_and_not_the_words() -> None:
    plain = Explanation.model_validate(example())
    told = Explanation.model_validate(
        example(
            narrative={
                "lang": "en",
                "template": "credit@3",
                "text": "The term was the main reason.",
                "generator": "template",
                "fidelity": {"ok": True},
            }
        )
    )
    other = Explanation.model_validate(example(output_value=0.63))

    assert plain.digest() == told.digest()
    assert plain.digest() != other.digest()


def test_a_changed_document_is_not_read() -> None:
    document = Explanation.model_validate(example()).hashed().document()
    document["output_value"] = 0.1

    with pytest.raises(ValueError, match="hash"):
        read(canonical.dumps(document))
