"""A column mapping to begin with: what the headers of a sheet probably mean, by our own headers, the catalogue's labels
and the words that people use in French and English. A person reads it over."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any

from msgspec.structs import replace

from pim.catalog.attribute_types import PRICES, SELECT_TYPES
from pim.catalog.model import Attribute
from pim.catalog.structure import Structure
from pim.intake.readers.akeneo_columns import FIELDS, split_header, understand
from pim.intake.readers.csv_lines import Row
from pim.intake.sheets import cells
from pim.intake.sheets.folding import folded
from pim.intake.sheets.header_words import CURRENCY_SIGNS, Header, plain, taken_apart
from pim.intake.sheets.layout import COMMENT, IDENTIFIER, complete_target
from pim.intake.sheets.model import Column, ColumnMapping
from pim.intake.sheets.names import option_names
from pim.intake.sheets.worksheets import Worksheet, open_worksheets

_WORDS = {
    IDENTIFIER: ("sku", "ref", "reference", "ref article", "reference article", "ref produit",
                 "reference produit", "code", "code article", "article", "identifiant", "identifier", "item",
                 "item number", "item no", "product code", "product id", "code produit"),
    "family": ("famille", "family", "type de produit", "product type"),
    "categories": ("categorie", "categories", "category", "rayon", "rayons"),
    "parent": ("parent", "modele", "modele parent", "product model", "parent sku"),
    "enabled": ("actif", "active", "enabled", "en ligne", "online"),
    "groups": ("groupe", "groupes", "group", "groups"),
    "ean": ("ean", "ean13", "gtin", "code barre", "code barres", "barcode", "upc"),
    "name": ("designation", "libelle", "intitule", "titre", "nom du produit", "product name", "title", "nom", "name"),
}  # fmt: skip
"""Target → what people call it; `ean` and `name` stand for the attributes that hold article numbers and names."""

_FOR_ATTRIBUTES = ("ean", "name")

_CLOSE = 0.88
_ROWS_LOOKED_AT, _TITLE_ROWS = 200, 10
_DATE = re.compile(r"\d{1,2}([/.-])(\d{1,2})\1\d{4}")


def suggest_mapping(path: Path, structure: Structure, code: str = "", sheet: str | None = None) -> ColumnMapping:
    """Every column of the (first) sheet, in its order; what looks like nothing is ignored and says so in its note."""
    header_row = _header_row(path, sheet)
    settings = ColumnMapping(code=code, sheet=sheet, header_row=header_row)
    worksheet = open_worksheets(path, settings)[-1]
    header = [name for name in worksheet.header if name and not name.startswith(COMMENT)]
    samples = _samples(worksheet)
    locale = _locale(header, structure)
    settings = replace(settings, locale=locale, scope=_scope(locale, structure))
    columns = list(_different([_column(name, samples.get(name, []), settings, structure) for name in header]))
    mapping = replace(settings, columns=columns)
    return _with_signs(mapping, samples, structure)


def _header_row(path: Path, sheet: str | None) -> int:
    """The first row with more than one name, or else the fullest of the top rows: titles stand in one cell."""
    widths: dict[int, int] = {}
    for row in range(1, _TITLE_ROWS + 1):
        widths[row] = sum(map(bool, open_worksheets(path, ColumnMapping(sheet=sheet, header_row=row))[-1].header))
        if widths[row] > 1:
            return row
    return max(widths, key=lambda row: (widths[row], -row))


def _samples(worksheet: Worksheet) -> dict[str, list[Any]]:
    """Header → some of the cells below it that hold anything."""
    found: dict[str, list[Any]] = {name: [] for name in worksheet.header}
    for row in islice(worksheet.rows(), _ROWS_LOOKED_AT):
        if isinstance(row, Row):
            for name, cell in zip(worksheet.header, row.cells, strict=False):
                if not cells.is_empty(cell):
                    found[name].append(cell)
    return found


def _locale(header: Sequence[str], structure: Structure) -> str | None:
    """The language that most headers are labels of."""
    words = {taken_apart(name, structure).words for name in header}
    counts = {
        locale: sum(folded(a.labels.get(locale, "\0")) in words for a in structure.attributes.values())
        for locale in sorted(structure.active_locales)
    }
    best = max(counts, key=lambda locale: counts[locale], default=None)
    return best if best is not None and counts[best] else None


def _scope(locale: str | None, structure: Structure) -> str | None:
    return next((c.code for c in structure.channels.values() if locale is None or locale in c.locales), None)


def _column(name: str, samples: Sequence[Any], mapping: ColumnMapping, structure: Structure) -> Column:
    own = complete_target(name, mapping, structure)
    if own in FIELDS or own == structure.identifier_attribute or _is_read(own, structure):
        return Column(header=name, target=own)
    header = taken_apart(name, structure)
    field = next(
        (target for target, words in _WORDS.items() if target not in _FOR_ATTRIBUTES and header.words in words), None
    )
    attribute, by = _attribute(header, structure)
    if field is not None:
        return Column(header=name, target=field)
    if attribute is None:
        return Column(header=name, ignore=True, note="no attribute looks like this; give it a target, or leave it out")
    if attribute.code == structure.identifier_attribute:
        return Column(header=name, target=IDENTIFIER)
    return _of_attribute(name, header, attribute, by, samples, mapping, structure)


def _is_read(target: str, structure: Structure) -> bool:
    found = understand([target], structure)
    return not found.problems and bool(found.first or found.associations or target.endswith(("-unit", "-quantity")))


def _attribute(header: Header, structure: Structure) -> tuple[Attribute | None, str]:
    """The attribute of that code or label, or of one much like it; and what it was found by."""
    named: dict[str, tuple[Attribute, str]] = {}
    for attribute in structure.attributes.values():
        for locale, label in sorted(attribute.labels.items()):
            for text in (folded(label), plain(re.sub(r"[(\[][^)\]]*[)\]]", " ", folded(label)))):
                named.setdefault(text, (attribute, f"its label {label} ({locale})"))
    for attribute in structure.attributes.values():
        named[plain(folded(attribute.code))] = attribute, "its code"
    if header.words in named:
        return named[header.words]
    if header.words in _WORDS["ean"]:
        numbers = (a for a in structure.attributes.values() if folded(a.code) in _WORDS["ean"])
        return next(numbers, None), "what people call it"
    if header.words in _WORDS["name"]:
        return structure.attributes.get(_label_attribute(structure)), "what people call it"
    close = get_close_matches(header.words, named, n=1, cutoff=_CLOSE)
    return (named[close[0]][0], f"{named[close[0]][1]}, which is much like it") if close else (None, "")


def _label_attribute(structure: Structure) -> str:
    """The attribute by which most families name their products."""
    used = Counter(family.attribute_as_label or "" for family in structure.families.values())
    return used.most_common(1)[0][0] if used else ""


def _of_attribute(
    name: str,
    header: Header,
    attribute: Attribute,
    by: str,
    samples: Sequence[Any],
    mapping: ColumnMapping,
    structure: Structure,
) -> Column:
    locale, scope = header.locale(structure) or mapping.locale, header.scope(structure) or mapping.scope
    place = ([locale] if attribute.localizable else []) + ([scope] if attribute.scopable else [])
    target = "-".join(part for part in [attribute.code, *place] if part)
    column = Column(header=name, target=target, note=f"guessed by {by}")
    if attribute.type == PRICES:
        currency = header.currency(structure) or _likely_currency(samples, structure)
        return replace(column, target=f"{target}-{currency}") if currency else column
    if attribute.type == "pim_catalog_metric":
        units = cells.units_of(structure.measurement_families.get(attribute.metric_family or ""))
        found = next((units[hint] for hint in sorted(header.hints) if hint in units), attribute.default_metric_unit)
        return replace(column, unit=found)
    if attribute.type in SELECT_TYPES:
        return replace(column, labels=_labels_of(attribute, samples, mapping, structure))
    if attribute.type == "pim_catalog_date":
        return replace(column, date_format=_date_format(samples))
    looks_like_gtin = folded(attribute.code) in _WORDS["ean"]
    return replace(column, gtin=True) if looks_like_gtin else column


def _likely_currency(samples: Sequence[Any], structure: Structure) -> str | None:
    """The sign beside the amounts, or the only currency there is; None where a cell holds several prices."""
    texts = [cell for cell in samples if isinstance(cell, str)]
    signs = {code for sign, code in CURRENCY_SIGNS.items() if any(sign in text for text in texts)}
    signs |= {code for code in structure.active_currencies if any(code in text for text in texts)}
    if len(signs) == 1:
        return signs.pop()
    return next(iter(sorted(structure.active_currencies)), None) if not signs else None


def _labels_of(
    attribute: Attribute, samples: Sequence[Any], mapping: ColumnMapping, structure: Structure
) -> str | None:
    """The locale whose labels explain the cells that are no codes; None where all are codes."""
    texts = [part for cell in samples for part in [str(cell), *str(cell).split(",")]]
    options = structure.options.get(attribute.code, {})
    others = [text.strip() for text in texts if text.strip() not in options]
    if not others or not samples:
        return None
    locales = sorted(structure.active_locales, key=lambda locale: locale != mapping.locale)
    explained = {
        locale: sum(option_names(attribute.code, locale, structure).knows(text) for text in others)
        for locale in locales
    }
    best = max(locales, key=lambda locale: explained[locale], default=None)
    return best if best and explained[best] else None


def _date_format(samples: Sequence[Any]) -> str | None:
    """As European sheets are written; American where a day is beyond 12 in the second place."""
    found = [_DATE.fullmatch(cell.strip()) for cell in samples if isinstance(cell, str)]
    dates = [date for date in found if date]
    signs = {date[1] for date in dates}
    if len(dates) < len(found) or len(signs) != 1:
        return None
    is_american = any(int(date[2]) > 12 for date in dates)
    return signs.pop().join(("mm", "dd", "yyyy") if is_american else ("dd", "mm", "yyyy"))


def _different(columns: Sequence[Column]) -> Iterator[Column]:
    """Of two columns that would say the same, the second is left to a person."""
    taken: set[str] = set()
    for column in columns:
        if column.target and column.target in taken:
            note = f"looks like {column.target}, as another column does; keep one of them"
            yield Column(header=column.header, ignore=True, note=note)
        else:
            taken.add(column.target)
            yield column


def _with_signs(mapping: ColumnMapping, samples: dict[str, list[Any]], structure: Structure) -> ColumnMapping:
    """The settings that columns have in common are the mapping's, and the decimal sign is that of its numbers. Empty
    cells are not to erase: people leave out what they have nothing to say about."""
    numeric = {"pim_catalog_number", "pim_catalog_metric", PRICES}
    texts = [
        cell
        for column in mapping.columns
        if (attribute := structure.attributes.get(split_header(column.target, structure)[0]))
        and attribute.type in numeric
        for cell in samples.get(column.header, [])
        if isinstance(cell, str)
    ]
    comma = sum(bool(re.search(r",\d{1,2}(\D|$)", text)) for text in texts)
    point = sum(bool(re.search(r"\.\d{1,2}(\D|$)", text)) for text in texts)
    labels = {column.labels for column in mapping.columns if column.labels}
    dates = {column.date_format for column in mapping.columns if column.date_format}
    shared_labels = labels.pop() if len(labels) == 1 else None
    shared_dates = dates.pop() if len(dates) == 1 else None
    columns = [
        replace(
            column,
            labels=None if column.labels == shared_labels else column.labels,
            date_format=None if column.date_format == shared_dates else column.date_format,
        )
        for column in mapping.columns
    ]
    return replace(
        mapping,
        columns=columns,
        empty_cells="keep",
        decimal="," if comma > point else None,
        labels=shared_labels or (mapping.locale if _names_by_label(columns) else None),
        date_format=shared_dates,
    )


def _names_by_label(columns: Sequence[Column]) -> bool:
    return any(column.target in ("family", "categories") for column in columns)
