"""Wire types of sites and of the keys that prove their customers' tokens."""

from typing import Annotated

from pydantic import Field

from api.schemas.wire import Wire

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?$", max_length=11)]
Languages = Annotated[list[Language], Field(min_length=1, max_length=40)]
Origin = Annotated[str, Field(max_length=300)]
Origins = Annotated[list[Origin], Field(max_length=50)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


class SiteIn(Wire):
    """A site to register."""

    slug: str = Field(
        pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$", description="Part of public addresses; never changes."
    )
    name: Name
    languages: Languages = Field(description="BCP 47 tags; the first is the default.")
    origins: Origins = Field(default_factory=list, description="Exact web origins, such as `https://shop.example`.")
    anonymous_choices: bool = Field(
        default=True, description="Whether browsers without a customer token may choose for their own device."
    )


class SitePatch(Wire):
    """What is to change; absent fields stay as they are."""

    name: Name | None = None
    languages: Languages | None = None
    origins: Origins | None = None
    anonymous_choices: bool | None = None


class SiteOut(Wire):
    """A site. `publishable_key` identifies it in browsers and proves nothing."""

    id: str
    slug: str
    name: str
    publishable_key: str
    languages: list[str]
    origins: list[str]
    anonymous_choices: bool
    created_at: str
    retired_at: str | None
    version: int


class SiteList(Wire):
    """The sites within reach, oldest first."""

    items: list[SiteOut]


class TokenKeyIn(Wire):
    """A key for customer tokens: a public key, a shared secret, or neither, to have a secret made."""

    kid: str | None = Field(default=None, pattern=r"^[A-Za-z0-9._~-]{1,64}$", description="As tokens name it.")
    public_key: str | None = Field(
        default=None, max_length=2000, description="PEM of an Ed25519 or P-256 public key; preferred."
    )
    secret: str | None = Field(default=None, max_length=700, description="base64url of at least 32 bytes, for HS256.")


class TokenKeyOut(Wire):
    """A key for customer tokens, without what is secret about it."""

    id: str
    kid: str
    algorithm: str
    created_at: str
    retired_at: str | None


class TokenKeyMade(TokenKeyOut):
    """A key just registered; `secret` only if Candor made it, and never shown again."""

    secret: str | None


class TokenKeyList(Wire):
    """A site's keys for customer tokens, oldest first."""

    items: list[TokenKeyOut]
