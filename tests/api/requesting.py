"""A company whose customer was declined, with staff at their desks, for tests of requests for an explanation."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import httpx

from api.auth.directory import Directory
from core.clock import FixedClock
from core.database import Tx
from core.keys import KeyRing
from core.principal import Role
from explanations.requests.guards import CHECKLIST
from tests.api.pages_company import Town, town
from tests.contract import whole

BASE = "/v1/explanation-requests"
REASONS = "The payslips of the last year were not taken into account."
SIGNED = {"checklist": sorted(CHECKLIST), "signed_warnings": ["reasons_not_checked"]}


@dataclass
class Bank:
    """A served company, a client of it, and everybody's credentials."""

    town: Town
    client: httpx.AsyncClient
    staff: dict[str, dict[str, str]] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def headers(self, who: str) -> dict[str, str]:
        """Return a credential: a colleague's, the site's, or a customer's by reference."""
        if who in self.staff:
            return self.staff[who]
        token = self.town.facts.api_key if who == "site" else self.town.token(customer=who)
        return {"Authorization": f"Bearer {token}"}

    async def hire(self, name: str, role: Role) -> None:
        """Give somebody a credential of a role."""
        state = self.town.app.state
        row, token = whole._key(role, state.clock.now())

        async def add(tx: Tx) -> None:
            tx.add(row)

        await state.db.transact(add)
        cast("Directory", state.directory).invalidate()
        self.staff[name] = {"Authorization": f"Bearer {token}"}
        self.ids[name] = row.id

    async def post(self, who: str, path: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """Post as somebody."""
        return await self.client.post(f"{BASE}{path}", json=body or {}, headers=self.headers(who))

    async def get(self, who: str, path: str) -> httpx.Response:
        """Read as somebody."""
        return await self.client.get(f"{BASE}{path}", headers=self.headers(who))

    async def step(self, who: str, request: str, step: str, **more: Any) -> httpx.Response:
        """Take a step as somebody."""
        return await self.post(who, f"/{request}/steps", {"step": step, **more})

    async def done(self, who: str, request: str, step: str, **more: Any) -> dict[str, Any]:
        """Take a step that has to succeed."""
        answer = await self.step(who, request, step, **more)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def decline(self, number: int = 1, customer: str = "customer-4711", **changes: Any) -> str:
        """Record a declined loan."""
        told = {
            "id": f"loan-{number}",
            "subject": customer,
            "system": "assistant",
            "model": {"name": "credit", "version": "3"},
            "purpose": "loans",
            "inputs": {"duration_in_month": 48, "savings": 0},
            "output": 0.62,
            "threshold": 0.5,
            "outcome": {"label": "declined", "adverse": True},
            "effect": "legal",
            "ai_role": "decided",
            "human": {"role": "none"},
            "rationale": "score above threshold",
            "explanation": {
                "shap_values": {"duration_in_month": 0.2, "savings": 0.1},
                "base_value": 0.32,
                "output": 0.62,
            },
            **changes,
        }
        answer = await self.client.post("/v1/decisions", json=told, headers=self.headers("site"))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["id"])

    async def ask(self, decision: str, who: str = "customer-4711", **more: Any) -> dict[str, Any]:
        """Ask about a decision as the customer."""
        answer = await self.post(who, "", {"decisions": [decision], "question": "Why?", "residence": "DE", **more})
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def release(self, request: str) -> None:
        """Draft, approve and release an answer."""
        await self.done("ann", request, "draft")
        await self.done("ann", request, "submit")
        await self.done("ben", request, "approve", **SIGNED)
        await self.done("ann", request, "release")

    async def contested(self, number: int = 1) -> str:
        """Take a request to its review by Cleo."""
        asked = await self.ask(await self.decline(number))
        await self.release(asked["id"])
        answer = await self.post("customer-4711", f"/{asked['id']}/contest", {"view": "My payslips were not seen."})
        assert answer.status_code == 200, answer.text
        told = {"reviewer": self.ids["cleo"], "authority": "may grant loans", "competence": "credit training 2026"}
        await self.done("dpo", asked["id"], "assign_review", **told)
        return str(asked["id"])


@asynccontextmanager
async def open_bank(url: str, folder: Path, clock: FixedClock, keyring: KeyRing) -> AsyncIterator[Bank]:
    """Serve a company with Ann, Ben and Cleo at the desks, a data protection officer and an auditor."""
    async with town(url, folder, clock, keyring, per_minute=100_000) as served, served.visitor() as client:
        bank = Bank(served, client)
        for name in ("ann", "ben", "cleo"):
            await bank.hire(name, Role.AGENT)
        await bank.hire("dpo", Role.DPO)
        await bank.hire("auditor", Role.AUDITOR)
        yield bank
