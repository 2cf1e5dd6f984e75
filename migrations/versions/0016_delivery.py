"""What happened to publications, their deliveries, and webhooks that are told

Revision: 0016
"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0016"
down_revision: str | Sequence[str] | None = "0015"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TEXT = sqlmodel.sql.sqltypes.AutoString
BYTEWISE = sa.String(collation="C")
INSTANT = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(astext_type=sa.Text())


def upgrade() -> None:
    op.create_table(
        "publication_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("facts", JSON, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("followed_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "publication_event_new", "publication_event", ["id"], postgresql_where=sa.text("followed_at IS NULL")
    )
    op.create_table(
        "delivery",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("export", BYTEWISE, nullable=False),
        sa.Column("destination", BYTEWISE, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("part", BYTEWISE, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("state", TEXT(), nullable=False),
        sa.Column("files", JSON, nullable=False),
        sa.Column("sent", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", TEXT(), nullable=True),
        sa.Column("author", TEXT(), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("delivery_once", "delivery", ["export", "destination", "number", "part"], unique=True)
    op.create_index("delivery_state", "delivery", ["state", "next_at"])
    op.create_table(
        "delivery_attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("delivery_id", sa.BigInteger(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("outcome", TEXT(), nullable=True),
        sa.Column("answer", TEXT(), nullable=True),
        sa.Column("worker", TEXT(), nullable=False),
        sa.ForeignKeyConstraint(["delivery_id"], ["delivery.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_delivery_attempt_delivery_id", "delivery_attempt", ["delivery_id"])
    op.create_table(
        "paused_destination",
        sa.Column("export", BYTEWISE, nullable=False),
        sa.Column("destination", BYTEWISE, nullable=False),
        sa.Column("reason", TEXT(), nullable=False),
        sa.Column("author", TEXT(), nullable=False),
        sa.Column("paused_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("export", "destination"),
    )
    op.create_table(
        "webhook",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("url", TEXT(), nullable=False),
        sa.Column("events", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("exports", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("secret", TEXT(), nullable=False),
        sa.Column("paused", TEXT(), nullable=True),
        sa.Column("author", TEXT(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "webhook_message",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("webhook_id", sa.BigInteger(), nullable=False),
        sa.Column("event", TEXT(), nullable=False),
        sa.Column("body", JSON, nullable=False),
        sa.Column("state", TEXT(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("answer", TEXT(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("next_at", INSTANT, nullable=True),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(["webhook_id"], ["webhook.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("webhook_message_of", "webhook_message", ["webhook_id", "id"])


def downgrade() -> None:
    for table in (
        "webhook_message", "webhook", "paused_destination", "delivery_attempt", "delivery", "publication_event",
    ):  # fmt: skip
        op.drop_table(table)
