"""The columns of table attributes: what each type of column holds, and the rules behind a table's configuration.

A new type of column is an entry in CELL_TYPES and, where it says more than its cells' attribute does, a rule here.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from pim.base.errors import Violation, known
from pim.catalog.broken_rules import CODE, Broken, add, check_labels
from pim.catalog.model import Attribute, TableColumn
from pim.catalog.structure import Structure

TABLE = "pim_catalog_table"
SELECT = "select"
MEASUREMENT = "measurement"
REFERENCE = "reference_entity"

CELL_TYPES = {
    SELECT: "pim_catalog_simpleselect",
    "text": "pim_catalog_text",
    "number": "pim_catalog_number",
    "boolean": "pim_catalog_boolean",
    "date": "pim_catalog_date",
    MEASUREMENT: "pim_catalog_metric",
    REFERENCE: "akeneo_reference_entity",
}
"""Type of column → the type of an attribute that holds the same as one of its cells."""

FIRST_COLUMN_TYPES = (SELECT, REFERENCE)
"""What can say which row it is."""

LEAST_COLUMNS = 2
MOST_COLUMNS = 10
MOST_OPTIONS = 20_000
MAX_CELL_TEXT = 300

_RULES_OF = {"text": ("max_length",), "number": ("min", "max", "decimals_allowed")}
"""Type of column → the validations that mean something there."""


def cell_attribute(column: TableColumn) -> Attribute:
    """The attribute that a column would be by itself."""
    rules = column.validations
    return Attribute(
        code=column.code,
        labels=column.labels,
        type=CELL_TYPES[column.data_type],
        max_characters=rules.max_length or MAX_CELL_TEXT,
        number_min=None if rules.min is None else str(rules.min),
        number_max=None if rules.max is None else str(rules.max),
        decimals_allowed=rules.decimals_allowed,
        metric_family=column.measurement_family_code or None,
        default_metric_unit=column.measurement_default_unit_code or None,
        reference_data_name=column.reference_entity_identifier or None,
    )


def linking_columns(attribute: Attribute) -> dict[str, Attribute]:
    """Columns whose cells name records, as the attributes that they would be."""
    return {column.code: cell_attribute(column) for column in attribute.columns if column.data_type == REFERENCE}


def canonical_columns(columns: list[dict[str, Any]], before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Columns as they are stored: the first is always required, a select column that says nothing of its options
    keeps those it has, and what is null or an empty label is left out."""
    options = {column["code"]: column.get("options") for column in before}
    return [
        _canonical_column(column, position == 0, options.get(column["code"]) or [])
        for position, column in enumerate(columns)
    ]


def _canonical_column(column: dict[str, Any], is_first: bool, options: list[Any]) -> dict[str, Any]:
    made = {name: value for name, value in column.items() if value is not None}
    made["labels"] = _filled(column.get("labels"))
    made["validations"] = {name: rule for name, rule in (column.get("validations") or {}).items() if rule is not None}
    made["is_required_for_completeness"] = is_first or bool(column.get("is_required_for_completeness"))
    if made["data_type"] == SELECT:
        given = made.get("options", options)
        made["options"] = [{"code": option["code"], "labels": _filled(option.get("labels"))} for option in given]
    return made


def _filled(labels: Mapping[str, str | None] | None) -> dict[str, str]:
    return {locale: text for locale, text in (labels or {}).items() if text}


def check_table_attribute(new: Attribute, old: Attribute | None, structure: Structure, broken: Broken) -> None:
    subject = f"attribute `{new.code}`"
    if new.type != TABLE:
        if new.columns:
            add(broken, "table_configuration", "not_a_table", f"{subject} is no table: leave its columns out")
        return
    if not LEAST_COLUMNS <= len(new.columns) <= MOST_COLUMNS:
        message = (
            f"{subject} has {len(new.columns)} columns in `table_configuration`; "
            f"a table has {LEAST_COLUMNS} to {MOST_COLUMNS}"
        )
        add(broken, "table_configuration", "column_count", message)
    before = {column.code: column for column in old.columns} if old else {}
    for repeated in _repeated(column.code for column in new.columns):
        message = f"{subject} has the column `{repeated}` twice; column codes differ by more than their case"
        add(broken, "table_configuration", "duplicate_column", message)
    for position, column in enumerate(new.columns):
        _check_column(
            column, before.get(column.code), position, f"{subject}, column `{column.code}`", structure, broken
        )
    if old and old.columns and new.columns and old.columns[0].code != new.columns[0].code:
        message = f"{subject}: the first column is `{old.columns[0].code}` for good, not `{new.columns[0].code}`"
        add(broken, "table_configuration.0.code", "immutable", message)


def _check_column(
    column: TableColumn, old: TableColumn | None, position: int, subject: str, structure: Structure, broken: Broken
) -> None:
    path = f"table_configuration.{position}"
    if not CODE.fullmatch(column.code):
        add(broken, f"{path}.code", "bad_code", f"{subject}: a code has 1 to 255 of the characters a–z, A–Z, 0–9 and _")
    before = old.labels if old else {}
    check_labels(column.labels, before, structure.locales, broken, f"{subject}, ", f"{path}.labels")
    if column.data_type not in CELL_TYPES:
        message = f"{subject} has the data_type `{column.data_type}`; {known(CELL_TYPES)}"
        add(broken, f"{path}.data_type", "unknown_type", message)
        return
    if position == 0 and column.data_type not in FIRST_COLUMN_TYPES:
        message = f"{subject} is the first and says which row it is: its data_type is {' or '.join(FIRST_COLUMN_TYPES)}"
        add(broken, f"{path}.data_type", "first_column", message)
    broken += _moved(column, old, subject, path)
    _check_rules(column, subject, path, broken)
    _check_options(column, old, subject, path, structure, broken)
    _check_measurement(column, subject, path, structure, broken)
    _check_reference(column, subject, path, structure, broken)


def _moved(column: TableColumn, old: TableColumn | None, subject: str, path: str) -> Iterator[Violation]:
    for field in ("data_type", "measurement_family_code", "reference_entity_identifier"):
        if old is not None and getattr(column, field) != getattr(old, field):
            message = f"{subject}: {field} is `{getattr(old, field)}` for good; delete the column and make a new one"
            yield Violation(f"{path}.{field}", "immutable", message)


def _check_rules(column: TableColumn, subject: str, path: str, broken: Broken) -> None:
    rules, meant = column.validations, _RULES_OF.get(column.data_type, ())
    for name in rules.__struct_fields__:
        if getattr(rules, name) is not None and name not in meant:
            message = f"{subject}: `{name}` means nothing for {column.data_type}; {known(meant)}"
            add(broken, f"{path}.validations.{name}", "unknown_rule", message)
    if rules.max_length is not None and not 1 <= rules.max_length <= MAX_CELL_TEXT:
        message = f"{subject}: max_length is {rules.max_length}; it must be from 1 to {MAX_CELL_TEXT}"
        add(broken, f"{path}.validations.max_length", "out_of_range", message)
    if rules.min is not None and rules.max is not None and rules.min > rules.max:
        message = f"{subject}: min {rules.min} is above max {rules.max}"
        add(broken, f"{path}.validations.min", "empty_range", message)


def _check_options(
    column: TableColumn, old: TableColumn | None, subject: str, path: str, structure: Structure, broken: Broken
) -> None:
    options = column.options or []
    if column.data_type != SELECT:
        if options:
            add(broken, f"{path}.options", "not_a_select", f"{subject} is no select: leave its options out")
        return
    if len(options) > MOST_OPTIONS:
        add(broken, f"{path}.options", "too_many", f"{subject} has {len(options)} options; at most {MOST_OPTIONS} fit")
    for repeated in _repeated(option.code for option in options):
        message = f"{subject} has the option `{repeated}` twice; option codes differ by more than their case"
        add(broken, f"{path}.options", "duplicate_option", message)
    for position, option in enumerate(options):
        at, what = f"{path}.options.{position}", f"{subject}, option `{option.code}`"
        if not CODE.fullmatch(option.code):
            message = f"{what}: a code has 1 to 255 of the characters a–z, A–Z, 0–9 and _"
            add(broken, f"{at}.code", "bad_code", message)
        before = old.option_codes.get(option.code) if old else None
        labels = before.labels if before else {}
        check_labels(option.labels, labels, structure.locales, broken, f"{what}, ", f"{at}.labels")


def _check_measurement(column: TableColumn, subject: str, path: str, structure: Structure, broken: Broken) -> None:
    code, unit = column.measurement_family_code or None, column.measurement_default_unit_code or None
    if column.data_type != MEASUREMENT:
        if code or unit:
            message = f"{subject} is no measurement: leave its measurement family and unit out"
            add(broken, f"{path}.measurement_family_code", "not_a_measurement", message)
        return
    family = structure.measurement_families.get(code or "")
    if family is None:
        message = f"{subject} needs a measurement_family_code that exists, not `{code}`"
        add(
            broken, f"{path}.measurement_family_code", "unknown_family",
            f"{message}; {known(structure.measurement_families)}",
        )  # fmt: skip
    elif unit and unit not in family.units:
        message = f"{subject} has the default unit `{unit}`, which is not of {family.code}; {known(family.units)}"
        add(broken, f"{path}.measurement_default_unit_code", "unknown_unit", message)


def _check_reference(column: TableColumn, subject: str, path: str, structure: Structure, broken: Broken) -> None:
    code, path = column.reference_entity_identifier or None, f"{path}.reference_entity_identifier"
    if column.data_type != REFERENCE:
        if code:
            add(broken, path, "not_a_reference", f"{subject} names no records: leave its reference entity out")
    elif code not in structure.reference_entities:
        message = f"{subject} needs a reference_entity_identifier that exists, not `{code}`"
        add(broken, path, "unknown_reference_entity", f"{message}; {known(structure.reference_entities)}")


def _repeated(codes: Iterator[str]) -> list[str]:
    counted = Counter(code.lower() for code in codes)
    return [code for code, times in counted.items() if times > 1]
