"""What is wrong with a column mapping: its shape, what it says twice, and what the catalogue does not have."""

from collections.abc import Iterator, Mapping
from typing import Any

from pim.base.errors import InvalidInput, Violation, known
from pim.base.schema_checking import check_shape
from pim.catalog.attribute_types import SELECT_TYPES
from pim.catalog.structure import Structure
from pim.intake.readers.akeneo_columns import split_header
from pim.intake.readers.csv_lines import DELIMITERS
from pim.intake.sheets.cells import BadCell, strptime_pattern
from pim.intake.sheets.csv_form import existing_encoding
from pim.intake.sheets.folding import folded
from pim.intake.sheets.layout import complete_target, lay_out
from pim.intake.sheets.model import Column, ColumnMapping, mapping_of

SCHEMA = "column_mapping"


def read_mapping(document: Mapping[str, Any], structure: Structure) -> ColumnMapping:
    """A document as a mapping that fits the catalogue. Raises InvalidInput with every problem."""
    problems = check_shape(SCHEMA, document)
    if problems:
        raise InvalidInput(problems)
    mapping = mapping_of(document)
    check_mapping(mapping, structure)
    return mapping


def check_mapping(mapping: ColumnMapping, structure: Structure) -> None:
    """Raises InvalidInput with every problem: what means nothing in the catalogue, what is said twice."""
    problems = [*_settings(mapping, structure), *_columns(mapping, structure), *_constants(mapping, structure)]
    if problems:
        raise InvalidInput(problems)


def _settings(mapping: ColumnMapping, structure: Structure) -> Iterator[Violation]:
    for name in ("locale", "labels"):
        locale = getattr(mapping, name)
        if locale is not None and locale not in structure.active_locales:
            message = f"`{name}`: locale `{locale}` is not active in any channel; {known(structure.active_locales)}"
            yield Violation(name, "unknown_locale", message)
    if mapping.scope is not None and mapping.scope not in structure.channels:
        message = f"`scope`: channel `{mapping.scope}` does not exist; {known(structure.channels)}"
        yield Violation("scope", "unknown_channel", message)
    if mapping.delimiter is not None and mapping.delimiter not in DELIMITERS:
        message = (
            f"`delimiter`: `{mapping.delimiter}` does not stand between cells; known: {' '.join(DELIMITERS[:2])} tab |"
        )
        yield Violation("delimiter", "unknown_delimiter", message)
    if mapping.encoding is not None:
        try:
            existing_encoding(mapping.encoding)
        except InvalidInput as problem:
            yield from problem.violations
    yield from _date_format("date_format", mapping.date_format)
    both = set(map(folded, mapping.booleans.true)) & set(map(folded, mapping.booleans.false))
    if both:
        yield Violation("booleans", "both", f"`booleans`: {', '.join(sorted(both))} means both true and false; choose")


def _date_format(path: str, pattern: str | None) -> Iterator[Violation]:
    try:
        if pattern is not None:
            strptime_pattern(pattern)
    except ValueError as error:
        yield Violation(path, "bad_date_format", f"`{path}`: {error}")


def _columns(mapping: ColumnMapping, structure: Structure) -> Iterator[Violation]:
    """Header and target once each, and all that the layout of exactly these columns has to say."""
    first: dict[str, int] = {}
    for number, column in enumerate(mapping.columns):
        path = f"columns.{number}"
        if folded(column.header) in first:
            message = f"`{path}`: the header `{column.header}` is there twice; keep one of them"
            yield Violation(f"{path}.header", "repeated_header", message)
        first.setdefault(folded(column.header), number)
        if bool(column.target) == column.ignore:
            message = f"`{path}`: column `{column.header}` needs either a `target` or `ignore: true`"
            yield Violation(path, "no_target", message)
        elif column.target:
            yield from _column(path, column, mapping, structure)
    layout = lay_out([column.header for column in mapping.columns], mapping, structure)
    if mapping.other_columns == "ignore" and not layout.names_rows:
        message = "`columns`: none names the rows; give one the target `identifier`, `code` (product models) or `uuid`"
        yield Violation("columns", "no_identifier_column", message)
    for problem in layout.problems:
        at = first.get(folded(problem.column))
        yield Violation(f"columns.{at}" if at is not None else "constants", problem.code, problem.message)


def _column(path: str, column: Column, mapping: ColumnMapping, structure: Structure) -> Iterator[Violation]:
    """Settings that mean nothing for what the column is about."""
    code, _ = split_header(complete_target(column.target, mapping, structure), structure)
    attribute = structure.attributes.get(code)
    kind = attribute.type if attribute else ""
    if column.unit is not None:
        family = structure.measurement_families.get((attribute and attribute.metric_family) or "")
        if family is None:
            message = f"`{path}.unit`: `{column.target}` is no measure, so it has no unit; leave `unit` out"
            yield Violation(f"{path}.unit", "no_measure", message)
        elif column.unit not in family.units:
            message = f"`{path}.unit`: `{column.unit}` is not of {family.code}; {known(family.units)}"
            yield Violation(f"{path}.unit", "unknown_unit", message)
    if column.labels is not None:
        if column.labels not in structure.active_locales:
            message = f"`{path}.labels`: locale `{column.labels}` is not active; {known(structure.active_locales)}"
            yield Violation(f"{path}.labels", "unknown_locale", message)
        if kind not in SELECT_TYPES and column.target not in ("family", "categories"):
            message = f"`{path}.labels`: `{column.target}` holds no options, categories or families; leave it out"
            yield Violation(f"{path}.labels", "no_labels", message)
    yield from _date_format(f"{path}.date_format", column.date_format)


def _constants(mapping: ColumnMapping, structure: Structure) -> Iterator[Violation]:
    """Their targets are checked with those of the columns; here, whether their values can be read."""
    layout = lay_out([], ColumnMapping(**_only_settings(mapping)), structure)
    for number, one in enumerate(layout.fields):
        try:
            one.convert(one.constant, [])
        except BadCell as bad:
            yield Violation(f"constants.{number}.value", bad.code, f"`constants.{number}`: {bad}")


def _only_settings(mapping: ColumnMapping) -> dict[str, Any]:
    names = ("locale", "scope", "labels", "decimal", "date_format", "separator", "booleans", "constants")
    return {name: getattr(mapping, name) for name in names}
