"""Edits of the structure: merged, checked against the rules, and what follows from them for products."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import msgspec
from sqlmodel import Session

from pim.base.errors import Violation
from pim.base.schema_checking import check_shape, writable
from pim.catalog.attribute_types import TYPE_ALIASES, canonical_decimal, parse_date, parse_decimal
from pim.catalog.family_rules import MOVED_UP
from pim.catalog.linked import FIRST_ATTRIBUTES, MEDIA
from pim.catalog.merge import merge
from pim.catalog.model import STRUCTURE_KINDS, Document, Entity, owner_fields
from pim.catalog.structure import Structure, StructureKey
from pim.catalog.structure_rules import check_structure
from pim.catalog.table_columns import canonical_columns
from pim.versioning.model import Edit, Outcome, UsedElsewhere
from pim.versioning.usage import uses_of


@dataclass(slots=True)
class StructureEdits:
    """The structure as the edits accepted so far would leave it, and the entities they touched: before and after."""

    structure: Structure
    before: dict[StructureKey, Entity]
    leaving: frozenset[StructureKey] = frozenset()
    """What the same edits ask to delete."""
    touched: dict[StructureKey, tuple[Entity | None, Entity | None]] = field(default_factory=dict)

    def record(self, key: StructureKey, old: Entity | None, new: Entity | None) -> None:
        first = self.touched[key][0] if key in self.touched else old
        self.touched[key] = (first, new)
        if new is None:
            self.structure.remove(key)
        else:
            self.structure.put(new)

    def changed(self) -> list[tuple[Entity | None, Entity | None]]:
        """Before and after of what the edits come to: what was edited back to what it was is as it was."""
        return [(old, new) for old, new in self.touched.values() if (old and old.document) != (new and new.document)]


def apply_structure_edit(edits: StructureEdits, edit: Edit, new_ids: Iterator[int], at: datetime) -> Outcome:
    """Puts a creation or change into `edits`, or says why not. `new_ids` gives an id, should it be new."""
    code = edit.code or ""
    key = (edit.kind, edit.owner, code)
    old = edits.structure.entities.get(key)
    outcome = precondition(edit, old, code)
    if outcome is not None:
        return outcome
    document, violations = _written(edit, old, edits.structure)
    if violations:
        return Outcome("rejected", code, violations=violations)
    if old is not None and document == old.document:
        return Outcome("unchanged", code, old.id)
    if old is not None:
        entity = Entity(old.id, edit.kind, code, document, old.created, at, old.revision, owner=edit.owner)
    else:
        identity = edit.restore.id if edit.restore else next(new_ids)
        created = edit.restore.created if edit.restore else at
        entity = Entity(identity, edit.kind, code, document, created, at, 0, owner=edit.owner)
    edits.record(key, old, entity)
    if edit.kind == "family" and old is not None:
        _drop_from_variants(edits, entity, at)
    if old is None and edit.restore is None:
        _add_first_attributes(edits, entity, new_ids, at)
    return Outcome("updated" if old else "created", code, entity.id, warnings=list(_warnings(entity, edits.structure)))


def ids_needed(edit: Edit) -> int:
    """How many entities the edit may make."""
    if edit.patch is None or edit.restore is not None:
        return 0
    return 1 + len(FIRST_ATTRIBUTES.get(edit.kind, ()))


def _add_first_attributes(edits: StructureEdits, owner: Entity, new_ids: Iterator[int], at: datetime) -> None:
    """What every reference entity and every asset family begins with."""
    for code, fields in FIRST_ATTRIBUTES.get(owner.kind, {}).items():
        if code == MEDIA and owner.document["attribute_as_main_media"] != MEDIA:
            continue
        kind = f"{owner.kind}_attribute"
        item = msgspec.convert({"code": code, owner.kind: owner.code, **fields}, STRUCTURE_KINDS[kind])
        first = Entity(next(new_ids), kind, code, msgspec.to_builtins(item), at, at, 0, owner=owner.code)
        edits.record((kind, owner.code, code), None, first)


def _warnings(entity: Entity, structure: Structure) -> Iterator[str]:
    """A new asset family may name a main media that is still to come."""
    main = entity.document.get("attribute_as_main_media")
    if main is not None and main not in structure.asset_family_attributes.get(entity.code, {}):
        yield f"asset family `{entity.code}` has no attribute `{main}` yet, its main media; create it"


def _drop_from_variants(edits: StructureEdits, family: Entity, at: datetime) -> None:
    """Attributes that left a family leave its family variants too."""
    own = set(family.document["attributes"])
    for key, variant in list(edits.structure.entities.items()):
        if key[0] != "family_variant" or key[1] != family.code:
            continue
        sets = [
            {**level, "attributes": [code for code in level["attributes"] if code in own]}
            for level in variant.document["variant_attribute_sets"]
        ]
        if sets != variant.document["variant_attribute_sets"]:
            document = {**variant.document, "variant_attribute_sets": sets}
            edits.record(key, variant, replace(variant, document=document, updated=at))


def precondition(edit: Edit, old: Entity | None, code: str) -> Outcome | None:
    what = f"{edit.kind.replace('_', ' ')} `{code}`"
    if edit.must == "create" and old is not None:
        return Outcome("rejected", code, violations=[Violation("code", "taken", f"{what} exists already; patch it")])
    if old is None and (edit.must == "exist" or edit.patch is None):
        return Outcome("missing", code, violations=[Violation("code", "not_found", f"{what} does not exist")])
    if old is not None and edit.if_revision is not None and edit.if_revision != old.revision:
        message = f"{what} was changed at revision {old.revision}, you saw {edit.if_revision}; read it again"
        return Outcome("conflict", code, old.id, violations=[Violation("", "changed_meanwhile", message)])
    return None


def _written(edit: Edit, old: Entity | None, structure: Structure) -> tuple[Document, list[Violation]]:
    """The full document that the edit asks for, in canonical form, and what is wrong with it."""
    assert edit.patch is not None
    violations = check_shape(edit.kind, edit.patch)
    if violations:
        return {}, violations
    patch = writable(edit.kind, edit.patch)
    base = {} if edit.replace or old is None else old.document
    merged = merge(base, {**patch, "code": edit.code})
    merged |= owner_fields(edit.kind, edit.owner)
    _canonicalise(edit.kind, merged, patch, base, structure)
    kind = STRUCTURE_KINDS[edit.kind]
    missing = [f.name for f in msgspec.structs.fields(kind) if f.required and merged.get(f.name) is None]
    if missing:
        what = f"{edit.kind.replace('_', ' ')} `{edit.code}`"
        return {}, [Violation(name, "required", f"{what} needs `{name}`") for name in missing]
    item = msgspec.convert(_without_nulls(merged), kind)
    before = msgspec.convert(old.document, kind) if old else None
    document: Document = msgspec.to_builtins(item)
    broken = check_structure(edit.kind, item, before, structure)
    if edit.former_places:  # a revert moves the values up as well; `left_below` finds those that it does not know of
        broken = [violation for violation in broken if violation.code != MOVED_UP]
    return document, broken


def _canonicalise(kind: str, document: dict[str, Any], patch: Document, before: Document, structure: Structure) -> None:
    """Different spellings of one meaning become one, so that equal documents are equal."""
    if kind == "attribute":
        document["type"] = TYPE_ALIASES.get(document.get("type", ""), document.get("type"))
        for name in ("number_min", "number_max", "max_file_size"):
            number = parse_decimal(document.get(name))
            if document.get(name) is not None:
                document[name] = str(document[name]) if number is None else canonical_decimal(number)
        for name in ("date_min", "date_max"):
            day = parse_date(document.get(name))
            document[name] = day.date().isoformat() if day else document.get(name)
        for name in ("allowed_extensions", "available_locales"):
            document[name] = sorted(set(document.get(name) or ()))
        if columns := document.pop("table_configuration", None):
            document["table_configuration"] = canonical_columns(columns, before.get("table_configuration") or [])
    elif kind == "family":
        _canonicalise_family(document, patch, structure)
    elif kind == "channel":
        for name in ("locales", "currencies"):
            document[name] = sorted(set(document.get(name) or ()))
    elif kind == "asset_family":
        _canonicalise_asset_family(document, patch)
    elif kind.endswith("_attribute"):
        _canonicalise_linked_attribute(document)
    elif kind == "measurement_family":
        for code, unit in (document.get("units") or {}).items():
            unit["code"] = code


def _canonicalise_family(document: dict[str, Any], patch: Document, structure: Structure) -> None:
    """The identifier belongs to every family and is required everywhere; what leaves the family is required no more,
    unless the same patch asks for it."""
    always = {structure.identifier_attribute} if structure.identifier_attribute else set()
    attributes = set(document.get("attributes") or ()) | always
    document["attributes"] = sorted(attributes)
    asked = patch.get("attribute_requirements") or {}
    requirements = {
        channel: set(codes) if channel in asked else set(codes) & attributes
        for channel, codes in (document.get("attribute_requirements") or {}).items()
    }
    channels = {channel for channel, codes in requirements.items() if codes - always} | set(structure.channels)
    document["attribute_requirements"] = {
        channel: sorted(requirements.get(channel, set()) | always) for channel in sorted(channels)
    }


def _canonicalise_asset_family(document: dict[str, Any], patch: Document) -> None:
    """The rules are written whole, so nothing of an earlier one stays; the places in them are told in full."""
    document["attribute_as_main_media"] = document.get("attribute_as_main_media") or MEDIA
    if "naming_convention" in patch:
        document["naming_convention"] = _with_places(dict(patch["naming_convention"] or {}), ("source",))
    if "transformations" in patch:
        ends = ("source", "target")
        document["transformations"] = [_with_places(dict(one), ends) for one in patch["transformations"]]


def _with_places(rule: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return rule | {name: {"channel": None, "locale": None, **rule[name]} for name in names if name in rule}


def _canonicalise_linked_attribute(document: dict[str, Any]) -> None:
    if document.get("validation_rule") == "none":
        document["validation_rule"] = None
    for name in ("min_value", "max_value", "max_file_size"):
        if document.get(name) is not None:
            number = parse_decimal(document[name])
            document[name] = str(document[name]) if number is None else canonical_decimal(number)
    document["allowed_extensions"] = sorted(set(document.get("allowed_extensions") or ()))


def _without_nulls(document: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in document.items() if value is not None}


def apply_structure_deletion(
    session: Session, edits: StructureEdits, edit: Edit, staged: Mapping[int, Entity | None], used: UsedElsewhere
) -> Outcome:
    """Puts a deletion into `edits`, unless something needs what would go; `staged` as in `uses_of`."""
    code = edit.code or ""
    key = (edit.kind, edit.owner, code)
    old = edits.structure.entities.get(key)
    outcome = precondition(edit, old, code)
    if outcome is not None or old is None:
        return outcome or Outcome("missing", code)
    uses = [*uses_of(session, edits.structure, key, staged, edits.leaving), *used(edit.kind, edit.owner, code)]
    if uses:
        message = f"{edit.kind.replace('_', ' ')} `{code}` is in use and cannot be deleted: {'; '.join(uses)}"
        return Outcome("conflict", code, old.id, violations=[Violation("", "in_use", message)])
    _remove(edits, key)
    return Outcome("deleted", code, old.id)


_BELONGING = {
    "attribute": "attribute_option",
    "reference_entity": "reference_entity_attribute",
    "reference_entity_attribute": "reference_entity_attribute_option",
    "asset_family": "asset_family_attribute",
    "asset_family_attribute": "asset_family_attribute_option",
}
"""Kinds whose entities leave with their owner."""


def _remove(edits: StructureEdits, key: StructureKey) -> None:
    """Takes a piece of structure away, and before it what belongs to it."""
    kind, owner, code = key
    if kind in _BELONGING:
        below = (_BELONGING[kind], f"{owner}/{code}" if owner else code)
        for other in [other for other in edits.structure.entities if other[:2] == below]:
            _remove(edits, other)
    edits.record(key, edits.structure.entities[key], None)
