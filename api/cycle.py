"""HOT PATH, budget 3 us. One request's way through the server, its answer written in one go.

uvicorn writes the head of an answer and its body by one system call each, and looks every header field through with
two regular expressions. Here the head of an answer whose length is known waits for its body, and a field that was
found well-formed once (RFC 9110, section 5.5) is known again. Answers without a length, in parts, to HEAD or on a
connection that closes or is congested go uvicorn's own way, as do messages that break ASGI's order.
"""

from typing import Any

from uvicorn.protocols.http.httptools_impl import HEADER_RE, HEADER_VALUE_RE, STATUS_LINE, RequestResponseCycle

Field = tuple[bytes, bytes]

_BODILESS = frozenset({204, 304})
_MOST_LINES = 4096
_LONGEST_LINE = 512


class Lines:
    """Header fields as lines of a head; those that were found well-formed are remembered."""

    def __init__(self) -> None:
        """Remember nothing yet."""
        self._known: dict[Field, bytes] = {}

    def line(self, field: Field) -> bytes:
        """Return the line of a field. Raises ``RuntimeError`` for one that would break the head, as uvicorn does."""
        known = self._known.get(field)
        if known is not None:
            return known
        name, value = field
        if HEADER_RE.search(name) or HEADER_VALUE_RE.search(value):
            raise RuntimeError("Invalid HTTP header.")
        made = b"%b: %b\r\n" % (name.lower(), value)
        if len(self._known) < _MOST_LINES and len(made) <= _LONGEST_LINE and name != b"x-request-id":
            self._known[name, value] = made
        return made


_LINES = Lines()


def length_of(fields: list[Field]) -> int | None:
    """Return the declared length of a body; -1 where uvicorn has more to see to than the length."""
    length = None
    for name, value in fields:
        if name == b"content-length":
            length = int(value)
        elif name in {b"connection", b"transfer-encoding"}:
            return -1
    return length


class OneWriteCycle(RequestResponseCycle):
    """uvicorn's cycle of request and answer, with head and body of a plain answer in one write."""

    _held: Any = None  # a head that waits for its body
    _length: int | None = None

    async def send(self, message: Any) -> None:
        """Take one ASGI message."""
        held = self._held
        if held is None:
            if message["type"] == "http.response.start" and self._may_wait(message):
                self._held = message
                self.response_started = True
                return
        else:
            self._held = None
            body = message.get("body", b"")
            if self._plain(message, body):
                self._answer(held, body)
                return
            self.response_started = False
            await super().send(held)
        await super().send(message)

    def _may_wait(self, message: Any) -> bool:
        if not self.keep_alive or self.response_started or self.scope["method"] == "HEAD":
            return False
        length = length_of(message["headers"])
        self._length = 0 if length is None and message["status"] in _BODILESS else length
        return self._length is not None and self._length >= 0

    def _plain(self, message: Any, body: bytes) -> bool:
        return (
            message["type"] == "http.response.body"
            and len(body) == self._length
            and not message.get("more_body", False)
            and self.keep_alive
            and not self.disconnected
            and not self.flow.write_paused
        )

    def _answer(self, held: Any, body: bytes) -> None:
        line = _LINES.line
        head = b"".join([line(field) for field in held["headers"]])
        dates = b"".join([b"%b: %b\r\n" % field for field in self.default_headers])
        self.waiting_for_100_continue = False
        self.transport.write(b"%b%b%b\r\n%b" % (STATUS_LINE[held["status"]], dates, head, body))
        self.response_complete = True
        self.message_event.set()
        self.on_response()
