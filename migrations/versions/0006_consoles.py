"""The consoles' tables: sign-ins, saved views, approvals."""

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""


def downgrade() -> None:
    """Take this step back."""
