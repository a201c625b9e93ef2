"""The demo's credit scorer: where its model is served, whom people are compared with, and six applications.

The rows are from the UCI German credit data (Hofmann 1994, doi:10.24432/C5NC77, CC BY 4.0); the people are made up.
``credit.json`` is written by ``examples/credit/tell_demo.py``; the model runs only where somebody starts it
(``examples/credit/README.md``). Without it the decision with a pushed explanation is explained all the same.
"""

import json
import tomllib
from dataclasses import replace
from importlib.resources import files
from typing import Any, Final

from api.permitted import answers_then
from api.state import AppState
from consent.cache import Question
from core import crypto
from core.principal import Principal, Subject
from explanations import service as decisions
from explanations.decisions import Permission, Sheet
from explanations.deployed import service as deployed
from explanations.deployed.documents import EndpointDocument, Feature, ReferenceDocument
from explanations.reasons import service as reasons
from explanations.reasons.documents import ReasonTable

SERVED_AT: Final = "127.0.0.1:3000"
SYSTEM: Final = "credit-scorer"
PURPOSE: Final = "credit-decision"
_MODEL: Final = "gradient boosted trees"
_MUTABLE: Final = {"duration_in_month": "down", "credit_amount": "down"}


def told() -> dict[str, Any]:
    """Return what ``credit.json`` says."""
    text = files(__package__).joinpath("credit.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(text)
    return found


def reason_table(told: dict[str, Any]) -> ReasonTable:
    """Return which reasons its inputs make, in approved words."""
    text = files(__package__).joinpath("reasons.toml").read_text(encoding="utf-8")
    return ReasonTable.model_validate({**tomllib.loads(text), "inputs": told["features"]})


def endpoint(told: dict[str, Any]) -> EndpointDocument:
    """Return where the model is served, and what of its inputs people can change."""
    features = tuple(
        Feature.model_validate({"name": name, "mutable": name in _MUTABLE, "direction": _MUTABLE.get(name, "any")})
        for name in told["features"]
    )
    return EndpointDocument(
        system=SYSTEM,
        model=_MODEL,
        version=told["version"],
        kind="azureml",
        url=f"http://{SERVED_AT}",
        features=features,
        class_name="bad",
        space="probability",
        direction="higher_is_adverse",
        reference_group="all-applicants",
    )


GROUP: Final = ReferenceDocument(
    key="all-applicants",
    kind="all_applicants",
    system=SYSTEM,
    model=_MODEL,
    population="the first hundred who applied",
    words="everybody who applied",
    reason="It answers what people ask first: how they differ from the others.",
    frameworks=("gdpr", "aiact"),
)


async def tell(state: AppState, dpo: Principal, back_end: Principal) -> dict[str, str]:
    """Record it all by the ordinary services; return the decisions' ids by customer."""
    known = told()
    now = state.clock.now()
    rows = [dict(zip(known["features"], row, strict=True)) for row in known["reference"]]
    await state.db.transact(deployed.publish, state.keyring, dpo, GROUP, rows, now)
    await state.db.transact(deployed.register, state.keyring, dpo, endpoint(known), {}, now)
    await state.db.transact(reasons.create, dpo, reason_table(known), now)
    await state.db.transact(reasons.approve, replace(dpo, id="second operator"), "credit-letters", now)
    sheets = [_sheet(state, dpo.tenant, known, number) for number in range(len(known["decisions"]))]
    asked = [(sheet.subject.pseudonym, Question(PURPOSE, SYSTEM), now) for sheet in sheets]
    answers = await answers_then(state, dpo.tenant, asked)
    permissions = [Permission(one.decision, one.reasons, one.purpose_version, one.choice, now) for one in answers]
    wanted = decisions.prefetch(dpo.tenant, sheets)
    kept = await state.db.transact_prefetched(
        wanted, decisions.record, state.keyring, back_end, sheets, permissions, now
    )
    return {one["customer"]: made.id for one, made in zip(known["decisions"], kept, strict=True)}


def _sheet(state: AppState, tenant: str, known: dict[str, Any], number: int) -> Sheet:
    one = known["decisions"][number]
    adverse = one["output"] > known["threshold"]
    personal = {
        "inputs": dict(zip(known["features"], one["row"], strict=True)),
        "output": one["output"],
        "threshold": known["threshold"],
        "rationale": f"The score is {'above' if adverse else 'below'} the threshold.",
    }
    if "explanation" in one:
        personal["explanation"] = one["explanation"]
    pseudonym = crypto.pseudonym(state.keyring.pepper, tenant, "customer", one["customer"])
    return Sheet(
        subject=Subject("customer", one["customer"], pseudonym),
        reference=f"application-{number + 1}",
        system=SYSTEM,
        model=_MODEL,
        model_version=known["version"],
        purpose=PURPOSE,
        effect="legal",
        ai_role="decided",
        human_role="none",
        human_ref=None,
        outcome="declined" if adverse else "approved",
        adverse=adverse,
        occurred_at=None,
        personal=personal,
    )
