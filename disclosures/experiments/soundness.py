"""Whether an experiment may run at all: every variant needs what a version in force needs, and may not be worse."""

from core.database import Reader
from core.errors import FieldError
from disclosures import service as systems
from disclosures.errors import SystemNotFoundError
from disclosures.experiments import fairness
from disclosures.experiments.documents import ExperimentDocument, contradictions
from disclosures.experiments.errors import InvalidExperimentError
from disclosures.notices import lint, standing
from disclosures.notices import service as notices
from disclosures.notices import store as notice_store
from disclosures.notices.documents import NoticeDocument
from disclosures.notices.store import VersionRow
from disclosures.packs.loading import PackSet
from disclosures.touchpoints.documents import TouchpointDocument


async def control_of(tx: Reader, tenant: str, document: ExperimentDocument, packs: PackSet, at: int) -> int:
    """Return the version in force, which is one of the variants.

    Raises ``InvalidExperimentError`` naming everything that keeps the experiment from being run.
    """
    wrong = list(contradictions(document))
    notice = await notice_store.notice(tx, tenant, document.notice)
    if notice is None or notice.retired_at is not None or not notice.latest_version:
        raise InvalidExperimentError(fields=(FieldError("/notice", "no version of such a notice is in force"),))
    control = notice.latest_version
    if control not in [one.version for one in document.variants]:
        wrong.append(FieldError("/variants", f"version {control} is in force: it has to be one of the variants"))
    in_force = await notices.version(tx, tenant, document.notice, control)
    against = standing.document_of(in_force.document)
    for number, one in enumerate(document.variants):
        row = await notice_store.version(tx, tenant, document.notice, one.version)
        if row is None:
            wrong.append(FieldError(f"/variants/{number}/version", "no such version of the notice was published"))
            continue
        wrong += [
            FieldError(f"/variants/{number}/version", why) for why in await _unfit(tx, tenant, row, against, packs, at)
        ]
    wrong += await _places(tx, tenant, against)
    if wrong:
        raise InvalidExperimentError(fields=tuple(wrong))
    return control


async def _unfit(
    tx: Reader, tenant: str, row: VersionRow, against: NoticeDocument, packs: PackSet, at: int
) -> list[str]:
    """Return what keeps a version from being shown: the checks of every version, and what it does worse."""
    document = standing.document_of(row.document)
    found = [
        f"{one.pointer}: {one.detail}" for one in lint.errors(await notices.check(tx, tenant, document, packs, at))
    ]
    if await standing.is_stale(tx, tenant, row):
        found.append("the register has changed since it was published: publish the text again")
    return found + list(fairness.faults(against, document))


async def _places(tx: Reader, tenant: str, notice: NoticeDocument) -> list[FieldError]:
    """Ask for a touchpoint at which anybody may be experimented on, where the notice names its touchpoints."""
    there = [one for one in (await standing.touchpoints_of(tx, tenant, notice)).values() if one is not None]
    shut = [await is_shut(tx, tenant, one) for one in there]
    if shut and all(shut):
        return [FieldError("/notice", "it stands only where nobody is experimented on: need, judgement or high risk")]
    return []


async def is_shut(tx: Reader, tenant: str, touchpoint: TouchpointDocument) -> bool:
    """Tell whether nobody is experimented on at a touchpoint, as the register says it now."""
    try:
        risk = (await systems.view(tx, tenant, touchpoint.system)).document.risk_class
    except SystemNotFoundError:
        risk = None
    return fairness.is_no_place(touchpoint, risk)
