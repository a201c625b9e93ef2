"""Experiments with the texts of notices, the versions published for them alone, and which showings belong to one."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_RUNNING = "state = 'running'"
_OF_ONE = "experiment IS NOT NULL"


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "experiment",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("notice", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("control", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("drafted_by", sa.Text(), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("started_by", sa.Text(), nullable=True),
        sa.Column("started_at", sa.BigInteger(), nullable=True),
        sa.Column("stopped_by", sa.Text(), nullable=True),
        sa.Column("stopped_at", sa.BigInteger(), nullable=True),
        sa.Column("stop_reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("tenant", "id"),
    )
    op.create_index(
        "ix_experiment_running",
        "experiment",
        ["tenant", "notice"],
        sqlite_where=sa.text(_RUNNING),
        postgresql_where=sa.text(_RUNNING),
    )
    op.add_column("notice_version", sa.Column("aside", sa.Boolean(), nullable=True))
    op.add_column("showing", sa.Column("experiment", sa.Text(), nullable=True))
    op.create_index(
        "ix_showing_experiment",
        "showing",
        ["tenant", "experiment", "version"],
        sqlite_where=sa.text(_OF_ONE),
        postgresql_where=sa.text(_OF_ONE),
    )


def downgrade() -> None:
    """Take this step back."""
    op.drop_index("ix_showing_experiment", table_name="showing")
    op.drop_column("showing", "experiment")
    op.drop_column("notice_version", "aside")
    op.drop_index("ix_experiment_running", table_name="experiment")
    op.drop_table("experiment")
