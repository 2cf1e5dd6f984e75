"""The loops that we measure ourselves against do the same work as we do."""

from pathlib import Path

import pytest

from pim.base.database import Database
from pim.base.errors import InvalidInput
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from pim.bench.catalogue import write_products, write_structure
from pim.bench.google_floor import write_google_feeds
from pim.bench.import_figures import take_in
from pim.bench.render_figures import GOOGLE, LOCALES
from pim.bench.run import run_bench
from pim.syndication.run_export import run_exports


def a_measured_catalogue(settings: Settings, database: Database, folder: Path, products: int = 200) -> None:
    """Raises when a line of it is refused."""
    folder.mkdir()
    for path in (write_structure(folder), *write_products(folder, products, 1)):
        take_in(settings, database, path)


def test_the_loop_written_by_hand_writes_the_feeds_that_we_publish(settings, database, tmp_path):
    a_measured_catalogue(settings, database, tmp_path / "catalogue")
    (result,) = run_exports(database, open_storage(settings), settings, [GOOGLE]).exports
    write_google_feeds(database.url, settings.exports_folder / GOOGLE, tmp_path, LOCALES, settings.public_url)
    assert result.rejected == 0
    assert {feed.file: Path(feed.path or "").read_text() for feed in result.feeds} == {
        f"{locale}.xml": (tmp_path / f"{locale}.xml").read_text() for locale in LOCALES
    }


def test_a_figure_that_is_not_measured_is_named_beside_those_that_are():
    with pytest.raises(InvalidInput, match=r"`speed` is not measured; known: history, import, render"):
        run_bench(["speed"], 10_000)
