"""Explanations that the prohibited-basis guard stopped, until somebody has looked at them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "stopped_explanation",
        sa.Column("explanation", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("stopped_at", sa.BigInteger(), nullable=False),
        sa.Column("looked_at", sa.BigInteger(), nullable=True),
        sa.Column("looked_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("explanation"),
    )
    op.create_index("ix_stopped_explanation", "stopped_explanation", ["tenant", "looked_at", "seq"])


def downgrade() -> None:
    """Take this step back."""
    op.drop_table("stopped_explanation")
