"""Column mappings as files that people edit: YAML (or JSON, which is YAML)."""

import re
from pathlib import Path

import yaml

from pim.base.errors import InvalidInput, NotFound, Unreadable, Violation
from pim.catalog.structure import Structure
from pim.exports.located_yaml import Located, read_yaml
from pim.intake.sheets.check_mapping import read_mapping
from pim.intake.sheets.folding import folded
from pim.intake.sheets.model import ColumnMapping

SUFFIXES = (".yaml", ".yml", ".json")


def is_file_name(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def code_for(path: Path) -> str:
    """A code made of a file's name."""
    return re.sub(r"[^a-z0-9]+", "_", folded(path.stem)).strip("_")


def load_mapping(path: Path, structure: Structure) -> ColumnMapping:
    """Raises InvalidInput with every problem of a mapping that does not fit the catalogue, NotFound and Unreadable."""
    if not path.is_file():
        raise NotFound(f"there is no file `{path}`")
    try:
        located, problems = read_yaml(str(path), path.read_text("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise Unreadable(f"`{path}` is not UTF-8: {error.reason}; save it as UTF-8") from error
    if not problems and not isinstance(located.data, dict):
        message = f"`{path}` holds no column mapping; `pim mappings suggest SHEET` prints one to begin with"
        problems.append(Violation("", "wrong_type", message))
    if problems:
        raise InvalidInput(problems)
    try:
        return read_mapping(located.data, structure)
    except InvalidInput as invalid:
        raise InvalidInput([_with_line(located, violation) for violation in invalid.violations]) from None


def _with_line(located: Located, violation: Violation) -> Violation:
    """Told with the line of the file that it is about."""
    path = tuple(int(part) if part.isdecimal() else part for part in violation.path.split(".") if part)
    return located.violation(path, violation.code, violation.message)


def as_yaml(mapping: ColumnMapping) -> str:
    return yaml.safe_dump(mapping.as_document(), allow_unicode=True, sort_keys=False, width=120)
