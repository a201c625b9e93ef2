"""The credit model behind a home-made FastAPI service: ``uvicorn home_made:app --port 3002``."""

import sys
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from trees import Trees

app = FastAPI()
model = Trees()


class Asked(BaseModel):
    """Applicants, each an object with the model's inputs."""

    applicants: list[dict[str, Any]]


@app.post("/score")
def score(asked: Asked) -> dict[str, Any]:
    """Answer each applicant."""
    rows = [[one[name] for name in model.features] for one in asked.applicants]
    return {"model": {"version": model.version}, "scores": [{"p_bad": value} for value in model.predict(rows)]}
