"""Tenants, sites and their credentials as rows. Secrets are stored hashed or sealed, never readable."""

from sqlalchemy import BigInteger, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel


class Tenant(SQLModel, table=True):
    """A controller (GDPR Art. 4(7)); every other row belongs to one."""

    __tablename__ = "tenant"

    id: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(sa_type=Text)
    created_at: int = Field(sa_type=BigInteger)
    retired_at: int | None = Field(default=None, sa_type=BigInteger)
    version: int = Field(default=1, sa_type=BigInteger)


class Site(SQLModel, table=True):
    """A web property with its public name; ``languages`` is a JSON list, the first is the default."""

    __tablename__ = "site"
    __table_args__ = (Index("site_by_tenant", "tenant", "id"),)

    id: str = Field(primary_key=True, sa_type=Text)
    tenant: str = Field(sa_type=Text)
    slug: str = Field(unique=True, sa_type=Text)
    name: str = Field(sa_type=Text)
    publishable_key: str = Field(unique=True, sa_type=Text)
    languages: str = Field(sa_type=Text)
    anonymous_choices: bool = True
    created_at: int = Field(sa_type=BigInteger)
    retired_at: int | None = Field(default=None, sa_type=BigInteger)
    version: int = Field(default=1, sa_type=BigInteger)


class SiteOrigin(SQLModel, table=True):
    """An exact web origin whose pages may use the site's publishable key."""

    __tablename__ = "site_origin"

    site: str = Field(primary_key=True, sa_type=Text)
    origin: str = Field(primary_key=True, sa_type=Text)
    tenant: str = Field(sa_type=Text)


class SiteTokenKey(SQLModel, table=True):
    """A key that proves customer tokens: a public key (PEM), or a secret sealed under the key-encryption key."""

    __tablename__ = "site_token_key"
    __table_args__ = (Index("site_token_key_by_site", "site", "created_at"),)

    id: str = Field(primary_key=True, sa_type=Text)
    tenant: str = Field(sa_type=Text)
    site: str = Field(sa_type=Text)
    kid: str = Field(sa_type=Text)
    algorithm: str = Field(sa_type=Text)
    public_key: str | None = Field(default=None, sa_type=Text)
    sealed_secret: bytes | None = Field(default=None, sa_type=LargeBinary)
    kek_id: str | None = Field(default=None, sa_type=Text)
    created_at: int = Field(sa_type=BigInteger)
    retired_at: int | None = Field(default=None, sa_type=BigInteger)


class ApiKey(SQLModel, table=True):
    """An API key by the digest of its token; ``site`` is empty when it may act for the whole tenant."""

    __tablename__ = "api_key"
    __table_args__ = (Index("api_key_by_tenant", "tenant", "id"),)

    id: str = Field(primary_key=True, sa_type=Text)
    tenant: str = Field(sa_type=Text)
    site: str | None = Field(default=None, sa_type=Text)
    name: str = Field(sa_type=Text)
    role: str = Field(sa_type=Text)
    scopes: str = Field(sa_type=Text)
    digest: bytes = Field(unique=True, sa_type=LargeBinary)
    created_at: int = Field(sa_type=BigInteger)
    created_by: str = Field(sa_type=Text)
    expires_at: int | None = Field(default=None, sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)
    last_used_at: int | None = Field(default=None, sa_type=BigInteger)


class ConsoleSession(SQLModel, table=True):
    """A staff member's signed-in browser, by the digest of the number in its cookie. Gone when it ends."""

    __tablename__ = "console_session"
    __table_args__ = (
        Index("ix_console_session_person", "tenant", "person"),
        Index("ix_console_session_ends", "ends_at"),
    )

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    tenant: str = Field(sa_type=Text)
    person: str = Field(sa_type=Text)  # names issuer and subject without showing them
    name: str = Field(sa_type=Text)  # as the issuer tells it, for the person's own eyes and the list of sessions
    roles: str = Field(sa_type=Text)  # canonical JSON list
    role: str = Field(sa_type=Text)  # the one acted in
    issuer_session: str | None = Field(default=None, sa_type=Text)  # OIDC `sid`, hashed with the issuer
    because: str = Field(default="{}", sa_type=Text)  # canonical JSON: why which records are being read
    authenticated_at: int = Field(sa_type=BigInteger)
    created_at: int = Field(sa_type=BigInteger)
    seen_at: int = Field(sa_type=BigInteger)
    ends_at: int = Field(sa_type=BigInteger)


class OneTime(SQLModel, table=True):
    """Something good for one use: a sign-in under way, a printed link, a logout token already taken.

    ``digest`` hashes its kind with it, so that one sort never passes for another.
    """

    __tablename__ = "one_time"

    digest: bytes = Field(primary_key=True, sa_type=LargeBinary)
    content: str = Field(sa_type=Text)
    ends_at: int = Field(sa_type=BigInteger, index=True)
