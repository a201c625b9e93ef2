"""The credit model behind MLServer, which speaks the Open Inference Protocol: ``mlserver start FOLDER``.

FOLDER holds ``model-settings.json`` as ``settings_in`` writes it; inputs of mixed types come as one tensor a column.
"""

import json
import sys
from pathlib import Path

from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse, RequestInput, ResponseOutput

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from trees import Trees


class Credit(MLModel):
    """``POST /v2/models/credit/infer``, a tensor for each input -> the output ``p_bad``."""

    async def load(self) -> bool:
        """Read the model."""
        self.trees = Trees()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        """Answer each row."""
        columns = {one.name: _column(one) for one in payload.inputs}
        rows = list(zip(*(columns[name] for name in self.trees.features), strict=True))
        values = self.trees.predict(rows)
        output = ResponseOutput(name="p_bad", shape=[len(values), 1], datatype="FP64", data=values)
        return InferenceResponse(model_name=self.name, model_version=self.trees.version, outputs=[output])


def _column(given: RequestInput) -> list[object]:
    if given.datatype == "BYTES":
        return list(StringCodec.decode_input(given))
    return [value.item() for value in NumpyCodec.decode_input(given).ravel()]


def settings_in(folder: Path, port: int) -> None:
    """Write what ``mlserver start`` needs."""
    model = {"name": "credit", "implementation": "mlserver_runtime.Credit"}
    (folder / "model-settings.json").write_text(json.dumps(model), encoding="utf-8")
    ports = {"http_port": port, "grpc_port": port + 1, "metrics_port": port + 2, "parallel_workers": 0}
    (folder / "settings.json").write_text(json.dumps({**ports, "host": "127.0.0.1"}), encoding="utf-8")


if __name__ == "__main__":
    settings_in(Path(sys.argv[1]), int(sys.argv[2]))
