"""The demo company's consoles over HTTP: browsers that are signed in as whoever a test needs."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from html import unescape

import httpx

from api.auth import sessions
from api.auth.sessions import Staff
from api.console.doors import keep_name
from core.principal import Role
from tests.api.pages_company import HOST, OWN, Town

__all__ = ["HOST", "OWN", "form_of", "press", "sign_in", "staff"]


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
    hidden = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', match[1])
    return {name: unescape(value) for name, value in hidden}


async def press(client: httpx.AsyncClient, page: str, act: str, **given: str) -> httpx.Response:
    """Open a page, fill one of its forms, press its button and return the answer, unfollowed."""
    shown = await client.get(page)
    assert shown.status_code == 200, shown.text
    return await client.post(act, data={**form_of(shown.text, act), **given}, headers=OWN)
