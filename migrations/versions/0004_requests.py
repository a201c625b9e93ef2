"""The explanation requests' tables: cases, events, papers, links, reviews, overrides, incidents."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply this step."""
    op.create_table(
        "decision_override",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("outcome_before", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("adverse", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    with op.batch_alter_table("decision_override", schema=None) as batch_op:
        batch_op.create_index("ix_decision_override", ["tenant", "decision", "seq"], unique=False)

    op.create_table(
        "explanation_request",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("asker", sa.LargeBinary(), nullable=False),
        sa.Column("site", sa.Text(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("owed", sa.Boolean(), nullable=False),
        sa.Column("law", sa.Text(), nullable=False),
        sa.Column("assignee", sa.Text(), nullable=True),
        sa.Column("system", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        sa.Column("overdue_at", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.Column("on_time", sa.Boolean(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("updated_at", sa.BigInteger(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("explanation_request", schema=None) as batch_op:
        batch_op.create_index("ix_explanation_request_assignee", ["tenant", "assignee", "due_at", "id"], unique=False)
        batch_op.create_index("ix_explanation_request_due", ["tenant", "owed", "due_at", "id"], unique=False)
        batch_op.create_index("ix_explanation_request_law", ["tenant", "owed", "law", "due_at", "id"], unique=False)
        batch_op.create_index("ix_explanation_request_overdue", ["owed", "overdue_at", "due_at"], unique=False)
        batch_op.create_index("ix_explanation_request_received", ["tenant", "received_at", "answered_at"], unique=False)
        batch_op.create_index("ix_explanation_request_state", ["tenant", "state", "due_at", "id"], unique=False)
        batch_op.create_index("ix_explanation_request_subject", ["subject", "tenant", "received_at"], unique=False)
        batch_op.create_index("ux_explanation_request_number", ["tenant", "number"], unique=True)

    op.create_table(
        "explanation_request_decision",
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "decision", "request"),
    )
    with op.batch_alter_table("explanation_request_decision", schema=None) as batch_op:
        batch_op.create_index("ix_explanation_request_decision", ["request"], unique=False)

    op.create_table(
        "explanation_request_event",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("facts", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("seq"),
    )
    with op.batch_alter_table("explanation_request_event", schema=None) as batch_op:
        batch_op.create_index("ix_explanation_request_event", ["request", "seq"], unique=False)

    op.create_table(
        "explanation_request_paper",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("subject", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("explanation_request_paper", schema=None) as batch_op:
        batch_op.create_index("ix_explanation_request_paper", ["request", "kind", "version"], unique=False)

    op.create_table(
        "explanation_request_secret",
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("digest"),
    )
    with op.batch_alter_table("explanation_request_secret", schema=None) as batch_op:
        batch_op.create_index("ix_explanation_request_secret", ["request", "purpose", "made_at"], unique=False)

    op.create_table(
        "human_review",
        sa.Column("request", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("reviewer", sa.Text(), nullable=False),
        sa.Column("system", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("request", "round"),
    )
    with op.batch_alter_table("human_review", schema=None) as batch_op:
        batch_op.create_index("ix_human_review_cause", ["tenant", "model", "cause", "decided_at"], unique=False)
        batch_op.create_index("ix_human_review_reviewer", ["tenant", "reviewer", "decided_at"], unique=False)

    op.create_table(
        "overturn_incident",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("overturns", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("closed_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("overturn_incident", schema=None) as batch_op:
        batch_op.create_index("ix_overturn_incident", ["tenant", "model", "cause", "opened_at"], unique=False)


def downgrade() -> None:
    """Take this step back."""
    with op.batch_alter_table("overturn_incident", schema=None) as batch_op:
        batch_op.drop_index("ix_overturn_incident")

    op.drop_table("overturn_incident")
    with op.batch_alter_table("human_review", schema=None) as batch_op:
        batch_op.drop_index("ix_human_review_reviewer")
        batch_op.drop_index("ix_human_review_cause")

    op.drop_table("human_review")
    with op.batch_alter_table("explanation_request_secret", schema=None) as batch_op:
        batch_op.drop_index("ix_explanation_request_secret")

    op.drop_table("explanation_request_secret")
    with op.batch_alter_table("explanation_request_paper", schema=None) as batch_op:
        batch_op.drop_index("ix_explanation_request_paper")

    op.drop_table("explanation_request_paper")
    with op.batch_alter_table("explanation_request_event", schema=None) as batch_op:
        batch_op.drop_index("ix_explanation_request_event")

    op.drop_table("explanation_request_event")
    with op.batch_alter_table("explanation_request_decision", schema=None) as batch_op:
        batch_op.drop_index("ix_explanation_request_decision")

    op.drop_table("explanation_request_decision")
    with op.batch_alter_table("explanation_request", schema=None) as batch_op:
        batch_op.drop_index("ux_explanation_request_number")
        batch_op.drop_index("ix_explanation_request_subject")
        batch_op.drop_index("ix_explanation_request_state")
        batch_op.drop_index("ix_explanation_request_received")
        batch_op.drop_index("ix_explanation_request_overdue")
        batch_op.drop_index("ix_explanation_request_law")
        batch_op.drop_index("ix_explanation_request_due")
        batch_op.drop_index("ix_explanation_request_assignee")

    op.drop_table("explanation_request")
    with op.batch_alter_table("decision_override", schema=None) as batch_op:
        batch_op.drop_index("ix_decision_override")

    op.drop_table("decision_override")
