"""What filters look things up by

Revision: 0002
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0002"
down_revision: str | Sequence[str] | None = "0001"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    for table in ("product", "product_model"):
        op.create_index(f"{table}_created", table, ["created"], unique=False)
        op.create_index(f"{table}_updated", table, ["updated"], unique=False)
    op.create_index("product_groups", "product", [sa.text("(document -> 'groups')")], postgresql_using="gin")


def downgrade() -> None:
    op.drop_index("product_groups", table_name="product", postgresql_using="gin")
    for table in ("product_model", "product"):
        op.drop_index(f"{table}_updated", table_name=table)
        op.drop_index(f"{table}_created", table_name=table)
