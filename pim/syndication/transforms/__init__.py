"""The closed list of transforms that `then` may name. Their parameters are described in schemas/mapping.schema.json."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pim.syndication.context import MappingContext
from pim.syndication.transforms import dates, identifiers, lists, media, numbers, tables, text

Step = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class Transform:
    """`make` is given the context and the parameters, once a run, and gives the pure step.

    A step is never given None and answers None for nothing. `whole`: it takes a list as one value; others are applied
    to each entry. `keeps`: it answers what it was given, in the same type.
    """

    make: Callable[..., Step]
    whole: bool = False
    keeps: bool = False


TRANSFORMS: dict[str, Transform] = {
    "strip_html": Transform(text.strip_html),
    "html_clean": Transform(text.html_clean),
    "collapse": Transform(text.collapse),
    "truncate": Transform(text.truncate),
    "at_most": Transform(text.at_most),
    "truncate_bytes": Transform(text.truncate_bytes),
    "upper": Transform(text.upper),
    "lower": Transform(text.lower),
    "capitalise": Transform(text.capitalise),
    "unshout": Transform(text.unshout),
    "slug": Transform(text.slug),
    "prefix": Transform(text.prefix),
    "suffix": Transform(text.suffix),
    "replace": Transform(text.replace),
    "lines": Transform(text.lines),
    "sentences": Transform(text.sentences),
    "split": Transform(text.split),
    "join": Transform(lists.join, whole=True),
    "first": Transform(lists.first, whole=True, keeps=True),
    "last": Transform(lists.last, whole=True, keeps=True),
    "limit": Transform(lists.limit, whole=True, keeps=True),
    "unique": Transform(lists.unique, whole=True, keeps=True),
    "at_least": Transform(lists.at_least, whole=True, keeps=True),
    "keyed": Transform(lists.keyed, whole=True),
    "minimum": Transform(lists.minimum, whole=True, keeps=True),
    "maximum": Transform(lists.maximum, whole=True, keeps=True),
    "count": Transform(lists.count, whole=True),
    "column": Transform(tables.column, whole=True, keeps=True),
    "cell": Transform(tables.cell, whole=True, keeps=True),
    "only": Transform(lists.only, keeps=True),
    "drop": Transform(lists.drop, keeps=True),
    "number": Transform(numbers.number),
    "decimals": Transform(numbers.decimals),
    "between": Transform(numbers.between, keeps=True),
    "money": Transform(numbers.money),
    "amount_text": Transform(numbers.amount_text),
    "minor_units": Transform(numbers.minor_units),
    "money_text": Transform(numbers.money_text),
    "amount": Transform(numbers.amount, keeps=True),
    "convert": Transform(numbers.convert_to, keeps=True),
    "quantity": Transform(numbers.quantity),
    "base_measure": Transform(numbers.base_measure),
    "unit_code": Transform(numbers.unit_code),
    "quantity_text": Transform(numbers.quantity_text),
    "number_text": Transform(numbers.number_text),
    "unit_price_text": Transform(numbers.unit_price_text),
    "gtin": Transform(identifiers.gtin),
    "gtin14": Transform(identifiers.gtin14),
    "isbn": Transform(identifiers.isbn),
    "digital_link": Transform(identifiers.digital_link),
    "date": Transform(dates.date),
    "instant": Transform(dates.instant),
    "date_text": Transform(dates.date_text),
    "year": Transform(dates.year),
    "media_url": Transform(media.media_url),
    "image": Transform(media.image),
    "image_within": Transform(media.image_within),
    "url_encode": Transform(media.url_encode),
    "absolute_url": Transform(media.absolute_url),
}
"""All but `label`, which belongs to reading: it needs to know what the code is a code of."""


def make_step(entry: str | dict[str, Any], context: MappingContext) -> tuple[Step, Transform]:
    """The step for one checked entry of `then`."""
    name, parameter = (entry, None) if isinstance(entry, str) else next(iter(entry.items()))
    transform = TRANSFORMS[name]
    if parameter is None:
        return transform.make(context), transform
    if isinstance(parameter, dict) and name != "image":  # the one whose parameter is a mapping of free names
        return transform.make(context, **parameter), transform
    return transform.make(context, parameter), transform
