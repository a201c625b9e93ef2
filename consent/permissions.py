"""The gate as a service: may this AI system process this person for this purpose, now or at a past instant?

- Warm answers come from memory (``consent.cache``), and only while ``Coherence.current`` says that memory holds
  everything committed. Otherwise the question is refused: a replica cut off from its records permits nothing.
- ``check_at`` reproduces what the answer was at a past instant, from events and catalogue versions recorded by then.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from consent import store
from consent.cache import Catalogue, Question, Rows, TenantCache, ask, by_level
from consent.gate import Answer, wire
from core.clock import Clock
from core.database import Change, Database, Reader
from core.database.coherence import EVERYTHING, Apply, Coherence
from core.errors import UnavailableError

CatalogueAt = Callable[[Reader, str, int | None], Awaitable[Catalogue]]
_CATALOGUE_KINDS = ("purpose.", "system.")
_MOST_TENANTS = 10_000


class RecordsOutOfReachError(UnavailableError):
    """Memory may be stale and the records can't be read: nothing is permitted."""

    code = "records-out-of-reach"
    title = "The records can't be reached, so nothing is permitted. Treat this as a deny and ask again shortly."


class _Load:
    """A read under way: of whom, and of whom something has changed since it began."""

    __slots__ = ("changed", "subjects", "tenant")

    def __init__(self, tenant: str, subjects: set[bytes]) -> None:
        self.tenant = tenant
        self.subjects = subjects
        self.changed: set[bytes] = set()


class Gate:
    """All tenants' permission checks in one process."""

    def __init__(
        self,
        db: Database,
        clock: Clock,
        coherence: Coherence,
        catalogue: CatalogueAt,
        *,
        most_subjects: int,
        ttl_seconds: int,
    ) -> None:
        """Answer from ``db``; ``catalogue`` reads a tenant's purposes and systems, now or at a past instant."""
        self._db = db
        self._clock = clock
        self._coherence = coherence
        self._catalogue = catalogue
        self._most = most_subjects
        self._ttl = ttl_seconds
        self._tenants: dict[str, TenantCache] = {}
        self._loads: list[_Load] = []
        self._waiting: dict[str, dict[bytes, asyncio.Future[Rows]]] = {}
        self._reading: dict[str, asyncio.Task[None]] = {}
        self._generation = 0
        coherence.listen(self._apply)

    def tenant(self, tenant: str) -> TenantCache:
        """Return what is remembered of a tenant."""
        cache = self._tenants.get(tenant)
        if cache is None:
            if len(self._tenants) >= _MOST_TENANTS:
                self._tenants.clear()
            cache = self._tenants[tenant] = TenantCache(self._most, self._ttl)
        return cache

    def listen(self, apply: Apply) -> None:
        """Have ``apply`` told of the same changes as this gate."""
        self._coherence.listen(apply)

    def current(self) -> bool:
        """HOT PATH. Tell whether answers may come from memory at this moment."""
        return self._coherence.current()

    async def settle(self) -> None:
        """Wait until no process permits any more what is withdrawn by now, whoever committed that.

        For answers that acknowledge another process' commit: it may have died before it told anyone.
        """
        await self._coherence.settle()

    def _apply(self, changes: Sequence[Change]) -> None:
        for change in changes:
            if change.subject is not None:
                cache = self._tenants.get(change.tenant)
                if cache is not None:
                    cache.forget((change.subject,))
                for load in self._loads:
                    if load.tenant == change.tenant:
                        load.changed.add(change.subject)
            elif change.kind.startswith(_CATALOGUE_KINDS):
                self._generation += 1
                if change.tenant in self._tenants:
                    self._tenants[change.tenant].forget_catalogue()
            elif change.kind == EVERYTHING:
                self._generation += 1
                self._tenants.clear()
                for load in self._loads:
                    load.changed |= load.subjects

    def look_up(self, tenant: str, subject: bytes) -> bool:
        """HOT PATH. Remember a person by a read here and now, where that takes microseconds; tell whether it did.

        Call it right after ``current`` said yes: nothing can come between.
        """
        rows = store.states_here(self._db, tenant, subject)
        if rows is None:
            return False
        self.tenant(tenant).remember(subject, rows)
        return True

    async def check(self, tenant: str, subject: bytes, question: Question, *, fresh: bool = False) -> Answer:
        """Answer one question now. ``fresh`` reads the records even if memory is current.

        Raises ``RecordsOutOfReachError`` when neither memory nor records can be trusted.
        """
        return (await self.check_many(tenant, [(subject, question)], fresh=fresh))[0]

    async def check_many(
        self, tenant: str, asked: Sequence[tuple[bytes, Question]], *, fresh: bool = False
    ) -> list[Answer]:
        """Answer many questions of one tenant, in order, all of one moment's records."""
        catalogue = await self._known_catalogue(tenant)
        subjects = list(dict.fromkeys(subject for subject, _ in asked))
        rows = await self._rows(tenant, subjects, remember=not fresh)
        if not self._coherence.current():
            raise RecordsOutOfReachError
        now = self._clock.now()
        return [ask(question, catalogue, rows[subject], now, self._ttl) for subject, question in asked]

    async def answers(self, tenant: str, asked: Sequence[tuple[bytes, Question]]) -> list[bytes]:
        """HOT PATH. Answer many questions as JSON, from memory where it can, the rest in one read."""
        await self._known_catalogue(tenant)
        answer, now = self.tenant(tenant).answer, self._clock.now()
        found = [answer(subject, question, now) for subject, question in asked]
        missing = [place for place, body in enumerate(found) if body is None]
        if missing:
            worked_out = await self.check_many(tenant, [asked[place] for place in missing])
            for place, one in zip(missing, worked_out, strict=True):
                found[place] = wire(one)
        return [body for body in found if body is not None]

    async def check_at(self, tenant: str, subject: bytes, question: Question, at: int) -> Answer:
        """Reproduce the answer of the past instant ``at`` (microseconds)."""

        async def work(tx: Reader) -> Answer:
            catalogue = await self._catalogue(tx, tenant, at)
            rows = await store.states_at(tx, tenant, subject, at)
            return ask(question, catalogue, by_level(rows), at, self._ttl)

        return await self._db.read(work)

    async def warm(self, tenant: str) -> None:
        """Read a tenant's catalogue, so that its next answers can come from memory."""
        await self._known_catalogue(tenant)

    async def _known_catalogue(self, tenant: str) -> Catalogue:
        cache = self.tenant(tenant)
        while True:
            if not self._coherence.current():
                raise RecordsOutOfReachError
            cache = self.tenant(tenant)
            if cache.catalogue is not None:
                return cache.catalogue
            generation = self._generation
            read = await self._db.read(self._catalogue, tenant, None)
            if generation == self._generation and cache is self._tenants.get(tenant):
                cache.catalogue = read

    async def _rows(self, tenant: str, subjects: Sequence[bytes], *, remember: bool) -> dict[bytes, Rows]:
        """Read people's rows; with one person asked about, together with whoever else is asked about meanwhile."""
        if len(subjects) == 1 and remember and self._db.dialect == "postgresql":
            return {subjects[0]: await self._together(tenant, subjects[0])}
        return await self._read(tenant, subjects, remember=remember)

    async def _read(self, tenant: str, subjects: Sequence[bytes], *, remember: bool) -> dict[bytes, Rows]:
        """Read people's rows in one statement; those of whom something changed meanwhile are read again."""
        found: dict[bytes, Rows] = {}
        wanted = list(subjects)
        while wanted:
            load = _Load(tenant, set(wanted))
            self._loads.append(load)
            try:
                read = await store.states_of_many(self._db, tenant, wanted)
            finally:
                self._loads.remove(load)
            cache = self.tenant(tenant)
            for subject in wanted:
                if subject not in load.changed:
                    rows = read.get(subject, ())
                    found[subject] = by_level(rows)
                    if remember:
                        cache.remember(subject, rows)
            wanted = [subject for subject in wanted if subject in load.changed]
        return found

    async def _together(self, tenant: str, subject: bytes) -> Rows:
        """Wait for the next common read: while one is under way, all who miss gather for the one after it."""
        waiting = self._waiting.setdefault(tenant, {})
        future = waiting.get(subject)
        if future is None:
            future = waiting[subject] = asyncio.get_running_loop().create_future()
        if tenant not in self._reading:
            self._reading[tenant] = asyncio.create_task(self._drain(tenant))
        return await asyncio.shield(future)

    async def _drain(self, tenant: str) -> None:
        while waiting := self._waiting.pop(tenant, {}):
            try:
                found = await self._read(tenant, list(waiting), remember=True)
            except Exception as error:  # noqa: BLE001 -- every waiting question gets the error, none waits for ever
                for future in waiting.values():
                    future.set_exception(error)
                    future.exception()
            else:
                for subject, future in waiting.items():
                    future.set_result(found[subject])
        del self._reading[tenant]
