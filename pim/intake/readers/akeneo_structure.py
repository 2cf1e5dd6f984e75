"""Structure of an Akeneo CSV set: families, attributes, channels, … one row a document.

Cells become what the documents hold; whatever does not fit stays as it is, for the shapes and rules to name it.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pim.base.errors import Violation
from pim.catalog.model import Document, owner_of
from pim.catalog.standard_measures import standard_measurement_family
from pim.catalog.structure import Structure
from pim.intake.model import Entry, Problem, Record, Unreadable
from pim.intake.readers.akeneo_columns import boolean, codes, json_cell
from pim.intake.readers.csv_lines import BadRow, read_header, read_rows
from pim.versioning.model import Edit

Cells = Mapping[str, str]

_ATTRIBUTE_FLAGS = ("localizable", "scopable", "unique", "useable_as_grid_filter")
_ATTRIBUTE_CHOICES = ("decimals_allowed", "negative_allowed", "auto_option_sorting", "wysiwyg_enabled", "default_value")
_ATTRIBUTE_NUMBERS = ("max_characters", "minimum_input_length")
_ATTRIBUTE_LISTS = ("allowed_extensions", "available_locales")
_ATTRIBUTE_TEXTS = (
    "group", "metric_family", "default_metric_unit", "reference_data_name", "validation_rule", "validation_regexp",
    "number_min", "number_max", "date_min", "date_max", "max_file_size",
)  # fmt: skip
_OF_OTHER_VERSIONS = frozenset(
    {
        "group_labels", "is_main_identifier", "main_identifier", "is_mandatory", "decimal_places_strategy",
        "decimal_places", "enable_option_creation_during_import", "max_items_count", "is_read_only",
    }
)  # fmt: skip
"""Columns of attributes.csv that newer versions write and that say nothing about our catalogue."""


def _labels(cells: Cells, prefix: str = "label-") -> dict[str, str]:
    """An empty label takes away the one there is."""
    return {name.removeprefix(prefix): text for name, text in cells.items() if name.startswith(prefix)}


def _whole(cell: str) -> int | str:
    return int(cell) if cell.isdecimal() else cell


def _locale(cells: Cells) -> Document:
    return {}


def _currency(cells: Cells) -> Document:
    return {"enabled": boolean(cells["activated"])} if cells.get("activated") else {}


def _attribute_group(cells: Cells) -> Document:
    order: Document = {"sort_order": _whole(cells["sort_order"])} if cells.get("sort_order") else {}
    return {**order, "labels": _labels(cells)}


def _attribute(cells: Cells) -> Document:
    document: Document = {"labels": _labels(cells), "guidelines": _labels(cells, "guidelines-")}
    document |= {name: boolean(cells[name]) for name in _ATTRIBUTE_FLAGS if cells.get(name)}
    document |= {name: boolean(cells[name]) if cells[name] else None for name in _ATTRIBUTE_CHOICES if name in cells}
    document |= {name: _whole(cells[name]) if cells[name] else None for name in _ATTRIBUTE_NUMBERS if name in cells}
    document |= {name: codes(cells[name]) for name in _ATTRIBUTE_LISTS if name in cells}
    document |= {name: cells[name] or None for name in _ATTRIBUTE_TEXTS if name in cells}
    if cells.get("type"):
        document["type"] = cells["type"]
    if cells.get("table_configuration"):
        document["table_configuration"] = json_cell(cells["table_configuration"])
    if cells.get("sort_order"):
        document["sort_order"] = _whole(cells["sort_order"])
    return document


def _category(cells: Cells) -> Document:
    parent = {"parent": cells["parent"] or None} if "parent" in cells else {}
    return {**parent, "labels": _labels(cells)}


def _channel(cells: Cells) -> Document:
    document: Document = {name: codes(cells[name]) for name in ("locales", "currencies") if name in cells}
    tree = cells.get("tree") or cells.get("category_tree")
    if tree:
        document["category_tree"] = tree
    if cells.get("conversion_units"):
        pairs = (pair.partition(":") for pair in codes(cells["conversion_units"]))
        document["conversion_units"] = {attribute.strip(): unit.strip() for attribute, _, unit in pairs}
    return {**document, "labels": _labels(cells)}


def _association_type(cells: Cells) -> Document:
    flags = {"two_way": "is_two_way", "quantified": "is_quantified"}
    names = {**flags, **{name: name for name in flags.values()}}
    document: Document = {field: boolean(cells[name]) for name, field in names.items() if cells.get(name)}
    return {**document, "labels": _labels(cells)}


def _group_type(cells: Cells) -> Document:
    return {"labels": _labels(cells)}


def _group(cells: Cells) -> Document:
    of_type = {"type": cells["type"]} if cells.get("type") else {}
    return {**of_type, "labels": _labels(cells)}


def _family(cells: Cells) -> Document:
    document: Document = {"labels": _labels(cells)}
    if "attributes" in cells:
        document["attributes"] = codes(cells["attributes"])
    document |= {n: cells[n] or None for n in ("attribute_as_label", "attribute_as_image") if n in cells}
    required = {name.partition("-")[2]: codes(text) for name, text in cells.items() if name.startswith("requirements-")}
    return {**document, "attribute_requirements": required} if required else document


def _family_variant(cells: Cells) -> Document:
    levels = [
        {"level": level, "axes": axes, "attributes": codes(cells.get(f"variant-attributes_{level}", ""))}
        for level in range(1, 10)
        if (axes := codes(cells.get(f"variant-axes_{level}", "")))
    ]
    return {"labels": _labels(cells), "variant_attribute_sets": levels}


def _option(cells: Cells) -> Document:
    order: Document = {"sort_order": _whole(cells["sort_order"])} if cells.get("sort_order") else {}
    return {**order, "labels": _labels(cells)}


@dataclass(frozen=True, slots=True)
class Table:
    """How one file of the set is read; `columns` ending in `-` or `_` begin the names of several."""

    kind: str
    make: Callable[[Cells], Document]
    columns: tuple[str, ...]


TABLES = {
    "locales": Table("locale", _locale, ("is_activated", "activated")),
    "currencies": Table("currency", _currency, ("activated",)),
    "attribute_groups": Table("attribute_group", _attribute_group, ("sort_order", "attributes", "label-")),
    "attributes": Table(
        "attribute",
        _attribute,
        (
            "type", "sort_order", "table_configuration", "label-", "guidelines-", *_ATTRIBUTE_FLAGS,
            *_ATTRIBUTE_CHOICES, *_ATTRIBUTE_NUMBERS, *_ATTRIBUTE_LISTS, *_ATTRIBUTE_TEXTS, *sorted(_OF_OTHER_VERSIONS),
        ),
    ),
    "attribute_options": Table("attribute_option", _option, ("attribute", "sort_order", "label-")),
    "categories": Table("category", _category, ("parent", "label-")),
    "channels": Table(
        "channel", _channel, ("locales", "currencies", "tree", "category_tree", "conversion_units", "label-")
    ),
    "association_types": Table(
        "association_type", _association_type, ("two_way", "quantified", "is_two_way", "is_quantified", "label-")
    ),
    "group_types": Table("group_type", _group_type, ("is_default", "label-")),
    "groups": Table("group", _group, ("type", "label-")),
    "families": Table(
        "family",
        _family,
        ("attributes", "attribute_as_label", "attribute_as_image", "requirements-", "label-"),
    ),
    "family_variants": Table(
        "family_variant", _family_variant, ("family", "variant-axes_", "variant-attributes_", "label-")
    ),
}  # fmt: skip
"""File name without `.csv` → how it is read. `label-fr_FR` and the like are named by their beginning."""

_COLUMN_OF = {
    "labels": "label-{}", "guidelines": "guidelines-{}", "attribute_requirements": "requirements-{}",
    "category_tree": "tree", "is_two_way": "two_way", "is_quantified": "quantified", "enabled": "activated",
    "variant_attribute_sets": "variant-axes_1",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class StructureOrigin:
    """The row that an edit of the structure was made of."""

    cells: Cells

    def locate(self, violation: Violation) -> tuple[str, Any]:
        head, _, rest = violation.path.partition(".")
        column = _COLUMN_OF.get(head, head).format(rest)
        column = column if column in self.cells else head
        return column or "code", self.cells.get(column or "code")


def read_table(path: Path, table: Table) -> Iterator[Entry]:
    """Begins with one entry for the header. Parents come before their children, whatever the order of the rows."""
    header = read_header(path)
    yield Unreadable(1, path.name, _header_problems(header, table, path))
    if header and "code" not in header:
        return
    entries: Iterator[Entry] = _entries(path, header, table)
    yield from _parents_first(entries) if table.kind == "category" else entries


def _header_problems(header: list[str], table: Table, path: Path) -> list[Problem]:
    if header and "code" not in header:
        return [Problem("code", None, "no_code_column", f"{path.name} has no column `code`; no row was read")]
    unknown = [name for name in header if name not in ("code", "") and not _is_known(name, table)]
    known = ", ".join(sorted(("code", *(f"{c}…" if c[-1] in "-_" else c for c in table.columns))))
    return [
        Problem(
            name, None, "unknown_column", f"column `{name}` is unknown in {path.name} and was not read; known: {known}"
        )
        for name in unknown
    ]


def _is_known(name: str, table: Table) -> bool:
    return any(name.startswith(column) if column[-1] in "-_" else name == column for column in table.columns)


def _entries(path: Path, header: list[str], table: Table) -> Iterator[Entry]:
    for row in read_rows(path, header, pad=True):
        if isinstance(row, BadRow):
            message = f"line {row.line} {row.message}"
            yield Unreadable(row.line, row.first_cell, [Problem(row.column, row.value, row.code, message)])
            continue
        cells = dict(zip(header, row.cells, strict=True))
        code = cells["code"]
        if not code:
            message = f"`code` is empty: the row names no {table.kind.replace('_', ' ')}"
            yield Unreadable(row.line, "", [Problem("code", "", "no_code", message)])
            continue
        owner = owner_of(table.kind, cells)
        yield Record(row.line, Edit(table.kind, code, table.make(cells), owner=owner), StructureOrigin(cells))


def _parents_first(entries: Iterator[Entry]) -> Iterator[Entry]:
    """Categories are few enough to be held; those whose parent is below them in the file wait for it."""
    listed = list(entries)
    codes = {entry.edit.code for entry in listed if isinstance(entry, Record)}
    waiting: dict[str, list[Record]] = {}
    placed: set[str | None] = set()
    for entry in listed:
        parent = (entry.edit.patch or {}).get("parent") if isinstance(entry, Record) else None
        if isinstance(entry, Record) and parent in codes and parent not in placed and parent != entry.edit.code:
            waiting.setdefault(str(parent), []).append(entry)
            continue
        ready: list[Entry] = [entry]
        while ready:
            first = ready.pop(0)
            yield first
            if isinstance(first, Record):
                placed.add(first.edit.code)
                ready[:0] = waiting.pop(first.edit.code or "", [])
    yield from (record for records in waiting.values() for record in records)  # circles, for the rules to refuse


def read_standard_measures(attributes: Path, structure: Structure) -> Iterator[Entry]:
    """The measurement families that a set names without describing them, unless the catalogue has its own."""
    header = read_header(attributes)
    if "metric_family" not in header:
        return
    at = header.index("metric_family")
    named = {row.cells[at]: row.line for row in read_rows(attributes, header, pad=True) if not isinstance(row, BadRow)}
    for code, line in sorted(named.items()):
        document = standard_measurement_family(code, structure.locales)
        if document and code not in structure.measurement_families:
            yield Record(line, Edit("measurement_family", code, document), StructureOrigin({"code": code}))
