"""Systems, touchpoints and notices for tests, and the way of a notice to publication."""

from typing import Any

from core.clock import FixedClock
from core.database import Database
from core.principal import Principal, Role
from disclosures import service as systems
from disclosures.notices import service as notices
from disclosures.notices import standing
from disclosures.notices.documents import NoticeDocument
from disclosures.packs.loading import bundled
from disclosures.touchpoints import service as touchpoints
from disclosures.touchpoints.documents import TouchpointDocument
from tests.disclosures.test_systems import system_document

TENANT = "default"
DPO = Principal(tenant=TENANT, id="key_dpo", role=Role.DPO)
SECOND = Principal(tenant=TENANT, id="key_second", role=Role.DPO)
PLAIN = "You are talking to a computer program. It is not a person."


def touchpoint_document(**changes: Any) -> TouchpointDocument:
    """Return a chat that is ready to be opened."""
    return touchpoints.read_document(
        {
            "key": "chat",
            "name": "Support chat",
            "texts": {"en": "A computer program answers first."},
            "kind": "chatbot",
            "system": "support-bot",
            "purposes": ["support-chat"],
            "channels": ["chat"],
            "vendor": {"name": "Acme Models Ltd", "processing_agreement": "DPA-7"},
            "owner": "Head of support",
            "human_route": "support-desk",
            **changes,
        }
    )


def notice_document(**changes: Any) -> NoticeDocument:
    """Return the first line of a chat."""
    return notices.read_document(
        {
            "key": "first-line",
            "kind": "ai_interaction",
            "source_language": "en",
            "texts": {"en": notice_text()},
            "touchpoints": ["chat"],
            "packs": ["eu"],
            **changes,
        }
    )


def notice_text(**changes: Any) -> dict[str, Any]:
    """Return a text that passes every check."""
    return {"title": "You are talking to AI", "text": PLAIN, "human": "Talk to a person", **changes}


async def registered(db: Database, clock: FixedClock) -> None:
    """Enter a system and a chat that is still a draft."""
    await db.transact(systems.register, DPO, system_document(), clock.now())
    await db.transact(touchpoints.enter, DPO, touchpoint_document(), clock.now())


async def published(db: Database, clock: FixedClock, document: NoticeDocument | None = None, **how: Any) -> None:
    """Draft, approve and publish a notice."""
    document = document or notice_document()
    found = await db.read(_there, document.key)
    await db.transact(notices.draft if found else notices.create, DPO, document, clock.now())
    await db.transact(notices.approve, SECOND, document.key, bundled(), clock.now())
    await db.transact(notices.publish, DPO, document.key, bundled(), clock.now(), **{"material": False, **how})


async def _there(tx: Any, key: str) -> bool:
    from disclosures.notices import store

    return await store.notice(tx, TENANT, key) is not None


async def opened(db: Database, clock: FixedClock) -> None:
    """Open the chat, with its notice published."""
    await registered(db, clock)
    await published(db, clock)
    await db.transact(touchpoints.move, DPO, "chat", "live", clock.now(), None, standing.ready)
