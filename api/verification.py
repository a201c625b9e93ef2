"""``candor verify`` and ``candor export``: the whole ledger re-hashed, and its records compared with it."""

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from api import startup
from api.compose import database
from consent.propagation.verify import PropagationCheck
from consent.verify import ChoiceCheck
from core.clock import SystemClock
from core.database import Reader
from core.keys import KeyRing
from core.settings import Settings
from disclosures.claims.verify import ClaimCheck
from disclosures.experiments.verify import ExperimentCheck
from disclosures.notices.verify import NoticeCheck
from disclosures.packs.verify import OverrideCheck
from disclosures.reviews.verify import ReviewCheck
from disclosures.showings.verify import ShowingCheck
from disclosures.touchpoints.verify import TouchpointCheck
from disclosures.verify import RegisterCheck
from explanations.reasons.verify import ReasonTableCheck
from explanations.requests.verify import RequestCheck
from explanations.verify import ExplanationCheck
from ledger import export as exporting
from ledger import service as ledger
from ledger.sink import CheckpointFile, SinkError
from ledger.subjects import SubjectBinding
from ledger.verify import Check, Parallel
from ledger.verify import Report as Found
from ledger.verify import verify as verify_log
from oversight.retention.verify import RetentionCheck


@dataclass(frozen=True, slots=True)
class Report:
    """The outcome in plain words."""

    good: bool
    lines: list[str]


def _told(found: Found) -> Report:
    lines = [
        f"{found.entries:,} entries re-hashed, {found.sealed:,} of them sealed; {found.checkpoints:,} checkpoints.",
        f"Root {found.root.hex()}",
    ]
    if found.ok:
        return Report(good=True, lines=[*lines, "Everything agrees."])
    lines.append(f"NOT INTACT: {len(found.findings)} finding(s), the first bad row comes first.")
    lines += [f"  {finding}" for finding in found.findings]
    return Report(good=False, lines=lines)


def verify(settings: Settings) -> Report:
    """Verify the database of the settings. Raises ``RefusedToStartError`` without keys."""
    keyring = startup.keyring_of(settings, SystemClock())
    try:
        file = settings.store.checkpoint_file
        outside = CheckpointFile(file).notes() if file is not None else []
    except SinkError as error:
        return Report(good=False, lines=[f"NOT INTACT: {error}"])
    return _told(asyncio.run(_verify(settings, keyring, outside)))


async def _verify(settings: Settings, keyring: KeyRing, outside: list[str]) -> Found:
    async def work(tx: Reader) -> Found:
        origin = settings.ledger.origin
        known = ledger.verifiers(keyring, origin)
        checks: list[Check] = [
            SubjectBinding(keyring),
            ChoiceCheck(keyring),
            PropagationCheck(),
            RegisterCheck(),
            OverrideCheck(),
            RequestCheck(),
            TouchpointCheck(),
            NoticeCheck(),
            ClaimCheck(),
            ExperimentCheck(),
            ReviewCheck(),
            ShowingCheck(),
            ExplanationCheck(keyring),
            ReasonTableCheck(),
            RetentionCheck(),
        ]
        parallel = Parallel(settings.database_url(), os.cpu_count() or 1)
        return await verify_log(tx, origin, known, outside=outside, checks=checks, parallel=parallel)

    db = database(settings)
    await db.open()
    try:
        return await db.read(work)
    finally:
        await db.close()


def verify_export(folder: Path) -> Report:
    """Verify an export, without a database."""
    try:
        return _told(exporting.verify_export(folder))
    except exporting.ExportError as error:
        return Report(good=False, lines=[str(error)])


def export(settings: Settings, folder: Path) -> str:
    """Write the sealed part of the log to ``folder`` and say how much that was."""
    keyring = startup.keyring_of(settings, SystemClock())

    async def act() -> int:
        db = database(settings)
        await db.open()
        try:
            return await db.read(exporting.export, keyring, settings.ledger.origin, folder)
        finally:
            await db.close()

    return f"{asyncio.run(act()):,} sealed entries written to {folder}."
