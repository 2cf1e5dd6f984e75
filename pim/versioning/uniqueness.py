"""What only one entity may hold: identifiers, values of unique attributes, axis combinations among siblings."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, tuple_
from sqlmodel import Session, col

from pim.base.errors import Violation
from pim.catalog.attribute_types import ATTRIBUTE_TYPES
from pim.catalog.model import Entity
from pim.catalog.store import among
from pim.catalog.structure import Structure
from pim.catalog.tables import ProductModelRow, ProductRow, UniqueValueRow
from pim.versioning.model import Edit

Held = tuple[int, str]
"""(attribute id, data) or (parent's id, axis key)."""


@dataclass(slots=True)
class Uniqueness:
    """Who holds what, in the database and in the batch so far."""

    codes: dict[tuple[str, str], int] = field(default_factory=dict)
    values: dict[Held, int] = field(default_factory=dict)
    axes: dict[Held, tuple[int, str]] = field(default_factory=dict)
    axes_of: dict[int, Held] = field(default_factory=dict)

    def load(self, session: Session, edits: Sequence[Edit], parents: Iterable[Entity], structure: Structure) -> None:
        """Holders of the unique values in the patches, and of the axes below `parents`."""
        wanted = {held for edit in edits for held in _unique_in_patch(edit, structure)}
        if wanted:
            pair = tuple_(col(UniqueValueRow.attribute_id), col(UniqueValueRow.data))
            query = select(UniqueValueRow.attribute_id, UniqueValueRow.data, UniqueValueRow.entity_id)  # type: ignore[call-overload]
            for attribute_id, data, entity_id in session.execute(query.where(pair.in_(wanted))):
                self.values[attribute_id, data] = entity_id
        parent_ids = [parent.id for parent in parents]
        for table in (ProductRow, ProductModelRow) if parent_ids else ():
            query = select(col(table.parent_id), col(table.axis_key), col(table.id), col(table.code))
            for parent_id, key, entity_id, code in session.execute(
                query.where(among(col(table.parent_id), parent_ids))
            ):
                self._hold_axes((parent_id, key), entity_id, code)

    def _hold_axes(self, held: Held, entity_id: int, code: str) -> None:
        self.axes[held] = (entity_id, code)
        self.axes_of[entity_id] = held

    def violations(
        self, entity: Entity, ancestors: Sequence[Entity], axis_key: str | None, structure: Structure
    ) -> list[Violation]:
        """What `entity` would hold although another entity does."""
        found = []
        if self.codes.get((entity.kind, entity.code), entity.id) != entity.id:
            message = f"identifier `{entity.code}` belongs to another product; choose another"
            found.append(Violation("identifier", "taken", message))
        for code, held in unique_values(entity, structure):
            if self.values.get(held, entity.id) != entity.id:
                message = f"attribute `{code}`: `{held[1]}` belongs to another product; the attribute is unique"
                found.append(Violation(f"values.{code}", "not_unique", message, code))
        if axis_key is not None and ancestors:
            holder, name = self.axes.get((ancestors[-1].id, axis_key), (entity.id, ""))
            if holder != entity.id:
                shown = axis_key.replace("\x1f", ", ")
                message = f"the axes ({shown}) are those of its sibling `{name}`; choose another combination"
                found.append(Violation("values", "axes_taken", message))
        return found

    def note(
        self,
        old: Entity | None,
        new: Entity | None,
        ancestors: Sequence[Entity],
        axis_key: str | None,
        structure: Structure,
    ) -> None:
        """`old` gives up what it held, `new` holds its own."""
        if old is not None:
            self.codes.pop((old.kind, old.code), None)
            for _, held in unique_values(old, structure):
                self.values.pop(held, None)
            self.axes.pop(self.axes_of.pop(old.id, (0, "")), None)
        if new is not None:
            self.codes[new.kind, new.code] = new.id
            self.values |= {held: new.id for _, held in unique_values(new, structure)}
            if axis_key is not None and ancestors:
                self._hold_axes((ancestors[-1].id, axis_key), new.id, new.code)


def unique_values(entity: Entity, structure: Structure) -> Iterator[tuple[str, Held]]:
    """(attribute's code, what is held) of every unique value of the entity."""
    values = entity.document["values"]
    for code, attribute_id in structure.unique_attributes.items():
        for value in values.get(code, ()):
            yield code, (attribute_id, as_key(value["data"]))


def as_key(data: Any) -> str:
    return data if isinstance(data, str) else str(data)


def _unique_in_patch(edit: Edit, structure: Structure) -> Iterator[Held]:
    """What a patch, whose shape has not been checked yet, asks to hold; in canonical form, as it is stored."""
    values = (edit.patch or {}).get("values")
    if not isinstance(values, dict):
        return
    for code, attribute_id in structure.unique_attributes.items():
        attribute, entries = structure.attributes[code], values.get(code)
        check = ATTRIBUTE_TYPES[attribute.type].check
        for entry in entries if isinstance(entries, list) else ():
            data = check(entry.get("data") if isinstance(entry, dict) else None, attribute, structure, [])
            if isinstance(data, str | int):
                yield attribute_id, as_key(data)
