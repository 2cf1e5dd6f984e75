"""Values of attributes as people of the locale read them."""

from collections.abc import Callable
from typing import Any

from pim.catalog.model import Attribute
from pim.catalog.table_columns import TABLE
from pim.syndication.context import MappingContext
from pim.syndication.transforms.dates import date_text
from pim.syndication.transforms.numbers import decimal_of, localised, money_text, quantity_text
from pim.syndication.transforms.text import plain

Word = Callable[[Any], Any]

YES_NO = {
    "fr": ("Oui", "Non"),
    "en": ("Yes", "No"),
    "de": ("Ja", "Nein"),
    "es": ("Sí", "No"),
    "it": ("Sì", "No"),
    "nl": ("Ja", "Nee"),
    "pt": ("Sim", "Não"),
    "pl": ("Tak", "Nie"),
    "sv": ("Ja", "Nej"),
}


def word_of(attribute: Attribute, context: MappingContext) -> Word:
    """For values as mappings read them, options labelled already."""
    kind = attribute.type.removeprefix("pim_catalog_")
    if kind == "metric":
        return quantity_text(context)
    if kind == "price_collection":
        return money_text(context)
    if kind == "date":
        return date_text(context)
    if kind == "boolean":
        yes, no = YES_NO.get(str(context.names["language"]), YES_NO["en"])
        return lambda value: yes if value else no
    if kind == "number":
        number = localised(context)
        return lambda value: number(found) if (found := decimal_of(value)) is not None else None
    if attribute.type == TABLE:
        return lambda rows: "; ".join(", ".join(map(str, row.values())) for row in rows)
    return lambda value: ", ".join(map(str, value)) if isinstance(value, list) else plain(str(value))
