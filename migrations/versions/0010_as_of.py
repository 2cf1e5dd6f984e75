"""What one product, or the structure, as of a revision is found by

Revision: 0010
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0010"
down_revision: str | Sequence[str] | None = "0009"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(
        "change_structure",
        "change",
        ["revision"],
        postgresql_where=sa.text("kind NOT IN ('product', 'product_model')"),
    )
    op.create_index(
        "change_identifier",
        "change",
        [sa.text("(old #>> '{}')")],
        postgresql_where=sa.text("path = 'identifier'"),
    )


def downgrade() -> None:
    for name in ("change_identifier", "change_structure"):
        op.drop_index(name, table_name="change")
