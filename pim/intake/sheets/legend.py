"""The sheet of a workbook that explains the columns of the others: what each means, and what may stand in it."""

from collections.abc import Iterable, Iterator
from typing import Any

from pim.catalog.attribute_types import SELECT_TYPES
from pim.catalog.structure import Structure
from pim.intake.sheets.out_columns import OutColumn

LEGEND = "legend"
LEGEND_HEADER = ["column", "label", "type", "locale", "channel", "currency or unit", "accepted"]
_MOST_OPTIONS = 60

_FIELDS = {
    "code": "code of a product model",
    "uuid": "uuid, where a product has no identifier",
    "family": "family",
    "family_variant": "how variants of the model differ",
    "parent": "product model that this belongs to",
    "enabled": "TRUE or FALSE (1 or 0)",
    "categories": "codes with a comma between them",
    "groups": "codes with a comma between them",
}


def legend_rows(columns: Iterable[OutColumn], structure: Structure) -> Iterator[list[Any]]:
    for column in columns:
        attribute = column.attribute
        if attribute is None:
            yield [column.header, "", "", "", "", "", _meaning(column.header, structure)]
            continue
        label = " / ".join(dict.fromkeys(filter(None, map(attribute.labels.get, sorted(attribute.labels)))))
        place = [column.locale or "", column.scope or "", column.detail]
        kind = attribute.type.removeprefix("pim_catalog_").replace("_", " ")
        yield [column.header, label, kind, *place, _accepted(column, structure)]


def _meaning(header: str, structure: Structure) -> str:
    if header == structure.identifier_attribute:
        return "identifier of a product"
    if header.endswith("-quantity"):
        return "quantities in the order of the column before, with | between them"
    return _FIELDS.get(header, "who is associated: identifiers or codes with a comma between them")


def _accepted(column: OutColumn, structure: Structure) -> str:
    attribute = column.attribute
    assert attribute is not None
    if column.detail == "unit":
        family = structure.measurement_families.get(attribute.metric_family or "")
        return ", ".join(sorted(family.units)) if family else ""
    if attribute.type in SELECT_TYPES:
        options = structure.options.get(attribute.code, {})
        shown = [f"{code} ({label})" if (label := _label(one.labels)) else code for code, one in options.items()]
        more = len(shown) - _MOST_OPTIONS
        return ", ".join(shown[:_MOST_OPTIONS]) + (f" and {more} more" if more > 0 else "")
    return ""


def _label(labels: dict[str, str]) -> str:
    return " / ".join(dict.fromkeys(filter(None, (labels[locale] for locale in sorted(labels)))))
