"""These tests share one database, emptied before each: many databases cost a long time when their server stops."""

from collections.abc import Iterator
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import delete, update
from sqlmodel import SQLModel

from pim.base.database import Database, open_database
from pim.versioning.tables import HeadRow
from tests.conftest import settings_in
from tests.makers import given


@pytest.fixture(scope="session")
def one_database(template_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with psycopg.connect(template_url.replace("template_of_tests", "pim"), autocommit=True) as connection:
        connection.execute("CREATE DATABASE versioning TEMPLATE template_of_tests")
    address = template_url.replace("template_of_tests", "versioning")
    with open_database(settings_in(tmp_path_factory.mktemp("versioning"), address)) as database:
        yield database


@pytest.fixture
def database(one_database: Database) -> Database:
    return emptied(one_database)


@pytest.fixture
def catalogue(database: Database) -> Database:
    """The structure of the small catalogue, no products."""
    given(database)
    return database


def emptied(database: Database) -> Database:
    """The database as it is before the first write: each example of a property starts there too."""
    with database.session() as session:
        for table in reversed(SQLModel.metadata.sorted_tables):
            if table.name != "head":
                session.execute(delete(table))
        fresh = {"revision": 0, "structure_revision": 0, "derived_revision": 0, "structure_stamp": uuid4()}
        session.execute(update(HeadRow).values(fresh))
    return database
