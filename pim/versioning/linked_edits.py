"""Edits of records and assets: merged, checked against the attributes of their owner, not yet written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col

from pim.base.errors import Violation, known
from pim.base.schema_checking import check_shape, writable
from pim.catalog import store
from pim.catalog.linked import LINKED
from pim.catalog.merge import merge
from pim.catalog.model import ASSET, Document, Entity, OwnedAttribute, owner_fields
from pim.catalog.product_rules import canonical_values
from pim.catalog.structure import Structure, StructureKey
from pim.catalog.structure_rules import CODE_WITH_HYPHENS
from pim.catalog.tables import LinkedEntityRow
from pim.versioning.linked_usage import uses_of_linked
from pim.versioning.model import Edit, Outcome
from pim.versioning.naming_convention import named_values
from pim.versioning.references import References
from pim.versioning.staging import Staged
from pim.versioning.structure_edits import precondition

Key = tuple[str, str, str]
"""(kind, owner, code)"""


@dataclass(slots=True)
class LinkedEdits:
    """The records and assets that a batch of edits names, as the edits accepted so far leave them."""

    session: Session
    structure: Structure
    at: datetime
    new_ids: Iterator[int]
    references: References
    entities: dict[Key, Entity] = field(default_factory=dict)
    staged: dict[int, Staged] = field(default_factory=dict)

    def load(self, edits: Sequence[Edit]) -> None:
        """Reads what the edits name, locking it in a fixed order, and what their values name."""
        named: dict[tuple[str, str], list[Edit]] = {}
        for edit in edits:
            named.setdefault((edit.kind, edit.owner), []).append(edit)
        for (kind, owner), of_owner in sorted(named.items()):
            codes = {edit.code for edit in of_owner if edit.code}
            for entity in store.linked_by_code(self.session, kind, owner, codes, lock=True):
                self.entities[kind, owner, entity.code] = entity
            self.references.load(self.session, self.attributes(kind, owner), (edit.patch for edit in of_owner))
        for edit in edits:
            if edit.restore and edit.code:  # deleted together, restored together, in whatever order
                self.references.know(edit.kind, edit.owner, edit.code)

    def attributes(self, kind: str, owner: str) -> Mapping[str, OwnedAttribute]:
        return self.structure.owned_attributes.get((kind, owner), {})

    def stage(self, old: Entity | None, new: Entity | None) -> None:
        entity = new or old
        assert entity is not None
        first = self.staged[entity.id].old if entity.id in self.staged else old
        self.staged[entity.id] = Staged(first, new)
        key = (entity.kind, entity.owner, entity.code)
        if new is None:
            self.entities.pop(key, None)
        else:
            self.entities[key] = new
            self.references.know(*key)

    def changed(self) -> list[Staged]:
        return [staged for staged in self.staged.values() if staged.changed]


def apply_linked_edits(edits: LinkedEdits, wanted: Sequence[Edit]) -> list[Outcome]:
    """Stages creations and changes. What links to something that is only further down is tried again for as long as
    that helps."""
    outcomes = [_apply(edits, edit) for edit in wanted]
    waiting = [n for n, outcome in enumerate(outcomes) if _waits(outcome)]
    while waiting:
        before = len(waiting)
        for n in reversed(waiting):
            outcomes[n] = _apply(edits, wanted[n])
        waiting = [n for n in waiting if _waits(outcomes[n])]
        if len(waiting) == before:
            break
    return outcomes


def _waits(outcome: Outcome) -> bool:
    return bool(outcome.violations) and all(one.code in _NOT_THERE for one in outcome.violations)


_NOT_THERE = ("unknown_record", "unknown_asset")


def _apply(edits: LinkedEdits, edit: Edit) -> Outcome:
    code = edit.code or ""
    old = edits.entities.get((edit.kind, edit.owner, code))
    refusal = precondition(edit, old, code)
    if refusal is not None:
        return refusal
    violations = _owner_missing(edits.structure, edit) or check_shape(edit.kind, edit.patch)
    if violations:
        return Outcome("rejected", code, violations=violations)
    document = _written(edits, edit, old, violations)
    if not CODE_WITH_HYPHENS.fullmatch(code):
        message = f"code `{code}` must be 1 to 255 of the characters a–z, A–Z, 0–9, _ and -"
        violations.append(Violation("code", "bad_code", message))
    if violations:
        return Outcome("rejected", code, violations=violations)
    if old is not None and document == old.document:
        return Outcome("unchanged", code, old.id)
    if old is not None:
        entity = replace(old, document=document, updated=edits.at)
    else:
        identity = edit.restore.id if edit.restore else next(edits.new_ids)
        created = edit.restore.created if edit.restore else edits.at
        entity = Entity(identity, edit.kind, code, document, created, edits.at, 0, owner=edit.owner)
    edits.stage(old, entity)
    return Outcome("updated" if old else "created", code, entity.id)


def _owner_missing(structure: Structure, edit: Edit) -> list[Violation]:
    kind = LINKED[edit.kind].owner
    if structure.item((kind, "", edit.owner)) is not None:
        return []
    there = known(key[2] for key in structure.entities if key[0] == kind)
    what = kind.replace("_", " ")
    return [Violation(kind, f"unknown_{kind}", f"{what} `{edit.owner}` does not exist; {there}")]


def _written(edits: LinkedEdits, edit: Edit, old: Entity | None, violations: list[Violation]) -> Document:
    """The patch in canonical form, merged into what is there. What is wrong with its parts goes to `violations`."""
    assert edit.patch is not None
    patch = writable(edit.kind, edit.patch)
    base = old.document if old is not None and not edit.replace else {"values": {}}
    attributes = edits.attributes(edit.kind, edit.owner)
    values = {code: [as_value(entry) for entry in entries] for code, entries in patch.get("values", {}).items()}
    canonical = canonical_values(values, edits.structure, violations, base["values"], attributes, edit.former_places)
    violations += edits.references.broken_in(canonical, attributes)
    if edit.kind == ASSET and old is None and edit.restore is None:
        family = edits.structure.asset_families[edit.owner]
        canonical |= named_values(edit.code or "", canonical, family, attributes, edits.structure, violations)
    own = {"code": edit.code, **owner_fields(edit.kind, edit.owner)}
    return {**own, "values": merge(base, {"values": canonical})["values"]}


def as_value(entry: Mapping[str, Any]) -> Any:
    """The dialect says `channel` for the scope of records' and assets' values."""
    scope = entry["scope"] if "scope" in entry else entry.get("channel")
    return {"locale": entry["locale"], "scope": scope, "data": entry["data"]}


def apply_linked_deletions(
    edits: LinkedEdits, wanted: Sequence[Edit], staged: Mapping[int, Entity | None]
) -> list[Outcome]:
    """Stages deletions, but of what something that stays links to. `staged` as in `usage.uses_of`; whoever leaves in
    the same edits is no reason to stay."""
    outcomes: list[Outcome | None] = []
    leaving: dict[int, Entity] = {}
    for edit in wanted:
        old = edits.entities.get((edit.kind, edit.owner, edit.code or ""))
        outcomes.append(precondition(edit, old, edit.code or ""))
        if old is not None and outcomes[-1] is None:
            leaving[len(outcomes) - 1] = old
    while refused := _needed(edits, leaving, staged):
        for n, outcome in refused.items():
            outcomes[n] = outcome
            del leaving[n]
    for n, entity in leaving.items():
        edits.stage(entity, None)
        outcomes[n] = Outcome("deleted", entity.code, entity.id)
    return [outcome for outcome in outcomes if outcome is not None]


def _needed(
    edits: LinkedEdits, leaving: Mapping[int, Entity], staged: Mapping[int, Entity | None]
) -> dict[int, Outcome]:
    after = {**staged, **{entity.id: None for entity in leaving.values()}}
    refused = {}
    for n, entity in leaving.items():
        uses = uses_of_linked(edits.session, edits.structure, entity, after)
        if uses:
            message = f"{entity.kind} `{entity.code}` is in use and cannot be deleted: {'; '.join(uses)}"
            refused[n] = Outcome("conflict", entity.code, entity.id, violations=[Violation("", "in_use", message)])
    return refused


def strip_linked_values(edits: LinkedEdits, gone: Sequence[StructureKey]) -> None:
    """Deleted attributes leave the records and assets that have values of them."""
    for kind, linked in LINKED.items():
        for attribute_kind, owner, code in gone:
            if attribute_kind != linked.attribute:
                continue
            row = LinkedEntityRow
            holds = col(row.document)["values"].has_key(code)
            stored = store.linked_entities(
                edits.session, col(row.kind) == kind, col(row.owner) == owner, holds, lock=True
            )
            newest = {entity.id: entity for entity in stored if entity.id not in edits.staged}
            newest |= {
                s.new.id: s.new for s in edits.staged.values() if s.new and (s.new.kind, s.new.owner) == (kind, owner)
            }
            for entity in newest.values():
                values = {name: entries for name, entries in entity.document["values"].items() if name != code}
                if values != entity.document["values"]:
                    edits.stage(
                        entity, replace(entity, document={**entity.document, "values": values}, updated=edits.at)
                    )
