"""A catalogue of any size, the same for the same seed, written and read as a stream.

Structure and pictures are the demo catalogue's, so that every export we define renders it. Of a hundred products thirty
are variants, under product models of one or two levels; a product without model has 1.5 KB in two
languages, a variant 0.5 KB of its own. As in catalogues of people, not everybody fills in everything.
"""

import shutil
from collections.abc import Iterator, Sequence
from itertools import count, islice, product
from pathlib import Path
from random import Random
from typing import Any

import msgspec

from pim.base.settings import data_folder
from pim.bench.assortment import (
    BRANDS,
    CARE,
    COLORS,
    MATERIALS,
    ORIGINS,
    PLACES,
    POINTS,
    SENTENCES,
    SIMPLE_LINES,
    VARIANT_LINES,
    Line,
)
from pim.catalog.gtin import check_digit
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Document, Values
from pim.intake.readers.fixtures import FILE_NAMES, RESOURCES

SEED = 2026
_SIMPLE_IN_A_HUNDRED = 70
_OF_PRODUCTS = {PRODUCT, PRODUCT_MODEL}
_encode = msgspec.json.Encoder().encode


def write_structure(folder: Path) -> Path:
    """The demo catalogue's structure, records and assets as a folder to import, with the files that these name; the
    pictures of products go beside, to `folder`/media."""
    fixtures = data_folder("fixtures")
    shutil.copytree(fixtures / "media", folder / "media")
    structure = folder / "structure"
    shutil.copytree(fixtures / "notices", structure / "notices")
    for name in FILE_NAMES:
        if RESOURCES[name.partition(".")[0]] not in _OF_PRODUCTS and (fixtures / name).is_file():
            shutil.copy(fixtures / name, structure / name)
    return structure


def write_products(folder: Path, products: int, parts: int, seed: int = SEED, hundreds: int = 0) -> list[Path]:
    """`products` products and their models as NDJSON files of about the same size; no root is divided. What comes after
    the first `hundreds` hundred products is another catalogue, for the same structure."""
    paths = [folder / f"products-{part}.ndjson" for part in range(1, parts + 1)]
    made = roots(seed, hundreds)
    written = 0
    for part, path in enumerate(paths, start=1):
        with path.open("wb") as file:
            while written < products * part // parts:
                documents = next(made)
                found = sum("identifier" in document for document in documents)
                surplus = max(written + found - products, 0)
                file.writelines(_encode(document) + b"\n" for document in documents[: len(documents) - surplus])
                written += found - surplus
    return paths


def roots(seed: int, hundreds: int = 0) -> Iterator[Sequence[Document]]:
    """Roots without end, each as its documents, models before what is below them and products last."""
    random = Random(seed)
    numbers = count(100 * hundreds + 1)
    for hundred in count(hundreds):
        for line in VARIANT_LINES:
            yield _with_variants(line, random, hundred, numbers)
        for n in range(_SIMPLE_IN_A_HUNDRED):
            line = SIMPLE_LINES[n % len(SIMPLE_LINES)]
            yield [_simple(line, random, next(numbers))]


def _simple(line: Line, random: Random, number: int) -> Document:
    values = {**_shared(line, random), **_priced(random), **_shipped(random), **_sold(random, number)}
    values["picture"] = _value(_picture(random.choice(line.pictures)))
    if line.family not in ("foods", "books"):
        values["color"] = _value(random.choice(COLORS))
    return _document(f"P{number:07}", line, values, line.categories)


def _with_variants(line: Line, random: Random, number: int, numbers: Iterator[int]) -> list[Document]:
    """A root model, its sub-models where the line has two levels, and a variant for every combination of axes."""
    code = f"{line.family_variant}_{number}"
    shared = _shared(line, random)
    if line.family_variant in ("lamps_color", "cookware_color", "packs_color"):
        shared |= _priced(random) | _shipped(random)
    models = [_model(code, None, line, shared, line.categories)]
    parents: dict[tuple[str, ...], str] = {(): code}
    *upper, _ = line.axes
    for options in product(*(options for _, options in upper)) if upper else ():
        parents[options] = "_".join((code, *options))
        models.append(_model(parents[options], code, line, _middle(line, random, options), []))
    variants = []
    for options in product(*(options for _, options in line.axes)):
        values = _lowest(line, random, options, next(numbers))
        variants.append(_document(f"V{code}-{'-'.join(options)}", line, values, [], parents[options[:-1]]))
    return [*models, *variants]


def _middle(line: Line, random: Random, options: tuple[str, ...]) -> Values:
    (axis, _), *_ = line.axes
    values = {axis: _value(options[0]), **_priced(random)}
    if axis == "color":
        values["picture"] = _value(_picture(random.choice(line.pictures)))
    else:
        values |= {"capacity_persons": _value(int(options[0][0])), **_shipped(random)}
    return values


def _lowest(line: Line, random: Random, options: tuple[str, ...], number: int) -> Values:
    axis, _ = line.axes[-1]
    values = {axis: _value(options[-1]), **_sold(random, number)}
    if axis == "color":
        values["picture"] = _value(_picture(random.choice(line.pictures)))
    else:
        values["weight"] = _shipped(random)["weight"]
    return values


def _shared(line: Line, random: Random) -> Values:
    """What a product says about itself in both languages, and the facts of its line."""
    place = random.choice(PLACES)
    named = {locale: f"{noun} {place} {random.randint(2, 99)}" for locale, noun in line.nouns.items()}
    texts = {locale: random.sample(sentences, random.choice((1, 1, 1, 2))) for locale, sentences in SENTENCES.items()}
    values: Values = {
        "brand": _value(random.choice(BRANDS)),
        "name": _texts(named),
        "description": _texts({locale: f"<p>{' '.join(lines)}</p>" for locale, lines in texts.items()}, "ecommerce"),
    } | _seldom(line, texts, random)
    return values | {code: _value(draw(random)) for code, draw in line.own.items()}


def _seldom(line: Line, texts: dict[str, list[str]], random: Random) -> Values:
    """What one product in ten has of the rest."""
    points = {locale: "\n".join(random.sample(lines, 3)) for locale, lines in POINTS.items()}
    drawn: Values = {
        "short_description": _texts({locale: lines[0] for locale, lines in texts.items()}),
        "highlights": _texts(points),
        "origin": _value(random.choice(ORIGINS)),
        "warranty_years": _value(random.randint(2, 10)),
        "aisle": _value(f"{random.choice('ABCDEFGH')}{random.randint(1, 9)}-{random.randint(10, 40)}", "store"),
    }
    if line.family not in ("foods", "books"):
        drawn["material"] = _value(sorted(random.sample(MATERIALS, 2)))
    if line.family not in ("foods", "books", "lamps"):
        drawn |= {"recycled_content": _value(random.random() < 0.5), "care_instructions": _texts(CARE)}
    return {code: value for code, value in drawn.items() if random.random() < 0.1}


def _priced(random: Random) -> Values:
    """Prices in both currencies; one in five is on sale, most of these between two dates."""
    cents = random.randint(490, 39_900)
    values = {"price": _value(_prices(cents))}
    if random.random() < 0.2:
        values |= {"sale_price": _value(_prices(cents * 8 // 10)), "previous_lowest_price": _value(_prices(cents))}
        if random.random() < 0.7:
            year = random.randint(2024, 2028)
            values |= {"sale_start": _value(f"{year}-01-08"), "sale_end": _value(f"{year}-02-04")}
    return values


def _prices(cents: int) -> list[dict[str, str]]:
    pounds = cents * 87 // 100
    return [
        {"amount": f"{cents // 100}.{cents % 100:02}", "currency": "EUR"},
        {"amount": f"{pounds // 100}.{pounds % 100:02}", "currency": "GBP"},
    ]


def _shipped(random: Random) -> Values:
    sides = {side: {"amount": f"{random.randint(50, 900) / 10:g}", "unit": "CENTIMETER"} for side in _SIDES}
    weight = {"amount": f"{random.randint(80, 6000) / 1000:g}", "unit": "KILOGRAM"}
    if random.random() < 0.8:
        return {"weight": _value(weight)}
    return {"weight": _value(weight), **{side: _value(size) for side, size in sides.items()}}


_SIDES = ("length", "width", "height")


def _sold(random: Random, number: int) -> Values:
    """What only the thing on the shelf has: numbers, and whether it is there."""
    body = f"952{number:09}"
    availability = random.choices(("in_stock", "low_stock", "out_of_stock", "discontinued"), (90, 5, 4, 1))[0]
    values = {"ean": _value(body + check_digit(body)), "mpn": _value(f"CR-{number:07}")}
    return {**values, "availability": _value(availability)}


def _document(code: str, line: Line, values: Values, categories: list[str], parent: str | None = None) -> Document:
    return {
        "identifier": code, "enabled": True, "family": line.family, "parent": parent, "categories": categories,
        "groups": [], "values": values, "associations": {}, "quantified_associations": {},
    }  # fmt: skip


def _model(code: str, parent: str | None, line: Line, values: Values, categories: list[str]) -> Document:
    return {
        "code": code, "family": line.family, "family_variant": line.family_variant, "parent": parent,
        "categories": categories, "values": values, "associations": {}, "quantified_associations": {},
    }  # fmt: skip


def _value(data: Any, scope: str | None = None) -> list[Any]:
    return [{"locale": None, "scope": scope, "data": data}]


def _texts(by_locale: dict[str, str], scope: str | None = None) -> list[Any]:
    return [{"locale": locale, "scope": scope, "data": text} for locale, text in by_locale.items()]


def _picture(name: str) -> str:
    return f"media/{name}.png"


def sample(documents: int, seed: int = SEED) -> list[Document]:
    """The first documents, to look at."""
    return [document for root in islice(roots(seed), documents) for document in root][:documents]
