"""An adapter that another package brings: installed beside ours by entry point, judged by the same kit."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from explanations import registry
from explanations.adapters.bentoml import BentoMl
from explanations.conformance import Case, Exchange, faults
from explanations.port import Endpoint, HttpCall, Native, Predictions, Row

STRANGER = Path(__file__).parent / "third_party" / "acme_scoring.py"
_ENDPOINT = Endpoint("acme-scoring", "http://model.example", ("a", "b"))
_ROWS: list[Row] = [{"a": 1, "b": 2}, {"a": 3, "b": 4}]
_EXCHANGE = Exchange(HttpCall("POST", "/acme", b""), 200, b"score: 0.25\nscore: 0.75\n")
CASE = Case(_ENDPOINT, _ROWS, _EXCHANGE, [0.25, 0.75])
_PREDICT = Exchange(HttpCall("POST", "/predict", b""), 200, b"[0.25, 0.75]")
_EXPLAIN = Exchange(
    HttpCall("POST", "/explain", b""), 200, b'[{"shap_values": {"a": 0.1, "b": -0.15}, "base_value": 0.3}]'
)
JSON_CASE = Case(
    Endpoint("bentoml", "http://model.example", ("a", "b"), explain_path="/explain"),
    _ROWS,
    _PREDICT,
    [0.25, 0.75],
    _EXPLAIN,
    base=0.3,
)
Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Put a stranger's module and its metadata where an installer would."""

    def put(distribution: str, point: str) -> None:
        shutil.copy(STRANGER, tmp_path / "acme_scoring.py")
        metadata = tmp_path / f"{distribution}-1.0.dist-info"
        metadata.mkdir()
        (metadata / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (metadata / "entry_points.txt").write_text(f"[candor.models]\n{point}\n")
        monkeypatch.syspath_prepend(tmp_path)

    return put


def test_an_installed_strangers_adapter_is_found_and_passes_the_kit(install: Install) -> None:
    with pytest.raises(registry.UnknownKindError):
        registry.adapter(_ENDPOINT)

    install("candor_acme", "acme-scoring = acme_scoring:AcmeScoring")

    assert "acme-scoring" in registry.kinds()
    assert faults(registry.maker("acme-scoring"), CASE) == []


def test_a_stranger_cant_take_the_place_of_an_adapter_of_ours(install: Install) -> None:
    install("candor_bad", "bentoml = acme_scoring:AcmeScoring")

    assert registry.maker("bentoml") is BentoMl


def test_the_kit_finds_an_adapter_that_believes_everything() -> None:
    class Gullible(BentoMl):
        def read_predictions(self, status: int, body: bytes, count: int) -> Predictions:
            return Predictions((0.5,) * count)

        def read_explanation(self, status: int, body: bytes) -> Native:
            return Native({})

    found = "\n".join(faults(Gullible, JSON_CASE))

    assert "prediction 0 is 0.5" in found
    assert "fewer rows" in found
    assert "cut off" in found
    assert "status 429 ends in NoneType" in found
    assert "base is None" in found


def test_the_kit_finds_an_adapter_that_repeats_what_a_server_said() -> None:
    class Talkative(BentoMl):
        def read_predictions(self, status: int, body: bytes, count: int) -> Predictions:
            try:
                return super().read_predictions(status, body, count)
            except Exception as error:
                error.args = (f"it said {body!r}",)
                raise

    assert faults(BentoMl, JSON_CASE) == []
    assert any("repeats what the server said" in fault for fault in faults(Talkative, JSON_CASE))
