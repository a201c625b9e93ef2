"""The disclosures' tables: touchpoints, notices and their versions, offers, showings."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "disclosure_gap",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("touchpoint", sa.Text(), nullable=False),
        sa.Column("first_ai_at", sa.BigInteger(), nullable=False),
        sa.Column("shown_at", sa.BigInteger(), nullable=True),
        sa.Column("found_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    with op.batch_alter_table("disclosure_gap", schema=None) as batch_op:
        batch_op.create_index("ix_disclosure_gap_tenant", ["tenant", "seq"], unique=False)

    op.create_table(
        "notice",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=True),
        sa.Column("drafted_by", sa.Text(), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("publish_at", sa.BigInteger(), nullable=True),
        sa.Column("publish_material", sa.Boolean(), nullable=False),
        sa.Column("latest_version", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "key"),
    )
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.create_index(
            "ix_notice_scheduled",
            ["publish_at"],
            unique=False,
            sqlite_where=sa.text("publish_at IS NOT NULL"),
            postgresql_where=sa.text("publish_at IS NOT NULL"),
        )

    op.create_table(
        "notice_version",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("material", sa.Boolean(), nullable=False),
        sa.Column("readability", sa.Text(), nullable=False),
        sa.Column("register_sha256", sa.Text(), nullable=False),
        sa.Column("published_at", sa.BigInteger(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "key", "version"),
    )
    op.create_table(
        "offered_text",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "sha256"),
    )
    op.create_table(
        "showing",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("lang", sa.Text(), nullable=False),
        sa.Column("surface", sa.Text(), nullable=False),
        sa.Column("build", sa.Text(), nullable=False),
        sa.Column("touchpoint", sa.Text(), nullable=True),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("subject", sa.LargeBinary(), nullable=True),
        sa.Column("position", sa.Text(), nullable=True),
        sa.Column("before_first_turn", sa.Boolean(), nullable=True),
        sa.Column("shown_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    with op.batch_alter_table("showing", schema=None) as batch_op:
        batch_op.create_index("ix_showing_conversation", ["tenant", "conversation", "seq"], unique=False)
        batch_op.create_index("ix_showing_decision", ["tenant", "decision", "seq"], unique=False)
        batch_op.create_index("ix_showing_notice", ["tenant", "notice", "version", "seq"], unique=False)
        batch_op.create_index("ix_showing_session", ["tenant", "session", "seq"], unique=False)
        batch_op.create_index("ix_showing_subject", ["tenant", "subject", "seq"], unique=False)

    op.create_table(
        "speaker",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("conversation", sa.Text(), nullable=False),
        sa.Column("touchpoint", sa.Text(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("first_ai_at", sa.BigInteger(), nullable=True),
        sa.Column("judged_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "conversation"),
    )
    with op.batch_alter_table("speaker", schema=None) as batch_op:
        batch_op.create_index(
            "ix_speaker_unjudged",
            ["first_ai_at"],
            unique=False,
            sqlite_where=sa.text("judged_at IS NULL AND first_ai_at IS NOT NULL"),
            postgresql_where=sa.text("judged_at IS NULL AND first_ai_at IS NOT NULL"),
        )

    op.create_table(
        "touchpoint",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "key"),
    )
    op.create_table(
        "touchpoint_version",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "key", "revision"),
    )
    op.create_table(
        "used_offer",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("used_offer", schema=None) as batch_op:
        batch_op.create_index("ix_used_offer_expires", ["expires_at"], unique=False)


def downgrade() -> None:
    """Take this step back."""
    with op.batch_alter_table("used_offer", schema=None) as batch_op:
        batch_op.drop_index("ix_used_offer_expires")

    op.drop_table("used_offer")
    op.drop_table("touchpoint_version")
    op.drop_table("touchpoint")
    with op.batch_alter_table("speaker", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_speaker_unjudged",
            sqlite_where=sa.text("judged_at IS NULL AND first_ai_at IS NOT NULL"),
            postgresql_where=sa.text("judged_at IS NULL AND first_ai_at IS NOT NULL"),
        )

    op.drop_table("speaker")
    with op.batch_alter_table("showing", schema=None) as batch_op:
        batch_op.drop_index("ix_showing_subject")
        batch_op.drop_index("ix_showing_session")
        batch_op.drop_index("ix_showing_notice")
        batch_op.drop_index("ix_showing_decision")
        batch_op.drop_index("ix_showing_conversation")

    op.drop_table("showing")
    op.drop_table("offered_text")
    op.drop_table("notice_version")
    with op.batch_alter_table("notice", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_notice_scheduled",
            sqlite_where=sa.text("publish_at IS NOT NULL"),
            postgresql_where=sa.text("publish_at IS NOT NULL"),
        )

    op.drop_table("notice")
    with op.batch_alter_table("disclosure_gap", schema=None) as batch_op:
        batch_op.drop_index("ix_disclosure_gap_tenant")

    op.drop_table("disclosure_gap")
