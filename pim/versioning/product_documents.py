"""From a patch of a product or product model to the whole document it asks for, in canonical form."""

from pim.base.errors import Violation
from pim.base.schema_checking import writable
from pim.catalog.merge import merge
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Document, Entity
from pim.catalog.product_rules import canonical_values, check_association_types, stored_values
from pim.catalog.structure import Structure
from pim.versioning.associations import FIELDS, stored_associations, without_empty
from pim.versioning.model import Edit
from pim.versioning.staging import ProductEdits

EMPTY: dict[str, Document] = {
    PRODUCT: {
        "identifier": None, "enabled": True, "family": None, "parent": None, "categories": [], "groups": [],
        "values": {}, "associations": {}, "quantified_associations": {},
    },
    PRODUCT_MODEL: {
        "code": None, "family": None, "family_variant": None, "parent": None, "categories": [],
        "values": {}, "associations": {}, "quantified_associations": {},
    },
}  # fmt: skip


def written_document(edits: ProductEdits, edit: Edit, old: Entity | None, violations: list[Violation]) -> Document:
    """The patch in canonical form, merged into what is there. What is wrong with its parts goes to `violations`."""
    base = old.document if old is not None and not edit.replace else EMPTY[edit.kind]
    patch = _canonical_patch(edits, edit, old, base, violations)
    if base is EMPTY[edit.kind]:
        document = {**base, **patch, "values": stored_values(patch.get("values", {}))}
    else:
        document = merge(base, patch)
    for name in FIELDS:
        if name in patch:
            document[name] = without_empty(document[name])
    _leave_to_models(edits, document, patch)
    return document


def _leave_to_models(edits: ProductEdits, document: Document, patch: Document) -> None:
    """A variant shows the categories and associations of its product models as well. Written back to it, they stay
    theirs: what was read can be sent back, and changes nothing."""
    parent = document["parent"]
    above = edits.models.get(parent) if isinstance(parent, str) else None
    for model in (*edits.ancestors(above), above) if above else ():
        held = model.document
        if "categories" in patch:
            document["categories"] = [code for code in document["categories"] if code not in held["categories"]]
        for name in FIELDS:
            if name in patch:
                document[name] = without_empty(_without(document[name], held.get(name) or {}))


def _without(associations: Document, held: Document) -> Document:
    return {
        code: {
            kind: [member for member in members if member not in held.get(code, {}).get(kind, ())]
            for kind, members in kinds.items()
        }
        for code, kinds in associations.items()
    }


def _canonical_patch(
    edits: ProductEdits, edit: Edit, old: Entity | None, base: Document, violations: list[Violation]
) -> Document:
    assert edit.patch is not None
    patch = writable(edit.kind, edit.patch)
    _name(patch, edit, old, edits.structure)
    _take_moves(patch, base)
    for name in ("categories", "groups"):
        if name in patch:
            patch[name] = sorted(set(patch[name]))
    if "values" in patch:
        patch["values"] = canonical_values(
            patch["values"], edits.structure, violations, base["values"], former_places=edit.former_places
        )
        violations += edits.references.broken_in(patch["values"], edits.structure.attributes)
    for name in FIELDS:
        if name in patch:
            patch[name] = stored_associations(name, patch[name], edits.targets, violations)
            idle = [code for code, kinds in patch[name].items() if not any(kinds.values())]
            check_association_types(name, idle, edits.structure, violations)  # those left are checked with the document
    return patch


def _name(patch: Document, edit: Edit, old: Entity | None, structure: Structure) -> None:
    """The name by which the edit calls its entity is the document's, unless the patch says another. A product without
    identifier goes by its uuid, which is none."""
    if edit.kind == PRODUCT_MODEL:
        patch.setdefault("code", edit.code)
        return
    patch.pop("uuid", None)
    _take_identifier_from_values(patch, structure)
    by_uuid = old is not None and edit.uuid is None and old.document["identifier"] is None
    if edit.code is not None and not by_uuid:
        patch.setdefault("identifier", edit.code)


def _take_moves(patch: Document, base: Document) -> None:
    """`add_categories` and `remove_categories` change only what they name, so two who move a product do not undo each
    other."""
    if "add_categories" in patch or "remove_categories" in patch:
        held = patch["categories"] if "categories" in patch else base["categories"]
        added, removed = patch.pop("add_categories", []), patch.pop("remove_categories", [])
        patch["categories"] = list(set(held).union(added).difference(removed))


def _take_identifier_from_values(patch: Document, structure: Structure) -> None:
    """The identifier may come as a value of its attribute; the document has it at the top."""
    code = structure.identifier_attribute
    if code is None or code not in patch.get("values", {}):
        return
    patch["values"] = dict(patch["values"])
    for value in patch["values"].pop(code):
        patch.setdefault("identifier", value["data"])
