"""The demo's start page, and customer tokens for the asking. Never part of a service for real customers."""

from typing import Any

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from api import access
from api.demo import shop, staff
from api.demo.company import SITES
from api.demo.seed import DemoFacts
from api.demo.tokens import customer_token
from api.pages import rendering
from api.pages.words import Words
from api.problems import NotFoundOnWireError
from api.state import state_of


def router(facts: DemoFacts) -> APIRouter:
    """Return the demo's own routes: ``/`` to open, ``/demo/token`` for a terminal, ``/shop/`` to try the widget."""
    made = APIRouter(include_in_schema=False, dependencies=[Depends(access.public())])
    made.include_router(staff.router())

    @made.get("/")
    async def start(request: Request) -> Response:
        """Show the sites, each to be opened as nobody or as the demo's customer."""
        now: int = request.scope["candor.at"]
        tokens = {site.slug: customer_token(facts, site.slug, facts.customer, now) for site in SITES}
        told: dict[str, Any] = {
            "tokens": tokens,
            "customer": facts.customer,
            "shop": shop.is_there(),
            "staff": staff.STAFF,
        }
        return rendering.page("demo.html", Words("en"), sites=SITES, **told)

    @made.get("/demo/token")
    async def token(request: Request) -> Response:
        """Hand out a fresh token of the demo's customer at the shop."""
        return PlainTextResponse(customer_token(facts, "shop", facts.customer, request.scope["candor.at"]) + "\n")

    @made.get("/shop/{name}")
    async def shop_file(request: Request, name: str) -> Response:
        """Serve the example shop, which embeds the widget."""
        origin = state_of(request).settings.serve.public_url.rstrip("/")
        found = shop.file(name, facts, origin)
        if found is None:
            raise NotFoundOnWireError
        headers = {"Content-Security-Policy": shop.POLICY, "Referrer-Policy": "same-origin"}
        return Response(found[0], media_type=found[1], headers=headers)

    @made.post("/shop/token")
    async def shop_token(request: Request) -> Response:
        """Vouch for the demo's customer, as the shop's back-end would after a look at its session."""
        return PlainTextResponse(customer_token(facts, "shop", facts.customer, request.scope["candor.at"]))

    @made.post("/shop/say")
    async def shop_say(request: Request, said: shop.Said) -> dict[str, Any]:
        """Answer the signed-in customer as the shop's program would; a person who takes over has read it."""
        return await shop.answered(request, facts.customer, said)

    return made
