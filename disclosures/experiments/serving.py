"""The guard: which variant of a notice a person is shown, and why nearly everybody is shown the version in force.

A variant is shown only while an approved experiment runs, to a person it may be tried on, at a touchpoint where that
may be done. In any other case there is no cohort, and what is in force is shown.
"""

from typing import Final, NamedTuple

from core.clock import MICROS
from core.database import Reader
from disclosures.experiments import service, soundness, store
from disclosures.experiments.assignment import variant_of
from disclosures.experiments.documents import Variant, document_of
from disclosures.experiments.tables import Experiment
from disclosures.notices import standing
from disclosures.notices import store as notices
from disclosures.notices.store import VersionRow
from disclosures.touchpoints.documents import TouchpointDocument

# a text that was fetched while an experiment ran may still come before somebody's eyes a little later
PATIENCE: Final = 30 * 60 * MICROS


class Cohort(NamedTuple):
    """To which experiment a person belongs, and which version of the notice she is shown there."""

    experiment: str
    variant: str
    notice: str
    version: int


class Person(NamedTuple):
    """Somebody who may take part: a pseudonym, and the purposes for which the gate lets her be processed."""

    subject: bytes
    allowed: frozenset[str]


async def _running(tx: Reader, tenant: str, in_force: VersionRow, at: int) -> Experiment | None:
    """Return the experiment that runs with a notice, unless another version has come into force since its approval."""
    for row in await store.running(tx, tenant, in_force.key):
        if service.phase_of(row, at) == "running" and row.control == in_force.version:
            return row
    return None


async def cohort(
    tx: Reader, key: bytes, tenant: str, in_force: VersionRow, touchpoint: TouchpointDocument, who: Person, at: int
) -> Cohort | None:
    """Return the cohort of a person at a touchpoint where a notice is in force, if there is one."""
    row = await _running(tx, tenant, in_force, at)
    if row is None:
        return None
    document = document_of(row.document)
    if document.purpose is not None and document.purpose not in who.allowed:
        return None
    if await soundness.is_shut(tx, tenant, touchpoint):
        return None
    chosen = variant_of(key, row.id, who.subject, document.variants)
    version = await notices.version(tx, tenant, row.notice, chosen.version)
    if version is None or await standing.is_stale(tx, tenant, version):
        return None
    return Cohort(row.id, chosen.name, row.notice, chosen.version)


async def still(tx: Reader, tenant: str, experiment_id: str, version: int, at: int) -> Cohort | None:
    """Return the cohort that an offer was made for, if its experiment runs yet."""
    row = await store.experiment(tx, tenant, experiment_id)
    if row is None or service.phase_of(row, at) != "running":
        return None
    notice = await notices.notice(tx, tenant, row.notice)
    if notice is None or notice.retired_at is not None or notice.latest_version != row.control:
        return None
    shown = _with(row, version)
    return None if shown is None else Cohort(row.id, shown.name, row.notice, version)


def _with(row: Experiment, version: int) -> Variant | None:
    return next((one for one in document_of(row.document).variants if one.version == version), None)


async def why_not(
    tx: Reader, key: bytes, tenant: str, said: Cohort, subject: bytes | None, shown_at: int
) -> str | None:
    """Return what is wrong where somebody says that a person was shown a version in an experiment; else nothing.

    The name of the variant is not looked at.
    """
    row = await store.experiment(tx, tenant, said.experiment)
    if row is None or row.notice != said.notice or row.started_at is None:
        return "no such experiment with this notice was started"
    document = document_of(row.document)
    if _with(row, said.version) is None:
        return "this version is none of its variants"
    ended_at = min(document.ends_at, row.stopped_at or document.ends_at)
    if not row.started_at <= shown_at < ended_at + PATIENCE:
        return "the experiment did not run then"
    if subject is None:
        return "only people whom the company knows take part: say who it was"
    if variant_of(key, row.id, subject, document.variants).version != said.version:
        return "this person belongs to another variant"
    return None
