"""How fast feeds are rendered, and for Google's beside a loop written by hand for the same bytes."""

import filecmp
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from pim.base.database import open_database
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from pim.bench.definitions import GOOGLE
from pim.bench.google_floor import write_google_feeds
from pim.bench.measure import Figures, Spent, Stopwatch, Tell, in_own_process, peak_mb, peak_mb_of_workers
from pim.syndication.run_export import run_exports
from pim.syndication.run_result import ExportResult

EXPORTS = (GOOGLE, "mobile_app", "website")
LOCALES = ("en_GB", "fr_FR")


def measure_render(settings: Settings, exports: Sequence[str], tell: Tell, *, twice: bool = True) -> Figures:
    """A full run of each export in a process of its own: read, rendered, validated, written, compressed, published.
    `items_per_s` counts an item once a locale. The loop by hand runs `twice`, before and after ours, or only after."""
    figures: Figures = {}
    for name in exports:
        floors: list[tuple[Spent, bool]] = [in_own_process(_floor, settings)] if name == GOOGLE and twice else []
        result, ours, peak = in_own_process(_run, settings, name)
        items = sum(items_by_locale(result).values())
        figures[f"render.{name}.items_per_s"] = round(items / ours.wall)
        figures[f"render.{name}.own_cpu_us_per_item"] = round(ours.own / items * 1e6)
        figures[f"render.{name}.peak_mb"] = peak
        figures["render.peak_mb"] = max(figures.get("render.peak_mb", 0), peak)
        tell(f"a full run of {name} took {ours.wall:.1f} s")
        if name == GOOGLE:
            floors.append(in_own_process(_floor, settings, result))
            figures |= _beside(name, items, ours, [time for time, _ in floors])
            figures[f"render.{name}.same_bytes"] = all(same for _, same in floors)
    return figures


def items_by_locale(result: ExportResult) -> dict[str | None, int]:
    return {feed.locale: feed.items for feed in result.feeds}


def _beside(name: str, items: int, ours: Spent, floors: Sequence[Spent]) -> Figures:
    """Before and after us: a machine that slows down meanwhile slows both."""
    wall = sum(floor.wall for floor in floors) / len(floors)
    cpu = sum(floor.cpu for floor in floors) / len(floors)
    return {
        f"render.{name}.vs_floor": round(ours.wall / wall, 2),
        f"render.{name}.cpu_vs_floor": round(ours.cpu / cpu, 2),
        f"render.{name}.floor_items_per_s": round(items / wall),
    }


def _run(settings: Settings, name: str) -> tuple[ExportResult, Spent, float]:
    with open_database(settings) as database:
        run, time = Stopwatch(database).spent(run_exports, database, open_storage(settings), settings, [name])
        (result,) = run.exports
        if result.state not in ("published", "unchanged") or not result.items:
            raise RuntimeError(f"export `{name}` of the benchmark's own catalogue is {result.state}: {result.message}")
        return result, time, max(peak_mb(), peak_mb_of_workers())


def _floor(settings: Settings, beside: ExportResult | None = None) -> tuple[Spent, bool]:
    """What the loop takes, and whether it wrote what `beside` published."""
    export = settings.exports_folder / GOOGLE
    with open_database(settings) as database, TemporaryDirectory(prefix="pim-floor-", dir=settings.home) as folder:
        given = (database.url, export, Path(folder), LOCALES, settings.public_url)
        time = Stopwatch(database).spent(write_google_feeds, *given)[1]
        feeds = [(Path(folder) / feed.file, feed.path) for feed in (beside.feeds if beside else ())]
        return time, all(path is not None and filecmp.cmp(ours, path, shallow=False) for ours, path in feeds)
