"""HOT. The configurations of this process, ready to be sent: made once, compressed once, dropped when anything changes.

What is on the shelf is sent only while this process has heard of every committed change (``Coherence.current``).
"""

import gzip
from collections.abc import Callable, Sequence
from typing import NamedTuple

import orjson

from api.auth.directory import Directory
from api.auth.snapshot import KnownSite
from api.state import AppState
from api.widget.configuration import Configuration, configuration, nearest
from core.clock import Clock
from core.database import Change, Database, Tx
from core.database.coherence import EVERYTHING
from core.errors import NotFoundError
from disclosures.experiments.serving import Cohort
from disclosures.offers import service as offers

_KINDS = ("purpose.", "system.", "touchpoint.", "notice.", "experiment.", "site.", "tenant.")
_MOST = 10_000


class SiteNotFoundError(NotFoundError):
    """No live site has this publishable key."""

    code = "site-not-found"
    title = "There is no such site."


class Ready(NamedTuple):
    """One configuration as bytes, with its entity tag."""

    made: Configuration
    plain: bytes
    packed: bytes
    etag: bytes


class Shelf:
    """All configurations that were asked for since the last change; one shelf for each process."""

    def __init__(self, db: Database, clock: Clock, directory: Directory, current: Callable[[], bool]) -> None:
        """Start empty; ``current`` tells whether this process has heard of every change."""
        self._db = db
        self._clock = clock
        self._directory = directory
        self.current = current
        self._ready: dict[tuple[str, str], Ready] = {}
        # apart from what is sent to everybody: a configuration with variants is never found by its address
        self._variants: dict[tuple[str, str, tuple[Cohort, ...]], Ready] = {}
        self._kept: set[tuple[str, str]] = set()
        self._generation = 0

    def listen(self, changes: Sequence[Change]) -> None:
        """Clear the shelf when something that is shown has changed."""
        if any(change.kind == EVERYTHING or change.kind.startswith(_KINDS) for change in changes):
            self._generation += 1
            self._ready.clear()
            self._variants.clear()

    def held(self, site_key: str, language: str) -> Ready | None:
        """HOT PATH. Return what is on the shelf and may be sent at this moment."""
        # first: it may be just now that this process hears of a change and clears the shelf
        return self._ready.get((site_key, language)) if self.current() else None

    async def take(self, site_key: str, language: str) -> Ready:
        """Return a configuration, made now if need be. Raises ``SiteNotFoundError``."""
        found = self.held(site_key, language)
        if found is not None:
            return found
        site = await self._directory.site_by_key(site_key)
        if site is None:
            raise SiteNotFoundError
        return await self.of_site(site, language)

    async def of_site(self, site: KnownSite, language: str) -> Ready:
        """Return the configuration of a site in a language, or the nearest it has."""
        spoken = nearest(site, language)
        found = self.held(site.publishable_key, spoken)
        generation = self._generation
        if found is None:
            found = _ready(await self._db.read(configuration, site, spoken))
        if generation == self._generation:
            self._put(site.publishable_key, spoken, found)
            self._put(site.publishable_key, language, found)
        return found

    async def of_cohorts(self, site: KnownSite, language: str, cohorts: tuple[Cohort, ...]) -> Ready:
        """Return what people of these cohorts are offered; whether the experiments run is for the caller to know."""
        if not cohorts:
            return await self.of_site(site, language)
        place = (site.publishable_key, nearest(site, language), cohorts)
        found = self._variants.get(place) if self.current() else None
        generation = self._generation
        if found is None:
            found = _ready(await self._db.read(configuration, site, place[1], cohorts))
        if generation == self._generation:
            if len(self._variants) >= _MOST:
                self._variants.clear()
            self._variants[place] = found
        return found

    def _put(self, site_key: str, language: str, found: Ready) -> None:
        if len(self._ready) >= _MOST:
            self._ready.clear()
        self._ready[site_key, language] = found

    async def keep(self, tx: Tx, tenant: str, made: Configuration) -> None:
        """Keep the text of offers on record, in the transaction of the first choice that answers one."""
        if (tenant, made.offered_sha256) not in self._kept:
            await offers.keep(tx, tenant, made.offered, self._clock.now())

    def kept(self, tenant: str, made: Configuration) -> None:
        """Remember that a text is on record: its transaction was committed."""
        if len(self._kept) >= _MOST:
            self._kept.clear()
        self._kept.add((tenant, made.offered_sha256))


def shelf_of(state: AppState) -> Shelf:
    """Return the configurations of this Candor. Raises ``TypeError`` where it was composed without its widget."""
    found = state.shelf
    if not isinstance(found, Shelf):
        raise TypeError("this Candor was composed without its widget")
    return found


def _ready(made: Configuration) -> Ready:
    plain = orjson.dumps(made.document)
    return Ready(made, plain, gzip.compress(plain, 9, mtime=0), f'W/"{made.version}"'.encode())
