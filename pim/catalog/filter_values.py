"""The rows by which products are filtered: one per text, number or date of a filterable value."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from pim.catalog.attribute_types import ATTRIBUTE_TYPES
from pim.catalog.model import Values
from pim.catalog.structure import Structure

FilterRow = tuple[int, int, str | None, str | None, str | None, Decimal | None, datetime | None]
"""(entity, attribute, locale, scope, text, number, date), the columns of filter_value."""


def filter_rows(entity_id: int, values: Values, structure: Structure) -> Iterator[FilterRow]:
    """Of an entity's own values, those of attributes that are useable as a filter."""
    filterable = structure.filterable_attributes
    for code, entries in values.items():
        attribute_id = filterable.get(code)
        if attribute_id is None:
            continue
        attribute = structure.attributes[code]
        index = ATTRIBUTE_TYPES[attribute.type].index
        for value in entries:
            for text, number, date in index(value["data"], attribute, structure):
                yield entity_id, attribute_id, value["locale"], value["scope"], text, number, date
