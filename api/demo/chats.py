"""Chats of the demo company's customers: they were told of AI before it spoke, but for two of them."""

from typing import Final, NamedTuple

from api.state import AppState
from core.clock import MICROS, FixedClock
from disclosures.showings import service, tallies
from disclosures.showings.service import Told
from jobs.disclose import Disclose

_APART: Final = 5 * 3600 * MICROS
_TOUCHPOINT: Final = "shop-chat"


class Chat(NamedTuple):
    """One chat: its language, how people were told, and when: seconds before the AI spoke, or never."""

    lang: str
    surface: str
    before: int | None


CHATS: Final = (
    Chat("en", "chat", 2),
    Chat("en", "web", 5),
    Chat("de", "chat", 1),
    Chat("en", "chat", 3),
    Chat("ar", "web", 4),
    Chat("en", "chat", -6),
    Chat("de", "chat", 2),
    Chat("en", "chat", 2),
    Chat("de", "web", None),
    Chat("en", "chat", 1),
    Chat("en", "web", 3),
    Chat("de", "chat", 2),
)


async def tell(state: AppState, tenant: str, site: str) -> None:
    """Record every chat by the ordinary services, and find the gaps."""
    for number, chat in enumerate(CHATS, 1):
        if isinstance(state.clock, FixedClock):
            state.clock.advance(_APART)
        await _chat(state, tenant, site, f"chat-{number}", chat)
    job = Disclose(state.db, state.clock, state.packs)
    if isinstance(state.clock, FixedClock):
        state.clock.advance(60 * MICROS)
    await job.find_gaps()
    while await state.db.transact(tallies.catch_up):
        pass


async def _chat(state: AppState, tenant: str, site: str, name: str, chat: Chat) -> None:
    spoke = state.clock.now()
    if chat.before is not None and chat.before > 0:
        await _show(state, tenant, site, name, chat, spoke - chat.before * MICROS)
    await state.db.transact(service.speak, tenant, name, _TOUCHPOINT, "ai", "demo back-end", spoke)
    if chat.before is not None and chat.before < 0:
        await _show(state, tenant, site, name, chat, spoke - chat.before * MICROS)


async def _show(state: AppState, tenant: str, site: str, name: str, chat: Chat, at: int) -> None:
    told = Told(
        notice="chat-first-line",
        version=1,
        lang=chat.lang,
        surface=chat.surface,
        build="1",
        session=f"session-of-{name}",
        shown_at=at,
        site=site,
        touchpoint=_TOUCHPOINT,
        conversation=name,
    )
    await state.db.transact(service.record, state.keyring, tenant, told, state.clock.now())
