"""The demo company's consoles over HTTP: browsers that are signed in as whoever a test needs."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape
from html.parser import HTMLParser

import httpx

from api.auth import sessions
from api.auth.sessions import Staff
from api.console.doors import keep_name
from core.principal import Role
from tests.api.pages_company import HOST, OWN, Town

__all__ = ["HOST", "OWN", "fields_of", "form_of", "press", "sign_in", "staff"]


def staff(role: Role, town: Town, person: str = "", *, age: int = 0) -> Staff:
    """Return somebody with one role who signed in ``age`` microseconds ago."""
    return Staff("default", f"oidc_{person or role.value}", f"A {role.value}", (role,), town.clock.now() - age)


@asynccontextmanager
async def sign_in(town: Town, role: Role, person: str = "", *, age: int = 0) -> AsyncIterator[httpx.AsyncClient]:
    """Yield a browser in which somebody with this role is signed in."""
    state, number = town.app.state, sessions.new_number()

    who, now = staff(role, town, person, age=age), town.clock.now()
    await state.db.transact(sessions.opened, who, number, role, now, state.settings.console)
    async with town.visitor() as client:
        client.cookies.set(keep_name(state), number, domain="127.0.0.1", path="/console")
        yield client


def form_of(html: str, act: str) -> dict[str, str]:
    """Return the hidden fields of the form that posts to ``act``."""
    match = re.search(rf'<form[^>]*action="{re.escape(act)}"[^>]*>(.*?)</form>', html, re.DOTALL)
    assert match is not None, f"no form {act}"
    hidden = re.findall(r'<input type="hidden" name="([\w-]+)" value="([^"]*)">', match[1])
    return {name: unescape(value) for name, value in hidden}


class _Fields(HTMLParser):
    """Collects what a browser would send of one form, untouched."""

    def __init__(self, act: str) -> None:
        super().__init__()
        self.act, self.inside, self.area, self.select = act, False, "", ""
        self.found: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.inside = told.get("action") == self.act and not self.found
        if not self.inside:
            return
        if tag == "textarea":
            self.area, self.found[told["name"]] = told["name"], ""
        elif tag == "select":
            self.select = told["name"]
        elif tag == "option" and ("selected" in told or self.select not in self.found):
            self.found[self.select] = told["value"]
        elif tag == "input" and (told.get("type") not in {"checkbox", "radio"} or "checked" in told):
            self.found[told["name"]] = told.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        self.inside = self.inside and tag != "form"
        self.area = "" if tag == "textarea" else self.area

    def handle_data(self, data: str) -> None:
        if self.area:
            self.found[self.area] += data


def fields_of(html: str, act: str) -> dict[str, str]:
    """Return all fields of the form that posts to ``act``, as a browser would send them."""
    reader = _Fields(act)
    reader.feed(html)
    assert "token" in reader.found, f"no form {act}"
    return reader.found


async def press(client: httpx.AsyncClient, page: str, act: str, **given: str) -> httpx.Response:
    """Open a page, fill one of its forms, press its button and return the answer, unfollowed."""
    shown = await client.get(page)
    assert shown.status_code == 200, shown.text
    return await client.post(act, data={**form_of(shown.text, act), **given}, headers=OWN)
