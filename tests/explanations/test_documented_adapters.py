"""Adapters of vendors that can't be run here, against the answers their documentation shows."""

import json
from typing import Any

import pytest

from explanations import registry
from explanations.adapters.datarobot import DataRobot
from explanations.adapters.vertex import Vertex
from explanations.conformance import Case, Exchange, faults
from explanations.errors import MalformedAnswerError
from explanations.gates import native_fault
from explanations.port import Endpoint, HttpCall, Row

ROWS: list[Row] = [{"a": 1, "b": "x"}, {"a": 3, "b": "y"}]
VERTEX = Endpoint(
    "vertex",
    "https://europe-west4-aiplatform.example/v1/projects/p/locations/l/endpoints/7",
    ("a", "b"),
    class_name="bad",
    class_index=1,
    space="probability",
    version_at="/deployedModelId",
)
ROBOT = Endpoint("datarobot", "https://app.datarobot.example", ("a", "b"), model="d7", class_name="bad")


def answered(path: str, body: dict[str, Any]) -> Exchange:
    return Exchange(HttpCall("POST", path, b""), 200, json.dumps(body).encode())


def vertex_explanation(index: int = 1) -> dict[str, Any]:
    told = {
        "baselineOutputValue": 0.3,
        "instanceOutputValue": 0.6,
        "featureAttributions": {"a": 0.1, "b": [0.15, 0.05]},
        "outputIndex": [index],
        "outputDisplayName": "bad",
        "approximationError": 0.01,
        "outputName": "probabilities",
    }
    return {"explanations": [{"attributions": [told]}], "deployedModelId": "3", "predictions": [[0.4, 0.6]]}


def robot_rows(*values: float) -> dict[str, Any]:
    return {
        "data": [
            {
                "rowId": place,
                "prediction": "bad",
                "predictionValues": [{"label": "good", "value": 1 - value}, {"label": "bad", "value": value}],
                "predictionExplanations": [
                    {"feature": "a", "featureValue": 1, "label": "bad", "strength": 0.6, "qualitativeStrength": "+++"},
                    {"feature": "b", "featureValue": "x", "label": "bad", "strength": -0.2, "qualitativeStrength": "-"},
                ],
            }
            for place, value in enumerate(values)
        ]
    }


def test_vertex_passes_the_conformance_kit() -> None:
    path = "/v1/projects/p/locations/l/endpoints/7"
    predicted = {"predictions": [[0.75, 0.25], [0.5, 0.5]], "deployedModelId": "3"}
    case = Case(
        VERTEX,
        ROWS,
        answered(f"{path}:predict", predicted),
        [0.25, 0.5],
        answered(f"{path}:explain", vertex_explanation()),
        base=0.3,
        output=0.6,
        attributions={"a": 0.1, "b": 0.2},
    )

    assert faults(registry.maker("vertex"), case) == []


def test_vertex_explaining_the_other_class_is_found_out() -> None:
    native = Vertex(VERTEX).read_explanation(200, json.dumps(vertex_explanation(0)).encode())

    assert (native.class_name, native.version, native.approximation_error) == ("0", "3", 0.01)
    assert native_fault(native, VERTEX, 0.6) == "class_mismatch"


def test_datarobot_passes_the_conformance_kit() -> None:
    path = "/api/v2/deployments/d7/predictions"
    case = Case(
        ROBOT,
        ROWS,
        answered(path, robot_rows(0.25, 0.5)),
        [0.25, 0.5],
        answered(f"{path}?maxExplanations=2", robot_rows(0.25)),
        output=0.25,
        attributions={"a": 0.6, "b": -0.2},
    )

    assert faults(registry.maker("datarobot"), case) == []


def test_datarobot_words_are_kept_and_its_open_ends_flagged() -> None:
    native = DataRobot(ROBOT).read_explanation(200, json.dumps(robot_rows(0.25)).encode())

    assert native.qualitative == {"a": "+++", "b": "-"}
    assert (native.base, native.space, native.class_name) == (None, "unknown", "bad")
    assert {"base_unknown", "space_unknown"} <= set(native.flags)


def test_datarobot_rows_out_of_order_are_put_right_and_doubled_ones_refused() -> None:
    told = robot_rows(0.25, 0.5)
    turned = {"data": told["data"][::-1]}
    doubled = {"data": [told["data"][0], told["data"][0]]}

    assert DataRobot(ROBOT).read_predictions(200, json.dumps(turned).encode(), 2).values == (0.25, 0.5)
    with pytest.raises(MalformedAnswerError):
        DataRobot(ROBOT).read_predictions(200, json.dumps(doubled).encode(), 2)
