"""How data of each type of attribute is read."""

from collections.abc import Callable
from typing import Any, NamedTuple

from pim.catalog.model import Attribute, OwnedAttribute
from pim.syndication.context import MappingContext, Quantity
from pim.syndication.linked_values import linked_label
from pim.syndication.table_rows import rows_reader
from pim.syndication.transforms.numbers import converter, decimal_of
from pim.syndication.transforms.text import clean


class Reader(NamedTuple):
    """How data of an attribute's type is read, in two steps: `key` picks what counts (the amount in the currency, the
    code), `value` makes of it what a mapping works with. `few`: there are few different keys, whose outcome is worth
    remembering for long; `hashable`: it can be remembered at all."""

    key: Callable[[Any], Any]
    value: Callable[[Any], Any]
    few: bool = True
    hashable: bool = True


def reader_of(attribute: Attribute, context: MappingContext, labelled: bool = False) -> Reader:
    kind = attribute.type.removeprefix("pim_catalog_")
    match kind:
        case "textarea" if isinstance(attribute, OwnedAttribute) and attribute.prefix is not None:
            before, after = attribute.prefix, attribute.suffix or ""
            return Reader(filled, lambda text: f"{before}{text}{after}")
        case "text" | "textarea" | "identifier":
            return Reader(filled, lambda text: clean(text) or None, few=False)
        case "price_collection":
            return Reader(_amount_in(context.currency), decimal_of)
        case "metric":
            return Reader(_amount_and_unit, _quantity_of(attribute, context))
        case "number":
            return Reader(itself, lambda data: data if isinstance(data, int) else decimal_of(data))
        case "simpleselect":
            return Reader(itself, _labels_of(attribute, context) if labelled else itself)
        case "akeneo_reference_entity":
            return Reader(itself, linked_label(attribute, context) if labelled else itself)
        case "akeneo_reference_entity_collection" | "asset_collection":
            label = linked_label(attribute, context) if labelled else itself
            return Reader(lambda data: tuple(data) or None, lambda codes: [label(code) for code in codes])
        case "multiselect":
            label = _labels_of(attribute, context) if labelled else itself
            return Reader(lambda data: tuple(data) or None, lambda codes: [label(code) for code in codes])
        case "boolean" | "date" | "image" | "file":
            return Reader(itself, itself)
        case "table":
            return Reader(itself, rows_reader(attribute, context, labelled, reader_of), hashable=False)
        case _:
            return Reader(itself, itself, hashable=False)


EMPTY: tuple[Any, ...] = (None, "", [], {})


def itself(data: Any) -> Any:
    return None if data in EMPTY else data


def filled(text: str | None) -> str | None:
    return text or None


def _labels_of(attribute: Attribute, context: MappingContext) -> Callable[[str], str]:
    options = context.structure.options_of(attribute)
    labels = {code: clean(context.label(option.labels, code)) for code, option in options.items()}
    return lambda code: labels.get(code, code)


def _amount_in(currency: str | None) -> Callable[[Any], str | None]:
    def amount(data: Any) -> str | None:
        for price in data or ():
            if price["currency"] == currency:
                return price["amount"] if price["amount"] is None else str(price["amount"])
        return None

    return amount


def _amount_and_unit(data: Any) -> tuple[Any, str] | None:
    return (data["amount"], data["unit"]) if data and data["unit"] and data["amount"] is not None else None


def _quantity_of(attribute: Attribute, context: MappingContext) -> Callable[[tuple[Any, str]], Quantity | None]:
    """In the channel's own unit, where it has one for the attribute."""
    family = attribute.metric_family or ""
    unit = context.channel.conversion_units.get(attribute.code)
    converted = converter(context, unit) if unit else None

    def quantity(key: tuple[Any, str]) -> Quantity | None:
        amount = decimal_of(key[0])
        if amount is None:
            return None
        found = Quantity(amount, key[1], family)
        return (converted(found) or found) if converted else found

    return quantity
