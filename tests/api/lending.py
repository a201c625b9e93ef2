"""A lender's Candor for tests: its model's endpoint, its reference group, and decisions of that model."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from explanations.explaining import Budget
from tests.api.shop import Shop
from tests.explanations.credit import APPLICANTS, FEATURES, cells, p_bad
from tests.explanations.serving import SECRET, ModelServer, running

DEVICE = "0f" * 16  # of the anonymous browser of tests
DECLINED = next(row for row in APPLICANTS[200:] if p_bad(cells(row)) > 0.5)
MUTABLE = {"duration_in_month", "credit_amount"}


def endpoint(url: str, **changes: Any) -> dict[str, Any]:
    """Return what is said of the credit model's endpoint."""
    return {
        "system": "bot",
        "model": "credit",
        "version": "3",
        "kind": "http-json",
        "url": url,
        "features": [
            {
                "name": name,
                "mutable": name in MUTABLE,
                "direction": "down",
                "sensitivity": "protected" if name == "age_in_years" else "normal",
            }
            for name in FEATURES
        ],
        "class_name": "bad",
        "class_index": 1,
        "space": "probability",
        "direction": "higher_is_adverse",
        "version_at": "/version",
        "reference_group": "applicants",
        **changes,
    }


def group(key: str = "applicants") -> dict[str, Any]:
    """Return a reference group of a hundred applicants."""
    return {
        "document": {
            "key": key,
            "kind": "all_applicants",
            "system": "bot",
            "model": "credit",
            "population": "everybody who applied in 2026",
            "words": "all applicants",
            "reason": "people ask how they differ from others",
            "frameworks": ["gdpr"],
        },
        "rows": APPLICANTS[:100],
    }


def decision(number: int = 1, **changes: Any) -> dict[str, Any]:
    """Return a declined application, changed as asked."""
    return {
        "id": f"app-{number}",
        "subject": DEVICE,
        "space": "device",
        "system": "bot",
        "model": {"name": "credit", "version": "3"},
        "purpose": "train",
        "inputs": DECLINED,
        "output": p_bad(cells(DECLINED)),
        "threshold": 0.35,
        "outcome": {"label": "declined", "adverse": True},
        "effect": "legal",
        "ai_role": "decided",
        "human": {"role": "none"},
        "rationale": "score above threshold",
        **changes,
    }


class Lender:
    """A shop that lends, and the server of its model."""

    def __init__(self, shop: Shop, server: ModelServer) -> None:
        self.shop = shop
        self.server = server
        self.endpoint = ""

    async def made(self, path: str, body: Any, role: str, status: int = 201) -> dict[str, Any]:
        """Post and expect a status."""
        answer = await self.shop.post(path, body, role)
        assert answer.status_code == status, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def settle(self, **changes: Any) -> None:
        """Publish the group and register the endpoint."""
        await self.made("/v1/reference-groups", group(), "dpo")
        document = endpoint(f"http://127.0.0.1:{self.server.port}", **changes)
        body = {"document": document, "credentials": {"Authorization": SECRET}}
        self.endpoint = (await self.made("/v1/model-endpoints", body, "admin"))["id"]

    async def decide(self, number: int = 1, **changes: Any) -> str:
        """Record a decision and return its id."""
        return str((await self.made("/v1/decisions", decision(number, **changes), "site"))["id"])

    async def explain(self, decided: str, status: int = 201, **wish: Any) -> dict[str, Any]:
        """Ask for the explanation of a decision."""
        return await self.made(f"/v1/decisions/{decided}/explanations", wish, "agent", status)


@asynccontextmanager
async def lending(shop: Shop, mode: str = "no explainer", **changes: Any) -> AsyncIterator[Lender]:
    """Run the model's server in a mode, and let the shop ask it."""
    async with running(mode) as server:
        state = shop.whole.app.state
        state.models._listed = frozenset({f"127.0.0.1:{server.port}"})
        state.explainer._budget = Budget(seconds=60)  # a busy machine is no slow model
        made = Lender(shop, server)
        await made.settle(**changes)
        yield made
