"""Who else has the same page open: two people on one case see each other. Nothing here has legal effect.

A page says every few seconds that it is open; without scripts it says so once, when it is opened. Whoever was not
heard of for a minute and a half counts as gone, and the row goes with the next page that anybody opens.
"""

from typing import Final

from api.auth import store as auth
from api.console import store
from api.console.desk import Desk
from api.console.store import Seen
from api.console.tables import OpenPage
from core.clock import MICROS
from core.database import Reader, Tx

LASTS: Final = 90 * MICROS


async def here(desk: Desk, page: str) -> list[Seen]:
    """Note that the caller has a page open and return who else has, the one seen last first."""
    staff = desk.signed_in.staff
    row = OpenPage(tenant=desk.tenant, page=page, person=staff.person, name=staff.name, seen_at=desk.now)
    return await desk.state.db.transact(_here, row)


async def _here(tx: Tx, row: OpenPage) -> list[Seen]:
    await store.forget_open_pages(tx, row.tenant, row.seen_at - LASTS)
    store.note_open_page(tx, row)
    found = await store.open_pages(tx, row.tenant, row.page, row.seen_at - LASTS)
    return [one for one in found if one.person != row.person]


async def colleagues(tx: Reader, desk: Desk) -> dict[str, str]:
    """Return the names of staff who are signed in, by their ids: records hold ids alone."""
    found = await auth.sessions(tx, desk.tenant, desk.now)
    return {one.person: one.name for one in reversed(found)}
