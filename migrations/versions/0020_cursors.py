"""Cursors of deltas that outlive the files of their publication

Revision: 0020
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0020"
down_revision: str | Sequence[str] | None = "0019"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

_FOLLOWED = """
    UPDATE publication SET superseded_by = following.number, superseded_at = following.current_at
    FROM publication AS following
    WHERE publication.state = 'kept' AND following.export = publication.export AND following.number = (
        SELECT number FROM publication AS later
        WHERE later.export = publication.export AND later.current_at > publication.current_at
        ORDER BY later.current_at LIMIT 1
    )
"""


def upgrade() -> None:
    op.add_column("publication", sa.Column("cursor_days", sa.Integer(), nullable=False, server_default="30"))
    op.alter_column("publication", "cursor_days", server_default=None)
    op.add_column("publication", sa.Column("superseded_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("publication", sa.Column("superseded_by", sa.Integer(), nullable=True))
    op.add_column("publication_file", sa.Column("cursor", sa.String(), nullable=True))
    op.execute(_FOLLOWED)


def downgrade() -> None:
    op.drop_column("publication_file", "cursor")
    for name in ("superseded_by", "superseded_at", "cursor_days"):
        op.drop_column("publication", name)
