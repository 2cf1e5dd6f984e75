"""Media that documents name by a path beside them are stored, and named by their code from then on."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from sqlmodel import Session

from pim.base.errors import Violation
from pim.base.object_storage import ObjectStorage
from pim.catalog.media import code_of, store_media_files
from pim.catalog.model import Entity, Value, Values
from pim.catalog.store import ancestors_of, known_media, models_with_parents
from pim.catalog.structure import Structure
from pim.intake.model import Problem, Record
from pim.versioning.store import current_structure

_REMEMBERED = 10_000


class MediaFolder:
    """The folder that paths are relative to. A picture of many variants is read once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.resolve()
        self._code_of = lru_cache(_REMEMBERED)(code_of)
        self.find = lru_cache(_REMEMBERED)(self._find)
        """(code, file) of a path within the folder; None for what is not there or outside of it."""

    def _find(self, name: str) -> tuple[str, Path] | None:
        try:
            path = (self.folder / name).resolve()
            if path.is_relative_to(self.folder) and path.is_file():
                return self._code_of(path), path
        except (OSError, ValueError):  # no name that a file could have
            return None
        return None


def attach_media(
    session: Session, storage: ObjectStorage | None, folder: MediaFolder, records: Sequence[Record], at: datetime
) -> tuple[dict[int, list[Problem]], list[str]]:
    """Stores what the records name and puts codes in its place. Returns line → problems of those that name nothing,
    and warnings: a variant's row repeats what its product model says, and a file that is missing for such a value is
    no reason to refuse the row, since the value would not have been stored.
    """
    files: dict[str, Path] = {}
    unknown: list[tuple[Record, Value]] = []
    for record in records:
        for value in record.media:
            found = folder.find(value["data"])
            if found:
                value["data"] = found[0]
                files[found[0]] = found[1]
            else:
                unknown.append((record, value))
    store_media_files(session, storage, files, at)
    codes = known_media(session, {value["data"] for _, value in unknown})
    missing = [(record, value) for record, value in unknown if value["data"] not in codes]
    warnings: list[str] = []
    return _problems(_not_inherited(session, missing, warnings)), warnings


def _not_inherited(
    session: Session, missing: Sequence[tuple[Record, Value]], warnings: list[str]
) -> Iterator[tuple[Record, Value]]:
    parents = {parent for record, _ in missing if isinstance(parent := (record.edit.patch or {}).get("parent"), str)}
    models = models_with_parents(session, parents)
    structure = current_structure(session)
    for record, value in missing:
        patch = record.edit.patch or {}
        code = _attribute_of(value, patch["values"])
        parent = models.get(patch.get("parent") or "")
        if parent is not None and code in _held_above((*ancestors_of(parent, models), parent), structure):
            patch["values"].pop(code)
            warnings.append(f"`{code}` belongs to the product model and was not stored; change it there")
        else:
            yield record, value


def _held_above(chain: Sequence[Entity], structure: Structure) -> frozenset[str]:
    """Attributes that the product models of `chain`, root first, hold."""
    root = chain[0].document
    levels = (structure.attributes_at(root["family"], root["family_variant"], level) for level in range(len(chain)))
    return frozenset().union(*levels)


def _attribute_of(value: Value, values: Values) -> str:
    return next((code for code, entries in values.items() if any(entry is value for entry in entries)), "")


def _problems(missing: Iterable[tuple[Record, Value]]) -> dict[int, list[Problem]]:
    problems: dict[int, list[Problem]] = {}
    for record, value in missing:
        code = _attribute_of(value, (record.edit.patch or {})["values"])
        place = Violation(f"values.{code}", "missing_media", "", code, value["locale"], value["scope"])
        column, _ = record.origin.locate(place)
        message = f"media file `{value['data']}` is neither beside the import nor stored already; put it there"
        problems.setdefault(record.line, []).append(Problem(column, value["data"], "missing_media", message))
    return problems
