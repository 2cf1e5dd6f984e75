"""`pim bench`: a catalogue of its own in a home of its own, measured beside plain loops, and gone afterwards."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from pim.base.database import open_database
from pim.base.errors import InvalidInput, Violation, known
from pim.base.settings import Settings, read_settings
from pim.bench.api_figures import measure_api
from pim.bench.catalogue import write_products, write_structure
from pim.bench.definitions import write_definitions
from pim.bench.history_figures import measure_history
from pim.bench.import_figures import measure_import, take_in
from pim.bench.incremental_figures import measure_incremental
from pim.bench.measure import Figures, Tell
from pim.bench.render_figures import EXPORTS, measure_render
from pim.bench.search_figures import measure_facets, measure_search

MEASURED = ("import", "render", "incremental", "history", "api", "search")
PARTS = 4
"""Files the catalogue is taken in by, each beside its COPY."""
MANY = 500_000
"""Products from which on the loop by hand runs once only."""
FACETS_MOST = 50_000
"""Products up to which the figures of searches alone are worth an import: for words, documents go straight into an
index."""


def run_bench(
    names: Sequence[str],
    products: int,
    exports: Sequence[str] = (),
    settings: Settings | None = None,
    tell: Tell = lambda stage: None,
) -> Figures:
    """The figures of `names` (none named: all) at this number of products, by the names that DESIGN promises. Of
    `exports` none named: Google, website and mobile app.

    Only the definitions of exports are taken from `settings`; home, database and storage are scratch. `tell` hears what
    is going on. Raises InvalidInput for a figure that is not measured.
    """
    _require_known(names, exports, products)
    wanted = set(names or MEASURED)
    with TemporaryDirectory(prefix="pim-bench-") as folder:
        scratch = _scratch(settings or read_settings(), Path(folder))
        tell(f"writing a catalogue of {products} products")
        structure = write_structure(Path(folder))
        parts = write_products(Path(folder), products, PARTS)
        figures: Figures = {"products": products}
        with open_database(scratch) as database:  # the server stays up between the processes that measure
            take_in(scratch, database, structure)
            if "search" in wanted:
                tell("indexing it, and looking for words")
                figures |= measure_search(scratch, products)
            if wanted == {"search"} and products > FACETS_MOST:
                return figures
            tell("importing it")
            imported = measure_import(scratch, parts)
            figures |= imported if "import" in wanted else {}
            if "search" in wanted:
                tell("filtering and counting what words find")
                figures |= measure_facets(scratch)
            if "render" in wanted:
                tell("rendering it")
                figures |= measure_render(scratch, exports or EXPORTS, tell, twice=products < MANY)
            if "incremental" in wanted:
                tell("editing a little of it, and rendering that")
                figures |= measure_incremental(scratch, products, exports or EXPORTS, tell)
            if "history" in wanted:
                tell("editing it, and asking about the edits")
                figures |= measure_history(scratch)
            if "api" in wanted:
                tell("reading and writing it over HTTP")
                figures |= measure_api(scratch, products, Path(folder))
    return figures


def _require_known(names: Sequence[str], exports: Sequence[str], products: int) -> None:
    violations = [
        Violation("name", "unknown_figure", f"`{name}` is not measured; {known(there)}")
        for wanted, there in ((names, MEASURED), (exports, EXPORTS))
        for name in wanted
        if name not in there
    ]
    if products < 100:
        violations.append(Violation("products", "too_few", f"{products} products tell nothing; measure 100 or more"))
    if violations:
        raise InvalidInput(violations)


def _scratch(settings: Settings, folder: Path) -> Settings:
    home = folder / "home"
    home.mkdir()
    exports = write_definitions(settings.exports_folder, folder)
    embedded = replace(settings, home=home, database_url="", storage_url="", render_helpers=0)
    return replace(embedded, exports_folder=exports, public_url="http://127.0.0.1:8000")


def print_figures(figures: Figures, products: int) -> None:
    """A table: each figure, and the goal where there is one."""
    from rich.console import Console
    from rich.table import Table

    table = Table("figure", f"at {products:,} products", "goal", box=None)
    for name in figures:
        if name != "products":
            table.add_row(name, _shown(name, figures[name]), GOALS.get(name, ("", 0.0))[0])
    Console().print(table)


GOALS: Mapping[str, tuple[str, float]] = {
    "history.value.p95_ms": ("< 50", 50),
    "history.as_of.p95_ms": ("< 50", 50),
    "history.diff.p95_ms": ("< 50", 50),
    "history.bytes_per_edit": ("< 1,000", 1_000),
    "search.whoosh.word.p95_ms": ("≤ 20 at 50,000", 20),
    "search.whoosh.two_words.p95_ms": ("≤ 20 at 50,000", 20),
    "search.whoosh.prefix.p95_ms": ("≤ 20 at 50,000", 20),
    "search.whoosh.misspelt.p95_ms": ("≤ 20 at 50,000", 20),
    "search.tantivy.word.p95_ms": ("≤ 20 at 1,000,000", 20),
    "search.tantivy.two_words.p95_ms": ("≤ 20 at 1,000,000", 20),
    "search.tantivy.prefix.p95_ms": ("≤ 20 at 1,000,000", 20),
    "search.tantivy.misspelt.p95_ms": ("≤ 20 at 1,000,000", 20),
    "import.vs_copy": ("≤ 5", 5),
    "api.patch_100.p50_ms": ("≤ 50", 50),
    "api.patch_100.during_import.p95_ms": ("≤ 50", 50),
    "render.google_merchant.vs_floor": ("≤ 1.5", 1.5),
    "render.google_merchant.items_per_s": ("≥ 30,000", -30_000),
    "render.peak_mb": ("≤ 300", 300),
    "incremental.1000.vs_full": ("≤ 0.1 at 1,000,000", 0.1),
    "incremental.full_peak_mb": ("≤ 300", 300),
}
"""Figure → goal as DESIGN words it, and its bound: negative where more is better."""


def _shown(name: str, figure: float) -> str:
    text = ("yes" if figure else "no") if isinstance(figure, bool) else f"{figure:,g}"
    if name not in GOALS:
        return text
    bound = GOALS[name][1]
    met = figure <= bound if bound > 0 else figure >= -bound
    return f"[green]{text}[/green]" if met else f"[yellow]{text}[/yellow]"
