"""Drafts that are applied at a time

Revision: 0013
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0013"
down_revision: str | Sequence[str] | None = "0012"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("draft", sa.Column("starts_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("draft", sa.Column("exports", postgresql.ARRAY(sa.String()), nullable=False, server_default="{}"))
    op.alter_column("draft", "exports", server_default=None)
    op.add_column("draft", sa.Column("job_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    for name in ("job_id", "exports", "starts_at"):
        op.drop_column("draft", name)
