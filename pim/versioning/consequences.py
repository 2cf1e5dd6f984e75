"""What a change of structure does to products: values and cells that lose their place are taken off, logged like any
change."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import ColumnElement, func, or_
from sqlmodel import col

from pim.catalog import store
from pim.catalog.model import PRODUCT, Attribute, Entity, Family, FamilyVariant
from pim.catalog.structure import Structure, StructureKey
from pim.catalog.table_rows import loses_cells
from pim.catalog.tables import ProductModelRow, ProductRow
from pim.versioning.cascade import move_down, strip_cells, strip_values
from pim.versioning.linked_edits import LinkedEdits, strip_linked_values
from pim.versioning.staging import ProductEdits
from pim.versioning.structure_edits import StructureEdits

_SHOWN = 3
"""Holders of values that are named."""


def stage_moves(before: Structure, edits: StructureEdits, products: ProductEdits) -> None:
    """Attributes that leave a family leave its variants and product models; attributes that move down a family variant
    move their values down with them; columns and options that leave a table take their cells. Edits of products come
    after it and are checked against the structure to be."""
    for (kind, owner, code), (old, new) in edits.touched.items():
        if old is None or new is None:
            continue
        if kind == "family":
            _leave_family(before.families[code], edits.structure.families[code], products)
        elif kind == "family_variant":
            old_variant = before.family_variants[owner][code]
            _move_down(old_variant, edits.structure.family_variants[owner][code], products)
        elif kind == "attribute":
            _lose_cells(before.attributes[code], edits.structure.attributes[code], products)


def stage_deletions(edits: StructureEdits, products: ProductEdits, linked: LinkedEdits) -> None:
    """Deleted attributes leave everywhere."""
    gone = [key for key, (_, new) in edits.touched.items() if new is None]
    deleted = frozenset(code for kind, _, code in gone if kind == "attribute")
    if deleted:
        strip_values(products, _holders(products, deleted), deleted)
    strip_linked_values(linked, gone)


def _leave_family(old: Family, new: Family, products: ProductEdits) -> None:
    left = frozenset(old.attributes) - frozenset(new.attributes)
    if left:
        holders = _holders(products, left, col(ProductRow.family) == new.code, col(ProductModelRow.family) == new.code)
        varying = (
            e for e in holders if e.document["family"] == new.code and (e.kind != PRODUCT or e.document["parent"])
        )
        strip_values(products, varying, left)


def _move_down(old: FamilyVariant, new: FamilyVariant, products: ProductEdits) -> None:
    before, after = old.level_of, new.level_of
    moved = {code: level for code, level in after.items() if level > before.get(code, 0)}
    if moved:
        holders = store.product_models(
            products.session,
            col(ProductModelRow.document)["family_variant"].astext == new.code,
            _holds(col(ProductModelRow.document), frozenset(moved)),
            lock=True,
        )
        move_down(products, holders, moved)


def left_below(before: Structure, edits: StructureEdits, products: ProductEdits) -> Iterator[tuple[StructureKey, str]]:
    """Family variants in which attributes moved up although something below has values of its own, and what, in words.
    To be asked when all edits of products are staged."""
    for key, (old, new) in edits.touched.items():
        kind, owner, code = key
        if kind != "family_variant" or old is None or new is None:
            continue
        levels = edits.structure.family_variants[owner][code].level_of
        former = before.family_variants[owner][code].level_of
        moved = frozenset(one for one, level in former.items() if levels.get(one, 0) < level)
        stored = _holders(products, moved) if moved else ()
        there = (products.newest(one) for one in stored if not products.is_deleted(one))
        holders = {one.code: one.kind for one in there if _holds_below(one, code, moved, levels, products)}
        if holders:
            named = [f"{of.replace('_', ' ')} `{name}`" for name, of in sorted(holders.items())]
            told = ", ".join([*named[:_SHOWN], *(["and others"] if len(named) > _SHOWN else [])])
            yield key, f"{_told(moved)} cannot move up in family variant `{code}`; values of their own have {told}"


def _holds_below(
    entity: Entity, variant: str, moved: frozenset[str], levels: Mapping[str, int], products: ProductEdits
) -> bool:
    above = products.ancestors(entity)
    held = moved & entity.document["values"].keys()
    of_variant = (above[0] if above else entity).document.get("family_variant") == variant
    return of_variant and any(levels.get(code, 0) < len(above) for code in held)


def _told(codes: frozenset[str]) -> str:
    return ", ".join(f"`{code}`" for code in sorted(codes))


def _lose_cells(old: Attribute, new: Attribute, products: ProductEdits) -> None:
    if loses_cells(old, new):
        strip_cells(products, _holders(products, frozenset({new.code})), new)


def _holders(
    products: ProductEdits,
    attributes: frozenset[str],
    which_products: ColumnElement[bool] | None = None,
    which_models: ColumnElement[bool] | None = None,
) -> list[Entity]:
    """Stored holders of values of `attributes` within the conditions, and everything staged so far."""
    of_products = [_holds(col(ProductRow.document), attributes), *([] if which_products is None else [which_products])]
    of_models = [_holds(col(ProductModelRow.document), attributes), *([] if which_models is None else [which_models])]
    staged = [staged.new for staged in products.staged.values() if staged.new]
    return [
        *store.product_models(products.session, *of_models, lock=True),
        *store.products(products.session, *of_products, lock=True),
        *staged,
    ]


def _holds(document: Any, attributes: frozenset[str]) -> ColumnElement[bool]:
    return or_(*(func.jsonb_exists(document["values"], code) for code in sorted(attributes)))
