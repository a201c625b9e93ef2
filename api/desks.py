"""Help desks of others as the API and the consoles show, write and ask them; see docs/desks.md."""

from typing import Any

from api.schemas.desks import DeskIn
from api.state import AppState
from core import canonical
from core.errors import DomainError, InvalidError
from core.http import HttpClient
from core.principal import Principal
from handoff import registry
from handoff.delivery import setups
from handoff.delivery.posting import Posting
from handoff.delivery.store import DeskRow
from handoff.delivery.walking import Walker
from handoff.errors import DeskFailedError, DeskNotFoundError
from handoff.queues import BUILTIN


def shown(state: AppState, row: DeskRow) -> dict[str, Any]:
    """Return a desk without its secrets, of which it names those there are."""
    document = canonical.loads(row.document)
    desk, _ = setups.made(state.keyring, row, 0)
    return {
        "key": row.key,
        "kind": row.kind,
        "url": document["url"],
        "modes": document["modes"],
        "options": document["options"],
        "secrets": sorted(setups.secrets_of(state.keyring, row)),
        "caps": sorted(desk.caps),
        "hook": f"{state.settings.serve.public_url.rstrip('/')}/hooks/{row.tenant}/{row.key}",
        "version": row.version,
    }


async def written(state: AppState, by: Principal, key: str, told: DeskIn) -> DeskRow:
    """Write how a desk is reached. Raises ``InvalidError``, ``UnknownDeskError``, ``UrlRefusedError``."""
    if key == BUILTIN:
        raise InvalidError.field("/kind", "the built-in queue needs no desk")
    registry.maker(told.kind)
    if told.url.startswith("http"):
        await _client(state).check(told.url)
    document = {"url": told.url, "modes": sorted(set(told.modes)), "options": dict(told.options)}
    secrets = None if told.secrets is None else dict(told.secrets)
    now = state.clock.now()
    return await state.db.transact(setups.write, state.keyring, by, (key, told.kind), document, secrets, now)


async def asked(state: AppState, tenant: str, key: str) -> tuple[bool, str | None]:
    """Ask a desk whether it answers now, and if not, why. Raises ``DeskNotFoundError``."""
    post = Posting(_client(state), state.settings.handoff.mail_from)
    walk = Walker(state.db, state.clock, state.keyring, post)  # with breakers of its own: people ask once
    try:
        return await walk(tenant, key, lambda desk: desk.health()), None
    except DeskNotFoundError:
        raise
    except DeskFailedError as error:
        return False, error.detail
    except DomainError as error:
        return False, error.title


def _client(state: AppState) -> HttpClient:
    if state.calling is None:
        raise RuntimeError("this Candor was composed without a way to call desks")
    return state.calling
