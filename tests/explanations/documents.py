"""Complete example documents of ``explanation/1``."""

from typing import Any

HEX = "0" * 31 + "1"


def example(**changes: Any) -> dict[str, Any]:
    """Return a complete attribution example, changed as asked."""
    return {
        "schema": "explanation/1",
        "id": f"exp_{HEX}",
        "decision_id": f"dec_{HEX}",
        "subject_id": f"sub_{HEX}",
        "created_at": "2026-11-23T09:00:00.000000Z",
        "computed_at_decision_time": False,
        "model": {"name": "credit", "version": "2026-10-3", "version_source": "response", "provider": "kserve"},
        "ai_role": "decided",
        "human": {"involved": False},
        "outcome": {"label": "declined", "adverse": True, "threshold": 0.5},
        "target": {
            "output": "p_bad",
            "class": "bad",
            "space": "probability",
            "direction": "higher_is_adverse",
        },
        "output_value": 0.62,
        "base_value": 0.295,
        "reference": {"kind": "all_applicants", "size": 100, "ref": "bg:2026-10"},
        "inputs": [{"feature": "duration_in_month", "value": 48, "display": "48 months"}],
        "attributions": [{"feature": "duration_in_month", "value": 0.112, "stderr": 0.004, "ci": [0.104, 0.12]}],
        "counterfactuals": [
            {
                "changes": [{"feature": "duration_in_month", "from": 48, "to": 24}],
                "output_value": 0.44,
                "outcome": "approved",
                "verified": True,
                "verified_at": "2026-11-23T09:00:00.000000Z",
            }
        ],
        "method": {"name": "permutation_shapley", "origin": "blackbox", "params": {"walks": 200, "seed": 7}},
        "quality": {"replay_match": True, "additivity_error": 0.0, "separated_at_k": True, "grade": "A", "flags": []},
        **changes,
    }


def anchor_example() -> dict[str, Any]:
    """Return an example with a rule and without attributions."""
    return example(
        attributions=[],
        counterfactuals=[],
        base_value=None,
        rules=[
            {
                "kind": "anchor",
                "predicates": [{"feature": "checking", "op": "=", "value": "no checking account"}],
                "precision": 0.95,
                "coverage": 0.4,
            }
        ],
        quality={"grade": "C", "flags": ["base_unknown"]},
    )


def llm_example() -> dict[str, Any]:
    """Return an example with a language model's evidence: facts only, no attributions."""
    return example(
        attributions=[],
        counterfactuals=[],
        output_value=None,
        base_value=None,
        target={},
        sources=[
            {
                "kind": "document",
                "ref": "policy:7",
                "quote": "no loans above 36 months",
                "quote_verified": True,
                "influence": {"test": "ablation", "runs": 10, "flips": 9},
            }
        ],
        llm={"request_id": "req_1", "stated_rationale": "The term is too long."},
        method={"name": "ablation_replay", "origin": "llm_evidence"},
        quality={"grade": "C", "flags": ["class_unknown", "space_unknown"]},
    )
