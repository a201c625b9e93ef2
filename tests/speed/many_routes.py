"""Candor with an endpoint registered before all its routes, 200 more after them, and the same endpoint last."""

from fastapi import APIRouter
from starlette.responses import PlainTextResponse

from api import routes
from api.access import declared_public
from api.app import create_app
from api.compose import compose
from api.startup import keyring_of
from core.clock import SystemClock
from core.settings import Settings

FILLERS = 200


@declared_public
async def answer() -> PlainTextResponse:
    """Answer as little as possible."""
    return PlainTextResponse("here")


def _router(path: str) -> APIRouter:
    router = APIRouter()
    router.add_api_route(path, answer, methods=["GET"])
    return router


settings = Settings()
fillers = [_router(f"/v1/filler-{number}") for number in range(FILLERS)]
app = create_app(
    compose(settings, SystemClock(), keyring_of(settings, SystemClock()), with_jobs=False),
    [_router("/"), _router("/v1/first"), *routes.routers(), *fillers, _router("/v1/last")],
)
