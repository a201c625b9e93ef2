"""Adapters against recorded exchanges with real servers: the same row reads the same from all of them."""

import json
from pathlib import Path

import pytest

import explanations.adapters
from explanations import registry
from explanations.adapters.h2o import H2o
from explanations.conformance import faults
from explanations.errors import (
    MalformedAnswerError,
    ModelError,
    ModelRejectedError,
    ModelUnavailableError,
    NotSupportedError,
)
from explanations.port import Endpoint
from tests.explanations.recorded import BASE, CAPTURES, CASES, NAMES, ROWS, VALUES, endpoint, recorded


@pytest.mark.parametrize("name", CASES)
def test_an_adapter_passes_the_conformance_kit(name: str) -> None:
    case = CASES[name]

    assert faults(registry.maker(case.endpoint.kind), case) == []


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.base is not None])
def test_all_servers_agree_on_the_first_row(name: str) -> None:
    case = CASES[name]
    assert case.explain is not None

    native = registry.adapter(case.endpoint).read_explanation(case.explain.status, case.explain.body)

    assert native.base == pytest.approx(BASE, abs=1e-6)
    assert native.output == pytest.approx(VALUES[0], abs=1e-6)
    assert set(native.attributions) == set(NAMES)
    assert BASE + sum(native.attributions.values()) == pytest.approx(VALUES[0], abs=1e-6)


@pytest.mark.parametrize(
    ("name", "kind"), [("kserve/v1_predict_batch3", "kserve-v1"), ("mlflow/dataframe_split_batch3", "mlflow")]
)
def test_requests_are_those_that_were_recorded(name: str, kind: str) -> None:
    made = registry.adapter(endpoint(kind)).predict_call(ROWS[:3])
    exchange = recorded(name)

    assert (made.method, made.path) == (exchange.call.method, exchange.call.path)
    assert json.loads(made.body) == json.loads(exchange.call.body)


def test_tensors_are_asked_flat_with_their_shape_and_the_output_by_name() -> None:
    exchange = recorded("oip_v2_mlserver/infer_proba_batch3")
    sent = json.loads(exchange.call.body)

    made = json.loads(registry.adapter(endpoint("oip-v2", output="predict_proba")).predict_call(ROWS[:3]).body)

    [tensor] = made["inputs"]
    assert tensor["data"] == [value for row in sent["inputs"][0]["data"] for value in row]
    assert (tensor["shape"], made["outputs"]) == ([3, 20], sent["outputs"])


def test_text_goes_into_tensors_of_its_own() -> None:
    spot = Endpoint("oip-v2", "http://model.example", ("age", "job"), model="m")

    made = json.loads(registry.adapter(spot).predict_call([{"age": 30, "job": "cook"}, {"age": 4, "job": "-"}]).body)

    assert [(t["name"], t["datatype"], t["shape"], t["data"]) for t in made["inputs"]] == [
        ("age", "FP64", [2, 1], [30, 4]),
        ("job", "BYTES", [2, 1], ["cook", "-"]),
    ]


def test_a_label_is_not_taken_for_a_probability() -> None:
    exchange = recorded("oip_v2_mlserver/infer_label")

    with pytest.raises(MalformedAnswerError):
        registry.adapter(endpoint("oip-v2")).read_predictions(exchange.status, exchange.body, 1)


def test_anchors_become_rules_and_other_peoples_rows_are_dropped() -> None:
    exchange = recorded("mlserver_alibi/anchor_default")

    native = registry.adapter(endpoint("oip-v2")).read_explanation(exchange.status, exchange.body)

    [rule] = native.rules
    assert [(p.feature, p.op, p.value) for p in rule.predicates] == [
        ("status_of_existing_checking_account", "=", "no checking account")
    ]
    assert rule.precision == pytest.approx(0.9754, abs=1e-4)
    assert b"covered_true" in exchange.body
    assert "covered" not in repr(native)


def test_bare_values_are_flagged_for_everything_they_do_not_say() -> None:
    exchange = recorded("mlflow/explainer_mlflow_shap")

    native = registry.adapter(endpoint("mlflow")).read_explanation(exchange.status, exchange.body)

    assert (native.base, native.output) == (None, None)
    assert {"base_unknown", "output_unknown", "names_from_config", "class_unknown"} <= set(native.flags)


def test_contribution_frames_of_h2o_are_log_odds_that_add_up() -> None:
    exchange = recorded("h2o3/3_result_frame")

    native = H2o(endpoint("h2o")).read_explanation(exchange.status, exchange.body)

    assert (native.base, native.space) == (1.1681238412857056, "log_odds")
    assert native.output == pytest.approx(1.1681238412857056 + sum(native.attributions.values()))
    assert "class_unknown" in native.flags


def test_h2o_scores_and_contributions_are_read_from_text() -> None:
    adapter = H2o(Endpoint("h2o", "http://model.example", ("a", "b"), class_index=1))
    scored = {"id": "m-7", "fields": ["x"], "score": [["0.9", "0.1"]]}
    groups = [{"output_group": "y", "contributions": [["0.1", "-0.2", "0.5"]]}]
    shapley = {**scored, "featureShapleyContributions": {"features": ["a", "b", "bias"], "contributionGroups": groups}}

    made = adapter.read_predictions(200, json.dumps(scored).encode(), 1)
    native = adapter.read_explanation(200, json.dumps(shapley).encode())

    assert (made.values, made.version) == ((0.1,), "m-7")
    assert (native.attributions, native.base, native.version) == ({"a": 0.1, "b": -0.2}, 0.5, "m-7")
    with pytest.raises(NotSupportedError):
        adapter.read_explanation(400, b"{}")


@pytest.mark.parametrize("outside", [True, False])
def test_saliencies_are_read_in_both_nestings(outside: bool) -> None:
    scores = {"outputs-0": [{"name": "inputs-0", "score": 0.5}, {"name": "inputs-1", "score": -0.25}]}
    body = {"saliencies": {"SHAP": scores}} if outside else {"SHAP": {"saliencies": scores}}
    adapter = registry.adapter(Endpoint("kserve-v1", "http://model.example", ("a", "b"), model="m"))

    native = adapter.read_explanation(200, json.dumps(body).encode())

    assert native.attributions == {"a": 0.5, "b": -0.25}


ERRORS: dict[str, type[ModelError]] = {
    "kserve/v1_error_400_bad_shape": ModelRejectedError,
    "kserve/v1_error_404_unknown_model": ModelRejectedError,
    "mlflow/error_400_missing_column": ModelRejectedError,
    "mlflow/error_415_content_type": ModelRejectedError,
    "oip_v2_kserve/error_500_empty_inputs": ModelUnavailableError,
    "oip_v2_mlserver/error_422_no_inputs": ModelRejectedError,
    "bentoml/error_500_bad_shape": ModelUnavailableError,
    "ray_serve/error_500": ModelUnavailableError,
    "azureml/error_500_script": ModelUnavailableError,
}


@pytest.mark.parametrize("name", ERRORS)
def test_recorded_errors_end_in_their_type_and_repeat_nothing(name: str) -> None:
    exchange = recorded(name)

    with pytest.raises(ERRORS[name]) as refused:
        registry.adapter(endpoint("kserve-v1")).read_predictions(exchange.status, exchange.body, 1)

    assert exchange.body.decode()[:40] not in str(refused.value)


def test_an_unknown_explain_verb_means_not_supported() -> None:
    exchange = recorded("oip_v2_kserve/error_404_explain")

    with pytest.raises(NotSupportedError):
        registry.adapter(endpoint("oip-v2")).read_explanation(exchange.status, exchange.body)


def test_every_adapter_is_an_entry_point_and_short() -> None:
    files = sorted(Path(explanations.adapters.__path__[0]).glob("[a-z]*.py"))

    assert {file.stem.replace("_", "-") for file in files} <= set(registry.kinds())
    assert all(len(file.read_text(encoding="utf-8").splitlines()) < 100 for file in files)


def test_no_response_header_can_reach_a_record() -> None:
    """KServe echoes credentials in the header fields of its answer; adapters are never given any."""
    text = (CAPTURES / "kserve" / "v1_explain_credentials_echo.http").read_text(encoding="utf-8")
    answer = text.split("=== response")[1]
    exchange = recorded("kserve/v1_explain_credentials_echo")

    native = registry.adapter(endpoint("kserve-v1")).read_explanation(exchange.status, exchange.body)

    secret = next(line.split(": ", 1)[1] for line in answer.splitlines() if line.lower().startswith("authorization"))
    assert secret not in repr(native)
