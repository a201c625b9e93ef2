"""Every page about disclosures, for the one plan."""

from typing import Final

from api.console.disclosures import claims, experiments, notices, register, texts, told, vendors
from api.console.page import Page

PAGES: Final[tuple[Page, ...]] = (
    *register.PAGES,
    *notices.PAGES,
    *texts.PAGES,
    *experiments.PAGES,
    *claims.PAGES,
    *told.PAGES,
    *vendors.PAGES,
)
