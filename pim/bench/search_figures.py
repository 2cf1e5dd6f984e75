"""What searching costs: making an index, keeping it up, and finding words in it.

Documents of the generated catalogue go straight into an index, so that a million needs no import. Questions are asked
the way the API asks them.
"""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count, islice
from pathlib import Path
from random import Random

from pim.access.model import User
from pim.base.clock import now
from pim.base.database import Database, open_database
from pim.base.settings import Settings
from pim.bench.assortment import BRANDS, COLORS
from pim.bench.catalogue import SEED, roots
from pim.bench.measure import Figures, in_own_process, peak_mb, percentile_ms
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Document, Entity
from pim.catalog.resolve import resolve
from pim.catalog.structure import Structure
from pim.search.contract import TANTIVY, WHOOSH, WHOOSH_MOST, SearchIndex
from pim.search.documents import DocumentMaker
from pim.search.engines import ENGINES
from pim.search.facets import count_facets, usual_facets
from pim.search.fields import fields_of
from pim.search.find import SearchAsked, Searcher, find
from pim.search.followed_index import FollowedIndex, OpenIndex
from pim.search.index_home import IndexState
from pim.search.model import SearchDocument
from pim.versioning.store import current_structure, head_revision

LOCALE = "fr_FR"
QUESTIONS = 200
UPDATES = 10
_EMPTY: Document = {"groups": [], "associations": {}, "quantified_associations": {}}
_READER = User(0, "bench", frozenset({"reader"}))


def measure_search(settings: Settings, products: int) -> Figures:
    """Of the engines that this many products are for."""
    figures: Figures = {}
    for engine in (WHOOSH, TANTIVY):
        if engine == TANTIVY or products <= WHOOSH_MOST:
            figures |= in_own_process(_measure, settings, engine, products)
    return figures


def _measure(settings: Settings, engine: str, products: int) -> Figures:
    with open_database(settings) as database:
        with database.session() as session:
            structure = current_structure(session)
        fields = fields_of(structure, ENGINES[engine].keeps)
        folder = settings.home / f"search-{engine}"
        index = ENGINES[engine].create(folder, fields)
        start = time.perf_counter()
        index.build(islice(_documents(structure), products))
        spent = time.perf_counter() - start
        index.refresh()
        state = IndexState(folder="", engine=engine, fields=[], revision=0, moment=None)
        figures = {"docs_per_s": round(products / spent), "mb": _size_mb(folder)}
        figures |= _questions(database, OpenIndex(index, state, fields), structure)
        figures |= _updates(index, structure, products)
    figures["peak_mb"] = peak_mb()
    return {f"search.{engine}.{name}": figure for name, figure in figures.items()}


def _documents(structure: Structure, seed: int = SEED) -> Iterator[SearchDocument]:
    """Of all products of the generated catalogue, without end."""
    maker, ids = DocumentMaker(structure), count(1)
    for documents in roots(seed):
        models: dict[str, Entity] = {}
        for document in documents:
            is_product = "identifier" in document
            entity = _entity(document, PRODUCT if is_product else PRODUCT_MODEL, next(ids))
            if is_product:
                yield maker.document(resolve(entity, _above(entity, models)), {})
            else:
                models[entity.code] = entity


def _entity(document: Document, kind: str, number: int) -> Entity:
    code = document["identifier"] if kind == PRODUCT else document["code"]
    return Entity(number, kind, code, {"parent": None, **_EMPTY, **document}, now(), now(), 1)


def _above(entity: Entity, models: dict[str, Entity]) -> list[Entity]:
    """Root first."""
    chain: list[Entity] = []
    parent = entity.document["parent"]
    while parent is not None:
        chain.insert(0, models[parent])
        parent = models[parent].document["parent"]
    return chain


def _questions(database: Database, opened: OpenIndex, structure: Structure) -> Figures:
    random = Random(SEED)
    names = _names(structure)
    words = sorted({word for name in names for word in name.split() if len(word) > 4 and word.isalpha()})
    kinds: dict[str, Callable[[], str]] = {
        "word": lambda: random.choice(words),
        "two_words": lambda: " ".join(random.choice(names).split()[:2]),
        "prefix": lambda: f"{random.choice(words)[:4]}*",
        "misspelt": lambda: _misspelt(random.choice(words), random),
        "code": lambda: f"P{random.randrange(10**7):07}"[:6],
        "phrase": lambda: '"' + " ".join(random.choice(names).split()[:2]) + '"',
    }
    searcher = Searcher(_READER, structure)
    figures: Figures = {}
    with database.session() as session:
        for name, question in kinds.items():
            asked = [SearchAsked(question(), locale=LOCALE) for _ in range(QUESTIONS)]
            for one in asked[:10]:
                find(session, opened, searcher, one)
            spent = [_timed(partial(find, session, opened, searcher, one)) for one in asked]
            figures |= _percentiles(name, spent)
    return figures


def _names(structure: Structure) -> list[str]:
    """Of some products of the catalogue, in French."""
    found: list[str] = []
    for documents in islice(roots(SEED), 2_000):
        for document in documents:
            names = document["values"].get("name", ())
            found += [value["data"] for value in names if value["locale"] == LOCALE]
    return found


def _misspelt(word: str, random: Random) -> str:
    """Without one of its letters, not the first."""
    place = random.randrange(1, len(word))
    return word[:place] + word[place + 1 :]


def _updates(index: SearchIndex, structure: Structure, products: int) -> Figures:
    """Documents that are there already, one at a time and a thousand at once, until readers see them."""
    changed = _documents(structure, SEED + 1)

    def update(many: int) -> Callable[[], None]:
        documents = [replace(one, id=one.id % products + 1) for one in islice(changed, many)]

        def run() -> None:
            index.index(documents)
            index.refresh()

        return run

    single = [_timed(update(1)) for _ in range(UPDATES)]
    return {**_percentiles("update_1", single), "update_1000.ms": round(_timed(update(1_000)) * 1000, 1)}


def measure_facets(settings: Settings) -> Figures:
    """On the imported catalogue: a word, filters, and the usual facets of what they find."""
    return in_own_process(_measure_facets, settings)


def _measure_facets(settings: Settings) -> Figures:
    random = Random(SEED)
    with open_database(settings) as database, database.session() as session:
        index = FollowedIndex(database, settings)
        start = time.perf_counter()
        opened = index.opened(head_revision(session))
        figures: Figures = {"search.built_s": round(time.perf_counter() - start, 1)}
        structure = current_structure(session)
        words = sorted({name.split()[0] for name in _names(structure)})
        searcher = Searcher(_READER, structure)
        reader = searcher.reader(LOCALE, "ecommerce")

        def ask() -> None:
            brand, color = random.choice(BRANDS), random.choice(COLORS)
            text = random.choice([f"{random.choice(words)} brand:{brand}", f"brand:{brand} color:{color} price:<200"])
            found = find(session, opened, searcher, SearchAsked(text, LOCALE, "ecommerce"))
            count_facets(session, found.chosen, usual_facets(reader), reader)

        ask()
        figures |= _percentiles("search.filter_facets", [_timed(ask) for _ in range(QUESTIONS)])
    return figures


def _percentiles(name: str, seconds: list[float]) -> Figures:
    return {f"{name}.p50_ms": percentile_ms(seconds, 0.5), f"{name}.p95_ms": percentile_ms(seconds, 0.95)}


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _size_mb(folder: Path) -> float:
    return round(sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 1e6, 1)
