"""Experiments with the first line of a chat, for tests."""

from typing import Any

from core.clock import FixedClock
from core.database import Database
from disclosures.experiments import service
from disclosures.experiments.documents import ExperimentDocument
from disclosures.experiments.service import ExperimentView
from disclosures.notices import service as notices
from disclosures.packs.loading import bundled
from tests.disclosures.noticing import DPO, SECOND, notice_document, notice_text, opened

SHORTER = "This is a computer program."


def experiment_document(**changes: Any) -> ExperimentDocument:
    """Return an experiment of the first line against a shorter one, over the days around the tests' clock."""
    return ExperimentDocument.model_validate(
        {
            "notice": "first-line",
            "name": "Shorter first line",
            "hypothesis": "More people read it to its end.",
            "fairness": "Both say that it is a program; nothing is left out.",
            "starts_on": "2026-11-20",
            "ends_on": "2026-11-30",
            "variants": [
                {"name": "as-it-is", "version": 1, "share": 50},
                {"name": "shorter", "version": 2, "share": 50},
            ],
            **changes,
        }
    )


def split(*versions: int) -> list[dict[str, Any]]:
    """Return variants of these versions with equal shares."""
    return [{"name": f"v{one}", "version": one, "share": 100 // len(versions)} for one in versions]


async def set_aside(db: Database, clock: FixedClock, **changes: Any) -> None:
    """Publish another first line for experiments alone; by default the shorter one."""
    document = notice_document(**{"texts": {"en": notice_text(text=SHORTER)}, **changes})
    await db.transact(notices.draft, DPO, document, clock.now())
    await db.transact(notices.approve, SECOND, document.key, bundled(), clock.now())
    await db.transact(notices.set_aside, DPO, document.key, bundled(), clock.now())


async def drafted(db: Database, clock: FixedClock, **changes: Any) -> ExperimentView:
    """Open the chat, publish the shorter line aside, and draft the experiment."""
    await opened(db, clock)
    await set_aside(db, clock)
    return await db.transact(service.create, DPO, experiment_document(**changes), bundled(), clock.now())


async def started(db: Database, clock: FixedClock, **changes: Any) -> ExperimentView:
    """Return an experiment that runs."""
    view = await drafted(db, clock, **changes)
    await db.transact(service.approve, SECOND, view.row.id, bundled(), clock.now())
    return await db.transact(service.start, DPO, view.row.id, bundled(), clock.now())
