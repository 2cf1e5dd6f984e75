"""Lookup files that a person keeps and a program completes: what stands in one stays as it was written."""

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from pim.base.errors import InvalidInput, Violation, known
from pim.exports.inheritance import extended_folders
from pim.exports.model import ExportDefinition

UNSURE = "#? "
"""Begins a line that waits for a person, who takes it away or the line out. The next completion writes these anew."""
PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
YAML_WORDS = ("true", "false", "null")

Answer = tuple[str, str]
"""A value, and what it means."""


def lookup_path(folder: Path, definition: ExportDefinition, name: str) -> Path:
    """Where the lookup file is: in the export's folder, or in that of an export it extends. Raises InvalidInput when
    there is none of that name."""
    for each in extended_folders(folder):
        if name in definition.lookups and (each / name).is_file():
            return each / name
    message = f"export `{definition.name}` has no lookup file `{name}`; {known(definition.lookups)}"
    raise InvalidInput([Violation("lookup", "missing_file", message)])


def completed(text: str, sure: Mapping[str, Answer], unsure: Mapping[str, Sequence[Answer]]) -> str:
    """The file with one line more for each of these keys; of what is unsure every answer, behind a mark."""
    kept = [line for line in text.splitlines() if not line.startswith(UNSURE)]
    added = [_line(key, *answer) for key, answer in sure.items()]
    waiting = [UNSURE + _line(key, *answer) for key, answers in unsure.items() for answer in answers]
    return "\n".join([*kept, *added, *waiting]) + "\n"


def _line(key: str, value: str, meaning: str) -> str:
    plain = PLAIN_KEY.match(key) and key.lower() not in YAML_WORDS
    written = f"{key if plain else json.dumps(key, ensure_ascii=False)}: {json.dumps(value, ensure_ascii=False)}"
    return f"{written:<32} # {meaning}"
