"""The head of the log, its rows, and the structure of now."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, Row, func, select, text, update
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlmodel import Session, col

from pim.base.errors import NotFound
from pim.catalog import store as catalog_store
from pim.catalog.linked import ATTRIBUTE_KINDS
from pim.catalog.model import STRUCTURE_KINDS
from pim.catalog.structure import Structure
from pim.versioning.model import CREATED, DELETED, Cell, Change
from pim.versioning.tables import ChangeRow, ChangesetRow, HeadRow

REVISIONS = "pim_revisions"
"""The channel on which every new revision is told, once it can be read."""

_STRUCTURE_LOCK = 7_461_001
"""Advisory lock: writers of products share it, a writer of structure holds it alone."""

_structures: WeakKeyDictionary[Engine, tuple[UUID, Structure]] = WeakKeyDictionary()


def head_revision(session: Session) -> int:
    """The newest revision; 0 for an empty catalogue."""
    revision: int = session.execute(select(col(HeadRow.revision))).scalar_one()
    return revision


def newest_revision(session: Session, at_least: int) -> int:
    """Raises NotFound when the catalogue has not come as far as `at_least`."""
    newest = head_revision(session)
    if not 0 <= at_least <= newest:
        raise NotFound(f"revision {at_least} does not exist; the newest is {newest}")
    return newest


def lock_structure(session: Session, alone: bool) -> None:
    """Until the transaction ends, nobody else changes the structure (`alone`: nor any product)."""
    function = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    session.execute(text(f"SELECT {function}({_STRUCTURE_LOCK})"))


def take_revision(session: Session, structure_changed: bool) -> int:
    """The next revision number. Locks the head until the transaction ends: call it last, write, commit."""
    bumped: dict[str, Any] = {}
    if structure_changed:
        bumped = {"structure_revision": HeadRow.revision + 1, "structure_stamp": uuid4()}
    statement = update(HeadRow).values(revision=HeadRow.revision + 1, **bumped).returning(col(HeadRow.revision))
    revision: int = session.execute(statement).scalar_one()
    return revision


def lock_head(session: Session) -> None:
    """Until the transaction ends, nobody writes anything that a changeset writes."""
    session.execute(select(col(HeadRow.revision)).with_for_update())


def current_structure(session: Session) -> Structure:
    """The structure of now, from memory when no structure has changed since it was read."""
    engine = session.get_bind().engine
    stamp = _structure_stamp(session)
    cached = _structures.get(engine)
    while cached is None or cached[0] != stamp:
        structure = Structure(catalog_store.structure_entities(session))
        read, stamp = stamp, _structure_stamp(session)
        if read == stamp:  # else somebody committed between the two queries, and what was read is not of that stamp
            cached = _structures[engine] = (stamp, structure)
    return cached[1]


def _structure_stamp(session: Session) -> UUID:
    stamp: UUID = session.execute(select(col(HeadRow.structure_stamp))).scalar_one()
    return stamp


def get_changeset(session: Session, revision: int) -> ChangesetRow:
    """Raises NotFound, naming the revisions there are."""
    row = session.get(ChangesetRow, revision)
    if row is None:
        raise NotFound(f"revision {revision} does not exist; the newest is {head_revision(session)}")
    return row


def revision_at(session: Session, instant: datetime) -> int:
    """The last revision committed at or before `instant`; 0 when there was none."""
    newest = select(func.max(col(ChangesetRow.revision))).where(col(ChangesetRow.committed_at) <= instant)
    return session.execute(newest).scalar_one() or 0


def revisions_of_import(session: Session, import_id: int) -> Sequence[int]:
    rows = select(col(ChangesetRow.revision)).where(col(ChangesetRow.import_id) == import_id)
    return session.execute(rows.order_by(col(ChangesetRow.revision))).scalars().all()


def changes_of(session: Session, revisions: Sequence[int]) -> list[Change]:
    """The log of these revisions, oldest first. Values name their attribute by id only."""
    query = select(ChangeRow).where(col(ChangeRow.revision).in_(revisions))
    rows = session.execute(query.order_by(col(ChangeRow.revision), col(ChangeRow.number))).scalars()
    return [as_change(row) for row in rows]


def changes_after(
    session: Session, revision: int, until: int, entities: Collection[int] | None = None
) -> Iterator[Change]:
    """The log in (revision, until], newest first, streamed: what has to be undone to see `revision` at `until`. With
    `entities` only theirs."""
    columns = ChangeRow.__table__.c  # type: ignore[attr-defined]
    query = (
        select(columns.entity_id, columns.kind, columns.path, columns.attribute_id, columns.locale, columns.scope,
               columns.old, columns.new)
        .where(columns.revision > revision, columns.revision <= until)
        .order_by(columns.revision.desc(), columns.number.desc())
        .execution_options(yield_per=2000)
    )  # fmt: skip
    if entities is not None:
        query = query.where(catalog_store.among(columns.entity_id, entities))
    for row in session.execute(query):
        yield as_change(row)


def changed_structure(session: Session, revision: int) -> set[int]:
    """Ids of the pieces of structure that changed after `revision`."""
    indexed = text("kind NOT IN ('product', 'product_model')")
    query = select(col(ChangeRow.entity_id)).where(indexed, col(ChangeRow.kind).in_(STRUCTURE_KINDS))
    return set(session.execute(query.where(col(ChangeRow.revision) > revision)).scalars())


def former_holders(session: Session, kind: str, names: Collection[str], revision: int) -> set[int]:
    """Ids of what lost one of these codes after `revision`: by a new identifier, or by a deletion under this code or
    uuid."""
    lost = text("""
        SELECT entity_id FROM (
            SELECT entity_id, revision, kind FROM change WHERE path = '-' AND old ->> 'code' = ANY(:names)
            UNION ALL SELECT entity_id, revision, kind FROM change WHERE path = '-' AND old ->> 'uuid' = ANY(:names)
            UNION ALL SELECT entity_id, revision, kind FROM change
                WHERE path = 'identifier' AND old #>> '{}' = ANY(:names)
        ) AS lost
        WHERE revision > :revision AND kind = :kind
    """)
    return set(session.execute(lost, {"kind": kind, "names": list(names), "revision": revision}).scalars())


def deleted_since(session: Session, kind: str, revision: int, after: int, limit: int) -> list[int]:
    """Ids of what was deleted after `revision`, in order, those behind `after`."""
    is_deletion = text("path = '-'")  # written out, for the planner to see the index
    query = select(col(ChangeRow.entity_id)).distinct().where(is_deletion, col(ChangeRow.kind) == kind)
    query = query.where(col(ChangeRow.revision) > revision, col(ChangeRow.entity_id) > after)
    return list(session.execute(query.order_by(col(ChangeRow.entity_id)).limit(limit)).scalars())


def comings_and_goings(session: Session, kind: str, revision: int, until: int) -> tuple[list[str], list[str]]:
    """The paths of the first and of the last creation or deletion in (revision, until] of each entity that had one."""
    paths = func.array_agg(aggregate_order_by(col(ChangeRow.path), col(ChangeRow.revision), col(ChangeRow.number)))
    query = select(paths).where(
        col(ChangeRow.revision) > revision,
        col(ChangeRow.revision) <= until,
        col(ChangeRow.kind) == kind,
        col(ChangeRow.path).in_([CREATED, DELETED]),
    )
    found = session.execute(query.group_by(col(ChangeRow.entity_id))).scalars().all()
    return [each[0] for each in found], [each[-1] for each in found]


def latest_moment(session: Session, revision: int) -> datetime | None:
    """When the last of the revisions up to this one was begun; None for none. Clocks differ, so it need not be the
    last by number."""
    latest = select(col(ChangesetRow.committed_at)).where(col(ChangesetRow.revision) <= revision)
    return session.execute(latest.order_by(col(ChangesetRow.committed_at).desc()).limit(1)).scalar_one_or_none()


def attribute_codes(session: Session, structure: Structure, ids: Iterable[int | None]) -> dict[int, str]:
    """Attribute id → code, of all attributes there are and of those among `ids` that were deleted."""
    codes = {entity.id: key[2] for key, entity in structure.entities.items() if key[0] in ATTRIBUTE_KINDS}
    gone = {attribute_id for attribute_id in ids if attribute_id is not None} - set(codes)
    if gone:
        deletions = select(col(ChangeRow.entity_id), col(ChangeRow.old))
        deletions = deletions.where(col(ChangeRow.entity_id).in_(gone), col(ChangeRow.path) == DELETED)
        codes |= {row.entity_id: row.old["code"] for row in session.execute(deletions)}
    return codes


def as_change(row: ChangeRow | Row[Any]) -> Change:
    cell = Cell(row.path, None, row.locale, row.scope)
    return Change(row.entity_id, row.kind, cell, row.old, row.new, row.attribute_id)
