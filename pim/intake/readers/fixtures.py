"""A folder of NDJSON files, one a resource, with the media beside them: how our demo catalogue is written."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from pim.catalog.linked import LINKED
from pim.catalog.model import ASSET, PRODUCT, PRODUCT_MODEL, RECORD, STRUCTURE_KINDS
from pim.intake.model import Part
from pim.intake.readers.linked import linked_parts
from pim.intake.readers.ndjson import association_part, product_parts, read_structure

_PLURALS = {
    "currency": "currencies",
    "measurement_family": "measurement_families",
    "category": "categories",
    "family": "families",
    "reference_entity": "reference_entities",
    "asset_family": "asset_families",
}
RESOURCES = {_PLURALS.get(kind, f"{kind}s"): kind for kind in (*STRUCTURE_KINDS, ASSET, RECORD, PRODUCT_MODEL, PRODUCT)}
"""Resource, as its file is called, → kind, in the order in which they are taken."""

FILE_NAMES = tuple(f"{resource}.ndjson" for resource in RESOURCES)


def find_files(folder: Path) -> list[Path]:
    return [folder / name for name in FILE_NAMES if (folder / name).is_file()]


def parts(folder: Path, lines: Mapping[Path, int]) -> list[Part]:
    """The passes over the folder: structure, assets, records, product models, products, and then who is associated with
    whom."""
    passes: list[Part] = []
    documents: list[tuple[Path, str]] = []
    for path in find_files(folder):
        kind = RESOURCES[path.stem]
        if kind in STRUCTURE_KINDS:
            read = partial(read_structure, path, kind)
            passes.append(Part(path.stem, path.stem, path.name, lines[path], True, read))
        elif kind in LINKED:
            passes += linked_parts(path, lines[path], path.stem, kind)
        else:
            passes += product_parts(path, lines[path], kind)
            documents.append((path, kind))
    return passes + [association_part(path, lines[path], kind) for path, kind in documents]
