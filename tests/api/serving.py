"""A small application behind the real edge, and ways to call it: in process and over a loopback port."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Annotated, Any

import httpx
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field

from api import etag, server, strict_json
from api.access import declared_public
from api.app import Application, create_app
from api.state import AppState
from core.clock import Clock
from core.database import Database, NoJournal
from core.keys import KeyRing
from core.settings import Settings

ORIGIN = "https://shop.example"
HOST = "http://127.0.0.1"
Calling = AbstractAsyncContextManager[httpx.AsyncClient]


class OneOrigin:
    """A directory in which one site has registered one origin."""

    def allows(self, origin: str) -> bool:
        return origin == ORIGIN

    async def registered(self, origin: str) -> bool:
        return origin == ORIGIN


class Order(BaseModel):
    """A body as strict as those of the product."""

    model_config = ConfigDict(extra="forbid", strict=True)

    name: Annotated[str, Field(max_length=20, pattern=r"^[a-z ]+$")]
    count: Annotated[int, Field(ge=1, le=9)] = 1
    tags: Annotated[list[str], Field(max_length=3)] = []


def sample_router() -> APIRouter:
    """Routes of every sort the edge has to deal with."""
    router = APIRouter(prefix="/v1")

    @router.post("/orders", status_code=201)
    @declared_public
    async def order(body: Order) -> dict[str, Any]:
        return {"count": body.count}

    @router.get("/orders")
    @declared_public
    async def orders(limit: Annotated[int, Query(ge=1, le=10)] = 5) -> dict[str, int]:
        return {"limit": limit}

    @router.get("/orders/{order_id}")
    @declared_public
    async def one(order_id: str) -> dict[str, str]:
        return {"id": order_id}

    @router.put("/orders/{order_id}")
    @declared_public
    async def change(order_id: str, if_match: etag.IfMatch = None) -> Response:
        etag.require(if_match, etag.of(7))
        return JSONResponse({}, headers={"ETag": etag.of(8)})

    @router.post("/bulk")
    @declared_public
    @strict_json.accepts(strict_json.BULK)
    async def bulk(request: Request) -> dict[str, int]:
        return {"bytes": len(await request.body())}

    @router.post("/fails/{why}")
    @declared_public
    async def fails(why: str, request: Request) -> None:
        raise RuntimeError(f"{why} {request.query_params} {await request.body()!r}")

    @router.get("/public")
    @declared_public
    async def cacheable() -> Response:
        return JSONResponse({}, headers={"Cache-Control": "public, max-age=60"})

    return router


def make_state(
    clock: Clock, keyring: KeyRing, db: Database | None = None, settings: Settings | None = None
) -> AppState:
    """Return a state over ``db``, or over a store that is not open."""
    store = db or Database("sqlite:///not-there/candor.db", NoJournal())
    return AppState(settings or Settings(), store, clock, keyring, OneOrigin())


def sample_app(state: AppState, *routers: APIRouter) -> Application:
    """Return the sample routes, or ``routers``, behind the edge."""
    return create_app(state, routers or (sample_router(),))


@asynccontextmanager
async def calling(app: Application, peer: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
    """Call ``app`` in process."""
    transport = httpx.ASGITransport(app, client=(peer, 50000))
    async with httpx.AsyncClient(transport=transport, base_url=HOST) as client:
        yield client


@asynccontextmanager
async def listening(app: Application, settings: Settings) -> AsyncIterator[int]:
    """Serve ``app`` by the real server on a free loopback port, which is yielded; without its lifespan."""
    port: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    config = server.configuration(app, settings)
    config.lifespan = "off"
    serving = server.Server(config, port.set_result)
    task = asyncio.create_task(serving.serve())
    try:
        yield await asyncio.wait_for(port, 10)
    finally:
        serving.should_exit = True
        await task


async def converse(port: int, *parts: bytes, pause: float = 0.0, wait: float = 20.0) -> bytes:
    """Send ``parts`` over one connection with pauses between, and return all that comes back until it is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = bytearray()

    async def listen() -> None:
        while chunk := await reader.read(65536):
            received.extend(chunk)

    listener = asyncio.create_task(listen())
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            if pause:
                await asyncio.sleep(pause)
            if listener.done():
                break
        await asyncio.wait_for(listener, wait)
    except (ConnectionError, TimeoutError):
        pass
    finally:
        listener.cancel()
        writer.close()
    return bytes(received)
