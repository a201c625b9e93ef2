"""The demo's start page, and customer tokens for the asking. Never part of a service for real customers."""

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api import access
from api.demo.company import SITES
from api.demo.seed import DemoFacts
from api.demo.tokens import customer_token
from api.pages import rendering
from api.pages.words import Words


def router(facts: DemoFacts) -> APIRouter:
    """Return the demo's own routes: ``/`` to open, ``/demo/token`` for a terminal."""
    made = APIRouter(include_in_schema=False, dependencies=[Depends(access.public())])

    @made.get("/")
    async def start(request: Request) -> Response:
        """Show the sites, each to be opened as nobody or as the demo's customer."""
        now: int = request.scope["candor.at"]
        tokens = {site.slug: customer_token(facts, site.slug, facts.customer, now) for site in SITES}
        return rendering.page("demo.html", Words("en"), sites=SITES, tokens=tokens, customer=facts.customer)

    @made.get("/demo/token")
    async def token(request: Request) -> Response:
        """Hand out a fresh token of the demo's customer at the shop."""
        return PlainTextResponse(customer_token(facts, "shop", facts.customer, request.scope["candor.at"]) + "\n")

    return made
