import os
import signal
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from PIL import Image

from pim.base.database import open_database
from pim.base.object_storage import open_storage
from tests.conftest import settings_in
from tests.intake.makers import Intake, an_akeneo_set

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture(scope="module")
def large_set(tmp_path_factory):
    """Several batches of products, a bad row in each, media and associations that point down the file."""
    folder = an_akeneo_set(tmp_path_factory.mktemp("large") / "set")
    header = "sku;family;name-fr_FR;color;picture;upsell-products\n"
    rows = [f"p{n};shoes;Article {n};{_color(n)};files/{n % 9}.png;p{(n * 7 + 300) % 700}\n" for n in range(700)]
    for n in range(9):
        Image.new("RGB", (n + 1, 4), "orange").save(folder / "files" / f"{n}.png")
    (folder / "products.csv").write_text(header + "".join(rows))
    return folder


def _color(n: int) -> str:
    return "purple" if n % 100 == 5 else "red"


@pytest.fixture(scope="module")
def undisturbed(template_url, large_set, tmp_path_factory):
    """The same content, imported in peace into a database of its own: its catalogue and its summary."""
    name = f"undisturbed_{os.getpid()}"
    with psycopg.connect(template_url.replace("template_of_tests", "pim"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE template_of_tests")
        settings = settings_in(tmp_path_factory.mktemp("peace"), template_url.replace("template_of_tests", name))
        with open_database(settings) as database:
            intake = Intake(database, open_storage(settings), settings)
            summary = intake(large_set)
            yield intake.catalogue(), summary
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


MOMENTS = [
    ("families", 1),  # between structure and products
    ("batch", 17),  # in the middle of a transaction
    ("media", 4),  # a file is there that no row speaks of
    ("products", 2),  # after the second batch of products
    ("associations", 2),  # in the second pass
]


@pytest.mark.parametrize(("where", "count"), MOMENTS)
def test_an_import_that_was_killed_goes_on_where_it_was(intake, settings, large_set, undisturbed, where, count):
    catalogue, wanted = undisturbed
    arguments = [settings.database_url, str(settings.home), str(large_set), where, str(count)]
    killed = subprocess.run([sys.executable, "-m", "tests.intake.dying_import", *arguments], cwd=ROOT, check=False)
    assert killed.returncode == -signal.SIGKILL
    summary = intake(large_set)
    assert summary.resumed
    assert summary.counts == wanted.counts
    assert summary.warnings == wanted.warnings
    assert Path(summary.rejected_file).read_text() == Path(wanted.rejected_file).read_text()
    assert len(summary.revisions) == len(wanted.revisions)
    assert intake.catalogue() == catalogue
