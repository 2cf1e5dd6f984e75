"""Looking changesets up by author and source, and what was deleted by its last name

Revision: 0009
After: 0008
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0009"
down_revision: str | Sequence[str] | None = "0008"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index("changeset_author", "changeset", ["author", "revision"], unique=False)
    op.create_index("changeset_source", "changeset", ["source", "revision"], unique=False)
    for key in ("code", "uuid"):
        op.create_index(
            f"change_deleted_{key}",
            "change",
            [sa.text(f"(old ->> '{key}')")],
            unique=False,
            postgresql_where=sa.text("path = '-'"),
        )


def downgrade() -> None:
    for key in ("uuid", "code"):
        op.drop_index(f"change_deleted_{key}", table_name="change")
    op.drop_index("changeset_source", table_name="changeset")
    op.drop_index("changeset_author", table_name="changeset")
