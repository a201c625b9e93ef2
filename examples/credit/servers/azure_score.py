"""The credit model behind Azure ML's inference server: ``azmlinfsrv --entry_script azure_score.py --port 3001``."""

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from trees import Trees

model: Trees


def init() -> None:
    """Read the model."""
    global model
    model = Trees()


def run(raw: str) -> dict[str, Any]:
    """``POST /score {"data": [[...], ...]}`` -> ``{"result": [0.1, ...], "version": ...}``."""
    return {"result": model.predict(json.loads(raw)["data"]), "version": model.version}
