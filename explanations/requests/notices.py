"""Notices nobody has to ask for: an adverse decision opens its own case, with its reasons and clock (EXP-11).

Reg B 1002.9, FCRA 615(a), CRS 6-1-1704. The decision, its ledger entry and the notice's case are one transaction.
"""

from collections.abc import Sequence

from core.database import Tx
from core.principal import Principal
from explanations import service as decisions
from explanations.decisions import HIGH_STAKES, Permission, Sheet
from explanations.requests import service
from explanations.requests.deadlines import Law
from explanations.requests.service import Opening
from explanations.requests.terms import Desk
from explanations.service import Kept

KIND = "notice"


def is_owed(sheet: Sheet) -> bool:
    """Tell whether a decision has to be explained unasked."""
    return sheet.adverse is True and sheet.effect in HIGH_STAKES


async def record(
    tx: Tx, desk: Desk, laws: tuple[Law, ...], by: Principal, sheets: Sequence[Sheet],
    permissions: Sequence[Permission], now: int,
) -> list[Kept]:  # fmt: skip
    """Record decisions, and open a case for each fresh one that ``laws`` want explained. Raises as recording does."""
    kept = await decisions.record(tx, desk.keyring, by, sheets, permissions, now)
    for sheet, one in zip(sheets, kept, strict=True):
        if laws and one.fresh and is_owed(sheet):
            wish = Opening(
                sheet.subject, laws, (one.id,), channel="decision", on_behalf="controller", site=by.site, kind=KIND,
                method="vouched_by_site",
            )  # fmt: skip
            await service.open_case(tx, desk, by, wish, now)
    return kept
