"""The explanation requests' tables: cases, clocks, identity, drafts, reviews."""

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""


def downgrade() -> None:
    """Take this step back."""
