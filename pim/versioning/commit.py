"""The only way to change the catalogue: edits go in, one changeset comes out, with one new revision."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import psycopg
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from pim.base.errors import Conflict, InvalidInput, NotFound, PimError, Violation
from pim.base.notifications import notify
from pim.catalog import store as catalog_store
from pim.catalog.attribute_types import holds_unstorable
from pim.catalog.linked import ATTRIBUTE_KINDS, LINKED
from pim.catalog.model import ASSET, PRODUCT, PRODUCT_MODEL, RECORD, STRUCTURE_KINDS, Entity
from pim.catalog.resolve import resolve
from pim.catalog.structure import AttributeIds
from pim.catalog.tables import ENTITY_IDS
from pim.versioning import store
from pim.versioning.consequences import left_below, stage_deletions, stage_moves
from pim.versioning.diff import differences
from pim.versioning.link_products import defer_links
from pim.versioning.linked_edits import LinkedEdits, apply_linked_deletions, apply_linked_edits
from pim.versioning.model import (
    CREATED,
    DELETED,
    VALUES,
    Cell,
    Change,
    Committed,
    Edit,
    Origin,
    Outcome,
    UsedElsewhere,
    used_nowhere,
)
from pim.versioning.product_edits import apply_product_edit
from pim.versioning.rating import rate, rate_again
from pim.versioning.references import References
from pim.versioning.rows import product_rows
from pim.versioning.staging import ProductEdits, Staged
from pim.versioning.structure_edits import (
    StructureEdits,
    apply_structure_deletion,
    apply_structure_edit,
    ids_needed,
)
from pim.versioning.tables import ChangesetRow
from pim.versioning.write import Writer

_ATTEMPTS = 3
_KIND_ORDER = {
    kind: position for position, kind in enumerate((*STRUCTURE_KINDS, ASSET, RECORD, PRODUCT_MODEL, PRODUCT))
}


def commit_changeset(
    session: Session, edits: Sequence[Edit], origin: Origin, at: datetime, used: UsedElsewhere = used_nowhere
) -> Committed:
    """Applies `edits`, each accepted or refused by itself; what they change together makes one revision.

    1. Lock the structure: shared for products, records and assets; alone for structure, and where a record or an asset
       is deleted that somebody may link to meanwhile.
    2. Merge and check every edit against the catalogue and the edits before it (structure first, then records and
       assets, models before variants, deletions last), and lock what they change.
    3. Work out all rows, and write those that only the locked products matter to: filter values.
    4. Take the next revision number, which locks the head.
    5. Write the rest and the log. The caller commits, which lets the head go and nudges the followers.

    When somebody took a unique value between 2 and 5, deleted what is associated, or waits for us while we wait for
    them, it starts again, so that the loser is told which value it was.
    """
    for attempt in range(1, _ATTEMPTS + 1):
        try:
            with session.begin_nested():
                return _commit(session, edits, origin, at, used)
        except (DBAPIError, psycopg.Error, Conflict) as error:
            if not _overtaken(error):
                raise
            if attempt == _ATTEMPTS:
                raise Conflict("others keep taking the same identifiers or unique values; try again") from error
    raise AssertionError("unreachable")


def _overtaken(error: Exception) -> bool:
    """Whether somebody else was faster, so that another try will see what they did."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return isinstance(cause, Conflict | psycopg.IntegrityError | psycopg.errors.DeadlockDetected)


def commit_or_raise(
    session: Session, edits: Sequence[Edit], origin: Origin, at: datetime, used: UsedElsewhere = used_nowhere
) -> Committed:
    """All or nothing: raises InvalidInput, NotFound or Conflict, with every violation, when any edit is refused."""
    committed = commit_changeset(session, edits, origin, at, used)
    refusal = refusal_of(committed.outcomes)
    if refusal is not None:
        session.rollback()
        raise refusal
    return committed


def refusal_of(outcomes: Sequence[Outcome]) -> PimError | None:
    """What to raise where nothing may be refused: it tells every violation. None when nothing was."""
    refused = [outcome for outcome in outcomes if outcome.refused]
    if not refused:
        return None
    violations: list[Violation] = [violation for outcome in refused for violation in outcome.violations]
    messages = "; ".join(violation.message for violation in violations)
    match refused[0].status:
        case "missing":
            return NotFound(messages)
        case "conflict":
            return Conflict(messages)
    return InvalidInput(violations)


def _commit(session: Session, edits: Sequence[Edit], origin: Origin, at: datetime, used: UsedElsewhere) -> Committed:
    of_structure = any(edit.kind in STRUCTURE_KINDS for edit in edits)
    store.lock_structure(session, alone=of_structure or any(map(_takes_away_links, edits)))
    current = store.current_structure(session)
    new_ids = _new_ids(session, edits)
    outcomes = {n: unstorable for n, edit in enumerate(edits) if (unstorable := _unstorable(edit))}
    outcomes |= _without_image(session, edits)

    leaving = frozenset((edit.kind, edit.owner, edit.code or "") for edit in edits if edit.patch is None)
    structure_edits = StructureEdits(current.copy() if of_structure else current, current.entities, leaving)
    ordered = sorted((n for n in range(len(edits)) if n not in outcomes), key=lambda n: _position(edits[n]))
    upserts = [n for n in ordered if edits[n].patch is not None]
    deletions = [n for n in reversed(ordered) if edits[n].patch is None]
    for n in upserts:
        if edits[n].kind in STRUCTURE_KINDS:
            outcomes[n] = apply_structure_edit(structure_edits, edits[n], new_ids, at)
    references = References()
    linked = LinkedEdits(session, structure_edits.structure, at, new_ids, references)
    linked.load([edits[n] for n in ordered if edits[n].kind in LINKED])
    own = [n for n in upserts if edits[n].kind in LINKED]
    outcomes |= zip(own, apply_linked_edits(linked, [edits[n] for n in own]), strict=True)
    products = ProductEdits(session, structure_edits.structure, at, new_ids, references)
    products.load([edits[n] for n in ordered if _is_product(edits[n])])
    stage_moves(current, structure_edits, products)
    for n in (*upserts, *deletions):
        if _is_product(edits[n]):
            outcomes[n] = apply_product_edit(products, edits[n])
    own = [n for n in deletions if edits[n].kind in LINKED]
    outcomes |= zip(own, apply_linked_deletions(linked, [edits[n] for n in own], _left(products, linked)), strict=True)
    staged = _left(products, linked)
    for n in deletions:
        if edits[n].kind in STRUCTURE_KINDS:
            outcomes[n] = apply_structure_deletion(session, structure_edits, edits[n], staged, used)
    stage_deletions(structure_edits, products, linked)
    positions = {(edit.kind, edit.owner, edit.code or ""): n for n, edit in enumerate(edits)}
    for key, message in left_below(current, structure_edits, products):
        violations = [*outcomes[positions[key]].violations, Violation("variant_attribute_sets", "in_use", message)]
        outcomes[positions[key]] = Outcome("conflict", key[2], violations=violations)

    changed = products.changed()
    changes = list(_changes(structure_edits, changed, linked, products.models))
    in_order = [outcomes[n] for n in range(len(edits))]
    if not changes:
        return Committed(None, in_order)
    structure_changed = bool(structure_edits.changed())
    rows = product_rows(products, changed, structure_changed)
    ratings = rate(products, changed)
    writer = Writer(session)
    writer.filter_values(rows.filter_values)

    revision = store.take_revision(session, structure_changed)
    _add_changeset(session, revision, origin, at)
    writer.structure_rows(structure_edits.changed(), revision)
    writer.linked_rows(linked.changed(), revision)
    writer.product_rows(rows, revision)
    writer.completeness(list(rate_again(products, changed, ratings).rows.values()))
    writer.log(changes, revision)
    defer_links(session, linked.changed(), structure_edits.structure, origin, revision)
    notify(session, store.REVISIONS)
    return Committed(revision, in_order, changes)


def _takes_away_links(edit: Edit) -> bool:
    return edit.kind in LINKED and edit.patch is None


def _is_product(edit: Edit) -> bool:
    return edit.kind in (PRODUCT, PRODUCT_MODEL)


def _left(products: ProductEdits, linked: LinkedEdits) -> dict[int, Entity | None]:
    """Everything staged but structure, as it would be left."""
    return {entity_id: s.new for edits in (products, linked) for entity_id, s in edits.staged.items()}


def _position(edit: Edit) -> tuple[int, int]:
    """Structure in the order of its references, root models before sub-models, then products; stable otherwise."""
    below = edit.kind == PRODUCT_MODEL and edit.patch is not None and edit.patch.get("parent") is not None
    return _KIND_ORDER[edit.kind], int(below)


def _unstorable(edit: Edit) -> Outcome | None:
    """The database's texts hold no NUL and no half of a surrogate pair, wherever in a document they stand."""
    if not holds_unstorable((edit.code, edit.owner, edit.patch)):
        return None
    message = "the document holds a NUL or half a surrogate pair, which cannot be stored; remove it"
    return Outcome("rejected", _shown(edit), violations=[Violation("", "unstorable", message)])


def _without_image(session: Session, edits: Sequence[Edit]) -> dict[int, Outcome]:
    """The image of a reference entity is a stored media file: the one thing that structure names outside of itself."""
    images = {n: e.patch.get("image") for n, e in enumerate(edits) if e.kind == "reference_entity" and e.patch}
    there = catalog_store.known_media(session, {image for image in images.values() if isinstance(image, str)})
    return {
        n: Outcome("rejected", _shown(edits[n]), violations=[Violation("image", "unknown_media", message)])
        for n, image in images.items()
        if isinstance(image, str) and image and image not in there
        for message in [f"media file `{image}` does not exist; upload it first"]
    }


def _shown(edit: Edit) -> str:
    name = (edit.code or str(edit.uuid or "")).replace("\x00", "�")
    return name.encode("utf-8", "replace").decode()


def _new_ids(session: Session, edits: Sequence[Edit]) -> Iterator[int]:
    """As many ids as the edits could need, in order. Ids not used are lost, which harms nobody."""
    count = sum(map(ids_needed, edits))
    query = text("SELECT nextval(:sequence) FROM generate_series(1, :count)")
    ids = session.execute(query, {"sequence": ENTITY_IDS.name, "count": count}).scalars()
    return iter(sorted(ids))


def _changes(
    structure_edits: StructureEdits, products: Sequence[Staged], linked: LinkedEdits, models: dict[str, Entity]
) -> Iterator[Change]:
    """The log of everything touched, structure first. An entity that came and went within the edits left no trace."""
    for old, new in structure_edits.changed():
        yield from _changes_of(old, new, {}, [])
    attribute_ids = _attribute_ids(structure_edits)
    for staged in linked.changed():
        own = (LINKED[staged.entity.kind].attribute, staged.entity.owner)
        yield from _changes_of(staged.old, staged.new, attribute_ids.get(own, {}), [])
    models = models | {s.old.code: s.old for s in products if s.old and s.old.kind == PRODUCT_MODEL}
    for staged in products:
        gone = staged.old if staged.new is None else None
        categories = resolve(gone, catalog_store.ancestors_of(gone, models)).document["categories"] if gone else []
        yield from _changes_of(staged.old, staged.new, attribute_ids.get(("attribute", ""), {}), categories)


def _attribute_ids(structure_edits: StructureEdits) -> AttributeIds:
    """Of the attributes there are, and of those that are deleted."""
    there = structure_edits.structure.attribute_ids
    gone = [old for old, new in structure_edits.changed() if old and not new and old.kind in ATTRIBUTE_KINDS]
    if not gone:
        return there
    ids = {own: dict(codes) for own, codes in there.items()}
    for entity in gone:
        ids.setdefault((entity.kind, entity.owner), {})[entity.code] = entity.id
    return ids


def _changes_of(
    old: Entity | None, new: Entity | None, attribute_ids: dict[str, int], categories: Sequence[str]
) -> Iterator[Change]:
    entity = new or old
    if entity is None:
        return
    if old is None:
        yield Change(entity.id, entity.kind, Cell(CREATED), None, None)
    elif new is None:
        yield Change(entity.id, entity.kind, Cell(DELETED), _remembered(old, categories), None)
    else:
        for cell, before, after in differences(old.document, new.document):
            attribute_id = attribute_ids[cell.attribute] if cell.path == VALUES and cell.attribute else None
            yield Change(entity.id, entity.kind, cell, before, after, attribute_id)


def _remembered(entity: Entity, categories: Sequence[str]) -> dict[str, object]:
    """All that the log keeps of a deleted entity: enough to bring it back and, by the categories that it and its models
    were in, to know who saw it."""
    uuid = str(entity.uuid) if entity.uuid else None
    return {
        "document": entity.document,
        "categories": categories,
        "owner": entity.owner,
        "code": entity.code,
        "uuid": uuid,
        "created": entity.created.isoformat(),
    }


def _add_changeset(session: Session, revision: int, origin: Origin, at: datetime) -> None:
    session.execute(
        insert(ChangesetRow).values(
            revision=revision, author=origin.author, source=origin.source, reason=origin.reason,
            import_id=origin.import_id, reverts=origin.reverts, committed_at=at,
        )
    )  # fmt: skip
