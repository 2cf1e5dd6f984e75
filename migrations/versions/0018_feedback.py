"""Reports that come back, and deliveries of changes

Revision: 0018
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0018"
down_revision: str | Sequence[str] | None = "0017"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

BYTEWISE = sa.String(collation="C")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "changes_sent",
        sa.Column("export", BYTEWISE, primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("destination", BYTEWISE, primary_key=True),
        sa.Column("items", postgresql.JSONB(), nullable=False),
        sa.Column("planned_at", INSTANT, nullable=False),
    )
    op.create_table(
        "feedback_report",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("export", BYTEWISE, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=False) for name in ("name", "format", "digest", "author")),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
    )
    op.create_index("feedback_report_once", "feedback_report", ["export", "digest"], unique=True)
    op.create_table(
        "feedback_issue",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("export", BYTEWISE, nullable=False),
        sa.Column(
            "report_id", sa.BigInteger(), sa.ForeignKey("feedback_report.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("their_item", sa.String(), nullable=False),
        sa.Column("their_field", sa.String(), nullable=True),
        sa.Column("code", sa.String(), nullable=True),
        sa.Column("severity", sa.String(), nullable=False),
        sa.Column("message", sa.String(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=True) for name in (
            "value", "item_id", "kind", "product", "root", "locale", "field",
        )),
        sa.Column("attributes", postgresql.JSONB(), nullable=False),
        *(sa.Column(name, sa.String(), nullable=True) for name in (
            "attribute", "attribute_locale", "attribute_scope", "owner", "mark",
        )),
        sa.Column("first_seen", INSTANT, nullable=False),
        sa.Column("cleared_by", sa.BigInteger(), nullable=True),
        sa.Column("cleared_at", INSTANT, nullable=True),
    )  # fmt: skip
    op.create_index(
        "feedback_issue_open", "feedback_issue", ["export", "item_id"], postgresql_where=sa.text("cleared_by IS NULL")
    )
    op.create_table(
        "polled_report",
        *(sa.Column(name, BYTEWISE, primary_key=True) for name in ("export", "name", "version")),
        sa.Column("polled_at", INSTANT, nullable=False),
        sa.Column("problem", sa.String(), nullable=True),
    )
    op.create_index("feedback_issue_report", "feedback_issue", ["report_id"])


def downgrade() -> None:
    for name in ("polled_report", "feedback_issue", "feedback_report", "changes_sent"):
        op.drop_table(name)
