"""Options that a sheet names and the catalogue does not have, made only where a column mapping asks for it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from pim.base.errors import Violation
from pim.catalog.attribute_types import SELECT_TYPES
from pim.catalog.structure import Structure
from pim.intake.model import Entry, Record
from pim.intake.readers.akeneo_columns import codes, split_header
from pim.intake.readers.csv_lines import Row
from pim.intake.sheets.cells import BadCell
from pim.intake.sheets.folding import folded
from pim.intake.sheets.layout import Field, Layout, lay_out
from pim.intake.sheets.model import ColumnMapping
from pim.intake.sheets.worksheets import Worksheet
from pim.versioning.model import Edit


@dataclass(frozen=True, slots=True)
class _CellOrigin:
    header: str
    text: str

    def locate(self, violation: Violation) -> tuple[str, Any]:
        return self.header, self.text


def read_missing_options(sheet: Worksheet, mapping: ColumnMapping, structure: Structure) -> Iterator[Entry]:
    """Each option that the sheet names, once; those that are there already change nothing, and are counted so. That
    way the entries stay the same when a killed import is read again after some of them were made."""
    layout = lay_out(sheet.header, mapping, structure)
    choices = [(at, one) for at, one in enumerate(layout.fields) if _is_select(one, structure)]
    seen: set[tuple[str, str]] = set()
    for row in sheet.rows():
        if isinstance(row, Row):
            for at, one in choices:
                yield from _options(row, layout, at, one, mapping, structure, seen)


def _attribute(one: Field, structure: Structure) -> str:
    return split_header(one.target, structure)[0]


def _is_select(one: Field, structure: Structure) -> bool:
    attribute = structure.attributes.get(_attribute(one, structure))
    return attribute is not None and attribute.type in SELECT_TYPES


def _options(
    row: Row,
    layout: Layout,
    at: int,
    one: Field,
    mapping: ColumnMapping,
    structure: Structure,
    seen: set[tuple[str, str]],
) -> Iterator[Record]:
    attribute = _attribute(one, structure)
    locale = one.column.labels or mapping.labels
    try:
        found = one.convert(layout.raw_at(row.cells, at), [])
    except BadCell:  # told when the row is read
        return
    for text in [found] if isinstance(found, str) and found else codes(found):
        if (attribute, folded(text)) in seen:
            continue
        seen.add((attribute, folded(text)))
        there = text in structure.options.get(attribute, {})
        code = text if there or locale is None else option_code(attribute, text, structure, seen)
        labels = {} if there or locale is None else {"labels": {locale: text}}
        origin = _CellOrigin(one.header, text)
        yield Record(row.line, Edit("attribute_option", code, {"code": code, **labels}, owner=attribute), origin)


def option_code(attribute: str, label: str, structure: Structure, taken: set[tuple[str, str]]) -> str:
    """`Bleu nuit` → `bleu_nuit`; of a label without Latin letters, a digest. Numbered when others have the code."""
    plain = re.sub(r"[^a-z0-9]+", "_", folded(label)).strip("_")
    plain = plain or "option_" + blake2b(label.encode(), digest_size=4).hexdigest()
    code, number = plain, 2
    while code in structure.options.get(attribute, {}) or (attribute, f"code {code}") in taken:
        code, number = f"{plain}_{number}", number + 1
    taken.add((attribute, f"code {code}"))
    return code
