"""Rows of the edge: answers kept for requests that may be sent again."""

from sqlalchemy import BigInteger, Column, LargeBinary
from sqlmodel import Field, SQLModel


class KeptAnswer(SQLModel, table=True):
    """The answer to one request with an Idempotency-Key, written in the transaction of its effect.

    ``id`` is the SHA-256 of tenant, credential, route and key; the key itself is not kept. ``sealed`` opens only with
    the key the caller of the edge gave: a subject's data key, so that erasing the subject reaches this row as well.
    """

    __tablename__ = "kept_answer"

    id: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    fingerprint: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    sealed: bytes = Field(sa_column=Column(LargeBinary, nullable=False))
    expires_at: int = Field(sa_type=BigInteger, index=True)
