"""Who has which page of the consoles open, so that two people see each other; what staff report about AI systems."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "open_page",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "page", "person"),
    )
    op.create_index("ix_open_page_seen", "open_page", ["tenant", "seen_at"])
    op.create_table(
        "ai_concern",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("model_version", sa.Text(), nullable=True),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("request", sa.Text(), nullable=True),
        sa.Column("subject", sa.LargeBinary(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("ix_ai_concern_tenant", "ai_concern", ["tenant", "seq"])
    op.create_index("ix_ai_concern_system", "ai_concern", ["tenant", "system", "seq"])


def downgrade() -> None:
    """Take this step back."""
    op.drop_index("ix_ai_concern_system", table_name="ai_concern")
    op.drop_index("ix_ai_concern_tenant", table_name="ai_concern")
    op.drop_table("ai_concern")
    op.drop_index("ix_open_page_seen", table_name="open_page")
    op.drop_table("open_page")
