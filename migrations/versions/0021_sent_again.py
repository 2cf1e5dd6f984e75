"""Reports that say what they said before, and deliveries that are sent once more

Revision: 0021
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0021"
down_revision: str | Sequence[str] | None = "0020"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


_OLDER = """
    DELETE FROM polled_report USING polled_report AS newer
    WHERE newer.export = polled_report.export AND newer.name = polled_report.name
    AND (newer.polled_at, newer.version) > (polled_report.polled_at, polled_report.version)
"""


def upgrade() -> None:
    op.execute(_OLDER)
    op.drop_constraint("polled_report_pkey", "polled_report")
    op.create_primary_key("polled_report_pkey", "polled_report", ["export", "name"])
    op.drop_index("feedback_report_once", "feedback_report")
    op.create_index("feedback_report_once", "feedback_report", ["export", "number", "digest"], unique=True)
    op.add_column("delivery", sa.Column("round", sa.Integer(), nullable=False, server_default="0"))
    op.alter_column("delivery", "round", server_default=None)


def downgrade() -> None:
    op.drop_constraint("polled_report_pkey", "polled_report")
    op.create_primary_key("polled_report_pkey", "polled_report", ["export", "name", "version"])
    op.drop_column("delivery", "round")
    op.drop_index("feedback_report_once", "feedback_report")
    op.create_index("feedback_report_once", "feedback_report", ["export", "digest"], unique=True)
