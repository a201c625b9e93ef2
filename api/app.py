"""The composition root of the HTTP floor: all routers behind the edge, one ASGI application.

Whoever serves it makes the ``AppState`` first (``api/cli.py``, tests); nothing here reads settings from outside.
"""

import warnings
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import cache
from typing import Any

from fastapi import APIRouter, FastAPI
from pydantic.warnings import UnsupportedFieldAttributeWarning
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from api import access, contract, routes
from api.auth.directory import Directory
from api.dispatch import Dispatch
from api.edge import Edge
from api.fastlane import FastLane
from api.state import AppState, Part
from api.widget.lane import WidgetLane
from api.widget.shelf import Shelf


class Application:
    """A whole Candor as an ASGI application. ``contract`` is the FastAPI object that declares the routes."""

    def __init__(self, declared: FastAPI, front: ASGIApp, state: AppState) -> None:
        """Answer requests by ``front``, start and stop by the lifespan of ``declared``."""
        self.contract = declared
        self.state = state
        self._front = front

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one connection of any ASGI kind."""
        if scope["type"] == "lifespan":
            await self.contract.router(scope, receive, send)
            return
        await self._front(scope, receive, send)

    def closing(self) -> None:
        """End what would never end by itself: streams of events."""
        self.state.bell.close_all()

    def openapi(self) -> dict[str, Any]:
        """Return the OpenAPI 3.1 document of every route."""
        return contract.document(self.contract)


def _included(routers: Sequence[APIRouter]) -> Sequence[BaseRoute]:
    """Return what an application makes of routers when it includes them."""
    table = FastAPI(
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=contract.operation_id,
        strict_content_type=True,
    )
    for router in routers:
        table.include_router(router)
    return table.router.routes


@cache
def _all_routes() -> Sequence[BaseRoute]:
    """Return the routes of all of ``api/routes``: they know no application, so a process makes them once."""
    return _included(routes.routers())


def declare(routers: Sequence[APIRouter] | None = None, state: AppState | None = None) -> FastAPI:
    """Return the FastAPI object that declares ``routers``, or all there are; it serves nothing by itself."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if state is None:
            raise RuntimeError("this application was only declared, to read its contract")
        await state.db.open()
        opened: list[Part] = []
        try:
            for part in state.parts:
                await part.open()
                opened.append(part)
            yield
        finally:
            for part in reversed(opened):
                await part.close()
            await state.db.close()

    declared = FastAPI(
        title="Candor",
        version=contract.VERSION,
        summary=contract.SUMMARY,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        generate_unique_id_function=contract.operation_id,
        strict_content_type=True,
        lifespan=lifespan,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    declared.router.routes.extend(_all_routes() if routers is None else _included(routers))
    # FastAPI silences this one while it declares a route; a validator that is built at first use says it later
    warnings.filterwarnings("ignore", category=UnsupportedFieldAttributeWarning)
    return declared


def create_app(state: AppState, routers: Sequence[APIRouter] | None = None) -> Application:
    """Return the application of one running Candor, with all routers of ``api/routes`` unless told otherwise.

    Raises ``UndeclaredRouteError`` for a route without a permission.
    """
    declared = declare(routers, state)
    access.check_every_route(declared)
    declared.state.candor = state
    front: ASGIApp = Edge(Dispatch(declared, state.settings.serve), state)
    if isinstance(state.shelf, Shelf):
        front = WidgetLane(front, state, state.shelf)
    if state.permissions is not None and isinstance(state.directory, Directory):
        front = FastLane(front, state, state.permissions, state.directory)
    return Application(declared, front, state)
