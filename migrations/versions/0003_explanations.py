"""The explanations' tables: endpoints, reference groups, explanations, reason codes."""

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""


def downgrade() -> None:
    """Take this step back."""
