"""Rows of the consoles' own conveniences; nothing here has legal effect."""

from sqlalchemy import BigInteger, Index, Text
from sqlmodel import Field, SQLModel


class SavedView(SQLModel, table=True):
    """A named filter of one list page: its owner's alone, or shared with all staff of the tenant."""

    __tablename__ = "saved_view"
    __table_args__ = (Index("ix_saved_view_page", "tenant", "page", "id"),)

    id: str = Field(primary_key=True, sa_type=Text)
    tenant: str = Field(sa_type=Text)
    owner: str = Field(sa_type=Text)
    page: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    query: str = Field(sa_type=Text)
    shared: bool
    created_at: int = Field(sa_type=BigInteger)


class OpenPage(SQLModel, table=True):
    """Who has which page open right now; a row says nothing any more once it was not renewed for a minute or two."""

    __tablename__ = "open_page"
    __table_args__ = (Index("ix_open_page_seen", "tenant", "seen_at"),)

    tenant: str = Field(primary_key=True, sa_type=Text)
    page: str = Field(primary_key=True, sa_type=Text)
    person: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(sa_type=Text)
    seen_at: int = Field(sa_type=BigInteger)


class ReadyReply(SQLModel, table=True):
    """Words agents keep at hand for a language; sending them ends the conversation or passes it on, where so set."""

    __tablename__ = "ready_reply"
    __table_args__ = (Index("ix_ready_reply_title", "tenant", "title", "id"),)

    id: str = Field(primary_key=True, sa_type=Text)
    tenant: str = Field(sa_type=Text)
    title: str = Field(sa_type=Text)
    language: str = Field(sa_type=Text)
    text: str = Field(sa_type=Text)
    outcome: str | None = Field(default=None, sa_type=Text)
    queue: str | None = Field(default=None, sa_type=Text)
    made_by: str = Field(sa_type=Text)
    made_at: int = Field(sa_type=BigInteger)
