"""Evidence of a language model's decision, pushed with it: told as what it is, and never as more."""

from hashlib import sha256
from typing import Any

import pytest

from tests.api.lending import decision
from tests.api.shop import Shop

pytestmark = pytest.mark.anyio
PASSAGE = "Applicants with fewer than three months in their job\n   are declined."
QUOTE = "fewer than three months in their job are declined"
EVIDENCE = {
    "request_id": "chatcmpl-1",
    "prompt_hash": "sha256:" + "a" * 64,
    "rationale": "The applicant seems unreliable.",
    "sources": [
        {"kind": "document", "ref": "policy/7", "title": "Lending policy", "quote": QUOTE, "text": PASSAGE},
        {"kind": "tool_call", "ref": "bureau", "title": "Bureau report", "quote": "3 defaults", "text": "no defaults"},
    ],
}


async def told(shop: Shop, **changes: Any) -> str:
    """Record a decision of a language model nobody serves here, and return its id."""
    made = decision(evidence=EVIDENCE, output="declined", threshold=None, **changes)
    answer = await shop.post("/v1/decisions", made, "site")
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def test_recorded_evidence_is_an_explanation_without_any_endpoint(shop: Shop) -> None:
    decided = await told(shop)
    made = (await shop.post(f"/v1/decisions/{decided}/explanations", {}, "site")).json()

    assert (made["origin"], made["grade"], made["reliable"]) == ("llm_evidence", "C", True)
    document = made["document"]
    assert document["computed_at_decision_time"] is True
    assert document["attributions"] == []
    assert "stated_by_producer" in document["quality"]["flags"]
    assert (document["llm"]["request_id"], document["llm"]["rationale_verified"]) == ("chatcmpl-1", False)


async def test_only_a_quote_that_stands_in_its_source_is_told_as_relied_on(shop: Shop) -> None:
    decided = await told(shop)
    made = (await shop.post(f"/v1/decisions/{decided}/explanations", {}, "site")).json()
    first, second = made["document"]["sources"]
    text = made["document"]["narrative"]["text"]

    assert (first["quote_verified"], second["quote_verified"]) == (True, False)
    assert QUOTE in text
    assert "3 defaults" not in text
    assert "Bureau report" in text  # it was looked up: that much is known
    assert "In the system's own words, which were not checked: “The applicant seems unreliable.”" in text


async def test_the_text_of_a_source_is_not_kept_only_its_hash(shop: Shop) -> None:
    decided = await told(shop)
    kept = (await shop.get(f"/v1/decisions/{decided}", "dpo")).json()["told"]["evidence"]

    assert kept["sources"][0]["hash"] == "sha256:" + sha256(PASSAGE.encode()).hexdigest()
    assert "text" not in kept["sources"][0]


async def test_why_answers_from_recorded_evidence_before_any_explanation_is_made(shop: Shop) -> None:
    decided = await told(shop)
    why = (await shop.get(f"/v1/decisions/{decided}/why", "anonymous")).json()

    assert (why["status"], why["factors"], why["explanation"]) == ("stated", [], None)
    assert QUOTE in why["text"]


async def test_evidence_is_enough_where_the_inputs_are_kept_elsewhere(shop: Shop) -> None:
    decided = await told(shop, inputs=None, inputs_reference="dossier/17")
    made = (await shop.post(f"/v1/decisions/{decided}/explanations", {}, "site")).json()

    assert (made["origin"], made["document"]["inputs"]) == ("llm_evidence", [])


async def test_the_same_evidence_again_is_the_same_decision_and_other_evidence_is_refused(shop: Shop) -> None:
    await told(shop)
    body = decision(evidence=EVIDENCE, output="declined", threshold=None)
    again = await shop.post("/v1/decisions", body, "site")
    other = await shop.post("/v1/decisions", {**body, "evidence": {**EVIDENCE, "rationale": "Other."}}, "site")

    assert (again.status_code, again.json()["recorded"], other.status_code) == (200, False, 409)
