"""Exports that run by themselves

Revision: 0017
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0017"
down_revision: str | Sequence[str] | None = "0016"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_table(
        "followed_schedule",
        sa.Column("export", sa.String(collation="C"), primary_key=True),
        sa.Column("slots_until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_until", sa.BigInteger(), nullable=False),
        sa.Column("imports_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("paused_by", sa.String(), nullable=True),
        sa.Column("paused_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("pause_comment", sa.String(), nullable=True),
    )
    op.create_table(
        "due_run",
        sa.Column("export", sa.String(collation="C"), primary_key=True),
        sa.Column("kind", sa.String(collation="C"), primary_key=True),
        sa.Column("subject", sa.String(collation="C"), primary_key=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job_id", sa.BigInteger(), nullable=True),
    )
    op.create_index("due_run_waiting", "due_run", ["export"], postgresql_where=sa.text("job_id IS NULL"))
    op.create_index("due_run_job", "due_run", ["job_id"])


def downgrade() -> None:
    op.drop_table("due_run")
    op.drop_table("followed_schedule")
