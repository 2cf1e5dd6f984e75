"""The queue's tables are those of the library that uses them."""

from procrastinate.schema import SchemaManager

from pim.base.settings import data_folder


def test_the_newest_schema_of_the_queue_is_the_one_of_the_installed_library():
    kept = sorted((data_folder("migrations") / "procrastinate").glob("*.sql"))
    assert kept[-1].read_text("utf-8") == SchemaManager.get_schema(), (
        "procrastinate has changed its tables: add its new schema there and its migrations in a migration of ours"
    )
