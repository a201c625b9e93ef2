"""Rows of the register of AI systems (DIS-01): the system by its key, and what it was at each change."""

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
