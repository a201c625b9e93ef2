"""Each route of the service against each role: what the table does not allow is refused before anything happens."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

from api import access
from api.app import create_app, declare
from api.routes import routers
from api.state import AppState
from core.clock import FixedClock
from core.database import Database, NoJournal
from core.keys import KeyRing
from core.principal import Principal, Role
from core.settings import Settings

pytestmark = pytest.mark.anyio


@dataclass
class Doorman:
    """A directory that takes everyone for the same caller."""

    caller: Principal | None = field(default=None)

    async def authenticate(self, headers: Iterable[tuple[bytes, bytes]]) -> Principal:
        """Return the caller."""
        assert self.caller is not None
        return self.caller

    def allows(self, origin: str) -> bool:
        """Know no origins."""
        return False

    async def registered(self, origin: str) -> bool:
        """Know no origins."""
        return False


def operations() -> list[tuple[str, str, str]]:
    return [
        (method, path, permission or "")
        for path, methods, permission in access.permissions_of(declare(routers()))
        for method in methods.split(",")
        if permission != access.PUBLIC
    ]


def filled(path: str) -> str:
    while "{" in path:
        before, _, rest = path.partition("{")
        path = before + "x" + rest.partition("}")[2]
    return path


@pytest.mark.parametrize("role", Role)
async def test_a_role_is_refused_every_route_that_the_table_does_not_give_it(
    role: Role, clock: FixedClock, keyring: KeyRing, tmp_path: Path
) -> None:
    # the store is never opened: a refused request can't have touched it
    db = Database(f"sqlite:///{tmp_path}/never", NoJournal())
    doorman = Doorman(Principal("ten_a", "key_a", role, scopes=access.SCOPES))
    app = create_app(AppState(Settings(), db, clock, keyring, doorman))
    refused = [
        (method, path) for method, path, permission in operations() if role not in access.PERMISSIONS[permission].roles
    ]

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1") as client:
        for method, path in refused:
            clock.advance(1_000_000)  # one a second: nobody is refused for haste
            body: dict[str, str] | None = {} if method in {"POST", "PUT", "PATCH"} else None
            answer = await client.request(method, filled(path), json=body)
            assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json"), path
            assert answer.json()["type"].endswith("/permission-denied"), path


def test_an_auditor_has_no_route_that_changes_anything() -> None:
    auditor = Principal("ten_a", "key_a", Role.AUDITOR, scopes=access.SCOPES)
    # a question whose length needs a body, and one whose content must not stand in a URL
    asking = {
        "/v1/permissions/batch",
        "/v1/subjects/lookup",
        "/v1/disclosures/resolve",
        "/v1/disclosures/compare",
        "/v1/touchpoints/{key}/resolve",
        "/v1/packs/{pack}/impact",
        "/v1/explanation-requests/{request_id}/annex",  # it is handed out, and the log says to whom
    }

    changing = [op for op in operations() if op[0] not in {"GET", "HEAD"} and op[1] not in asking]

    assert changing
    assert not [op for op in changing if access.allowed(auditor, op[2])]
