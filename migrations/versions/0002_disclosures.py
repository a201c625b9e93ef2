"""The disclosures' tables: touchpoints, notices and their versions, offers, showings."""

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""


def downgrade() -> None:
    """Take this step back."""
