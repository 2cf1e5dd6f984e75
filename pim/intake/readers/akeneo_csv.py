"""An Akeneo export folder: a set of CSV files with the media beside them, taken in the order of their references."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from pim.catalog.model import PRODUCT, PRODUCT_MODEL, STRUCTURE_KINDS
from pim.catalog.structure import Structure
from pim.intake.model import Entry, Part
from pim.intake.readers.akeneo_products import ALL, BELOW, ROOTS, read_associations, read_documents
from pim.intake.readers.akeneo_structure import TABLES, Table, read_standard_measures, read_table

FILE_NAMES = tuple(f"{name}.csv" for name in (*TABLES, "product_models", "products"))


def find_files(folder: Path) -> list[Path]:
    """The files of the set that are there, in the order in which they are taken."""
    return [folder / name for name in FILE_NAMES if (folder / name).is_file()]


def parts(folder: Path, lines: Mapping[Path, int]) -> list[Part]:
    """The passes over the set: structure, product models, products, and then who is associated with whom."""
    files = {path.stem: path for path in find_files(folder)}
    order = list(STRUCTURE_KINDS)
    tables = sorted(TABLES.items(), key=lambda item: order.index(item[1].kind))
    passes: list[Part] = []
    for name, table in tables:
        if name == "attributes" and name in files:
            passes.append(_measures(files[name], lines))
        if name in files:
            passes.append(_structure(name, files[name], table, lines))
    if path := files.get("product_models"):
        for which in (ROOTS, BELOW):
            read = partial(_documents, path, PRODUCT_MODEL, which)
            passes.append(Part(f"product_models {which}", "product_models", path.name, lines[path], False, read))
    if path := files.get("products"):
        read = partial(_documents, path, PRODUCT, ALL)
        passes.append(Part("products", "products", path.name, lines[path], False, read))
    for name, kind in (("product_models", PRODUCT_MODEL), ("products", PRODUCT)):
        if path := files.get(name):
            read = partial(read_associations, path, kind)
            title = f"associations of {name}"
            passes.append(Part(title, "associations", path.name, lines[path], False, read, second_pass=True))
    return passes


def _structure(name: str, path: Path, table: Table, lines: Mapping[Path, int]) -> Part:
    def read(structure: Structure) -> Iterator[Entry]:
        return read_table(path, table)

    return Part(name, name, path.name, lines[path], True, read)


def _measures(path: Path, lines: Mapping[Path, int]) -> Part:
    read = partial(read_standard_measures, path)
    name = "measurement_families"
    return Part(name, name, path.name, lines[path], True, read)


def _documents(path: Path, kind: str, which: str, structure: Structure) -> Iterator[Entry]:
    return read_documents(path, kind, structure, which)
