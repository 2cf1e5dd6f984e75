"""What a run costs after few edits, beside a run that renders everything and must find the same bytes."""

from random import Random

from sqlalchemy import text

from pim.base.clock import now
from pim.base.database import open_database
from pim.base.object_storage import open_storage
from pim.base.settings import Settings
from pim.bench.measure import Figures, Spent, Stopwatch, in_own_process, peak_mb_of_all
from pim.bench.render_figures import EXPORTS
from pim.catalog.model import PRODUCT
from pim.syndication.run_export import run_exports
from pim.versioning.commit import commit_or_raise
from pim.versioning.model import Edit, Origin

EDITS = (1, 1_000, 10_000)
AT_MOST = 10
"""Of so many products one is edited: beyond, nobody would call the edits few."""
IN_A_CHANGESET = 100


def measure_incremental(settings: Settings, products: int) -> Figures:
    """Runs of all measured exports: after each number of edits one that goes on from the last publication, then one
    that renders everything. `same_bytes` is whether the second found every file as the first had published it."""
    figures: Figures = {}
    in_own_process(_run, settings, False)
    for edits in EDITS:
        if edits > 1 and edits * AT_MOST > products:
            continue
        in_own_process(_edit, settings, edits)
        ours, peak, copied = in_own_process(_run, settings, False)
        whole, whole_peak, same = in_own_process(_run, settings, True)
        if not copied:
            raise RuntimeError(f"after {edits} edits nothing was copied: the figure would say nothing")
        figures |= {
            f"incremental.{edits}.s": round(ours.wall, 2),
            f"incremental.{edits}.vs_full": round(ours.wall / whole.wall, 3),
            f"incremental.{edits}.same_bytes": same,
            f"incremental.{edits}.peak_mb": peak,
            "incremental.full_s": round(whole.wall, 2),
            "incremental.full_peak_mb": whole_peak,
        }
    return figures


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


def _run(settings: Settings, full: bool) -> tuple[Spent, float, bool]:
    """What it took, the most memory that any process of it held, and whether all exports were copied (in full:
    unchanged)."""
    with open_database(settings) as database:
        watch = Stopwatch(database)
        result, spent = watch.spent(run_exports, database, open_storage(settings), settings, EXPORTS, full=full)
    bad = [f"{export.name}: {export.message}" for export in result.exports if export.state in ("failed", "held")]
    if bad:
        raise RuntimeError(f"the benchmark's own catalogue is not published: {'; '.join(bad)}")
    if full:
        return spent, peak_mb_of_all(), all(export.state == "unchanged" for export in result.exports)
    return spent, peak_mb_of_all(), all(export.copied_from is not None for export in result.exports)
