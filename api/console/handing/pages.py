"""Every page about handing over to people, for the one plan."""

from typing import Final

from api.console.handing import desks, figures, queues
from api.console.page import Page

PAGES: Final[tuple[Page, ...]] = (*desks.PAGES, *queues.PAGES, *figures.PAGES)
