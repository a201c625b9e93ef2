"""The demo company behind the whole application, on either database, for tests of the hosted pages."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import httpx
from pydantic import SecretStr

from api.app import Application, create_app
from api.compose import compose
from api.demo.seed import DemoFacts, seed
from api.demo.tokens import customer_token
from core.clock import FixedClock
from core.keys import KeyRing
from core.settings import Settings

HOST = "http://127.0.0.1:8787"
OWN = {"Origin": HOST, "Sec-Fetch-Site": "same-origin"}
PAGE = "/t/shop/en/choices"


@dataclass(frozen=True)
class Town:
    """A served company."""

    app: Application
    facts: DemoFacts
    clock: FixedClock

    @asynccontextmanager
    async def visitor(self, **headers: str) -> AsyncIterator[httpx.AsyncClient]:
        """Yield a fresh browser: keeps cookies, follows no redirect."""
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url=HOST, headers=headers) as client:
            yield client

    def token(self, site: str = "shop", customer: str = "customer-4711") -> str:
        """Return what the site's back-end says of a customer."""
        return customer_token(self.facts, site, customer, self.clock.now())

    async def enter(self, client: httpx.AsyncClient, customer: str = "customer-4711") -> None:
        """Sign the visitor in."""
        answer = await client.post(f"{PAGE}/session", data={"token": self.token(customer=customer)}, headers=OWN)
        assert answer.status_code == 303, answer.text

    async def gate(self, client: httpx.AsyncClient, purpose: str, subject: str = "customer-4711") -> Any:
        """Return the gate's answer."""
        asked = {"subject": subject, "purpose": purpose}
        key = {"Authorization": f"Bearer {self.facts.api_key}"}
        return (await client.get("/v1/permissions", params=asked, headers=key)).json()


@asynccontextmanager
async def town(
    url: str, folder: Path, clock: FixedClock, keyring: KeyRing, per_minute: int = 120, **serve: Any
) -> AsyncIterator[Town]:
    """Serve a company whose records are at ``url``."""
    plain = Settings()
    settings = plain.model_copy(
        update={
            "store": plain.store.model_copy(
                update={"url": SecretStr(url), "keys_file": folder / "keys", "checkpoint_file": None}
            ),
            "serve": plain.serve.model_copy(update=serve),
            "limits": plain.limits.model_copy(update={"customer_per_minute": per_minute}),
        }
    )
    state = compose(settings, clock, keyring, with_jobs=False)
    app = create_app(state)
    async with app.contract.router.lifespan_context(app.contract):
        yield Town(app, await seed(state), clock)


def form_of(html: str, act: str) -> dict[str, str]:
    """Return the hidden fields of the form that posts to ``act``."""
    match = re.search(rf'<form[^>]*action="[^"]*/choices/{re.escape(act)}"[^>]*>(.*?)</form>', html, re.DOTALL)
    assert match is not None, f"no form {act}"
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', match[1])
    return {name: unescape(value) for name, value in hidden}


async def press(client: httpx.AsyncClient, act: str, answer: str, page: str = PAGE, **changed: str) -> httpx.Response:
    """Open the page, press a button and return the answer to it, unfollowed."""
    html = (await client.get(page)).text
    return await client.post(f"{page}/{act}", data={**form_of(html, act), "answer": answer, **changed}, headers=OWN)
