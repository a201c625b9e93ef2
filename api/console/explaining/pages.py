"""Every page about models and explanations, for the one plan."""

from typing import Final

from api.console.explaining import decision, endpoints, groups, stopped
from api.console.page import Page

PAGES: Final[tuple[Page, ...]] = (*endpoints.PAGES, *groups.PAGES, *decision.PAGES, *stopped.PAGES)
