"""A catalogue with a value of every type at every level, and a search of it in plain Python to compare with."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlmodel import Session

from pim.catalog import store
from pim.catalog.filter_grammar import Filter
from pim.catalog.filters import Search
from pim.catalog.measurement import to_standard
from pim.catalog.model import PRODUCT, Resolved
from pim.catalog.structure import Structure
from pim.versioning.model import Edit
from tests.makers import a_family, a_family_variant, a_product, a_product_model, an_attribute, options, value

TYPES: dict[str, dict[str, Any]] = {
    "text": {}, "textarea": {}, "number": {}, "metric": {"metric_family": "Weight"}, "price_collection": {},
    "boolean": {}, "date": {}, "simpleselect": {}, "multiselect": {}, "file": {},
}  # fmt: skip
DATA: dict[str, list[Any]] = {
    "text": ["ab", "abc", "b%", "Ab", "é"],
    "textarea": ["ab", "x" * 254 + "ab", "x" * 255 + "b", "x" * 255 + "cab"],
    "number": ["-1.5", "2", "10", "0"],
    "metric": [
        {"amount": "1", "unit": "KILOGRAM"},
        {"amount": "1000", "unit": "GRAM"},
        {"amount": "5", "unit": "GRAM"},
    ],
    "price_collection": [
        [{"amount": "5.00", "currency": "EUR"}, {"amount": "9.00", "currency": "GBP"}],
        [{"amount": "9.00", "currency": "EUR"}],
    ],
    "boolean": [True, False],
    "date": ["2026-01-01", "2026-01-02", "2026-02-01"],
    "simpleselect": ["a", "b"],
    "multiselect": [["a"], ["a", "b"], ["c"]],
    "file": [],
}
KEPT, UNKEPT = "kept_", "read_"
CODES = [prefix + name for name in TYPES for prefix in (KEPT, UNKEPT)]
CATEGORIES = [["outdoor"], ["home"], ["master", "home"], []]


def a_searched_catalogue() -> Iterator[list[Edit]]:
    """Changesets: each type twice, useable as a filter and not; simple products, variants of one and two levels."""
    structure = []
    for name, fields in TYPES.items():
        for prefix in (KEPT, UNKEPT):
            structure.append(an_attribute(prefix + name, name, useable_as_grid_filter=prefix == KEPT, **fields))
            if name.endswith("select"):
                structure += options(prefix + name, "a", "b", "c")
    own = ["sku", "name", "color", "size", *CODES]
    structure += [
        a_family("boots", own),
        a_family_variant("one", "boots", (["color"], CODES[::2])),
        a_family_variant("two", "boots", (["color"], CODES[::3]), (["size"], CODES[1::3])),
    ]
    yield structure
    yield [*_simple(), *_one_level()]
    yield [*_two_levels(), a_product("bare")]
    yield [Edit("product", "boot-2", {"enabled": False, "groups": ["gifts"]})]


def _values(codes: list[str], n: int) -> dict[str, Any]:
    """Every third value is left out."""
    found = {}
    for place, code in enumerate(codes):
        data = DATA[code.partition("_")[2]]
        if data and (n + place) % 3:
            found[code] = value(data[(n + place) % len(data)])
    return found


def _simple() -> Iterator[Edit]:
    for n in range(12):
        values = _values(CODES, n) | {"name": value("Tente", "fr_FR") if n % 2 else value("Tent", "en_GB")}
        yield a_product(f"boot-{n}", family="boots", categories=CATEGORIES[n % 4], values=values)


def _one_level() -> Iterator[Edit]:
    above = [code for code in CODES if code not in CODES[::2]]
    for n in range(3):
        code = f"m{n}"
        yield a_product_model(
            code, family="boots", family_variant="one", categories=CATEGORIES[n], values=_values(above, n)
        )
        for color in ("red", "blue"):
            values = {"color": value(color), **_values(CODES[::2], n + len(color))}
            yield a_product(f"{code}-{color}", parent=code, categories=CATEGORIES[3 - n], values=values)


def _two_levels() -> Iterator[Edit]:
    middle, below = CODES[::3], CODES[1::3]
    for n in range(3):
        code = f"root{n}"
        above = _values([c for c in CODES if c not in (*middle, *below)], n)
        yield a_product_model(code, family="boots", family_variant="two", categories=CATEGORIES[-n], values=above)
        sub = f"{code}-red"
        values = {"color": value("red"), **_values(middle, n + 1)}
        yield a_product_model(sub, parent=code, family_variant="two", values=values)
        for size in ("s", "m"):
            values = {"size": value(size), **_values(below, n + ord(size))}
            yield a_product(f"{sub}-{size}", parent=sub, values=values)


def everything(session: Session, kind: str) -> list[Resolved]:
    find = store.products if kind == PRODUCT else store.product_models
    return store.resolve_all(session, find(session))


def finds(search: Search, resolved: Resolved, ratios: Mapping[int, Any]) -> bool:
    return all(_fits(found, resolved, ratios.get(resolved.entity.id, {}), search.structure) for found in search.filters)


def _fits(found: Filter, resolved: Resolved, ratios: Mapping[str, Any], structure: Structure) -> bool:
    document = resolved.document
    if found.kind in ("created", "updated"):
        return _moment(found, resolved.entity.created if found.kind == "created" else resolved.updated)
    if found.kind == "categories":
        return _categories(found, set(document["categories"]))
    if found.kind == "completeness":
        percent, locales = found.value
        there = [ratios[found.scope][locale] for locale in locales] if ratios else []
        if found.operator.endswith("ALL LOCALES"):
            sign = {"GREATER": ">", "LOWER": "<"}[found.operator.split()[0]] + (
                "=" if "EQUALS" in found.operator else ""
            )
            return bool(there) and all(_compare(sign, one, percent) for one in there)
        return any(_compare(found.operator, one, percent) for one in there)
    return _among(found, list(_data(found, resolved, structure)))


def _data(found: Filter, resolved: Resolved, structure: Structure) -> Iterator[Any]:
    """What stands where the filter looks, none, one or many."""
    document, name = resolved.document, found.kind
    if name in ("identifier", "enabled", "family", "parent"):
        datum = document.get("identifier", document.get("code")) if name == "identifier" else document[name]
        yield from [] if datum is None else [datum]
    elif name == "uuid":
        yield resolved.entity.uuid
    elif name == "groups":
        yield from document["groups"]
    else:
        for held in document["values"].get(found.property, ()):
            if (held["locale"], held["scope"]) == (found.locale, found.scope):
                yield from _comparable(found, held["data"], structure)


def _comparable(found: Filter, data: Any, structure: Structure) -> Iterator[Any]:
    match found.kind:
        case "number":
            yield Decimal(str(data))
        case "metric":
            yield to_standard(Decimal(str(data["amount"])), data["unit"], structure.measurement_families["Weight"])
        case "price":
            yield from ((Decimal(price["amount"]), price["currency"]) for price in data)
        case "date":
            yield datetime.fromisoformat(data)
        case _:
            yield from data if isinstance(data, list) else [data]


def _among(found: Filter, data: list[Any]) -> bool:
    operator, asked = found.operator, found.value
    if operator in ("EMPTY", "NOT EMPTY"):
        return bool(data) == (operator == "NOT EMPTY")
    if operator == "IN":
        return bool(set(data) & set(asked))
    if operator == "NOT IN":
        return bool(data) and not set(data) & set(asked)
    if found.kind == "price":
        return any(currency == asked[1] and _compare(operator, amount, asked[0]) for amount, currency in data)
    return any(_compare(operator, one, asked) for one in data)


def _compare(operator: str, one: Any, asked: Any) -> bool:
    match operator:
        case "STARTS WITH":
            return bool(one.startswith(asked))
        case "CONTAINS":
            return asked in one
        case "DOES NOT CONTAIN":
            return asked not in one
        case "BETWEEN":
            return bool(asked[0] <= one <= asked[1])
        case "NOT BETWEEN":
            return not asked[0] <= one <= asked[1]
    outcome = {"<": one < asked, "<=": one <= asked, "=": one == asked, ">=": one >= asked, ">": one > asked}
    return bool(outcome[operator]) if operator != "!=" else bool(one != asked)


def _categories(found: Filter, held: set[str]) -> bool:
    hit = bool(held & set(found.value or ()))
    if "UNCLASSIFIED" in found.operator:
        return hit or not held
    return not hit if found.operator.startswith("NOT") else hit


def _moment(found: Filter, at: datetime) -> bool:
    second = timedelta(seconds=1)
    match found.operator:
        case ">" | "SINCE LAST N DAYS":
            return bool(at > found.value)
        case "<":
            return bool(at < found.value)
    first, last = found.value if "BETWEEN" in found.operator else (found.value, found.value)
    return (first <= at < last + second) == (found.operator in ("=", "BETWEEN"))
