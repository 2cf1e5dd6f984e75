"""What each attribute type accepts, its canonical form, and how it is filtered and counted as complete.

A new attribute type is one entry in ATTRIBUTE_TYPES and the functions it names.
"""

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

import msgspec

from pim.base.errors import known, shown
from pim.catalog.measurement import to_standard
from pim.catalog.model import Attribute
from pim.catalog.structure import Structure
from pim.catalog.table_columns import TABLE
from pim.catalog.table_rows import check_table, index_table, table_filled

Problem = tuple[str, str]
"""(rule's stable name, message without the attribute's name)"""

Problems = list[Problem]
Check = Callable[[Any, Attribute, Structure, Problems], Any]
"""Returns the canonical form of the data; what is wrong with it goes to the list, all of it."""

Indexed = tuple[str | None, Decimal | None, datetime | None]
"""(text, number, date) of one row of filter_values."""

Index = Callable[[Any, Attribute, Structure], Iterable[Indexed]]
Filled = Callable[[Any, Attribute, Collection[str]], bool]
"""Whether data of the attribute is enough for a channel with these currencies."""

MAX_TEXT = 255
MAX_TEXTAREA = 65_535
FILTER_TEXT_LENGTH = 255
"""Filter rows hold this much of a text; equality beyond it is settled on the document."""

LARGEST_INTEGER = 2**63 - 1
LONGEST_NUMBER = 80
"""Characters of a number; more digits than any measure has, and far fewer than the database holds."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
_AS_STORED = {
    0: re.compile(r"(0|[1-9]\d{0,14})(\.\d{0,14}[1-9])?", re.ASCII),
    2: re.compile(r"(0|[1-9]\d{0,14})\.\d\d", re.ASCII),
}
"""Least decimals → positive amounts that are canonical already, as most of them come."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_NAMED_GROUP = re.compile(r"\(\?<(?![=!])")
_DELIMITED = re.compile(r"([/#~])(.*)\1([imsxu]*)", re.DOTALL)
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_URL = re.compile(r"https?://[^\s/]+\S*", re.IGNORECASE)
_IDENTIFIER_TROUBLE = re.compile(r"[,;\r\n]|^\s|\s$")


@dataclass(frozen=True, slots=True)
class AttributeType:
    """`can_be_axis`, `can_be_unique` and `varies` say what the rules allow an attribute of this type to be."""

    check: Check
    index: Index
    filled: Filled
    can_be_axis: bool = False
    can_be_unique: bool = False
    varies: bool = True


def _check_text(limit: int) -> Check:
    def check(data: Any, attribute: Attribute, structure: Structure, problems: Problems) -> Any:
        if not isinstance(data, str):
            problems.append(("wrong_type", f"{shown(data)} is not a text"))
            return data
        most = min(attribute.max_characters or limit, limit)
        if len(data) > most:
            problems.append(("too_long", f"{len(data)} characters; at most {most} fit"))
        if _UNSTORABLE.search(data):
            problems.append(("bad_character", "holds a NUL or half a surrogate pair; remove it"))
        if attribute.validation_rule:
            _check_rule(data, attribute, problems)
        return data

    return check


def _check_rule(data: str, attribute: Attribute, problems: Problems) -> None:
    rule = attribute.validation_rule
    if rule == "email" and not _EMAIL.fullmatch(data):
        problems.append(("not_an_email", f"`{data}` is not an email address"))
    elif rule == "url" and not _URL.fullmatch(data):
        problems.append(("not_a_url", f"`{data}` is not an http(s) URL"))
    elif rule == "regexp" and (written := attribute.validation_regexp) and not compile_pattern(written).search(data):
        problems.append(("no_match", f"`{data}` does not match {written}"))


@lru_cache(maxsize=1000)
def compile_pattern(written: str) -> re.Pattern[str]:
    """The dialect's regular expressions may come with delimiters and flags, `/^\\d+$/i` for `^\\d+$` ignoring case,
    and with groups named `(?<name>…)`.
    Raises re.error for what is no pattern."""
    written = _NAMED_GROUP.sub("(?P<", written)
    delimited = _DELIMITED.fullmatch(written)
    if delimited is None:
        return re.compile(written)
    flags = 0
    for flag in delimited[3]:
        flags |= re.RegexFlag[flag.upper()]
    return re.compile(delimited[2], flags)


def holds_unstorable(data: Any) -> bool:
    """Whether a NUL or half a surrogate pair is in any text of `data`, which is what JSON may hold."""
    try:
        encoded = msgspec.json.encode(data)
    except (UnicodeEncodeError, OverflowError):
        return _any_unstorable(data)
    return b"\\u0000" in encoded and _any_unstorable(data)


def _any_unstorable(data: Any) -> bool:
    if isinstance(data, str):
        return _UNSTORABLE.search(data) is not None
    if isinstance(data, dict):
        return any(_any_unstorable(key) or _any_unstorable(value) for key, value in data.items())
    return isinstance(data, list | tuple) and any(map(_any_unstorable, data))


def check_identifier(data: Any, problems: Problems) -> Any:
    """An identifier: a text of 1–255 characters without comma, semicolon, line break or blank at its edges."""
    if not isinstance(data, str) or not data:
        problems.append(
            ("wrong_type", f"{shown(data)} is not an identifier; give a text of 1 to {MAX_TEXT} characters")
        )
    elif len(data) > MAX_TEXT:
        problems.append(("too_long", f"{len(data)} characters; an identifier has at most {MAX_TEXT}"))
    elif _IDENTIFIER_TROUBLE.search(data) or _UNSTORABLE.search(data):
        problems.append(
            ("bad_identifier", f"`{data}` holds a comma, a semicolon, a line break or a blank at an edge; remove it")
        )
    return data


def _check_identifier(data: Any, attribute: Attribute, structure: Structure, problems: Problems) -> Any:
    return check_identifier(data, problems)


def parse_decimal(data: Any) -> Decimal | None:
    """A finite decimal from an int, a float or a text with a dot; None for anything else, booleans included."""
    if isinstance(data, bool) or not isinstance(data, int | float | str | Decimal):
        return None
    try:
        text = str(data).strip()
        number = Decimal(text) if len(text) <= LONGEST_NUMBER and _NUMBER.fullmatch(text) else None
    except (InvalidOperation, ValueError):  # int has more digits than Python writes
        return None
    return number if number is not None and -40 < number.adjusted() < 40 else None


def canonical_decimal(number: Decimal, places: int = 0) -> str:
    """Plain notation without trailing zeros, but with at least `places` decimals: 12.50 → `12.5`, with 2 → `12.50`."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text in ("-0", ""):
        text = "0"
    if places:
        whole, _, decimals = text.partition(".")
        text = f"{whole}.{decimals:0<{places}}"
    return text


def _check_amount(data: Any, attribute: Attribute, problems: Problems, places: int = 0) -> Any:
    if data.__class__ is str and _AS_STORED[places].fullmatch(data) and _unbounded(attribute):
        return data
    number = parse_decimal(data)
    if number is None:
        problems.append(("wrong_type", f"{shown(data)} is not a number; write it like 12.5"))
        return data
    whole = number == number.to_integral_value()
    if attribute.decimals_allowed is False and not whole:
        problems.append(("decimals", f"{data} has decimals; only whole numbers are allowed"))
    if attribute.negative_allowed is False and number < 0:
        problems.append(("negative", f"{data} is negative; only 0 and above is allowed"))
    least, most = parse_decimal(attribute.number_min), parse_decimal(attribute.number_max)
    if least is not None and number < least:
        problems.append(("too_small", f"{data} is below the least allowed, {attribute.number_min}"))
    if most is not None and number > most:
        problems.append(("too_large", f"{data} is above the most allowed, {attribute.number_max}"))
    if attribute.decimals_allowed is False and whole:
        if abs(number) > LARGEST_INTEGER:
            problems.append(("too_large", f"{data} has more digits than fit; at most {LARGEST_INTEGER}"))
            return data
        return int(number)
    return canonical_decimal(number, places)


def _unbounded(attribute: Attribute) -> bool:
    """Whether every positive number will do."""
    return attribute.number_min is None and attribute.number_max is None and attribute.decimals_allowed is not False


def _check_number(data: Any, attribute: Attribute, structure: Structure, problems: Problems) -> Any:
    return _check_amount(data, attribute, problems)


def _check_metric(data: Any, attribute: Attribute, structure: Structure, problems: Problems) -> Any:
    if not isinstance(data, dict) or set(data) != {"amount", "unit"}:
        problems.append(("wrong_type", f'{shown(data)} is not a measure; write {{"amount": "1.5", "unit": "METER"}}'))
        return data
    family = structure.measurement_families.get(attribute.metric_family or "")
    units = family.units if family else {}
    unit = data["unit"]
    if not isinstance(unit, str) or unit not in units:
        problems.append(("unknown_unit", f"unit {shown(unit)} is not of {attribute.metric_family}; {known(units)}"))
    return {"amount": _check_amount(data["amount"], attribute, problems), "unit": unit}


def _check_prices(data: Any, attribute: Attribute, structure: Structure, problems: Problems) -> Any:
    if not isinstance(data, list) or not all(isinstance(p, dict) and {"amount", "currency"} == set(p) for p in data):
        problems.append(
            ("wrong_type", f'{shown(data)} is not a list of prices; write [{{"amount": "9.90", "currency": "EUR"}}]')
        )
        return data
    prices: dict[str, Any] = {}
    for price in data:
        currency, amount = price["currency"], price["amount"]
        if not isinstance(currency, str) or currency not in structure.active_currencies:
            active = known(structure.active_currencies)
            problems.append(("unknown_currency", f"currency {shown(currency)} is not active; {active}"))
        elif currency in prices:
            problems.append(("duplicate_currency", f"currency {currency} is there twice; give one price each"))
        elif amount is not None:
            prices[currency] = _check_amount(amount, attribute, problems, places=2)
            number = parse_decimal(amount)
            if number is not None and number < 0 and attribute.negative_allowed is None:
                problems.append(("negative", f"the price {amount} {currency} is negative"))
    return [{"amount": prices[currency], "currency": currency} for currency in sorted(prices)]


def _check_boolean(data: Any, attribute: Attribute, structure: Structure, problems: Problems) -> Any:
    if not isinstance(data, bool):
        problems.append(("wrong_type", f"{shown(data)} is neither true nor false"))
    return data


def parse_date(data: Any) -> datetime | None:
    """A day, from `YYYY-MM-DD` with or without a time behind it (which is ignored), as its midnight in UTC."""
    if not isinstance(data, str) or not _DAY.match(data):
        return None
    try:
        day = date.fromisoformat(data[:10])
        if len(data) > 10:
            datetime.fromisoformat(data)
    except ValueError:
        return None
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def _check_date(data: Any, attribute: Attribute, structure: Structure, problems: Problems) -> Any:
    day = parse_date(data)
    if day is None:
        problems.append(("not_a_date", f"{shown(data)} is not a date; write it like 2026-11-22"))
        return data
    earliest, latest = parse_date(attribute.date_min), parse_date(attribute.date_max)
    if earliest and day < earliest:
        problems.append(("too_early", f"{day:%Y-%m-%d} is before the earliest allowed, {earliest:%Y-%m-%d}"))
    if latest and day > latest:
        problems.append(("too_late", f"{day:%Y-%m-%d} is after the latest allowed, {latest:%Y-%m-%d}"))
    return day.isoformat()


def _check_option(data: Any, attribute: Attribute, structure: Structure, problems: Problems) -> Any:
    options = structure.options_of(attribute)
    if not isinstance(data, str):
        problems.append(("wrong_type", f"{shown(data)} is not an option's code"))
    elif data not in options:
        problems.append(("unknown_option", f"option `{data}` does not exist; {known(options)}"))
    return data


def _check_list(check_one: Check) -> Check:
    def check(data: Any, attribute: Attribute, structure: Structure, problems: Problems) -> Any:
        if not isinstance(data, list):
            problems.append(("wrong_type", f"{shown(data)} is not a list of codes"))
            return data
        for code in data:
            check_one(code, attribute, structure, problems)
        return sorted({code for code in data if isinstance(code, str)})

    return check


def _check_code(data: Any, attribute: Attribute, structure: Structure, problems: Problems) -> Any:
    if not isinstance(data, str) or not data:
        problems.append(("wrong_type", f"{shown(data)} is not a code"))
    elif len(data) > MAX_TEXT:
        problems.append(("too_long", f"the code has {len(data)} characters; at most {MAX_TEXT} fit"))
    return data


def _check_ordered_codes(data: Any, attribute: Attribute, structure: Structure, problems: Problems) -> Any:
    """Codes in the order in which they are to be shown, each once. Whether they are there, whoever commits looks up."""
    if not isinstance(data, list):
        problems.append(("wrong_type", f"{shown(data)} is not a list of codes"))
        return data
    for code in data:
        _check_code(code, attribute, structure, problems)
    return list(dict.fromkeys(code for code in data if isinstance(code, str)))


def _check_media(data: Any, attribute: Attribute, structure: Structure, problems: Problems) -> Any:
    if not isinstance(data, str) or not data:
        problems.append(("wrong_type", f"{shown(data)} is not a media file's code"))
        return data
    extension = data.rpartition(".")[2].lower() if "." in data else ""
    if attribute.allowed_extensions and extension not in map(str.lower, attribute.allowed_extensions):
        allowed = ", ".join(attribute.allowed_extensions)
        problems.append(("bad_extension", f"`{data}` has the extension `{extension}`; allowed: {allowed}"))
    return data


def _index_text(data: Any, attribute: Attribute, structure: Structure) -> list[Indexed]:
    return [(data[:FILTER_TEXT_LENGTH], None, None)]


def _index_texts(data: Any, attribute: Attribute, structure: Structure) -> list[Indexed]:
    return [(text, None, None) for text in data]


def _index_number(data: Any, attribute: Attribute, structure: Structure) -> list[Indexed]:
    return [(None, Decimal(data), None)]


def _index_metric(data: Any, attribute: Attribute, structure: Structure) -> list[Indexed]:
    family = structure.measurement_families[attribute.metric_family or ""]
    return [(None, to_standard(Decimal(data["amount"]), data["unit"], family), None)]


def _index_prices(data: Any, attribute: Attribute, structure: Structure) -> list[Indexed]:
    return [(price["currency"], Decimal(price["amount"]), None) for price in data]


def _index_boolean(data: Any, attribute: Attribute, structure: Structure) -> list[Indexed]:
    return [(None, Decimal(1 if data else 0), None)]


def _index_date(data: Any, attribute: Attribute, structure: Structure) -> list[Indexed]:
    return [(None, None, parse_date(data))]


def _anything(data: Any, attribute: Attribute, currencies: Collection[str]) -> bool:
    return data not in (None, "", [])


def _every_currency(data: Any, attribute: Attribute, currencies: Collection[str]) -> bool:
    return {price["currency"] for price in data}.issuperset(currencies)


def _amount_and_unit(data: Any, attribute: Attribute, currencies: Collection[str]) -> bool:
    return bool(data["unit"]) and data["amount"] not in (None, "")


PRICES = "pim_catalog_price_collection"

ATTRIBUTE_TYPES: dict[str, AttributeType] = {
    "pim_catalog_identifier": AttributeType(
        _check_identifier, _index_text, _anything, can_be_unique=True, varies=False
    ),
    "pim_catalog_text": AttributeType(_check_text(MAX_TEXT), _index_text, _anything, can_be_unique=True),
    "pim_catalog_textarea": AttributeType(_check_text(MAX_TEXTAREA), _index_text, _anything),
    "pim_catalog_number": AttributeType(_check_number, _index_number, _anything, can_be_unique=True),
    "pim_catalog_metric": AttributeType(_check_metric, _index_metric, _amount_and_unit, can_be_axis=True),
    PRICES: AttributeType(_check_prices, _index_prices, _every_currency),
    "pim_catalog_boolean": AttributeType(_check_boolean, _index_boolean, _anything, can_be_axis=True),
    "pim_catalog_date": AttributeType(_check_date, _index_date, _anything, can_be_unique=True),
    "pim_catalog_simpleselect": AttributeType(_check_option, _index_text, _anything, can_be_axis=True),
    "pim_catalog_multiselect": AttributeType(_check_list(_check_option), _index_texts, _anything),
    "pim_catalog_image": AttributeType(_check_media, _index_text, _anything),
    "pim_catalog_file": AttributeType(_check_media, _index_text, _anything),
    "pim_reference_data_simpleselect": AttributeType(_check_code, _index_text, _anything, can_be_axis=True),
    "pim_reference_data_multiselect": AttributeType(_check_list(_check_code), _index_texts, _anything),
    TABLE: AttributeType(check_table(lambda cell_type: ATTRIBUTE_TYPES[cell_type].check), index_table, table_filled),
    "akeneo_reference_entity": AttributeType(_check_code, _index_text, _anything, can_be_axis=True),
    "akeneo_reference_entity_collection": AttributeType(_check_ordered_codes, _index_texts, _anything),
    "pim_catalog_asset_collection": AttributeType(_check_ordered_codes, _index_texts, _anything),
}

TYPE_ALIASES = {
    "pim_catalog_reference_data_simpleselect": "pim_reference_data_simpleselect",
    "pim_catalog_reference_data_multiselect": "pim_reference_data_multiselect",
}
"""Other spellings under which exchanged files name a type."""

MEDIA_TYPES = frozenset({"pim_catalog_image", "pim_catalog_file"})
SELECT_TYPES = frozenset({"pim_catalog_simpleselect", "pim_catalog_multiselect"})
