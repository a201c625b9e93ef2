"""A home-made FastAPI service that decides on credits and tells Candor: ``uvicorn deciding_service:app --port 3002``.

It answers the applicant at once; the decision goes out in the background. The endpoint that Candor asks when it
explains is another one, which decides and records nothing (``examples/credit/servers/home_made.py``). Environment:
``CANDOR`` (its URL) and ``CANDOR_KEY``.
"""

import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

from candor_push import Pusher
from fastapi import FastAPI, Request

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "credit"))
from trees import Trees

THRESHOLD = 0.45
MODEL = Trees()


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open the pusher, and send what is left at the end."""
    app.state.pusher = Pusher(os.environ["CANDOR"], os.environ["CANDOR_KEY"])
    yield
    app.state.pusher.close()


app = FastAPI(lifespan=lifespan)


@app.post("/apply/{customer}")
def apply(request: Request, customer: str, applicant: dict[str, Any]) -> dict[str, str]:
    """Decide on a credit."""
    p_bad = MODEL.p_bad([applicant[name] for name in MODEL.features])
    outcome = "declined" if p_bad > THRESHOLD else "approved"
    application = f"application-{uuid4().hex}"
    request.app.state.pusher.push(
        {
            "id": application,  # your own id: sent twice, it is recorded once
            "subject": customer,  # your own reference of the person, never a name or an address
            "system": "credit-scorer",
            "model": {"name": "gradient boosted trees", "version": MODEL.version},
            "purpose": "credit-decision",
            "inputs": {name: applicant[name] for name in MODEL.features},  # exactly what the model was given
            "output": p_bad,
            "threshold": THRESHOLD,
            "outcome": {"label": outcome, "adverse": outcome == "declined"},
            "effect": "legal",
            "ai_role": "decided",
            "human": {"role": "none"},
            "rationale": f"The score {p_bad:.2f} is compared with {THRESHOLD}.",
        }
    )
    return {"application": application, "outcome": outcome}
