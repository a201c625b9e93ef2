"""How long what is kept: schedules, legal holds, deletion runs, and what remains of deleted records."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    _create_rules()
    _create_runs()


def _create_rules() -> None:
    op.create_table(
        "retention_schedule",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "record_type", "version"),
    )
    op.create_table(
        "legal_hold",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=True),
        sa.Column("record", sa.Text(), nullable=True),
        sa.Column("subject", sa.LargeBinary(), nullable=True),
        sa.Column("ground", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("placed_at", sa.BigInteger(), nullable=False),
        sa.Column("placed_seq", sa.BigInteger(), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.Column("released_because", sa.Text(), nullable=True),
        sa.Column("released_seq", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id"),
    )
    op.create_index("ix_legal_hold_subject", "legal_hold", ["subject", "tenant"])
    op.create_index(
        "ix_legal_hold_stands",
        "legal_hold",
        ["tenant", "id"],
        sqlite_where=sa.text("released_at IS NULL"),
        postgresql_where=sa.text("released_at IS NULL"),
    )


def _create_runs() -> None:
    op.create_table(
        "retention_run",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("schedule_version", sa.Integer(), nullable=False),
        sa.Column("periods", sa.Text(), nullable=False),
        sa.Column("as_of", sa.BigInteger(), nullable=False),
        sa.Column("cut_off", sa.BigInteger(), nullable=False),
        sa.Column("begins", sa.Text(), nullable=False),
        sa.Column("position", sa.Text(), nullable=False),
        sa.Column("clear_to", sa.Text(), nullable=False),
        sa.Column("deleted", sa.Integer(), nullable=False),
        sa.Column("first", sa.Text(), nullable=True),
        sa.Column("last", sa.Text(), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("held", sa.Text(), nullable=False),
        sa.Column("verified_at", sa.BigInteger(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id"),
    )
    op.create_index("ix_retention_run_type", "retention_run", ["tenant", "record_type", "id"])
    op.create_table(
        "deleted_record",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("record_type", sa.Text(), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("remains", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "record_type", "record", "seq"),
    )
    op.create_index("ix_deleted_record_seq", "deleted_record", ["tenant", "seq", "record"])


def downgrade() -> None:
    """Take this step back."""
    op.drop_index("ix_deleted_record_seq", table_name="deleted_record")
    op.drop_table("deleted_record")
    op.drop_index("ix_retention_run_type", table_name="retention_run")
    op.drop_table("retention_run")
    op.drop_index("ix_legal_hold_stands", table_name="legal_hold")
    op.drop_index("ix_legal_hold_subject", table_name="legal_hold")
    op.drop_table("legal_hold")
    op.drop_table("retention_schedule")
