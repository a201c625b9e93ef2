"""Rows of the register (DIS-01), of overrides (RUL-04), notices, offers, showings and claims (DIS-02, 04, 12)."""

from sqlalchemy import BigInteger, Column, Index, Integer, LargeBinary, text
from sqlmodel import Field, SQLModel

# on SQLite only INTEGER PRIMARY KEY is the row's own place: a second index would double every write
SEQ = BigInteger().with_variant(Integer, "sqlite")


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


class Touchpoint(SQLModel, table=True):
    """A place where customers meet an AI system, as the register has it now; ``state`` is its place in life."""

    __tablename__ = "touchpoint"

    tenant: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    document: str
    state: str = "draft"
    revision: int = 1
    created_at: int = Field(sa_type=BigInteger)
    changed_at: int = Field(sa_type=BigInteger)


class TouchpointVersion(SQLModel, table=True):
    """What the register said of a touchpoint from ``recorded_at`` on; immutable."""

    __tablename__ = "touchpoint_version"

    tenant: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    document: str
    state: str
    sha256: str
    recorded_at: int = Field(sa_type=BigInteger)


class Notice(SQLModel, table=True):
    """A notice by its key: its draft, who wrote and who approved it, and which version is the latest published."""

    __tablename__ = "notice"
    __table_args__ = (
        Index(
            "ix_notice_scheduled",
            "publish_at",
            sqlite_where=text("publish_at IS NOT NULL"),
            postgresql_where=text("publish_at IS NOT NULL"),
        ),
    )

    tenant: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    draft: str | None = None  # canonical JSON of the next version, or nothing under way
    drafted_by: str | None = None
    approved_by: str | None = None  # of the draft as it stands: any change takes the approval away
    publish_at: int | None = Field(default=None, sa_type=BigInteger)
    publish_material: bool = False
    latest_version: int = 0  # 0: nothing published yet
    revision: int = 1
    created_at: int = Field(sa_type=BigInteger)
    retired_at: int | None = Field(default=None, sa_type=BigInteger)


class NoticeVersion(SQLModel, table=True):
    """A published notice: immutable, hashed. ``register_sha256`` is what its touchpoints were when it was written."""

    __tablename__ = "notice_version"

    tenant: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    document: str
    sha256: str
    material: bool
    readability: str  # canonical JSON: for each language LIX and words in a sentence
    register_sha256: str
    published_at: int = Field(sa_type=BigInteger)
    drafted_by: str
    approved_by: str
    aside: bool | None = None  # published for experiments only: never in force


class OfferedText(SQLModel, table=True):
    """The exact text that offers stand for, by its hash: what a person had before her eyes (GDPR Art. 7(1))."""

    __tablename__ = "offered_text"

    tenant: str = Field(primary_key=True)
    sha256: str = Field(primary_key=True)
    document: str
    first_at: int = Field(sa_type=BigInteger)


class UsedOffer(SQLModel, table=True):
    """HOT. An offer that a choice has brought back; kept until it would have expired anyway."""

    __tablename__ = "used_offer"
    __table_args__ = (Index("ix_used_offer_expires", "expires_at"), {"sqlite_with_rowid": False})

    id: str = Field(primary_key=True)
    expires_at: int = Field(sa_type=BigInteger)


class Showing(SQLModel, table=True):
    """Proof that a notice was displayed; never changed. ``seq`` is its ledger entry's."""

    __tablename__ = "showing"
    __table_args__ = (
        Index("ix_showing_conversation", "tenant", "conversation", "seq"),
        Index("ix_showing_session", "tenant", "session", "seq"),
        Index("ix_showing_notice", "tenant", "notice", "version", "seq"),
        Index("ix_showing_decision", "tenant", "decision", "seq"),
        Index("ix_showing_subject", "tenant", "subject", "seq"),
        Index(
            "ix_showing_experiment",
            "tenant",
            "experiment",
            "version",
            sqlite_where=text("experiment IS NOT NULL"),
            postgresql_where=text("experiment IS NOT NULL"),
        ),
    )

    seq: int = Field(sa_column=Column(SEQ, primary_key=True, autoincrement=False))
    id: str
    tenant: str
    site: str | None = None
    notice: str
    version: int
    sha256: str  # of the version
    lang: str
    surface: str
    build: str
    touchpoint: str | None = None
    session: str
    conversation: str | None = None
    decision: str | None = None
    subject: bytes | None = Field(default=None, sa_column=Column(LargeBinary, nullable=True))
    position: str | None = None
    before_first_turn: bool | None = None
    shown_at: int = Field(sa_type=BigInteger)
    recorded_at: int = Field(sa_type=BigInteger)
    experiment: str | None = None  # whose variant this version was for the person


class Speaker(SQLModel, table=True):
    """Who speaks in a conversation now (``ai``, ``human`` or ``mixed``), and when the AI first did."""

    __tablename__ = "speaker"
    __table_args__ = (
        Index(
            "ix_speaker_unjudged",
            "first_ai_at",
            sqlite_where=text("judged_at IS NULL AND first_ai_at IS NOT NULL"),
            postgresql_where=text("judged_at IS NULL AND first_ai_at IS NOT NULL"),
        ),
    )

    tenant: str = Field(primary_key=True)
    conversation: str = Field(primary_key=True)
    touchpoint: str
    who: str
    since: int = Field(sa_type=BigInteger)
    first_ai_at: int | None = Field(default=None, sa_type=BigInteger)
    judged_at: int | None = Field(default=None, sa_type=BigInteger)


class DisclosureGap(SQLModel, table=True):
    """A conversation in which the AI spoke before the person was told; never changed."""

    __tablename__ = "disclosure_gap"
    __table_args__ = (Index("ix_disclosure_gap_tenant", "tenant", "seq"),)

    seq: int = Field(sa_column=Column(SEQ, primary_key=True, autoincrement=False))
    tenant: str
    conversation: str
    touchpoint: str
    first_ai_at: int = Field(sa_type=BigInteger)
    shown_at: int | None = Field(default=None, sa_type=BigInteger)  # the first showing; nothing if there is none
    found_at: int = Field(sa_type=BigInteger)


class ShowingTally(SQLModel, table=True):
    """How many showings or gaps of one sort there were on one UTC day: what the report of them is added up from.

    ``event`` is ``shown``, ``late`` (shown after the AI had spoken) or ``gap``; a gap has no notice.
    """

    __tablename__ = "showing_tally"

    tenant: str = Field(primary_key=True)
    day: str = Field(primary_key=True)  # 2026-11-21
    event: str = Field(primary_key=True)
    notice: str = Field(primary_key=True)
    version: int = Field(primary_key=True)
    lang: str = Field(primary_key=True)
    surface: str = Field(primary_key=True)
    touchpoint: str = Field(primary_key=True)
    number: int = Field(sa_type=BigInteger)


class ShowingTallyMark(SQLModel, table=True):
    """Up to which ledger entry showings (``shown``) and gaps (``gap``) are counted."""

    __tablename__ = "showing_tally_mark"

    event: str = Field(primary_key=True)
    seq: int = Field(sa_type=BigInteger)


class ClaimVersion(SQLModel, table=True):
    """What a company says its AI can do, and by what it can show it, from ``recorded_at`` on; immutable.

    The highest revision is the present one.
    """

    __tablename__ = "claim_version"

    tenant: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    revision: int = Field(primary_key=True)
    document: str
    retired: bool
    sha256: str
    recorded_at: int = Field(sa_type=BigInteger)
