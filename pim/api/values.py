"""The values of one product as a reader asked for them: trimmed, converted, with the labels of their options."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from msgspec import to_builtins

from pim.api.reading import Reading
from pim.catalog.attribute_types import canonical_decimal
from pim.catalog.measurement import convert
from pim.catalog.model import Attribute, AttributeOption, Document, Value
from pim.catalog.structure import Structure
from pim.catalog.table_columns import SELECT, TABLE
from pim.catalog.table_rows import Rows, in_column_order

_SELECTS = ("pim_catalog_simpleselect", "pim_catalog_multiselect")


def read_values(values: Mapping[str, list[Value]], structure: Structure, reading: Reading) -> Document:
    """Attributes that have nothing left to show are left out."""
    shown: Document = {}
    for code, entries in values.items():
        attribute = structure.attributes.get(code)
        if attribute is None or (reading.attributes is not None and code not in reading.attributes):
            continue
        kept = [read for value in entries if (read := _read(value, attribute, structure, reading)) is not None]
        if kept:
            shown[code] = kept
    return shown


def _read(value: Value, attribute: Attribute, structure: Structure, reading: Reading) -> Document | None:
    if not in_reading(value, reading):
        return None
    channel = reading.channel
    read: Document = dict(value)
    if channel is not None and attribute.type == "pim_catalog_price_collection":
        read["data"] = [price for price in value["data"] if price["currency"] in channel.currencies]
        if not read["data"]:
            return None
    if reading.convert_measurements and attribute.type == "pim_catalog_metric":
        read["data"] = _converted(value["data"], attribute, structure, reading)
    if attribute.type == TABLE:
        read["data"] = in_column_order(value["data"], attribute)
    if reading.with_attribute_options and attribute.type in _SELECTS:
        read["linked_data"] = _linked(value["data"], structure.options.get(attribute.code, {}))
    elif reading.with_attribute_options and attribute.type == TABLE:
        read["linked_data"] = _linked_cells(value["data"], attribute)
    return read


def in_reading(value: Mapping[str, Any], reading: Reading) -> bool:
    """Whether the value is one of the channel and of the locales that are read."""
    channel = reading.channel
    if channel is not None and value["scope"] not in (None, channel.code):
        return False
    return reading.locales is None or value["locale"] is None or value["locale"] in reading.locales


def _converted(data: Any, attribute: Attribute, structure: Structure, reading: Reading) -> Any:
    """In the unit that the channel chose for the attribute, if it did."""
    unit = reading.channel.conversion_units.get(attribute.code) if reading.channel else None
    family = structure.measurement_families.get(attribute.metric_family or "")
    if unit is None or family is None:
        return data
    return {"amount": canonical_decimal(convert(Decimal(data["amount"]), data["unit"], unit, family), 4), "unit": unit}


def _linked(data: Any, options: Mapping[str, AttributeOption]) -> Any:
    """The option itself beside a simple select's code; code → option beside those of a multi select."""
    if isinstance(data, list):
        return {code: _option(options[code]) for code in data if code in options}
    return _option(options[data]) if data in options else None


def _linked_cells(rows: Rows, attribute: Attribute) -> Document:
    """Column → code → option, of the select columns and the options that some row holds."""
    linked: Document = {}
    for column in attribute.columns:
        if column.data_type == SELECT:
            held = dict.fromkeys(row[column.code] for row in rows if column.code in row)
            options = (column.option_codes[code] for code in held if code in column.option_codes)
            linked[column.code] = {option.code: to_builtins(option) for option in options}
    return linked


def _option(option: AttributeOption) -> Document:
    return {"attribute": option.attribute, "code": option.code, "labels": dict(option.labels)}
