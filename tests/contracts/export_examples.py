"""What each export makes of its own examples. `python -m tests.contracts.export_examples` writes it anew; read the
difference line by line before it is committed.

channel_exports/<export>/examples/catalogue.ndjson holds product models and products, one document a line with its
`kind`; an export without uses that of the one it extends. The structure around them is that of the demo catalogue.
Beside it stand the items expected in each locale, with what is rejected and why, and the feeds that a sequence writer
makes of them.
"""

import json
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from pim.base.errors import NotFound
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Entity, Resolved, Root
from pim.catalog.resolve import resolve
from pim.exports.inheritance import extended_folders
from pim.exports.load import load_definition
from pim.exports.model import GRAIN_ROOT, ExportDefinition, FileDefinition
from pim.exports.scope import channel_of, constants_of, currency_of, locales_of
from pim.syndication.assortment import compile_assortment, selected_root
from pim.syndication.context import mapping_context
from pim.syndication.feed import Feed
from pim.syndication.mapping import compile_mapping
from pim.syndication.model import Item
from pim.syndication.validity import ItemCheck
from pim.syndication.writers import WRITERS
from tests.syndication.demo_items import PROJECT, demo_structure

AS_OF = datetime(2026, 12, 1, 12, tzinfo=UTC)
PUBLIC_URL = "https://pim.example"
EXPORTS = sorted(path.parent for path in PROJECT.glob("channel_exports/*/examples"))


def expected_files(folder: Path) -> dict[str, bytes]:
    """File name in examples/ → content, for everything the export makes of its catalogue.ndjson."""
    return files_of(folder, list(example_roots(catalogue_of(folder))))


def files_of(folder: Path, roots: list[Root]) -> dict[str, bytes]:
    """What the export makes of these roots: items.<locale>.json, and the feeds of sequence writers."""
    definition, structure = load_definition(folder), demo_structure()
    channel = channel_of(definition, structure)
    assert channel is not None, f"the demo catalogue has no channel for {definition.name}"
    accepted: dict[str, list[Item]] = {}
    files: dict[str, bytes] = {}
    for locale in locales_of(definition, channel):
        accepted[locale], told = _items(definition, locale, roots)
        files[f"items.{locale}.json"] = json.dumps(told, ensure_ascii=False, indent=1).encode() + b"\n"
    for file in definition.files:
        if file.writer in WRITERS:
            files |= dict(_feeds(definition, file, folder, accepted))
    return files


def catalogue_of(folder: Path) -> Path:
    """Its own, else that of the export it extends."""
    paths = [each / "examples" / "catalogue.ndjson" for each in extended_folders(folder)]
    return next(path for path in paths if path.is_file())


def _items(definition: ExportDefinition, locale: str, roots: list[Root]) -> tuple[list[Item], dict[str, Any]]:
    context = mapping_context(definition, demo_structure(), locale, AS_OF, PUBLIC_URL, _media_info)
    why_out = compile_assortment(
        definition, context.structure, context.channel, locale, AS_OF, lambda product, locale: 100
    ).why_out
    render, check = compile_mapping(context), ItemCheck(definition.item_schema, definition.schema)
    items: list[Item] = []
    told: dict[str, Any] = {"accepted": {}, "changes_at": {}, "rejected": {}, "left_out": {}}
    for root in roots:
        told["left_out"] |= {product.code: out.reason for product in root.products if (out := why_out(product))}
        kept = selected_root(root, why_out)
        for subject in () if kept is None else (kept,) if definition.grain == GRAIN_ROOT else kept.products:
            code, kind = (
                (subject.head.code, subject.head.kind) if isinstance(subject, Root) else (subject.code, PRODUCT)
            )
            item = render(subject)
            if check.accepts(item.fields):
                items.append(Item(code, kind, root.key, item.fields))
                told["accepted"][code] = item.fields
                told["changes_at"] |= {code: item.next_change_at.isoformat()} if item.next_change_at else {}
            else:
                told["rejected"][code] = [violation.message for violation in check.violations(item.fields)]
    return items, told


def _feeds(
    definition: ExportDefinition, file: FileDefinition, folder: Path, accepted: dict[str, list[Item]]
) -> Iterator[tuple[str, bytes]]:
    if "{locale}" in file.name:
        for locale, items in accepted.items():
            name = file.name.replace("{locale}", locale)
            yield name, _written(definition, file, folder, name, locale, [_part(item, file.part) for item in items])
        return
    spanning: dict[str, Item] = {}
    for locale, items in accepted.items():
        for item in items:
            whole = spanning.setdefault(item.key, Item(item.key, item.kind, item.root_key, {}))
            whole.fields[locale] = _part(item, file.part).fields
    ordered = sorted(spanning.values(), key=lambda item: item.root_key)
    yield file.name, _written(definition, file, folder, file.name, None, ordered)


def _part(item: Item, part: str | None) -> Item:
    return item if part is None else Item(item.key, item.kind, item.root_key, item.fields.get(part) or {})


def _written(
    definition: ExportDefinition, file: FileDefinition, folder: Path, name: str, locale: str | None, items: list[Item]
) -> bytes:
    structure = demo_structure()
    channel = channel_of(definition, structure)
    assert channel is not None
    writer = WRITERS[file.writer](
        Feed(
            export=definition.name,
            name=name,
            locale=locale,
            locales=tuple(locales_of(definition, channel)),
            scope=channel.code,
            currency=currency_of(definition, channel, locale) if locale else None,
            options=file.options,
            folder=folder,
            structure=structure,
            as_of=AS_OF,
            public_url=PUBLIC_URL,
            open_media=_no_media,
            constants=constants_of(definition, locale or locales_of(definition, channel)[0]),
            item_schema=definition.item_schema,
        )
    )
    return writer.header() + writer.separator.join(filter(None, map(writer.item, items))) + writer.footer()


def example_roots(path: Path) -> Iterator[Root]:
    """In key order, as a snapshot yields them."""
    entities = [_entity(id, json.loads(line)) for id, line in enumerate(path.read_text("utf-8").splitlines(), 1)]
    models = {entity.code: entity for entity in entities if entity.kind == PRODUCT_MODEL}

    def ancestors(entity: Entity) -> list[Entity]:
        parent = entity.document.get("parent")
        return [*ancestors(models[parent]), models[parent]] if parent else []

    resolved = [resolve(entity, ancestors(entity)) for entity in entities]
    heads = {_key(one): one for one in resolved if not one.ancestors}
    for key in sorted(heads):
        below = sorted((one for one in resolved if _key(one) == key and one.ancestors), key=lambda one: one.code)
        models_below = tuple(one for one in below if one.kind == PRODUCT_MODEL)
        products = tuple(one for one in below if one.kind == PRODUCT)
        yield Root(key, heads[key], models_below, products or (heads[key],))


def _key(resolved: Resolved) -> str:
    top = resolved.ancestors[0] if resolved.ancestors else resolved.entity
    return f"{top.kind}/{top.code}"


def _entity(id: int, document: dict[str, Any]) -> Entity:
    kind = document.pop("kind")
    code = document.get("identifier") or document["code"]
    return Entity(id, kind, code, document, AS_OF, AS_OF, 1)


def _media_info(code: str) -> dict[str, Any]:
    """The same for every picture: examples are about the mapping."""
    return {"width": 1200, "height": 1200, "media_type": "image/png", "size": 40_000}


def _no_media(code: str) -> BinaryIO:
    raise NotFound(code)


def write_all() -> None:
    for folder in EXPORTS:
        for name, content in expected_files(folder).items():
            (folder / "examples" / name).write_bytes(content)
            sys.stdout.write(f"{folder.name}/examples/{name}: {len(content)} bytes\n")


if __name__ == "__main__":
    write_all()
