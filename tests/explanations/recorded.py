"""Recorded exchanges with real model servers, and what each says of the same small credit model."""

import json
from pathlib import Path
from typing import Any

from explanations.conformance import Case, Exchange, read_exchange
from explanations.port import Endpoint, Row

CAPTURES = Path(__file__).parent / "captures"
_TABLE = json.loads((CAPTURES / "german_credit_rows.json").read_text(encoding="utf-8"))
NAMES: tuple[str, ...] = tuple(_TABLE["names"])
ROWS: list[Row] = [dict(zip(NAMES, row, strict=True)) for row in _TABLE["rows"]]
VALUES = [0.10782134463522391, 0.4327877657234789, 0.3839912051507791]
BASE = 0.29515310196931893


def recorded(name: str) -> Exchange:
    """Return one exchange, such as ``kserve/v1_explain``."""
    return read_exchange(CAPTURES / f"{name}.http")


def endpoint(kind: str, **changes: Any) -> Endpoint:
    """Return the endpoint of the recorded model on a server of a kind."""
    settings: dict[str, Any] = {
        "model": "credit",
        "class_name": "bad",
        "class_index": 1,
        "space": "probability",
        "direction": "higher_is_adverse",
        **changes,
    }
    return Endpoint(kind, settings.pop("url", "http://model.example"), NAMES, **settings)


def case(predict: str, explain: str | None, kind: str, *, base: float | None = BASE, **changes: Any) -> Case:
    """Return a conformance case of three rows and, if recorded, the explanation of the first."""
    known = explain is not None and base is not None
    return Case(
        endpoint(kind, **changes),
        ROWS[:3],
        recorded(predict),
        VALUES,
        None if explain is None else recorded(explain),
        base if known else None,
        VALUES[0] if known else None,
        {"status_of_existing_checking_account": -0.10386888797365827} if known else None,
    )


CASES = {
    "kserve-v1": case("kserve/v1_predict_batch3", "kserve/v1_explain", "kserve-v1"),
    "oip-v2 on KServe": case("oip_v2_kserve/infer_batch3", None, "oip-v2"),
    "oip-v2 on MLServer": case(
        "oip_v2_mlserver/infer_proba_batch3",
        "oip_v2_mlserver/shap_infer",
        "oip-v2",
        output="predict_proba",
        explainer="credit-shap",
    ),
    "oip-v2 with anchors": case(
        "oip_v2_mlserver/infer_proba_batch3",
        "mlserver_alibi/anchor_default",
        "oip-v2",
        base=None,
        output="predict_proba",
        explainer="credit-anchor",
    ),
    "mlflow, own explainer": case(
        "mlflow/dataframe_split_batch3", "mlflow/explainer_custom_pyfunc", "mlflow", explain_path="/invocations"
    ),
    "mlflow.shap": case(
        "mlflow/dataframe_split_batch3",
        "mlflow/explainer_mlflow_shap",
        "mlflow",
        base=None,
        explain_path="/invocations",
    ),
    "bentoml": case("bentoml/predict_batch3", "bentoml/explain", "bentoml", explain_path="/explain"),
    "ray-serve": case(
        "ray_serve/predict_batch3",
        "ray_serve/explain",
        "ray-serve",
        url="http://model.example/credit",
        explain_path="/explain",
    ),
    "azureml": case("azureml/score_batch3", "azureml/score_explain", "azureml", explain_path="/score"),
    "http-json": case(
        "bentoml/predict_batch3",
        "bentoml/explain",
        "http-json",
        template={"rows": "$rows"},
        predictions_at="",
        explain_path="/explain",
        explanations_at="",
    ),
}
