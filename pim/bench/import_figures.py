"""How fast products come in, beside what the database needs to take the same documents in without looking at them."""

from collections.abc import Sequence
from pathlib import Path

import psycopg

from pim.base.database import Database, open_database
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from pim.bench.measure import Figures, Spent, Stopwatch, in_own_process, peak_mb
from pim.intake.import_path import import_path
from pim.intake.model import ImportSummary

AUTHOR = "bench"
FLOOR_TABLE = "bench_floor"


def measure_import(settings: Settings, parts: Sequence[Path]) -> Figures:
    """Imports `parts`, NDJSON files, in a process of its own; before each, a bare table takes it by COPY."""
    return in_own_process(_measure, settings, parts)


def _measure(settings: Settings, parts: Sequence[Path]) -> Figures:
    floor, ours, products = Spent(), Spent(), 0
    with open_database(settings) as database:
        watch = Stopwatch(database)
        for part in parts:
            floor += watch.spent(_copy, database, part)[1]
            summary, time = watch.spent(take_in, settings, database, part)
            ours += time
            products += summary.counts["products"]["created"]
        with psycopg.connect(database.url) as connection:
            connection.execute(f"DROP TABLE {FLOOR_TABLE}")
    return {
        "import.products_per_s": round(products / ours.wall),
        "import.vs_copy": round(ours.wall / floor.wall, 2),
        "import.copy_products_per_s": round(products / floor.wall),
        "import.cpu_vs_copy": round(ours.cpu / floor.cpu, 2),
        "import.own_cpu_us_per_product": round(ours.own / products * 1e6),
        "import.database_cpu_us_per_product": round(ours.database / products * 1e6),
        "import.peak_mb": peak_mb(),
    }


def take_in(settings: Settings, database: Database, path: Path) -> ImportSummary:
    """An import as `pim import` does it. Raises RuntimeError when a line is refused: then the catalogue is not ours."""
    summary = import_path(database, open_storage(settings), path, author=AUTHOR, home=settings.home)
    if summary.first_rejections:
        raise RuntimeError(f"the benchmark's own catalogue was refused: {summary.first_rejections[0]}")
    return summary


def _copy(database: Database, path: Path) -> None:
    """The floor: the lines as they are, into JSONB, in one transaction."""
    with psycopg.connect(database.url) as connection, path.open("rb") as file:
        connection.execute(f"CREATE TABLE IF NOT EXISTS {FLOOR_TABLE} (document jsonb NOT NULL)")
        with connection.cursor().copy(f"COPY {FLOOR_TABLE} (document) FROM STDIN") as copy:
            for line in file:
                copy.write(line.replace(b"\\", b"\\\\"))
