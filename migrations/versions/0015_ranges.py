"""Ranges of the catalogue that hosts share while a run renders

Revision: 0015
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0015"
down_revision: str | Sequence[str] | None = "0014"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    run = sa.ForeignKey("export_run.id", ondelete="CASCADE")
    op.create_table(
        "export_run_range",
        sa.Column("run_id", sa.BigInteger(), run, primary_key=True),
        sa.Column("number", sa.Integer(), primary_key=True),
        sa.Column("start", sa.String(), nullable=False),
        sa.Column("until", sa.String(), nullable=True),
        sa.Column("takes", sa.Integer(), nullable=False),
        sa.Column("roots", sa.Integer(), nullable=True),
        sa.Column("stored", sa.String(), nullable=True),
    )


def downgrade() -> None:
    op.drop_table("export_run_range")
