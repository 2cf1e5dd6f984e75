"""The columns of a sheet that we write: what each says of a product or product model."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pim.catalog.attribute_types import PRICES
from pim.catalog.merge import data_at
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Attribute, Entity
from pim.catalog.structure import Structure
from pim.intake.readers.akeneo_columns import FIELDS, split_header, understand
from pim.intake.sheets.cell_lists import join_cell
from pim.intake.sheets.layout import IDENTIFIER, complete_target
from pim.intake.sheets.model import Column, ColumnMapping
from pim.intake.sheets.names import category_names, family_names
from pim.intake.sheets.survey import Survey, in_order
from pim.intake.sheets.write_cells import boolean, number, write_for

_METRIC = "pim_catalog_metric"
Names = Mapping[str, str]
"""Uuid → identifier of the products that a batch associates."""


@dataclass(frozen=True, slots=True)
class OutColumn:
    """`attribute`, `locale`, `scope` and `detail` (a currency, or `unit`) say what a value's column is about."""

    header: str
    cell: Callable[[Entity, Names], Any]
    attribute: Attribute | None = None
    locale: str | None = None
    scope: str | None = None
    detail: str = ""


def own_columns(
    kinds: Collection[str],
    survey: Survey,
    places: Mapping[str, Collection[tuple[str | None, str | None]]],
    mapping: ColumnMapping,
    structure: Structure,
) -> list[OutColumn]:
    """Headers as we read them without a mapping: names and fields, values, associations."""
    targets = [*_field_targets(kinds, survey, structure)]
    for attribute in in_order(places, structure):
        for locale, scope in sorted(places[attribute.code], key=lambda place: (place[1] or "", place[0] or "")):
            targets += _value_targets(attribute, locale, scope, survey, structure)
    for code, kind, quantified in sorted(survey.associations):
        targets += [f"{code}-{kind}", *([f"{code}-{kind}-quantity"] if quantified else [])]
    return [
        column for target in targets for column in columns_for(Column(header=target, target=target), mapping, structure)
    ]


def mapped_columns(mapping: ColumnMapping, structure: Structure) -> list[OutColumn]:
    """The mapping's columns, the other way round."""
    wanted = (column for column in mapping.columns if column.target)
    return [found for column in wanted for found in columns_for(column, mapping, structure)]


def _field_targets(kinds: Collection[str], survey: Survey, structure: Structure) -> Iterator[str]:
    with_models, with_products = PRODUCT_MODEL in kinds, PRODUCT in kinds
    if with_models:
        yield "code"
    if with_products:
        if structure.identifier_attribute:
            yield structure.identifier_attribute
        if survey.nameless:
            yield "uuid"
    yield "family"
    if with_models:
        yield "family_variant"
    if structure.family_variants:
        yield "parent"
    if with_products:
        yield "enabled"
    yield "categories"
    if with_products and structure.groups:
        yield "groups"


def _value_targets(
    attribute: Attribute, locale: str | None, scope: str | None, survey: Survey, structure: Structure
) -> Iterator[str]:
    stem = "-".join(filter(None, (attribute.code, locale, scope)))
    if attribute.type == PRICES:
        yield from (f"{stem}-{currency}" for currency in survey.currencies_of(structure))
    elif attribute.type == _METRIC:
        yield from (stem, f"{stem}-unit")
    else:
        yield stem


def columns_for(column: Column, mapping: ColumnMapping, structure: Structure) -> Iterator[OutColumn]:
    """None for a target that means nothing here."""
    target = complete_target(column.target, mapping, structure)
    if target in FIELDS or target == structure.identifier_attribute:
        yield OutColumn(column.header, _field_cell(target, column, mapping, structure))
        return
    beside = _with_unit_beside(target, mapping, structure)
    found = understand([target, f"{target}-unit"] if beside else [target], structure)
    place = next(iter(found.first), None)
    if place is not None:
        yield _value_column(target, place, column, mapping, structure, beside)
    elif found.associations:
        association = found.associations[0]
        path = "quantified_associations" if association.quantified else "associations"
        separator = column.separator or mapping.separator
        yield OutColumn(
            column.header, _association_cell(path, association.association_type, association.target, separator)
        )
    elif target.endswith("-unit"):
        yield from _unit_column(target, column, structure)
    elif target.endswith("-quantity"):
        code, _, kind = target.removesuffix("-quantity").rpartition("-")
        yield OutColumn(column.header, _quantity_cell(code, kind))


def _with_unit_beside(target: str, mapping: ColumnMapping, structure: Structure) -> bool:
    """Whether another column says the unit: always in sheets of our own, in a mapped one where it is mapped."""
    attribute = structure.attributes.get(split_header(target, structure)[0])
    if attribute is None or attribute.type != _METRIC or target.endswith("-unit"):
        return False
    mapped = {complete_target(column.target, mapping, structure) for column in mapping.columns}
    return not mapping.columns or f"{target}-unit" in mapped


def _field_cell(
    target: str, column: Column, mapping: ColumnMapping, structure: Structure
) -> Callable[[Entity, Names], Any]:
    locale, separator = column.labels or mapping.labels, column.separator or mapping.separator
    words = boolean(mapping)
    families, categories = family_names(locale, structure), category_names(locale, structure)
    match target:
        case "uuid":
            return lambda entity, names: str(entity.uuid) if entity.uuid else ""
        case "code":
            return lambda entity, names: entity.code if entity.kind == PRODUCT_MODEL else ""
        case "family":
            return lambda entity, names: families.written(code) if (code := entity.document["family"]) else ""
        case "enabled":
            return lambda entity, names: words(entity.document["enabled"]) if entity.kind == PRODUCT else ""
        case "categories":
            return lambda entity, names: join_cell(
                [categories.written(code) for code in entity.document["categories"]], separator
            )
        case "groups":
            return lambda entity, names: join_cell(entity.document.get("groups", []), separator)
        case "parent" | "family_variant":
            return lambda entity, names: entity.document.get(target) or ""
    return lambda entity, names: entity.document.get(IDENTIFIER) or ""


def _value_column(
    target: str,
    place: tuple[str, str | None, str | None],
    column: Column,
    mapping: ColumnMapping,
    structure: Structure,
    beside: bool,
) -> OutColumn:
    code, locale, scope = place
    attribute = structure.attributes[code]
    write, detail = write_for(attribute, column, mapping, structure), ""
    decimal = number(column.decimal or mapping.decimal)
    if beside:
        write = lambda data: decimal(data["amount"])  # noqa: E731
    elif attribute.type == PRICES:
        currency = target.rpartition("-")[2]
        detail = currency if currency in structure.currencies else ""
        write = _price(detail, decimal)

    def cell(entity: Entity, names: Names) -> Any:
        data = data_at(entity.document["values"].get(code, ()), locale, scope)
        return "" if data is None else write(data)

    return OutColumn(column.header, cell, attribute, locale, scope, detail)


def _price(currency: str, decimal: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """One amount, or all of them with their currencies."""
    if not currency:
        return lambda data: ", ".join(f"{decimal(price['amount']).text()} {price['currency']}" for price in data)
    return lambda data: next((decimal(price["amount"]) for price in data if price["currency"] == currency), "")


def _unit_column(target: str, column: Column, structure: Structure) -> Iterator[OutColumn]:
    found = understand([target.removesuffix("-unit")], structure)
    for code, locale, scope in found.first:

        def cell(entity: Entity, names: Names) -> Any:
            data = data_at(entity.document["values"].get(code, ()), locale, scope)  # noqa: B023
            return data["unit"] if data else ""

        yield OutColumn(column.header, cell, structure.attributes[code], locale, scope, "unit")


def _association_cell(path: str, code: str, kind: str, separator: str) -> Callable[[Entity, Names], Any]:
    def cell(entity: Entity, names: Names) -> str:
        members = (entity.document.get(path) or {}).get(code, {}).get(kind, ())
        return join_cell([_member(member, names) for member in members], separator)

    return cell


def _member(member: Any, names: Names) -> str:
    name: str = member if isinstance(member, str) else member.get("uuid") or member["code"]
    return names.get(name, name)


def _quantity_cell(code: str, kind: str) -> Callable[[Entity, Names], Any]:
    def cell(entity: Entity, names: Names) -> str:
        members = (entity.document.get("quantified_associations") or {}).get(code, {}).get(kind, ())
        return "|".join(str(member["quantity"]) for member in members)

    return cell
