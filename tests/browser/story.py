"""What a task takes somebody in the consoles: pages, presses, fields, seconds; and what it looked like on the way.

Pages count by themselves, so that any hand may drive them; they need scripts for that. The machine's seconds are
measured. A person's are reckoned by the keystroke-level model (Card, Moran and Newell 1980): 1.35 s to decide, 1.1 s to
point, 0.2 s to press, 0.4 s to change between mouse and keys, 0.28 s a letter. Reading and thinking come on top.
"""

import re
import sys
import time
from typing import Any, NamedTuple

from playwright.sync_api import Frame, Page

from tests.browser.demo import submit
from tests.browser.test_sight import shoot

_PRESS = 1.35 + 1.1 + 0.2
_FIELD = _PRESS + 2 * 0.4
_LETTER = 0.28
WATCH = """
addEventListener("click", event => event.isTrusted && told("press", 0), true);
addEventListener("change", ({target}) => {
  if (target.matches("select")) told("press", 0);
  else if (!target.matches("[type=checkbox], [type=radio]")) told("field", target.value.length);
}, true);
"""


class Taken(NamedTuple):
    """What a story took so far."""

    pages: int
    presses: int
    fields: int
    letters: int
    seconds: float

    @property
    def by_hand(self) -> float:
        """Return the seconds of somebody who knows the pages: the machine's, and those of the hand."""
        return self.seconds + self.presses * _PRESS + self.fields * _FIELD + self.letters * _LETTER


class Story:
    """One person's task on one page or several, from the first press on."""

    def __init__(self, name: str, *pages: Page) -> None:
        """Watch pages that have not been opened yet."""
        self.name, self.page = name, pages[0]
        self._pages = self._presses = self._fields = self._letters = self._kept = 0
        self._began = time.monotonic()
        for page in pages:
            page.context.expose_binding("told", self._hear)
            page.add_init_script(WATCH)
            page.on("framenavigated", self._opened)

    def _hear(self, _: Any, sort: str, letters: int) -> None:
        self._presses += sort == "press"
        self._fields += sort == "field"
        self._letters += letters

    def _opened(self, frame: Frame) -> None:
        self._pages += frame.parent_frame is None

    def go(self, name: str) -> None:
        """Follow a link of the page or of the navigation."""
        submit(self.page.get_by_role("link", name=name, exact=True).first)

    def press(self, name: str) -> None:
        """Press a button and wait for the page that answers."""
        submit(self.page.get_by_role("button", name=name, exact=True))

    def keep(self, words: str, page: Page | None = None) -> None:
        """Keep a picture of where the story stands."""
        began = time.monotonic()
        self._kept += 1
        name = f"story {self.name} {self._kept} {words}"
        shoot(page or self.page, re.sub("[^a-z0-9]+", "-", name.lower()))
        self._began += time.monotonic() - began  # a picture is no part of the work

    @property
    def taken(self) -> Taken:
        """Return what it took so far."""
        seconds = time.monotonic() - self._began
        return Taken(self._pages, self._presses, self._fields, self._letters, seconds)

    def tell(self) -> Taken:
        """Say what it took, and return it."""
        took = self.taken
        sys.stdout.write(
            f"\n{self.name}: {took.pages} pages, {took.presses} presses, {took.fields} fields, "
            f"{took.seconds:.1f} s of the machine, {took.by_hand:.0f} s by hand\n"
        )
        return took
