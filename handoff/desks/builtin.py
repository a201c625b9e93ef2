"""The built-in queue as a desk: nothing leaves the house, so every walk is over before it begins."""

from handoff.port import Brief, Hook, OutMessage, Received, Remote, RemoteEvent, Setup, Walk


class BuiltIn:
    """Our own agents."""

    caps = frozenset({"live", "ticket", "callback", "idempotent_create"})

    def __init__(self, setup: Setup) -> None:
        """Need nothing of ``setup``."""

    def find(self, key: str) -> Walk[Remote | None]:
        """Return the case: the row is the case."""
        yield from ()
        return Remote(key)

    def open(self, brief: Brief) -> Walk[Remote]:
        """Return the case under its own id."""
        yield from ()
        return Remote(brief.handoff)

    def send(self, remote: Remote, message: OutMessage, key: str) -> Walk[str | None]:
        """Agents read the events themselves."""
        yield from ()
        return None

    def close(self, remote: Remote, reason: str, key: str) -> Walk[None]:
        """Nothing to close beside the row."""
        yield from ()

    def receive(self, hook: Hook) -> Received:
        """Nobody delivers anything."""
        return []

    def pull(self, remote: Remote, cursor: str | None) -> Walk[tuple[list[RemoteEvent], str | None]]:
        """There is nothing to read elsewhere."""
        yield from ()
        return [], cursor

    def health(self) -> Walk[bool]:
        """It is up when we are."""
        yield from ()
        return True
