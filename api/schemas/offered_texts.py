"""Wire types of the texts that choices answered."""

from typing import Any

from pydantic import Field

from api.schemas.wire import Wire


class OfferedTextOut(Wire):
    """A text as it was offered; it never changes."""

    sha256: str = Field(description="Of the text as canonical JSON (RFC 8785).")
    text: dict[str, Any]
