"""Which publication the gate compared with, and what people decided

Revision: 0011
After: 0010
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0011"
down_revision: str | Sequence[str] | None = "0010"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("publication", sa.Column("checked_against", sa.Integer(), nullable=True))
    op.create_table(
        "publication_decision",
        sa.Column("id", sa.BigInteger(), primary_key=True),
        sa.Column("export", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("held_because", sa.String(), nullable=True),
        sa.Column("comment", sa.String(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index("ix_publication_decision_export", "publication_decision", ["export"])
    held = "UPDATE publication AS held SET checked_against = current.number FROM publication AS current "
    op.execute(held + "WHERE held.state = 'held' AND current.state = 'current' AND current.export = held.export")


def downgrade() -> None:
    op.drop_table("publication_decision")
    op.drop_column("publication", "checked_against")
