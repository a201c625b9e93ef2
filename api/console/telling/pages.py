"""Every page about who is told of a no, for the one plan."""

from typing import Final

from api.console.page import Page
from api.console.telling import propagation, recipients

PAGES: Final[tuple[Page, ...]] = (*propagation.PAGES, *recipients.PAGES)
