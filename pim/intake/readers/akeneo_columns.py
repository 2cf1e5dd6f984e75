"""The columns of an Akeneo table of products: `attribute-locale-channel`, units, currencies, associations.

A header is understood once, against the structure; rows then only look cells up.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from pim.base.errors import Violation, known
from pim.catalog.attribute_types import MEDIA_TYPES
from pim.catalog.model import Attribute
from pim.catalog.product_rules import canonical_values
from pim.catalog.structure import Structure
from pim.intake.model import Coverage, Place, Problem

FIELDS = ("uuid", "categories", "enabled", "family", "family_variant", "parent", "groups", "code")
TARGETS = {"products": "products", "product_uuids": "products", "product_models": "product_models", "groups": "groups"}
"""Ends of association columns, and where their members go."""

_QUANTITY = "quantity"

Convert = Callable[[str], Any]


@dataclass(frozen=True, slots=True)
class ValueColumn:
    """A value whose data is made of one cell."""

    index: int
    attribute: str
    locale: str | None
    scope: str | None
    convert: Convert | None
    is_media: bool = False


@dataclass(frozen=True, slots=True)
class MetricColumns:
    """A measure: its amount, and its unit from a cell of its own (`unit_index`) or the attribute's default."""

    index: int
    attribute: str
    locale: str | None
    scope: str | None
    unit_index: int | None
    default_unit: str | None


@dataclass(frozen=True, slots=True)
class PriceColumns:
    """A price in several currencies, a cell each: (currency, index)."""

    attribute: str
    locale: str | None
    scope: str | None
    amounts: Sequence[tuple[str, int]]


@dataclass(frozen=True, slots=True)
class AssociationColumn:
    """`quantities` is the index of the cell with the members' quantities, for a quantified type."""

    index: int
    association_type: str
    target: str
    quantified: bool
    quantities: int | None


@dataclass(slots=True)
class Columns:
    """One file's header, understood. `first` is where each value, by attribute, locale and scope, begins."""

    header: list[str]
    fields: dict[str, int] = field(default_factory=dict)
    identifier: int | None = None
    values: list[ValueColumn] = field(default_factory=list)
    metrics: list[MetricColumns] = field(default_factory=list)
    prices: list[PriceColumns] = field(default_factory=list)
    associations: list[AssociationColumn] = field(default_factory=list)
    first: dict[tuple[str, str | None, str | None], int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def coverage(self) -> Coverage:
        """The places that the file's empty cells erase."""
        places: dict[str, set[Place]] = {}
        for code, locale, scope in self.first:
            places.setdefault(code, set()).add((locale, scope))
        currencies = {
            (price.attribute, price.locale, price.scope): frozenset(code for code, _ in price.amounts)
            for price in self.prices
        }
        return Coverage({code: frozenset(found) for code, found in places.items()}, currencies)


@dataclass(frozen=True, slots=True)
class _Place:
    attribute: Attribute
    locale: str | None
    scope: str | None

    @property
    def key(self) -> tuple[str, str | None, str | None]:
        return self.attribute.code, self.locale, self.scope


def understand(header: list[str], structure: Structure, conversions: Mapping[str, Convert] | None = None) -> Columns:
    """Every column of `header`; what means nothing in `structure` becomes a problem and is not read. `conversions` are
    those of cells that are not written as in an Akeneo table."""
    columns = Columns(header)
    units: dict[tuple[str, str | None, str | None], int] = {}
    amounts: dict[tuple[str, str | None, str | None], list[tuple[str, int]]] = {}
    places: dict[tuple[str, str | None, str | None], _Place] = {}
    for index, name in _different(header, columns):
        if name in FIELDS:
            columns.fields[name] = index
        elif name == structure.identifier_attribute:
            columns.identifier = index
        elif (association := _association(index, name, header, structure)) is not None:
            columns.associations.append(association)
        elif not _is_quantity(name, structure):
            _add_value(columns, index, name, structure, places, units, amounts)
    for key, place in places.items():
        if place.attribute.type == "pim_catalog_metric" and key in columns.first:
            unit = place.attribute.default_metric_unit
            columns.metrics.append(MetricColumns(columns.first[key], *key, units.get(key), unit))
    columns.prices += [PriceColumns(*key, found) for key, found in amounts.items()]
    chosen = CONVERSIONS if conversions is None else conversions
    columns.values = [
        replace(column, convert=chosen.get(structure.attributes[column.attribute].type)) for column in columns.values
    ]
    return columns


def _different(header: list[str], columns: Columns) -> Iterator[tuple[int, str]]:
    for index, name in enumerate(header):
        if not name:
            columns.problems.append(Problem("", None, "no_column_name", f"column {index + 1} has no name"))
        elif name in header[:index]:
            columns.problems.append(Problem(name, None, "repeated_column", f"column `{name}` is there twice"))
        else:
            yield index, name


def _association(index: int, name: str, header: list[str], structure: Structure) -> AssociationColumn | None:
    code, _, target = name.partition("-")
    found = structure.association_types.get(code)
    if found is None or target not in TARGETS:
        return None
    quantities = f"{name}-{_QUANTITY}"
    at = header.index(quantities) if quantities in header else None
    return AssociationColumn(index, code, TARGETS[target], found.is_quantified, at)


def _is_quantity(name: str, structure: Structure) -> bool:
    parts = name.split("-")
    return len(parts) == 3 and parts[0] in structure.association_types and parts[2] == _QUANTITY


def _add_value(
    columns: Columns,
    index: int,
    name: str,
    structure: Structure,
    places: dict[tuple[str, str | None, str | None], _Place],
    units: dict[tuple[str, str | None, str | None], int],
    amounts: dict[tuple[str, str | None, str | None], list[tuple[str, int]]],
) -> None:
    code, rest = split_header(name, structure)
    attribute = structure.attributes.get(code)
    if attribute is None:
        what = f"column `{name}`: `{code}` is neither an attribute nor an association type; its cells were not read"
        columns.problems.append(Problem(name, None, "unknown_attribute", f"{what}; {known(structure.attributes)}"))
        return
    last = rest[-1] if rest else ""
    is_unit = attribute.type == "pim_catalog_metric" and last == "unit"
    currency = last if attribute.type == "pim_catalog_price_collection" and _is_currency(last, structure) else ""
    place = _placed(attribute, rest[:-1] if is_unit or currency else rest)
    problem = _misplaced(name, place, rest, structure)
    if problem:
        columns.problems.append(problem)
        return
    assert place is not None
    places[place.key] = place
    if is_unit:
        units[place.key] = index
        return
    columns.first.setdefault(place.key, index)
    if currency:
        amounts.setdefault(place.key, []).append((currency, index))
    elif attribute.type != "pim_catalog_metric":
        columns.values.append(ValueColumn(index, *place.key, None, attribute.type in MEDIA_TYPES))


def split_header(name: str, structure: Structure) -> tuple[str, list[str]]:
    """(attribute, what stands behind it); an attribute's own code may hold hyphens."""
    parts = name.split("-")
    for end in range(1, len(parts) + 1):
        if (code := "-".join(parts[:end])) in structure.attributes:
            return code, parts[end:]
    return parts[0], parts[1:]


def _is_currency(text: str, structure: Structure) -> bool:
    return text in structure.currencies


def _placed(attribute: Attribute, rest: list[str]) -> _Place | None:
    """What stands behind the attribute's code: a locale if it is localizable, then a channel if it is scopable."""
    if len(rest) != attribute.localizable + attribute.scopable:
        return None
    locale = rest[0] if attribute.localizable else None
    return _Place(attribute, locale, rest[-1] if attribute.scopable else None)


def _misplaced(name: str, place: _Place | None, rest: list[str], structure: Structure) -> Problem | None:
    if place is None:
        message = f"column `{name}`: write `attribute`, `-locale` if it is localizable and `-channel` if it is scopable"
        return Problem(name, None, "bad_column", f"{message}; its cells were not read")
    broken: list[Violation] = []
    entry = {"locale": place.locale, "scope": place.scope, "data": None}
    canonical_values({place.attribute.code: [entry]}, structure, broken)  # type: ignore[list-item]
    for violation in broken:
        return Problem(name, None, violation.code, f"column `{name}`: {violation.message}; its cells were not read")
    return None


def boolean(cell: str) -> bool | str:
    """1 or 0, also as words; anything else stays as it is, for the rules to name it."""
    return {"1": True, "0": False, "true": True, "false": False}.get(cell.lower(), cell)


def codes(cell: str | list[str]) -> list[str]:
    """`a,b` → its codes; a list holds them already."""
    if isinstance(cell, list):
        return cell
    return [code for part in cell.split(",") if (code := part.strip())]


def _textarea(cell: str) -> str:
    r"""A text that was written on one line has `\n` for its line breaks; one that has real ones means what it says."""
    return cell.replace("\\n", "\n") if "\\n" in cell and "\n" not in cell else cell


def prices(cell: str) -> list[dict[str, str]]:
    """`10.00 EUR, 9 USD`, all in one cell."""
    return [{"amount": amount, "currency": currency} for amount, _, currency in (c.partition(" ") for c in codes(cell))]


def json_cell(cell: str) -> Any:
    """A table, or its columns, stand in a cell as JSON; what is none stays a text, for the rules to name it."""
    try:
        return msgspec.json.decode(cell)
    except (msgspec.DecodeError, RecursionError):
        return cell


CONVERSIONS: dict[str, Convert] = {
    "pim_catalog_textarea": _textarea,
    "pim_catalog_boolean": boolean,
    "pim_catalog_multiselect": codes,
    "pim_reference_data_multiselect": codes,
    "akeneo_reference_entity_collection": codes,
    "pim_catalog_asset_collection": codes,
    "pim_catalog_price_collection": prices,
    "pim_catalog_table": json_cell,
}
"""How a cell becomes data; types that are not here take the text as it is."""
