"""How long a program that edits and reads products over HTTP waits, beside the same SQL by hand."""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import count
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any, ParamSpec

import msgspec
import psycopg

from pim.base.database import open_database
from pim.base.settings import Settings
from pim.bench.api_floor import copy_write, read_products, repeat_write
from pim.bench.api_questions import Question, questions
from pim.bench.api_server import Client, signed_in
from pim.bench.catalogue import write_products
from pim.bench.import_figures import take_in
from pim.bench.measure import Figures, in_own_process, percentile_ms
from pim.catalog.model import Document
from pim.versioning.store import current_structure

BATCHES, LINES, READS = 30, 100, 200
WARM_UP = 5
LEFT_OUT = ("ean",)
"""Of a product of the catalogue: it belongs to the first only."""

Given = ParamSpec("Given")
Connection = psycopg.Connection[Any]


def measure_api(settings: Settings, products: int, folder: Path) -> Figures:
    """Batches and reads through `pim serve`, and batches once more beside an import that is written to `folder`."""
    figures = in_own_process(_measure, settings, products)
    (path,) = write_products(folder, max(products // 5, 2000), 1, hundreds=products)
    return {**figures, **in_own_process(_measure_beside_import, settings, path)}


def _measure(settings: Settings, products: int) -> Figures:
    with open_database(settings) as database, signed_in(settings) as client, psycopg.connect(database.url) as by_hand:
        with database.session() as session:
            structure = current_structure(session)
        codes = codes_of(by_hand)
        figures = _batches("api.patch_100", client, by_hand, updates(codes, Random(1)), created=False)
        figures |= _batches("api.create_100", client, by_hand, creations(by_hand), created=True)
        for question in questions(structure, codes[0], products):
            figures |= _reads(question, client, by_hand)
    return figures


def _batches(
    name: str, client: Client, by_hand: Connection, batches: Iterator[list[Document]], created: bool
) -> Figures:
    """Each batch beside its floor, which writes the same."""
    ours, floor = [], []
    for _ in range(WARM_UP + BATCHES):
        batch = next(batches)
        ours.append(_timed(client.patch, "/products", batch))
        write = copy_write(by_hand, [document["identifier"] for document in batch], created)
        floor.append(_timed(repeat_write, by_hand, write))
    return _beside(name, ours[WARM_UP:], floor[WARM_UP:])


def _reads(question: Question, client: Client, by_hand: Connection) -> Figures:
    found = msgspec.json.decode(client.get(question.path))
    documents = found["_embedded"]["items"] if "_embedded" in found else [found]
    if [document["identifier"] for document in documents] != read_products(by_hand, question):
        raise RuntimeError(f"{question.path} answers with other products than the same question asked by hand")
    ours, floor = [], []
    for _ in range(WARM_UP + READS):
        ours.append(_timed(client.get, question.path))
        floor.append(_timed(read_products, by_hand, question))
    return _beside(f"api.{question.name}", ours[WARM_UP:], floor[WARM_UP:])


def _beside(name: str, ours: Sequence[float], floor: Sequence[float]) -> Figures:
    p50, floor_p50 = percentile_ms(ours, 0.5), percentile_ms(floor, 0.5)
    return {
        f"{name}.p50_ms": p50,
        f"{name}.p95_ms": percentile_ms(ours, 0.95),
        f"{name}.floor_p50_ms": floor_p50,
        f"{name}.vs_floor": round(p50 / floor_p50, 2),
    }


def updates(codes: Sequence[str], random: Random) -> Iterator[list[Document]]:
    """One to three values each of random products."""
    for batch in count():
        values = [
            ("mpn", _value(f"B-{batch}-{random.random()}")),
            ("warranty_years", _value(random.randint(2, 10))),
            ("name", [{"locale": "fr_FR", "scope": None, "data": f"Nom {batch}-{random.random()}"}]),
        ]
        chosen = random.sample(codes, min(LINES, len(codes)))
        yield [{"identifier": code, "values": dict(values[: n % 3 + 1])} for n, code in enumerate(chosen)]


def creations(by_hand: Connection) -> Iterator[list[Document]]:
    """New products as rich as those that are there."""
    query = "SELECT document FROM product WHERE parent_id IS NULL ORDER BY id LIMIT %s"
    with by_hand.transaction():
        documents: list[Document] = [row[0] for row in by_hand.execute(query, [LINES])]
    kept = [{code: v for code, v in document["values"].items() if code not in LEFT_OUT} for document in documents]
    for batch in count():
        yield [{**document, "identifier": f"B{batch}-{n}", "values": kept[n]} for n, document in enumerate(documents)]


def _measure_beside_import(settings: Settings, path: Path) -> Figures:
    """Batches for as long as another process imports new products."""
    with (
        open_database(settings) as database,
        signed_in(settings) as client,
        psycopg.connect(database.url) as by_hand,
        ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
    ):
        batches = updates(codes_of(by_hand), Random(2))
        for _ in range(WARM_UP):
            client.patch("/products", next(batches))
        before, waited = _newest(by_hand), []
        importing = pool.submit(_import, settings, path)
        while _newest(by_hand) == before and not importing.done():
            time.sleep(0.01)  # it has to read what it is given first
        while not importing.done():
            waited.append(_timed(client.patch, "/products", next(batches)))
        importing.result()
    return {f"api.patch_100.during_import.p{n}_ms": percentile_ms(waited, n / 100) for n in (50, 95)}


def _import(settings: Settings, path: Path) -> None:
    with open_database(settings) as database:
        take_in(settings, database, path)


def _newest(by_hand: Connection) -> int:
    with by_hand.transaction():
        (revision,) = by_hand.execute("SELECT revision FROM head").fetchone() or (0,)
    return int(revision)


def codes_of(by_hand: Connection) -> list[str]:
    """Of products of their own attributes."""
    with by_hand.transaction():
        return [row[0] for row in by_hand.execute("SELECT code FROM product WHERE parent_id IS NULL ORDER BY id")]


def _value(data: Any) -> list[Document]:
    return [{"locale": None, "scope": None, "data": data}]


def _timed(work: Callable[Given, Any], *args: Given.args, **kwargs: Given.kwargs) -> float:
    start = time.perf_counter()
    work(*args, **kwargs)
    return time.perf_counter() - start
