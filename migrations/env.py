"""Alembic's door to our tables. `pim/base/migrations.py` hands the connection over; nothing else runs this."""

from importlib import import_module

from alembic import context
from sqlmodel import SQLModel

for room in ("catalog", "versioning", "access", "syndication", "intake"):
    import_module(f"pim.{room}.tables")  # importing them makes the tables known

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
