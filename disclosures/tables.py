"""Rows of the register of AI systems (DIS-01) with what each was at each change, and of overrides of rules (RUL-04)."""

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel


class AiSystem(SQLModel, table=True):
    """An AI system as it is now; ``document`` is the canonical JSON of all its fields."""

    __tablename__ = "ai_system"

    tenant: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    document: str
    revision: int = 1  # counts every change; the ETag
    created_at: int = Field(sa_type=BigInteger)
    retired_at: int | None = Field(default=None, sa_type=BigInteger)


class AiSystemVersion(SQLModel, table=True):
    """What the register said from ``recorded_at`` on; immutable, so that any past answer can be reproduced."""

    __tablename__ = "ai_system_version"

    tenant: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    document: str
    sha256: str
    recorded_at: int = Field(sa_type=BigInteger)


class RuleOverride(SQLModel, table=True):
    """What a tenant changed in a rule of a pack (RUL-04); immutable but for its revocation.

    ``signed_off_by`` is set where the change asks for less than the rule: the credential of the data protection
    officer who answers for it.
    """

    __tablename__ = "rule_override"

    tenant: str = Field(primary_key=True)
    id: str = Field(primary_key=True)
    pack: str
    rule: str
    document: str  # canonical JSON of the change
    direction: str
    reason: str
    created_by: str
    signed_off_by: str | None = None
    created_at: int = Field(sa_type=BigInteger)
    expires_at: int | None = Field(default=None, sa_type=BigInteger)
    revoked_at: int | None = Field(default=None, sa_type=BigInteger)
    revoked_by: str | None = None
