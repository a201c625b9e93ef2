"""Azure ML managed endpoints: one scoring path, whose script may explain where the body asks for it.

The scoring timeout is 5 s and one request at a time by default: keep ``max_batch`` small. Pin a deployment with the
header ``azureml-model-deployment``.
"""

from typing import Any, ClassVar

from explanations.adapters.http_json import HttpJson


class AzureMl(HttpJson):
    """``POST /score {"data": [...]}`` -> ``{"result": [0.1]}``."""

    kind = "azureml"
    predict_path: ClassVar[str] = "/score"
    template: ClassVar[Any] = {"data": "$rows"}
    explain_template: ClassVar[Any] = {"data": "$rows", "explain": True}
    predictions_at: ClassVar[str] = "/result"
