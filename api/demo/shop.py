"""The demo's shop: the files of ``examples/shop`` with this demo's address in them, and its back-end's chat program.

The example's own server reports what is said over HTTP; here the same route is called in the process.
"""

from pathlib import Path
from string import Template
from typing import Any, Literal

import orjson
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request

from api.demo.company import TENANT
from api.demo.seed import DemoFacts
from api.routes import conversations
from api.schemas.conversations import TurnIn, TurnsIn
from api.widget.files import lock
from core.principal import Principal, Role

FOLDER = Path(__file__).parents[2] / "examples" / "shop"
KINDS = {"index.html": "text/html", "shop.css": "text/css", "shop.js": "text/javascript"}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; form-action 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)


ANSWER = "Your order is on its way. Ask for a person if that does not help."


class Said(BaseModel):
    """What the signed-in customer says to the shop's program."""

    model_config = ConfigDict(extra="forbid", strict=True)

    text: str = Field(min_length=1, max_length=4000)
    conversation: str = Field(pattern=r"^[A-Za-z0-9._:~-]{1,128}$")


async def answered(request: Request, customer: str, said: Said) -> dict[str, Any]:
    """Answer by the program, unless a person was asked for: then nothing is said."""
    heard = await _reported(request, customer, said.conversation, "customer", said.text)
    if not heard["ai_may_speak"]:
        return {"text": None, "handed_over": heard["handoff"] is not None}
    await _reported(request, customer, said.conversation, "ai", ANSWER)
    return {"text": ANSWER, "handed_over": False}


async def _reported(
    request: Request, customer: str, conversation: str, speaker: Literal["customer", "ai"], text: str
) -> dict[str, Any]:
    told = TurnsIn(
        subject=customer,
        conversation=conversation,
        touchpoint="shop-chat",
        system="support-chatbot",
        turns=[TurnIn(speaker=speaker, text=text)],
    )
    heard = await conversations.turns(request, Principal(TENANT, "demo back-end", Role.SITE), told)
    found: dict[str, Any] = orjson.loads(heard.body)
    return found


def is_there() -> bool:
    """Tell whether this demo runs from a checkout, which has the examples."""
    return FOLDER.joinpath("index.html").is_file()


def file(name: str, facts: DemoFacts, origin: str) -> tuple[str, str] | None:
    """Return a file's text and media type, or nothing if there is no such file."""
    if name not in KINDS or not is_there():
        return None
    text = FOLDER.joinpath(name).read_text(encoding="utf-8")
    if name == "index.html":
        told = {"VERSION": lock().version, "INTEGRITY": lock().integrity["candor.js"]}
        text = Template(text).substitute(told, CANDOR=origin, SITE=facts.publishable_keys["shop"])
    return text, KINDS[name]
