"""The demo company's staff: whoever opens the demo may work as any of them. Never part of a service for real use."""

from typing import Final, NamedTuple

from fastapi import APIRouter, Depends
from starlette.requests import Request
from starlette.responses import Response

from api import access
from api.pages import forms
from api.pages.visitors import ForeignFormError
from api.problems import NotFoundOnWireError
from api.state import state_of
from api.strict_json import FORM, accepts
from core.principal import Role


class Person(NamedTuple):
    """Somebody who works at the demo company."""

    key: str
    name: str
    role: Role
    work: str


STAFF: Final = (
    Person("dana", "Dana Okafor", Role.DPO, "data protection officer"),
    Person("sam", "Sam Reyes", Role.DPO, "second data protection officer"),
    Person("ava", "Ava Moreau", Role.AGENT, "support agent"),
    Person("noor", "Noor Haddad", Role.AGENT, "second support agent"),
    Person("nils", "Nils Berg", Role.AUDITOR, "auditor"),
    Person("ari", "Ari Lindqvist", Role.ADMIN, "administrator"),
)


def router() -> APIRouter:
    """Return the one route that lets whoever is at this machine work as one of the staff."""
    made = APIRouter(include_in_schema=False, dependencies=[Depends(access.public())])

    @made.post("/demo/staff")
    @accepts(FORM)
    async def work_as(request: Request) -> Response:
        """Open a session of the consoles as one of the staff, from the demo's own start page only."""
        from api.auth import sessions  # noqa: PLC0415 -- the consoles are loaded with the first of their pages
        from api.console import desk, doors  # noqa: PLC0415 -- the same

        state = state_of(request)
        if not desk.from_own_page(request, state):
            raise ForeignFormError
        wanted = (await forms.fields(request, "person"))["person"]
        person = next((person for person in STAFF if person.key == wanted), None)
        if person is None:
            raise NotFoundOnWireError
        here = await desk.desk_of(request, state, None, {})
        staff = sessions.Staff("default", f"demo_{person.key}", person.name, (person.role,), here.now)
        number = sessions.new_number()
        session = await state.db.transact(sessions.opened, staff, number, person.role, here.now, state.settings.console)
        return doors.keep(here, desk.go(desk.HOME), number, session)

    return made
