"""BentoML 1.x services: the method's name is the path, its parameters are the body, the answer is a bare list.

A method ``explain`` beside ``predict`` is used where the operator names it. BentoML answers 500 for wrong rows too.
"""

from typing import Any, ClassVar

from explanations.adapters.http_json import HttpJson


class BentoMl(HttpJson):
    """``POST /predict {"rows": [...]}`` -> ``[0.1]``."""

    kind = "bentoml"
    template: ClassVar[Any] = {"rows": "$rows"}
    predictions_at: ClassVar[str] = ""
    explanations_at: ClassVar[str] = ""
