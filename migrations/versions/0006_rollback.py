"""Publications that bring back the files of others

Revision: 0006
After: 0005
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | Sequence[str] | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.add_column("publication", sa.Column("rollback_of", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("publication", "rollback_of")
