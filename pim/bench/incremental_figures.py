"""What a run costs after few edits, beside a run that renders everything and must find the same bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from sqlalchemy import text

from pim.base.clock import now
from pim.base.database import open_database
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from pim.bench.measure import Figures, Spent, Stopwatch, Tell, in_own_process, peak_mb, peak_mb_of_workers
from pim.bench.render_figures import items_by_locale
from pim.catalog.model import PRODUCT
from pim.syndication.run_export import run_exports
from pim.versioning.commit import commit_or_raise
from pim.versioning.model import Edit, Origin

EDITS = (1, 1_000, 10_000)
AT_MOST = 10
"""Of so many products one is edited: beyond, nobody would call the edits few."""
IN_A_CHANGESET = 100


def measure_incremental(settings: Settings, products: int, exports: Sequence[str], tell: Tell) -> Figures:
    """Runs of all these exports, each after more edits than the one before and from where that had come; in the end one
    that renders everything. `same_bytes` is whether this one found every file as the chain had left it: what one of
    them had wrong, those after it had copied."""
    in_own_process(_run, settings, exports, False)
    runs: dict[int, Ran] = {}
    for edits in EDITS:
        if edits == 1 or edits * AT_MOST <= products:
            in_own_process(_edit, settings, edits)
            runs[edits] = in_own_process(_run, settings, exports, False)
            tell(f"a run after {edits} edits took {runs[edits].spent.wall:.1f} s")
            if not runs[edits].as_expected:
                raise RuntimeError(f"after {edits} edits nothing was copied: the figure would say nothing")
    whole = in_own_process(_run, settings, exports, True)
    tell(f"a full run took {whole.spent.wall:.1f} s")
    figures: Figures = {}
    for edits, ran in runs.items():
        figures |= {
            f"incremental.{edits}.s": round(ran.spent.wall, 2),
            f"incremental.{edits}.cpu_s": round(ran.spent.cpu, 2),
            f"incremental.{edits}.vs_full": round(ran.spent.wall / whole.spent.wall, 3),
            f"incremental.{edits}.cpu_vs_full": round(ran.spent.cpu / whole.spent.cpu, 3),
            f"incremental.{edits}.same_bytes": whole.as_expected,
            f"incremental.{edits}.peak_mb": ran.peak_mb,
        }
    return figures | {
        "incremental.full_s": round(whole.spent.wall, 2),
        "incremental.full_cpu_s": round(whole.spent.cpu, 2),
        "incremental.full_items_per_s": round(whole.items / whole.spent.wall),
        "incremental.full_peak_mb": whole.peak_mb,
        "incremental.full_peak_mb_of_workers": whole.peak_mb_of_workers,
    }


def _edit(settings: Settings, edits: int) -> None:
    """Gives random products, spread over the catalogue, another number of the maker."""
    random = Random(edits)
    with open_database(settings) as database:
        with database.session() as session:
            query = text("SELECT code FROM product ORDER BY md5(code || :seed) LIMIT :edits")
            codes = list(session.execute(query, {"seed": str(edits), "edits": edits}).scalars())
        for start in range(0, edits, IN_A_CHANGESET):
            changeset = [_edited(code, random) for code in codes[start : start + IN_A_CHANGESET]]
            with database.session() as session:
                commit_or_raise(session, changeset, Origin("bench", "api"), now())


def _edited(code: str, random: Random) -> Edit:
    mpn = [{"locale": None, "scope": None, "data": f"E{random.randrange(10**9)}"}]
    return Edit(PRODUCT, code, {"values": {"mpn": mpn}}, must="exist")


@dataclass(frozen=True, slots=True)
class Ran:
    """`items` count once a locale and export. `as_expected`: all exports were copied, or with `full` unchanged."""

    spent: Spent
    items: int
    peak_mb: float
    peak_mb_of_workers: float
    as_expected: bool


def _run(settings: Settings, exports: Sequence[str], full: bool) -> Ran:
    with open_database(settings) as database:
        watch = Stopwatch(database)
        result, spent = watch.spent(run_exports, database, open_storage(settings), settings, exports, full=full)
    bad = [f"{export.name}: {export.message}" for export in result.exports if export.state in ("failed", "held")]
    if bad:
        raise RuntimeError(f"the benchmark's own catalogue is not published: {'; '.join(bad)}")
    items = sum(sum(items_by_locale(export).values()) for export in result.exports)
    if full:
        as_expected = all(export.state == "unchanged" for export in result.exports)
    else:
        as_expected = all(export.copied_from is not None for export in result.exports)
    return Ran(spent, items, peak_mb(), peak_mb_of_workers(), as_expected)
