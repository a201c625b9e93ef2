"""Explanations in words, from a decision to a letter over HTTP: approved words, other languages, and what stops it."""

import json
from typing import Any

import pytest

from core import canonical
from core.database import Sql
from ledger import service as ledger
from tests.api.lending import lending
from tests.api.shop import Shop
from tests.explanations.credit import FEATURES

pytestmark = pytest.mark.anyio
LABELS = {
    "status_of_existing_checking_account": "your checking account",
    "duration_in_month": "the term of the loan",
    "credit_amount": "the amount of the loan",
    "savings_account_and_bonds": "your savings",
    "present_employment_since": "the time in your present job",
    "installment_rate_in_percentage_of_disposable_income": "the size of the instalments",
    "age_in_years": "your age",
    "other_installment_plans": "your other instalment plans",
}


def table(protected: frozenset[str] = frozenset({"age_in_years"}), **changes: Any) -> dict[str, Any]:
    """Return a reason table of the lender's model."""
    return {
        "key": "lender",
        "system": "bot",
        "frameworks": ["gdpr"],
        "inputs": list(FEATURES),
        "reasons": [
            {
                "code": f"R{place}",
                "features": [name],
                "sensitivity": "protected" if name in protected else "normal",
                "texts": {
                    "en": {"label": LABELS[name], "adverse": f"We looked at {LABELS[name]}."},
                    "de": {"label": f"Merkmal {place}", "adverse": f"Merkmal {place} zählte."},
                },
            }
            for place, name in enumerate(FEATURES)
        ],
        "outcomes": {"declined": {"en": "Your application was declined."}},
        **changes,
    }


async def approved(shop: Shop, **changes: Any) -> None:
    """Draft a reason table and have it approved by somebody else."""
    made = await shop.post("/v1/reason-tables", table(**changes), "admin")
    assert made.status_code == 201, made.text
    extra = {"If-Match": made.headers["etag"]}
    taken = await shop.post("/v1/reason-tables/lender/approve", None, "dpo", extra)
    assert taken.status_code == 200, taken.text


async def stopped(shop: Shop) -> list[dict[str, Any]]:
    """Return the ledger's entries of stopped letters."""
    found = await shop.whole.app.state.db.read(ledger.entries, -1, 1000)
    return [canonical.loads(row.body)["public"] for row in found if row.kind == "explanation.stopped"]


async def test_a_decision_is_explained_in_approved_words(shop: Shop) -> None:
    await approved(shop)
    async with lending(shop) as lender:
        decided = await lender.decide()
        made = await lender.explain(decided)
        why = (await shop.get(f"/v1/decisions/{decided}/why", "site")).json()

    document = made["document"]
    narrative = document["narrative"]
    assert (narrative["lang"], narrative["generator"], narrative["blocks"]) == ("en", "template", [])
    assert 1 <= len(document["reason_codes"]) <= 4
    assert all(one["text_id"].startswith("lender@1#R") for one in document["reason_codes"])
    assert "Your application was declined." in narrative["text"]
    assert why["text"] is not None
    assert why["text"] in narrative["text"] or all(line in narrative["text"] for line in why["text"].splitlines())
    assert await stopped(shop) == []


async def test_the_same_explanation_is_told_in_other_languages(shop: Shop) -> None:
    await approved(shop)
    async with lending(shop) as lender:
        made = await lender.explain(await lender.decide())
        path = f"/v1/explanations/{made['id']}/narrative"
        german = (await shop.get(f"{path}?language=de", "agent")).json()
        finnish = (await shop.get(f"{path}?language=fi", "agent")).json()
        wrong = await shop.get(f"{path}?language=<x>", "agent")
        unknown = await shop.get(f"/v1/explanations/exp_{'0' * 32}/narrative", "agent")

    facts = [one["facts"] for section in made["document"]["narrative"]["sections"] for one in section["sentences"]]
    assert "Die wichtigsten Gründe" in german["narrative"]["text"]
    assert german["narrative"]["needs_review"] is True
    assert 'lang="de"' in german["html"]
    assert facts[:3] == [one["facts"] for s in german["narrative"]["sections"] for one in s["sentences"]][:3]
    assert (finnish["narrative"]["lang"], finnish["sendable"]) == ("en", True)
    assert (wrong.status_code, unknown.status_code) == (422, 404)


async def test_without_approved_words_there_is_a_draft_that_may_not_be_sent(shop: Shop) -> None:
    async with lending(shop) as lender:
        decided = await lender.decide()
        made = await lender.explain(decided)
        told = (await shop.get(f"/v1/explanations/{made['id']}/narrative", "agent")).json()
        why = (await shop.get(f"/v1/decisions/{decided}/why", "site")).json()

    assert told["sendable"] is False
    assert told["narrative"]["blocks"] == ["no-approved-reasons"]
    assert why["text"] is None


async def test_a_protected_trait_among_the_reasons_stops_the_letter_and_alerts(shop: Shop) -> None:
    await approved(shop, protected=frozenset(FEATURES))
    async with lending(shop) as lender:
        made = await lender.explain(await lender.decide())
        told = (await shop.get(f"/v1/explanations/{made['id']}/narrative?language=de", "agent")).json()

    [entry] = await stopped(shop)
    assert (entry["explanation"], entry["because"], entry["table"]) == (made["id"], "prohibited-basis", "lender@1")
    assert (made["reliable"], made["document"]["reason_codes"]) == (False, [])
    assert "prohibited_in_topk" in made["flags"]
    assert (told["sendable"], told["narrative"]["blocks"], told["picture"]) == (False, ["prohibited-basis"], None)


async def test_a_run_is_told_in_approved_words_too(shop: Shop) -> None:
    await approved(shop)
    jobs = Sql("SELECT payload FROM job WHERE kind = 'explain'")
    async with lending(shop) as lender:
        queued = await lender.explain(await lender.decide(), status=202, queued=True, language="de")
        state = shop.whole.app.state
        [(payload,)] = await state.db.read(lambda tx: tx.rows(jobs))
        await state.explainer.work(canonical.loads(payload))
        run = (await shop.get(f"/v1/explanation-runs/{queued['id']}", "agent")).json()
        made = (await shop.get(f"/v1/explanations/{run['explanation']}", "agent")).json()

    assert made["document"]["narrative"]["lang"] == "de"
    assert json.dumps(made["document"]["narrative"], ensure_ascii=False).count("Merkmal") >= 1


async def test_the_ledger_commits_to_the_words_and_still_verifies(shop: Shop) -> None:
    await approved(shop)
    async with lending(shop) as lender:
        made = await lender.explain(await lender.decide())
    found = await shop.whole.app.state.db.read(ledger.entries, -1, 1000)
    [body] = [row.body for row in found if row.kind == "explanation.recorded"]

    assert made["id"] in body
    assert "term of the loan" not in body
    assert "generator" not in body
