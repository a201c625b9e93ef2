"""What one running Candor is made of: settings, store, clock, keys and the parts of the edge; made once, passed down.

The edge puts it into every request; routes take it with ``state_of(request)``.
"""

from dataclasses import dataclass, field
from typing import Protocol

from starlette.requests import HTTPConnection

from api.bell import Bell
from api.cors import Origins
from api.limits import Limiter
from api.metrics import Metrics
from api.paging import Cursors
from api.terms import terms_of
from api.tracing import Traces
from consent.notary import Notary
from consent.permissions import Gate
from core import crypto
from core.clock import Clock
from core.database import Database
from core.http import HttpClient
from core.keys import KeyRing
from core.settings import Settings
from disclosures.packs.loading import PackSet, bundled
from explanations.explaining import Explainer
from explanations.requests.terms import Desk


class Probe(Protocol):
    """Something that must hold for this process to be ready to serve."""

    name: str

    async def check(self) -> bool:
        """Tell whether it holds now; an exception counts as no."""
        ...


class Part(Protocol):
    """Something that runs as long as this process serves: caches' coherence, background jobs."""

    async def open(self) -> None:
        """Start; the store is open."""
        ...

    async def close(self) -> None:
        """Stop; the store is still open."""
        ...


@dataclass(frozen=True)
class AppState:
    """The parts of one running Candor. ``directory`` knows sites, keys and origins; ``probes`` decide readiness."""

    settings: Settings
    db: Database
    clock: Clock
    keyring: KeyRing
    directory: Origins
    probes: tuple[Probe, ...] = ()
    parts: tuple[Part, ...] = ()  # opened in this order, closed in the other
    permissions: Gate | None = None
    choosing: Notary | None = None
    shelf: object | None = None  # the widget's configurations: api/widget/shelf.py
    explaining: Explainer | None = None
    models: HttpClient = field(default_factory=HttpClient)  # asks deployed models; nothing else does
    traces: Traces | None = None
    sign_in: object | None = None  # of staff, to the consoles: api/auth/sign_in.py
    packs: PackSet = field(default_factory=bundled)
    metrics: Metrics = field(default_factory=Metrics)
    calling: HttpClient | None = None  # to help desks
    telling: HttpClient = field(default_factory=HttpClient)  # recipients of opt-outs and withdrawals
    hung: Bell | None = None  # the bell that jobs ring too, where there are any
    bell: Bell = field(init=False)
    limiter: Limiter = field(init=False)
    cursors: Cursors = field(init=False)
    desk: Desk = field(init=False)
    kept_answer_key: bytes = field(init=False, repr=False)  # seals kept answers that are about no subject
    started_at: int = field(init=False)  # when this process was put together
    in_flight: set[bytes] = field(default_factory=set)  # requests with an Idempotency-Key being worked on here

    def __post_init__(self) -> None:
        """Make the parts that follow from the others."""
        object.__setattr__(self, "bell", self.hung or Bell(self.db))
        object.__setattr__(self, "started_at", self.clock.now())
        object.__setattr__(self, "limiter", Limiter(self.settings.limits))
        object.__setattr__(self, "cursors", Cursors(self.keyring))
        object.__setattr__(self, "desk", Desk(self.keyring, terms_of(self.settings)))
        object.__setattr__(self, "kept_answer_key", crypto.derived_key(self.keyring.pepper, "kept-answer/1"))

    @property
    def gate(self) -> Gate:
        """Return the permission checks of this process. Raises ``RuntimeError`` where there are none."""
        if self.permissions is None:
            raise RuntimeError("this Candor was composed without its gate")
        return self.permissions

    @property
    def notary(self) -> Notary:
        """Return what it takes to record choices. Raises ``RuntimeError`` where there is none."""
        if self.choosing is None:
            raise RuntimeError("this Candor was composed without its notary")
        return self.choosing

    @property
    def explainer(self) -> Explainer:
        """Return what explains decisions. Raises ``RuntimeError`` where there is none."""
        if self.explaining is None:
            raise RuntimeError("this Candor was composed without its explainer")
        return self.explaining


def state_of(connection: HTTPConnection) -> AppState:
    """Return the state of the Candor that serves this request."""
    state: AppState = connection.scope["candor.state"]
    return state
