"""What an item of a feed says about a product in words that all exports share: its price, title, availability."""

from collections.abc import Callable, Iterator
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NamedTuple
from urllib.parse import unquote

from babel.numbers import get_currency_precision

from pim.exports.model import MEANINGS, FileDefinition, Saying
from pim.syndication.writers.read_back import Fields

Said = dict[str, str]
"""Meaning → what is said, in one form whoever says it: `12.90 EUR`, `in_stock`, `04006381333931`."""

At = Callable[[str], Any]
"""The value at a dotted path."""

MEDIA_PATH = "/media/"


class ProductSaid(NamedTuple):
    """What one item says of one product. `code` is None where the item is the product."""

    code: str | None
    said: Said


def said_of(file: FileDefinition, fields: Fields, currency: str | None = None) -> Iterator[ProductSaid]:
    """Each product that the item speaks of. Without `code` among what the file says, that is the item itself.
    `currency` is that of amounts of which the file does not tell it."""
    code = file.says.get("code")
    if not isinstance(code, str):
        yield ProductSaid(None, _said(file, lambda path: _at(path, fields), currency))
        return
    around, entries = _entries(code, fields)
    for entry in entries:
        at = _below(around, entry, fields)
        found = _text(at(code))
        if found is not None:
            yield ProductSaid(found, _said(file, at, currency))


def amount_of(said: str) -> Decimal | None:
    """The amount of a price that was said."""
    try:
        return Decimal(said.partition(" ")[0])
    except InvalidOperation:
        return None


def _said(file: FileDefinition, at: At, currency: str | None) -> Said:
    said: Said = {}
    for meaning in MEANINGS:
        saying = file.says.get(meaning)
        if saying is None:
            continue
        saying = Saying(field=saying) if isinstance(saying, str) else saying
        told = _text(at(saying.currency)) if saying.currency else None
        found = _READ.get(meaning, _plain)(at(saying.field), saying, told or currency)
        if found:
            said[meaning] = saying.values.get(found, found)
    return said


def _below(around: str, entry: Any, fields: Fields) -> At:
    """Paths into the list of products are of this entry, all others of the item."""
    return lambda path: _at(path[len(around) :], entry) if path.startswith(around) else _at(path, fields)


def _entries(code: str, fields: Fields) -> tuple[str, list[Any]]:
    """The path of the list that the code stands in (with its dot), and the entries; else the item as the only one."""
    value: Any = fields
    steps = code.split(".")
    for at, step in enumerate(steps[:-1], 1):
        value = value.get(step) if isinstance(value, dict) else None
        if isinstance(value, list):
            return ".".join(steps[:at]) + ".", value
    return "", [fields]


def _at(path: str, value: Any) -> Any:
    """The value at a dotted path; of a list within it, that of the first entry."""
    for step in path.split("."):
        if isinstance(value, list):
            value = value[0] if value else None
        value = value.get(step) if isinstance(value, dict) else None
    return value


def _text(value: Any) -> str | None:
    return None if value is None or isinstance(value, dict | list) else " ".join(str(value).split())


def _plain(value: Any, saying: Saying, currency: str | None) -> str | None:
    return _text(value[0] if isinstance(value, list) and value else value)


def _gtin(value: Any, saying: Saying, currency: str | None) -> str | None:
    """Fourteen digits, whatever the form."""
    found = _plain(value, saying, currency)
    return found.zfill(14) if found else None


def _image(value: Any, saying: Saying, currency: str | None) -> str | None:
    """The code of the media file, where the address is one of ours."""
    found = _plain(value, saying, currency)
    return unquote(found.rpartition(MEDIA_PATH)[2]) if found and MEDIA_PATH in found else found


def _price(value: Any, saying: Saying, currency: str | None) -> str | None:
    """`12.90 EUR`, from `12.90 EUR` or from an amount and the currency said elsewhere."""
    amount, _, beside = (_plain(value, saying, currency) or "").partition(" ")
    currency = beside or currency or ""
    try:
        number = Decimal(amount)
    except InvalidOperation:
        return None
    digits = _digits(currency)
    if saying.minor_units:
        number = number.scaleb(-digits)
    return f"{number.quantize(Decimal(1).scaleb(-digits))} {currency}".strip()


@lru_cache(256)
def _digits(currency: str) -> int:
    return get_currency_precision(currency) if currency else 2


_READ = {"gtin": _gtin, "image": _image, "price": _price, "sale_price": _price}
