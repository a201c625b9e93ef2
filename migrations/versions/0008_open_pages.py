"""Who has which page of the consoles open, so that two people on one case see each other."""

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


def downgrade() -> None:
    """Take this step back."""
    op.drop_index("ix_open_page_seen", table_name="open_page")
    op.drop_table("open_page")
