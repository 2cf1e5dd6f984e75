"""A folder of NDJSON files, one a resource, with the media beside them: how our demo catalogue is written."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from pim.catalog.model import PRODUCT, PRODUCT_MODEL, STRUCTURE_KINDS
from pim.intake.model import Part
from pim.intake.readers.ndjson import association_part, product_parts, read_structure

STRUCTURE_BATCH = 1000

_PLURALS = {
    "currency": "currencies",
    "measurement_family": "measurement_families",
    "category": "categories",
    "family": "families",
}
RESOURCES = {_PLURALS.get(kind, f"{kind}s"): kind for kind in (*STRUCTURE_KINDS, PRODUCT_MODEL, PRODUCT)}
"""Resource, as its file is called, → kind, in the order in which they are taken."""

FILE_NAMES = tuple(f"{resource}.ndjson" for resource in RESOURCES)


def find_files(folder: Path) -> list[Path]:
    return [folder / name for name in FILE_NAMES if (folder / name).is_file()]


def parts(folder: Path, lines: Mapping[Path, int]) -> list[Part]:
    """The passes over the folder: structure, product models, products, and then who is associated with whom."""
    passes: list[Part] = []
    documents: list[tuple[Path, str]] = []
    for path in find_files(folder):
        kind = RESOURCES[path.stem]
        if kind in STRUCTURE_KINDS:
            read = partial(read_structure, path, kind)
            passes.append(Part(path.stem, path.stem, path.name, lines[path], STRUCTURE_BATCH, True, read))
        else:
            passes += product_parts(path, lines[path], kind)
            documents.append((path, kind))
    return passes + [association_part(path, lines[path], kind) for path, kind in documents]
