"""The demo catalogue's items for one export, straight from `fixtures/`, without a database."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from itertools import groupby
from pathlib import Path
from typing import Any, BinaryIO
from zlib import crc32

from PIL import Image

from pim.base.errors import NotFound
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, STRUCTURE_KINDS, Entity, Resolved, Root, owner_of
from pim.catalog.resolve import resolve
from pim.catalog.structure import Structure
from pim.exports.load import load_definition
from pim.exports.model import ExportDefinition
from pim.intake.readers.fixtures import RESOURCES
from pim.syndication.assortment import compile_assortment
from pim.syndication.context import mapping_context
from pim.syndication.mapping import compile_mapping
from pim.syndication.model import Item

PROJECT = Path(__file__).parents[2]
FIXTURES = PROJECT / "fixtures"
AS_OF = datetime(2026, 11, 22, 12, tzinfo=UTC)
FILES = {kind: name for name, kind in RESOURCES.items()}


@cache
def demo_structure() -> Structure:
    found = (_entity(kind, line) for kind in STRUCTURE_KINDS for line in _lines(FILES[kind]))
    return Structure(found)


@cache
def demo_definition(export: str) -> ExportDefinition:
    return load_definition(PROJECT / "channel_exports" / export)


@cache
def demo_products() -> tuple[Resolved, ...]:
    """In the order of their root and then their own code, each with the values of its models."""
    models = {entity.code: entity for entity in (_entity(PRODUCT_MODEL, line) for line in _lines("product_models"))}

    def ancestors(code: str | None) -> list[Entity]:
        return [*ancestors(models[code].document["parent"]), models[code]] if code else []

    products = (_entity(PRODUCT, line) for line in _lines("products"))
    resolved = [resolve(product, ancestors(product.document["parent"])) for product in products]
    return tuple(sorted(resolved, key=lambda product: (root_key(product), product.code)))


@cache
def demo_roots() -> tuple[Root, ...]:
    """In key order. Models below the root are left out."""
    grouped = [(key, tuple(products)) for key, products in groupby(demo_products(), root_key)]
    return tuple(Root(key, _head(products[0]), (), products) for key, products in grouped)


def _head(product: Resolved) -> Resolved:
    return resolve(product.ancestors[0], []) if product.ancestors else product


def root_key(product: Resolved) -> str:
    return f"product_model/{product.ancestors[0].code}" if product.ancestors else f"product/{product.code}"


def demo_items(export: str, locale: str) -> Iterator[Item]:
    """What the mapping makes of every product in the export's assortment; not yet checked against the item schema."""
    definition = demo_definition(export)
    context = mapping_context(definition, demo_structure(), locale, AS_OF, media_info=media_info)
    structure, channel = demo_structure(), context.channel
    why_out = compile_assortment(definition, structure, channel, locale, AS_OF, lambda product, locale: 100).why_out
    render: Callable[[Resolved], Any] = compile_mapping(context)
    for product in demo_products():
        if why_out(product) is None:
            yield Item(product.code, PRODUCT, root_key(product), render(product).fields)


@cache
def media_info(code: str) -> dict[str, Any] | None:
    path = FIXTURES / code
    if not path.is_file():
        return None
    with Image.open(path) as image:
        size = {"width": image.width, "height": image.height}
        return size | {"media_type": Image.MIME[image.format or ""], "size": path.stat().st_size}


def open_demo_media(code: str) -> BinaryIO:
    path = FIXTURES / code
    if not path.is_file():
        raise NotFound(f"no media file {code}")
    return path.open("rb")


def _lines(name: str) -> Iterator[dict[str, Any]]:
    path = FIXTURES / f"{name}.ndjson"
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    yield from (json.loads(line) for line in lines if line.strip())


def _entity(kind: str, document: dict[str, Any]) -> Entity:
    code = document.get("identifier") or document["code"]
    return Entity(
        crc32(f"{kind}/{code}".encode()) >> 1, kind, code, document, AS_OF, AS_OF, 1, None, owner_of(kind, document)
    )
