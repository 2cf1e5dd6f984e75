"""Drafts that end at a time

Revision: 0014
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0014"
down_revision: str | Sequence[str] | None = "0013"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("draft", sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("draft", sa.Column("end_job_id", sa.BigInteger(), nullable=True))
    op.add_column("draft", sa.Column("ended_revision", sa.BigInteger(), nullable=True))
    op.add_column("draft", sa.Column("stays", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.alter_column("draft", "stays", server_default=None)


def downgrade() -> None:
    for name in ("stays", "ended_revision", "end_job_id", "ends_at"):
        op.drop_column("draft", name)
