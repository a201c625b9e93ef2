"""The gate's question as an ordinary endpoint: FastAPI, dependencies, a SQLModel session, a pydantic answer.

Written as its frameworks' guides say, with nothing made slow on purpose. It is spared what the product does besides:
keys and catalogue are held in memory for ever, nothing limits rates, and it decides with the product's own function.
"""

import hashlib
import hmac
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import Depends, FastAPI, Header, HTTPException, Query, Request
from pydantic import BaseModel
from sqlalchemy.ext.asyncio import async_sessionmaker, create_async_engine
from sqlmodel import select
from sqlmodel.ext.asyncio.session import AsyncSession

from api.catalogue import catalogue_at
from consent.cache import Question, StateRow, ask, by_level
from consent.gate import document
from consent.tables import ChoiceState
from core import crypto, keys
from core.clock import SystemClock
from core.database import Database, NoJournal
from core.settings import Settings

TENANT = "default"
_DRIVERS = (("sqlite:///", "sqlite+aiosqlite:///"), ("postgresql://", "postgresql+asyncpg://"))


class Permission(BaseModel):
    """The answer."""

    decision: str
    reasons: list[str]
    purpose: str
    purpose_version: int | None
    system: str | None
    choice: str | None
    notice_version: str | None
    human_route: str | None
    ttl: int


settings = Settings()
keyring = keys.load(settings.store.keys_file)
clock = SystemClock()
_url = settings.database_url()
for _plain, _driver in _DRIVERS:
    _url = _url.replace(_plain, _driver)
engine = create_async_engine(_url, pool_size=16)
sessions = async_sessionmaker(engine, class_=AsyncSession, expire_on_commit=False)
_digests = {hashlib.sha256(os.environ["CANDOR_FLOOR_KEY"].encode()).digest()}


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Read purposes and systems once."""
    db = Database(settings.database_url(), NoJournal())
    await db.open()
    app.state.catalogue = await db.read(catalogue_at, TENANT, None)
    await db.close()
    yield
    await engine.dispose()


app = FastAPI(lifespan=lifespan)


async def session() -> AsyncIterator[AsyncSession]:
    """Lend a session for one request."""
    async with sessions() as made:
        yield made


async def tenant_of(authorization: Annotated[str, Header()]) -> str:
    """Check the key and return whose it is."""
    digest = hashlib.sha256(authorization.removeprefix("Bearer ").encode()).digest()
    if not any(hmac.compare_digest(digest, known) for known in _digests):
        raise HTTPException(401)
    return TENANT


@app.get("/")
async def up() -> dict[str, bool]:
    """Tell that the server is up."""
    return {"ok": True}


@app.get("/v1/permissions")
async def check(
    request: Request,
    tenant: Annotated[str, Depends(tenant_of)],
    db: Annotated[AsyncSession, Depends(session)],
    subject: Annotated[str, Query(pattern=r"^[A-Za-z0-9._:~-]{1,128}$")],
    purpose: Annotated[str, Query(pattern=r"^[a-z0-9._-]{1,64}$")],
    system: Annotated[str | None, Query(pattern=r"^[a-z0-9._-]{1,64}$")] = None,
) -> Permission:
    """Answer for one person."""
    person = crypto.pseudonym(keyring.pepper, tenant, "customer", subject)
    wanted = select(ChoiceState).where(ChoiceState.subject == person, ChoiceState.tenant == tenant)
    states = (await db.exec(wanted)).all()
    rows = by_level(
        StateRow(s.purpose, s.system, s.state, s.explicit, s.purpose_version, s.notice_version, s.choice, s.valid_until)
        for s in states
    )
    answer = ask(Question(purpose, system), request.app.state.catalogue, rows, clock.now(), 0)
    return Permission.model_validate(document(answer) | {"reasons": list(answer.reasons)})
