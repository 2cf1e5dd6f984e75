"""What makes writing one value of a product cheaper

Filter rows of one attribute of one entity are found at once. Documents of up to 8 KB, which most are, stay in their
rows as they are: packing and unpacking them cost more than writing and reading them did.

Revision: 0005
"""

from collections.abc import Sequence

from alembic import op

revision: str = "0005"
down_revision: str | Sequence[str] | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.drop_index("filter_value_entity", table_name="filter_value")
    op.create_index("filter_value_entity", "filter_value", ["entity_id", "attribute_id"], unique=False)
    for table in ("product", "product_model"):
        op.execute(f"ALTER TABLE {table} SET (toast_tuple_target = 8160)")


def downgrade() -> None:
    for table in ("product", "product_model"):
        op.execute(f"ALTER TABLE {table} RESET (toast_tuple_target)")
    op.drop_index("filter_value_entity", table_name="filter_value")
    op.create_index("filter_value_entity", "filter_value", ["entity_id"], unique=False)
