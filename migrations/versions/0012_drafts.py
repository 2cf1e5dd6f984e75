"""Drafts, their edits, and what people did with them

Revision: 0012
"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0012"
down_revision: str | Sequence[str] | None = "0011"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

TEXT = sqlmodel.sql.sqltypes.AutoString
INSTANT = sa.DateTime(timezone=True)
JSON = postgresql.JSONB(none_as_null=True, astext_type=sa.Text())


def upgrade() -> None:
    op.create_table(
        "draft",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("author", TEXT(), nullable=False),
        sa.Column("reason", TEXT(), nullable=True),
        sa.Column("state", TEXT(), nullable=False),
        sa.Column("reviewer", TEXT(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=True),
        sa.Column("created", INSTANT, nullable=False),
        sa.Column("updated", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_table(
        "draft_edit",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", TEXT(), nullable=False),
        sa.Column("owner", TEXT(), nullable=False),
        sa.Column("code", TEXT(), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=True),
        sa.Column("path", TEXT(), nullable=False),
        sa.Column("attribute_id", sa.BigInteger(), nullable=True),
        sa.Column("attribute", TEXT(), nullable=True),
        sa.Column("locale", TEXT(), nullable=True),
        sa.Column("scope", TEXT(), nullable=True),
        sa.Column("base", JSON, nullable=True),
        sa.Column("base_revision", sa.BigInteger(), nullable=False),
        sa.Column("data", JSON, nullable=True),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint(
            "draft_id",
            "entity_id",
            "path",
            "attribute_id",
            "locale",
            "scope",
            name="draft_edit_once",
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "draft_event",
        sa.Column("id", sa.BigInteger(), sa.Identity(), nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("author", TEXT(), nullable=False),
        sa.Column("what", TEXT(), nullable=False),
        sa.Column("comment", TEXT(), nullable=True),
        sa.ForeignKeyConstraint(["draft_id"], ["draft.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_draft_event_draft_id", "draft_event", ["draft_id"])


def downgrade() -> None:
    for table in ("draft_event", "draft_edit", "draft"):
        op.drop_table(table)
