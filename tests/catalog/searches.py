"""A catalogue with a value of every type at every level, to be searched."""

from collections.abc import Iterator
from typing import Any

from sqlmodel import Session

from pim.catalog import store
from pim.catalog.model import PRODUCT, Resolved
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
