"""The catalogue, its log, imports and publications

Revision: 0001
"""

from collections.abc import Sequence

import sqlalchemy as sa
import sqlmodel
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0001"
down_revision: str | Sequence[str] | None = None
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.execute(sa.schema.CreateSequence(sa.Sequence("entity_id")))
    op.create_table(
        "association_target",
        sa.Column("entity_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("target_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("entity_id", "target_id"),
    )
    op.create_index("association_target_reverse", "association_target", ["target_id"], unique=False)
    op.create_table(
        "changeset",
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("author", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("import_id", sa.BigInteger(), nullable=True),
        sa.Column("reverts", sa.BigInteger(), nullable=True),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("revision"),
    )
    op.create_index(op.f("ix_changeset_committed_at"), "changeset", ["committed_at"], unique=False)
    op.create_index(op.f("ix_changeset_import_id"), "changeset", ["import_id"], unique=False)
    op.create_table(
        "completeness",
        sa.Column("entity_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("ratios", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.PrimaryKeyConstraint("entity_id"),
    )
    op.create_table(
        "export_run",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("exports", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=True),
        sa.Column("as_of", sa.Boolean(), nullable=False),
        sa.Column("outcomes", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "filter_value",
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("attribute_id", sa.BigInteger(), nullable=False),
        sa.Column("locale", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("scope", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("text", sa.String(collation="C"), nullable=True),
        sa.Column("number", sa.Numeric(), nullable=True),
        sa.Column("date", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index(
        "filter_value_date",
        "filter_value",
        ["attribute_id", "date", "entity_id"],
        unique=False,
        postgresql_where=sa.text("date IS NOT NULL"),
    )
    op.create_index("filter_value_entity", "filter_value", ["entity_id"], unique=False)
    op.create_index(
        "filter_value_number",
        "filter_value",
        ["attribute_id", "number", "entity_id"],
        unique=False,
        postgresql_where=sa.text("number IS NOT NULL"),
    )
    op.create_index(
        "filter_value_text",
        "filter_value",
        ["attribute_id", "text", "entity_id"],
        unique=False,
        postgresql_where=sa.text("text IS NOT NULL"),
    )
    op.create_table(
        "head",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("structure_revision", sa.BigInteger(), nullable=False),
        sa.Column("structure_stamp", sa.Uuid(), nullable=False),
        sa.Column("derived_revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "import",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("source", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("format", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("author", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("position", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("counts", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("warnings", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("import_digest", "import", ["digest", "state"], unique=False)
    op.create_table(
        "media_file",
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("original_filename", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("media_type", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index(op.f("ix_media_file_sha256"), "media_file", ["sha256"], unique=False)
    op.create_table(
        "product_model",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('entity_id')"), nullable=False),
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("family", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("root_key", sa.String(collation="C"), nullable=False),
        sa.Column("axis_key", sa.String(collation="C"), nullable=True),
        sa.Column("categories", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["product_model.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
    )
    op.create_index("product_model_axes", "product_model", ["parent_id", "axis_key"], unique=True)
    op.create_index("product_model_categories", "product_model", ["categories"], unique=False, postgresql_using="gin")
    op.create_index("product_model_family", "product_model", ["family"], unique=False)
    op.create_index("product_model_root_key", "product_model", ["root_key", "code"], unique=False)
    op.create_table(
        "publication",
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("export", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("reason", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.Column("definition_digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("schema_version", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("program_digest", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("token", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("keep", sa.Integer(), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("current_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index(
        "publication_current", "publication", ["export"], unique=True, postgresql_where=sa.text("state = 'current'")
    )
    op.create_index("publication_number", "publication", ["export", "number"], unique=True)
    op.create_table(
        "structure",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('entity_id')"), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("owner", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("structure_key", "structure", ["kind", "owner", "code"], unique=True)
    op.create_table(
        "unique_value",
        sa.Column("attribute_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("data", sa.String(collation="C"), nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("attribute_id", "data"),
    )
    op.create_index(op.f("ix_unique_value_entity_id"), "unique_value", ["entity_id"], unique=False)
    op.create_table(
        "change",
        sa.Column("revision", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("path", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("attribute_id", sa.BigInteger(), nullable=True),
        sa.Column("locale", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("scope", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("old", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("new", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.ForeignKeyConstraint(
            ["revision"],
            ["changeset.revision"],
        ),
        sa.PrimaryKeyConstraint("revision", "number"),
    )
    op.create_index("change_entity", "change", ["entity_id", "revision"], unique=False)
    op.create_table(
        "import_rejection",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("import_id", sa.BigInteger(), nullable=False),
        sa.Column("resource", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("file", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("subject", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("column", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("value", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True),
        sa.Column("code", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("message", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["import.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("import_rejection_import", "import_rejection", ["import_id", "id"], unique=False)
    op.create_table(
        "product",
        sa.Column("id", sa.BigInteger(), server_default=sa.text("nextval('entity_id')"), nullable=False),
        sa.Column("uuid", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(collation="C"), nullable=False),
        sa.Column("parent_id", sa.BigInteger(), nullable=True),
        sa.Column("family", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.Column("root_key", sa.String(collation="C"), nullable=False),
        sa.Column("axis_key", sa.String(collation="C"), nullable=True),
        sa.Column("categories", postgresql.ARRAY(sa.String()), nullable=False),
        sa.Column("document", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["product_model.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("code"),
        sa.UniqueConstraint("uuid"),
    )
    op.create_index("product_axes", "product", ["parent_id", "axis_key"], unique=True)
    op.create_index("product_categories", "product", ["categories"], unique=False, postgresql_using="gin")
    op.create_index("product_family", "product", ["family"], unique=False)
    op.create_index("product_root_key", "product", ["root_key", "code"], unique=False)
    op.create_table(
        "publication_file",
        sa.Column("publication_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(collation="C"), nullable=False),
        sa.Column("role", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("locale", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("media_type", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=False),
        sa.Column("gzip_bytes", sa.BigInteger(), nullable=True),
        sa.Column("gzip_sha256", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("rejected", sa.Integer(), nullable=False),
        sa.Column("modified", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["publication_id"], ["publication.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("publication_id", "name"),
    )
    op.execute("INSERT INTO head VALUES (1, 0, 0, gen_random_uuid(), 0)")


def downgrade() -> None:
    op.drop_table("publication_file")
    op.drop_index("product_root_key", table_name="product")
    op.drop_index("product_family", table_name="product")
    op.drop_index("product_categories", table_name="product", postgresql_using="gin")
    op.drop_index("product_axes", table_name="product")
    op.drop_table("product")
    op.drop_index("import_rejection_import", table_name="import_rejection")
    op.drop_table("import_rejection")
    op.drop_index("change_entity", table_name="change")
    op.drop_table("change")
    op.drop_index(op.f("ix_unique_value_entity_id"), table_name="unique_value")
    op.drop_table("unique_value")
    op.drop_index("structure_key", table_name="structure")
    op.drop_table("structure")
    op.drop_index("publication_number", table_name="publication")
    op.drop_index("publication_current", table_name="publication", postgresql_where=sa.text("state = 'current'"))
    op.drop_table("publication")
    op.drop_index("product_model_root_key", table_name="product_model")
    op.drop_index("product_model_family", table_name="product_model")
    op.drop_index("product_model_categories", table_name="product_model", postgresql_using="gin")
    op.drop_index("product_model_axes", table_name="product_model")
    op.drop_table("product_model")
    op.drop_index(op.f("ix_media_file_sha256"), table_name="media_file")
    op.drop_table("media_file")
    op.drop_index("import_digest", table_name="import")
    op.drop_table("import")
    op.drop_table("head")
    op.drop_index("filter_value_text", table_name="filter_value", postgresql_where=sa.text("text IS NOT NULL"))
    op.drop_index("filter_value_number", table_name="filter_value", postgresql_where=sa.text("number IS NOT NULL"))
    op.drop_index("filter_value_entity", table_name="filter_value")
    op.drop_index("filter_value_date", table_name="filter_value", postgresql_where=sa.text("date IS NOT NULL"))
    op.drop_table("filter_value")
    op.drop_table("export_run")
    op.drop_table("completeness")
    op.drop_index(op.f("ix_changeset_import_id"), table_name="changeset")
    op.drop_index(op.f("ix_changeset_committed_at"), table_name="changeset")
    op.drop_table("changeset")
    op.drop_index("association_target_reverse", table_name="association_target")
    op.drop_table("association_target")
    op.execute(sa.schema.DropSequence(sa.Sequence("entity_id")))
