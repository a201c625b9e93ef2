"""Documents people send: small, of few kinds, and what they say they are (CWE-434). Pure.

The first bytes decide, not the name: a web page that calls itself a PDF is refused. Nothing here is ever opened by
Candor itself; staff get it as a file to download.
"""

from base64 import b64decode
from typing import Final, NamedTuple

from core.errors import FieldError
from explanations.requests.errors import DocumentRefusedError

MOST_BYTES: Final = 500_000
_MAGIC: Final = {
    "application/pdf": (b"%PDF-",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "image/jpeg": (b"\xff\xd8\xff",),
}
TEXT: Final = "text/plain"
MEDIA_TYPES: Final = (*_MAGIC, TEXT)


class Document(NamedTuple):
    """A document that may be kept."""

    media_type: str
    content: bytes


def read(media_type: str, encoded: str) -> Document:
    """Return a document from base64. Raises ``DocumentRefusedError``."""
    try:
        content = b64decode(encoded, validate=True)
    except ValueError as error:
        raise _refused("/content", "not base64") from error
    if not content:
        raise _refused("/content", "it is empty")
    if len(content) > MOST_BYTES:
        raise _refused("/content", f"it is larger than {MOST_BYTES} bytes")
    if media_type not in MEDIA_TYPES:
        raise _refused("/media_type", f"one of {', '.join(MEDIA_TYPES)}")
    if media_type == TEXT:
        if not _is_text(content):
            raise _refused("/content", "not text in UTF-8")
    elif not content.startswith(_MAGIC[media_type]):
        raise _refused("/content", "it is not what its media type says")
    return Document(media_type, content)


def _is_text(content: bytes) -> bool:
    try:
        found = content.decode()
    except UnicodeDecodeError:
        return False
    return not any(ord(ch) < 32 and ch not in "\t\r\n" for ch in found)


def _refused(pointer: str, detail: str) -> DocumentRefusedError:
    return DocumentRefusedError(fields=(FieldError(pointer, detail),))
