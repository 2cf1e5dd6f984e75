"""The loops that we measure ourselves against do the same work as we do."""

from dataclasses import replace
from pathlib import Path
from random import Random

import psycopg
import pytest

from pim.base.database import Database
from pim.base.errors import InvalidInput
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from pim.bench.api_figures import codes_of, creations, updates
from pim.bench.api_floor import copy_write, repeat_write
from pim.bench.catalogue import write_products, write_structure
from pim.bench.definitions import GOOGLE, write_definitions
from pim.bench.google_floor import write_google_feeds
from pim.bench.import_figures import take_in
from pim.bench.render_figures import LOCALES
from pim.bench.run import run_bench
from pim.syndication.run_export import run_exports
from pim.versioning.commit import commit_or_raise
from pim.versioning.model import Edit
from tests.makers import NOW, ORIGIN
from tests.versioning.derived import stored_tables


def a_measured_catalogue(settings: Settings, database: Database, folder: Path, products: int = 200) -> None:
    """Raises when a line of it is refused."""
    folder.mkdir()
    for path in (write_structure(folder), *write_products(folder, products, 1)):
        take_in(settings, database, path)


def test_the_loop_written_by_hand_writes_the_feeds_that_we_publish(settings, database, tmp_path):
    a_measured_catalogue(settings, database, tmp_path / "catalogue")
    settings = replace(settings, exports_folder=write_definitions(settings.exports_folder, tmp_path))
    (result,) = run_exports(database, open_storage(settings), settings, [GOOGLE]).exports
    write_google_feeds(database.url, settings.exports_folder / GOOGLE, tmp_path, LOCALES, settings.public_url)
    assert result.rejected == 0
    assert {feed.file: Path(feed.path or "").read_text() for feed in result.feeds} == {
        f"{locale}.xml": (tmp_path / f"{locale}.xml").read_text() for locale in LOCALES
    }


@pytest.mark.parametrize("created", [True, False])
def test_a_write_by_hand_writes_what_the_batch_before_it_wrote(settings, database, tmp_path, created):
    a_measured_catalogue(settings, database, tmp_path / "catalogue", products=100)
    with psycopg.connect(database.url) as connection:
        documents = next(creations(connection)) if created else next(updates(codes_of(connection), Random(1)))
        with database.session() as session:
            commit_or_raise(session, [Edit("product", d["identifier"], d) for d in documents], ORIGIN, NOW)
        before = stored_tables(database)
        write = copy_write(connection, [d["identifier"] for d in documents], created)
        repeat_write(connection, write)
        logged = connection.execute("SELECT count(*) FROM change GROUP BY revision ORDER BY revision DESC LIMIT 2")
        assert len({count for (count,) in logged}) == 1
    assert stored_tables(database) == before


def test_a_figure_that_is_not_measured_is_named_beside_those_that_are():
    with pytest.raises(
        InvalidInput, match=r"`speed` is not measured; known: api, history, import, incremental, render"
    ):
        run_bench(["speed"], 10_000)
