"""A running Candor with purposes and an AI system, and calls to it, for tests of the routes of choices."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, cast

import httpx

from api.auth.directory import Directory
from core.database import Tx
from core.keys import KeyRing
from core.principal import Role
from ledger import service as ledger
from tests.consent.keeping import opt_out_document, purpose_document
from tests.contract import whole
from tests.contract.whole import Headers, Whole, running

SHOWN = {"notice_version": "n1", "notice_hash": "ab" * 32, "locale": "en"}
SYSTEM = {
    "key": "bot",
    "name": "Support assistant",
    "provider": "Acme Models Ltd",
    "role": "deployer",
    "purposes": ["train", "profile"],
    "human_alternative": "support-desk",
    "owner": "Head of support",
    "contact": "ai@shop.example",
}


class Shop:
    """A running Candor and a client of it."""

    def __init__(self, running: Whole, client: httpx.AsyncClient) -> None:
        self.whole = running
        self.client = client

    def headers(self, role: str = "anonymous", **more: str) -> Headers:
        """Return a role's credential, with more header fields."""
        return {**self.whole.credentials[role], **more}

    async def get(self, path: str, role: str = "anonymous", **headers: str) -> httpx.Response:
        """Read as a role."""
        return await self.client.get(path, headers=self.headers(role, **headers))

    async def post(self, path: str, body: Any, role: str = "anonymous", extra: Headers | None = None) -> httpx.Response:
        """Post as a role."""
        return await self.client.post(path, json=body, headers={**self.headers(role), **(extra or {})})

    async def offer(self, extra: Headers | None = None) -> str:
        """Return an offer for the anonymous device."""
        asked = await self.client.get("/v1/offers?lang=en", headers={**self.headers(), **(extra or {})})
        assert asked.status_code == 200, asked.text
        return str(asked.json()["offer"])

    async def choose(
        self, *choices: dict[str, Any], extra: Headers | None = None, offer: str | None = None
    ) -> httpx.Response:
        """Choose as the anonymous device, on a fresh offer unless one is given; the offer says what was shown."""
        body = {"offer": offer or await self.offer(), "choices": [offered(one) for one in choices]}
        return await self.post("/v1/choices", body, extra=extra)

    async def publish(self, document: dict[str, Any]) -> None:
        """Draft and publish a purpose as the DPO."""
        made = await self.post("/v1/purposes", document, "dpo")
        assert made.status_code == 201, made.text
        extra = {"If-Match": made.headers["etag"]}
        published = await self.post(f"/v1/purposes/{document['key']}/publish", {"material": True}, "dpo", extra)
        assert published.status_code == 200, published.text

    async def colleague(self, role: str) -> Headers:
        """Return the credential of a second person in a role."""
        state = self.whole.app.state
        row, token = whole._key(Role(role), state.clock.now())

        async def add(tx: Tx) -> None:
            tx.add(row)

        await state.db.transact(add)
        cast("Directory", state.directory).invalidate()
        return {"Authorization": f"Bearer {token}"}

    async def seal(self) -> None:
        """Sign the log's head."""
        state = self.whole.app.state
        await state.db.transact(ledger.seal, state.keyring, state.settings.ledger.origin, state.clock.now())


def given(purpose: str = "train", **more: Any) -> dict[str, Any]:
    """Return a consent with what was shown."""
    return {"purpose": purpose, "state": "given", **SHOWN, **more}


def offered(choice: dict[str, Any]) -> dict[str, Any]:
    """Return a choice as a browser sends it: without what the offer says."""
    return {name: value for name, value in choice.items() if name not in SHOWN}


@asynccontextmanager
async def open_shop(database_url: str, keyring: KeyRing) -> AsyncIterator[Shop]:
    """Run a shop with the purposes ``train`` (opt-in) and ``profile`` (opt-out, honours GPC) and the system ``bot``."""
    async with running(database_url, keyring) as opened, opened.client() as client:
        shop = Shop(opened, client)
        await shop.publish(purpose_document().as_json())
        await shop.publish(opt_out_document(gpc=True).as_json())
        made = await shop.post("/v1/systems", SYSTEM, "dpo")
        assert made.status_code == 201, made.text
        yield shop
