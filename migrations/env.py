"""Alembic's door to our tables. `pim/base/migrations.py` hands the connection over; nothing else runs this."""

from importlib import import_module

from alembic import context
from sqlmodel import SQLModel

for room in (
    "base.jobs",
    "catalog",
    "versioning",
    "versioning.drafts",
    "access",
    "syndication",
    "intake",
    "search",
    "delivery",
    "delivery.feedback",
    "delivery.schedules",
    "delivery.webhooks",
):
    import_module(f"pim.{room}.tables")  # importing them makes the tables known


def ours(table: object, name: str | None, kind: str, *others: object) -> bool:
    """The queue's tables are procrastinate's, and described by its own files."""
    return kind != "table" or not (name or "").startswith("procrastinate_")


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=SQLModel.metadata,
    include_object=ours,
    compare_type=True,
    compare_server_default=True,
)
with context.begin_transaction():
    context.run_migrations()
