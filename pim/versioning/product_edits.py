"""Edits of products and product models: merged, checked against the rules and against each other, not yet written."""

from uuid import uuid4

from pim.base.errors import Violation
from pim.base.schema_checking import check_shape
from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Document, Entity
from pim.catalog.product_rules import check_product, check_product_model
from pim.catalog.structure import Structure
from pim.versioning.associations import self_associations
from pim.versioning.cascade import delete_entity, stage_mirrors
from pim.versioning.model import Edit, Outcome
from pim.versioning.product_documents import written_document
from pim.versioning.staging import ProductEdits, axis_key_of


def apply_product_edit(edits: ProductEdits, edit: Edit) -> Outcome:
    """Stages one creation or change, or says everything that is wrong with it."""
    shown = edit.code or str(edit.uuid or "")
    old = edits.current(edit)
    refusal = _precondition(edits, edit, old)
    if refusal is not None:
        return refusal
    if edit.patch is None:
        assert old is not None
        delete_entity(edits, old)
        return Outcome("deleted", old.code, old.id, old.uuid)
    violations = check_shape(edit.kind, edit.patch)
    if violations:
        return Outcome("rejected", shown, violations=violations)
    document = written_document(edits, edit, old, violations)
    warnings = _check(edits, edit, document, old, violations)
    if violations:
        return Outcome("rejected", shown, violations=violations)
    if old is not None and document == old.document:
        return Outcome("unchanged", old.code, old.id, old.uuid, warnings=warnings)
    entity = _entity(edits, edit, old, document)
    ancestors = edits.ancestors(entity)
    key = axis_key_of(entity, ancestors, edits.structure)
    violations = edits.unique.violations(entity, ancestors, key, edits.structure)
    if violations:
        return Outcome("rejected", shown, violations=violations)
    edits.stage(old, entity, key)
    stage_mirrors(edits, old, entity)
    return Outcome("updated" if old else "created", entity.code, entity.id, entity.uuid, warnings=warnings)


def _precondition(edits: ProductEdits, edit: Edit, old: Entity | None) -> Outcome | None:
    what = f"{edit.kind.replace('_', ' ')} `{edit.code or edit.uuid}`"
    shown = edit.code or str(edit.uuid or "")
    if edit.must == "create" and old is not None:
        violation = Violation(
            "identifier" if edit.kind == PRODUCT else "code", "taken", f"{what} exists already; patch it"
        )
        return Outcome("rejected", shown, violations=[violation])
    if old is None and (edit.must == "exist" or edit.patch is None):
        return Outcome("missing", shown, violations=[Violation("", "not_found", f"{what} does not exist")])
    if old is not None and edit.if_revision is not None:
        revision = max(entity.revision for entity in (old, *edits.ancestors(old)))
        if revision != edit.if_revision:
            message = f"{what} was changed at revision {revision}, you saw {edit.if_revision}; read it again"
            return Outcome("conflict", shown, old.id, violations=[Violation("", "changed_meanwhile", message)])
    return None


def _check(
    edits: ProductEdits, edit: Edit, document: Document, old: Entity | None, violations: list[Violation]
) -> list[str]:
    """Rules of the whole document, to all that is wrong with its parts already. Returns warnings."""
    violations += self_associations(document, str(old.uuid) if old and old.uuid else document.get("code"))
    parent = document["parent"]
    if parent is not None and parent not in edits.models:
        message = f"product model `{parent}` does not exist; create it before what is below it"
        violations.append(Violation("parent", "unknown_parent", message))
        return []  # which level it is at, and what belongs there, nobody can say
    above = edits.models[parent] if parent is not None else None
    parents = [model.document for model in (*edits.ancestors(above), above)] if above else []
    if edit.kind == PRODUCT_MODEL:
        _complete_family(document, above, edits.structure)
    check = check_product if edit.kind == PRODUCT else check_product_model
    return check(document, old.document if old else None, parents, edits.structure, violations)


def _complete_family(document: Document, above: Entity | None, structure: Structure) -> None:
    """A product model need not say what its parent or its family variant says."""
    if above is not None:
        for name in ("family", "family_variant"):
            document[name] = document[name] or above.document[name]
    elif not document["family"]:
        owners = (f for f, variants in structure.family_variants.items() if document["family_variant"] in variants)
        document["family"] = next(owners, None)


def _entity(edits: ProductEdits, edit: Edit, old: Entity | None, document: Document) -> Entity:
    if edit.kind == PRODUCT_MODEL:
        uuid, code = None, document["code"]
    else:
        uuid = old.uuid if old else edit.uuid or uuid4()
        code = document["identifier"] if document["identifier"] is not None else str(uuid)
    if old is not None:
        return Entity(old.id, old.kind, code, document, old.created, edits.at, old.revision, uuid)
    identity = edit.restore.id if edit.restore else next(edits.new_ids)
    created = edit.restore.created if edit.restore else edits.at
    return Entity(identity, edit.kind, code, document, created, edits.at, 0, uuid)
