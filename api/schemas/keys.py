"""Wire types of API keys."""

from typing import Annotated, Literal

from pydantic import Field

from api.schemas.sites import Name
from api.schemas.wire import Wire

Scope = Annotated[str, Field(pattern=r"^[a-z]+:[a-z]+$", max_length=40)]


class KeyIn(Wire):
    """An API key to make. For a rotation make a second one of the same name, then revoke the first."""

    name: Name = Field(description="What it is for. Two keys of one name may live at a time.")
    role: Literal["site", "admin"] = "site"
    scopes: list[Scope] = Field(min_length=1, max_length=40, description="docs/access.md lists them.")
    site: str | None = Field(default=None, max_length=64, description="Bind the key to one site.")
    expires_at: str | None = Field(default=None, max_length=40, description="RFC 3339; null = until revoked.")


class KeyOut(Wire):
    """An API key; its token is not stored and can't be shown."""

    id: str
    name: str
    role: str
    scopes: list[str]
    site: str | None
    created_at: str
    created_by: str
    expires_at: str | None
    revoked_at: str | None
    last_used_at: str | None = Field(description="Approximate.")


class KeyMade(KeyOut):
    """A key just made, with its token: keep it now, it is never shown again."""

    token: str


class KeyList(Wire):
    """API keys within reach, oldest first."""

    items: list[KeyOut]
