"""The plug between Candor and a help desk: pure request builders and parsers, no I/O, each a walk of calls and replies.

An operation is a generator: it yields the calls to make and is sent the replies, so an adapter is tested on recorded
bytes and never opens a socket. The core owns everything else: outbox, dedupe, ordering, echoes, circuit breaker,
reconciliation, the fallback chain. Desks are entry points of the group ``candor.desks``.
"""

from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple, Protocol, TypeVar, runtime_checkable

T = TypeVar("T")
Kind = Literal["accepted", "released", "message", "resolved", "reopened", "failed"]


class Call(NamedTuple):
    """One HTTP request to a desk."""

    method: str
    url: str
    body: bytes | None = None
    headers: Mapping[str, str] = {}


class Letter(NamedTuple):
    """One e-mail to a desk; ``reference`` threads it, answers go to ``reply_to``."""

    to: str
    subject: str
    text: str
    message_id: str
    reference: str | None = None
    reply_to: str | None = None


class Reply(NamedTuple):
    """What came back; header fields in lower case. A letter that was taken is ``250``."""

    status: int
    headers: Mapping[str, str]
    body: bytes


Walk = Generator[Call | Letter, Reply, T]


@dataclass(frozen=True)
class Setup:
    """How the operator reaches a desk. ``secrets`` are never shown or logged; ``options`` are the desk's own words."""

    key: str
    url: str
    options: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    now: float = 0.0  # seconds since the epoch, for signatures that carry the time

    def option(self, name: str, default: str = "") -> str:
        """Return an option."""
        return self.options.get(name, default)

    def secret(self, name: str) -> str:
        """Return a secret, empty if there is none."""
        return self.secrets.get(name, "")


@dataclass(frozen=True)
class Brief:
    """What a desk is told of a case: minimised, with a pseudonym in place of the customer's name."""

    handoff: str  # our id: idempotency and correlation key everywhere
    reference: str
    customer: str
    language: str
    mode: str
    priority: int
    pack: Mapping[str, Any]
    callback_at: str | None = None
    decision: str | None = None

    @property
    def title(self) -> str:
        """Return the subject line."""
        return f"[{self.reference}] A customer asks for a person"


@dataclass(frozen=True)
class OutMessage:
    """Words of the customer for a desk."""

    text: str
    actor: str = "customer"

    @property
    def labelled(self) -> str:
        """Return the words with who said them, for desks that post as the bridge."""
        return f"[{self.actor}] {self.text}"


@dataclass(frozen=True)
class Remote:
    """A case at a desk: its id there."""

    id: str
    url: str | None = None
    extra: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RemoteEvent:
    """One thing that happened at a desk. ``key`` is unique there; ``order`` is the desk's own sequence, if it has one.

    ``text`` is public: private notes never leave ``receive`` and ``pull``. ``actor`` names a person.
    """

    key: str
    kind: Kind
    order: int | None = None
    actor: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class Hook:
    """One delivery by a desk, as it arrived; header names in lower case, ``now`` in seconds."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    now: float

    def header(self, name: str) -> str:
        """Return a header field."""
        return self.headers.get(name.lower(), "")


Received = list[tuple[str, RemoteEvent]]  # the case's id at the desk, and what happened


class Desk(Protocol):
    """One kind of help desk, for one setup. All walks raise ``DeskFailedError``.

    What a walk or ``receive`` raises over an answer of another shape (``KeyError``, ``TypeError`` and their like) is
    taken for a failure of the desk.
    """

    caps: frozenset[str]  # of: live, ticket, callback, idempotent_create, push, pull

    def find(self, key: str) -> Walk[Remote | None]:
        """Find a case by our key: before each create, and after a failure that leaves it open whether there is one."""
        ...

    def open(self, brief: Brief) -> Walk[Remote]:
        """Make the case."""
        ...

    def send(self, remote: Remote, message: OutMessage, key: str) -> Walk[str | None]:
        """Post the customer's words and return the message's key as ``receive`` would name it, to know our echo."""
        ...

    def close(self, remote: Remote, reason: str, key: str) -> Walk[None]:
        """Take the case back in a way that can be undone there."""
        ...

    def receive(self, hook: Hook) -> Received:
        """Return what a delivery tells. Raises ``BadSignatureError``."""
        ...

    def pull(self, remote: Remote, cursor: str | None) -> Walk[tuple[list[RemoteEvent], str | None]]:
        """Return what happened since ``cursor``, and the next cursor."""
        ...

    def health(self) -> Walk[bool]:
        """Tell whether the desk answers."""
        ...


@runtime_checkable
class Erasing(Protocol):
    """A desk that can delete a case for good when its person is erased; the others are named for people to do it."""

    def erase(self, remote: Remote, key: str) -> Walk[None]:
        """Delete the case there."""
        ...
