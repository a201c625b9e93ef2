"""Adapters of vendors that can't be run here, against the answers their documentation shows."""

import json
from typing import Any

import pytest

from core.clock import parse_rfc3339
from explanations import registry, signing
from explanations.adapters.datarobot import DataRobot
from explanations.adapters.vertex import Vertex
from explanations.conformance import Case, Exchange, faults
from explanations.errors import MalformedAnswerError, ModelRejectedError, NotSupportedError
from explanations.gates import native_fault
from explanations.port import Endpoint, HttpCall, Row
from tests.explanations.recorded import CASES

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


SAGEMAKER = Endpoint(
    "sagemaker",
    "https://runtime.sagemaker.eu-west-1.amazonaws.example",
    ("a", "b"),
    model="credit",
    class_index=0,
    value_at="/score",
    explain_path="clarify",
)
_INVOCATIONS = "/endpoints/credit/invocations"


def clarified(*values: float) -> dict[str, Any]:
    attributions = [{"attributions": [{"attribution": [value]}]} for value in values]
    return {
        "version": "1.0",
        "predictions": {"content_type": "application/jsonlines", "data": '{"score": 0.25}\n{"score": 0.5}'},
        "explanations": {"kernel_shap": [attributions]},
    }


@pytest.mark.parametrize("wrapped", [True, False])
def test_sagemaker_passes_the_conformance_kit(wrapped: bool) -> None:
    told = answered(_INVOCATIONS, clarified(-0.0043, 0.0079))
    plain = Exchange(told.call, 200, b'{"score": 0.25}\n{"score": 0.5}')
    case = Case(
        SAGEMAKER,
        ROWS,
        told if wrapped else plain,
        [0.25, 0.5],
        told,
        attributions={"a": -0.0043, "b": 0.0079},
    )

    assert faults(registry.maker("sagemaker"), case) == []


def test_clarify_is_switched_on_for_explanations_only_and_its_open_ends_are_flagged() -> None:
    adapter = registry.adapter(SAGEMAKER)
    explaining = adapter.explain_call(ROWS[0])
    assert explaining is not None
    native = adapter.read_explanation(200, json.dumps(clarified(0.1, 0.2)).encode())

    assert explaining.headers["X-Amzn-SageMaker-Enable-Explanations"] == "`true`"
    assert adapter.predict_call(ROWS).headers["X-Amzn-SageMaker-Enable-Explanations"] == "`false`"
    assert explaining.body == b'{"features":[1,"x"]}'
    assert {"base_unknown", "names_from_config", "class_unknown"} <= set(native.flags)
    with pytest.raises(NotSupportedError):
        adapter.read_explanation(200, json.dumps({**clarified(), "explanations": {}}).encode())
    with pytest.raises(ModelRejectedError):
        adapter.read_predictions(424, b'{"OriginalStatusCode": 400}', 1)


def test_sagemaker_is_asked_in_csv_where_that_is_configured() -> None:
    spot = Endpoint("sagemaker", "https://x.example", ("a", "b"), model="credit", output="text/csv")
    adapter = registry.adapter(spot)
    call = adapter.predict_call([{"a": 1, "b": 'say "x", y'}])

    assert (call.body, call.headers["Accept"]) == (b'1,"say ""x"", y"', "text/csv")
    assert adapter.read_predictions(200, b"0.25\n0.5\n", 2).values == (0.25, 0.5)


def test_requests_are_signed_as_amazon_documents() -> None:
    """The case ``get-vanilla`` of the vendor's published test suite."""
    keys = signing.Keys("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", "service")
    made = signing.signed("GET", "https://example.amazonaws.com/", {}, b"", keys, parse_rfc3339("2015-08-30T12:36:00Z"))

    assert made["Authorization"].endswith(
        "SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    )


def test_signing_keys_are_not_sent() -> None:
    credentials = {"aws-access-key-id": "AKID", "aws-secret-access-key": "secret", "X-Other": "1"}

    assert signing.unsigned(credentials) == {"X-Other": "1"}
    keys = signing.keys_in(credentials, SAGEMAKER.url)
    assert keys is not None
    assert keys.region == "eu-west-1"
    assert signing.keys_in({"Authorization": "Bearer x"}, SAGEMAKER.url) is None


CHAT = Endpoint(
    "openai-chat",
    "https://llm.example/v1",
    ("a", "b"),
    model="decider-1",
    class_name="declined",
    space="label",
    template=[{"role": "system", "content": "Decide."}, {"role": "user", "content": "Case: $row"}],
)


def chatted(content: str, finish: str = "stop") -> dict[str, Any]:
    return {
        "id": "chatcmpl-1",
        "model": "decider-1-2026-05",
        "system_fingerprint": "fp_9",
        "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": content}}],
    }


def test_a_chat_model_passes_the_conformance_kit() -> None:
    case = Case(CHAT, ROWS[:1], answered("/v1/chat/completions", chatted('{"decision": "Declined"}')), [1.0])

    assert faults(registry.maker("openai-chat"), case) == []


def test_a_chat_model_is_asked_reproducibly_and_names_its_fingerprint() -> None:
    adapter = registry.adapter(CHAT)
    asked = json.loads(adapter.predict_call(ROWS[:1]).body)
    made = adapter.read_predictions(200, json.dumps(chatted('{"decision": "approved"}')).encode(), 1)

    assert (asked["temperature"], asked["seed"], asked["model"]) == (0, 1, "decider-1")
    assert json.loads(asked["messages"][1]["content"].removeprefix("Case: ")) == ROWS[0]
    assert (made.values, made.version) == ((0.0,), "decider-1-2026-05/fp_9")
    assert adapter.explain_call(ROWS[0]) is None


@pytest.mark.parametrize(
    "told",
    [chatted('{"decision": "declined"', "length"), chatted("I would decline."), chatted('{"verdict": "declined"}')],
)
def test_a_chat_model_that_does_not_answer_the_question_is_not_believed(told: dict[str, Any]) -> None:
    with pytest.raises(MalformedAnswerError):
        registry.adapter(CHAT).read_predictions(200, json.dumps(told).encode(), 1)


def test_h2o_passes_the_conformance_kit() -> None:
    scored = {"id": "m-7", "fields": ["good", "bad"], "score": [["0.75", "0.25"], ["0.5", "0.5"]]}
    groups = [{"output_group": "bad", "contributions": [["0.1", "-0.2", "0.35"]]}]
    told = {
        **scored,
        "score": [["0.75", "0.25"]],
        "featureShapleyContributions": {"features": ["a", "b", "bias"], "contributionGroups": groups},
    }
    case = Case(
        Endpoint("h2o", "https://h2o.example", ("a", "b"), class_index=1),
        ROWS,
        answered("/model/score", scored),
        [0.25, 0.5],
        answered("/model/score", told),
        base=0.35,
        attributions={"a": 0.1, "b": -0.2},
    )

    assert faults(registry.maker("h2o"), case) == []


PUSHED = Case(
    Endpoint("pushed", "", ("a", "b"), class_name="bad"),
    ROWS[:1],
    None,
    (),
    answered("/", {"shap_values": {"a": 0.1, "b": -0.2}, "base_value": 0.35, "output": 0.25, "class_name": "bad"}),
    base=0.35,
    output=0.25,
    attributions={"a": 0.1, "b": -0.2},
)


def test_explanations_that_are_pushed_are_read_by_the_same_kit() -> None:
    assert faults(registry.maker("pushed"), PUSHED) == []


def test_the_kit_finds_an_adapter_that_predicts_without_a_server() -> None:
    found = faults(registry.maker("bentoml"), PUSHED)

    assert "it says that it predicts or explains" in found
    assert "predict_call does not refuse" in found


def test_every_adapter_is_judged_by_the_kit() -> None:
    judged = {case.endpoint.kind for case in CASES.values()}
    judged |= {"vertex", "datarobot", "sagemaker", "openai-chat", "h2o", "pushed"}

    assert set(registry.kinds()) == judged
