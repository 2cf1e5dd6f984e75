"""Who committed what: changesets by author, time and subject, and the changes of one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, any_, func, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from pim.catalog.store import among
from pim.versioning import names, store
from pim.versioning.names import Name
from pim.versioning.sight import EVERYTHING, Sight
from pim.versioning.tables import ChangeRow, ChangesetRow

_NEAR = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to look for; None is anything. `since` and `until` are revisions or moments and count themselves in;
    `entities` are ids."""

    author: str | None = None
    source: str | None = None
    import_id: int | None = None
    since: int | datetime | None = None
    until: int | datetime | None = None
    entities: Sequence[int] | None = None


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a changeset somebody sees."""

    changes: int
    entities: int


@dataclass(frozen=True, slots=True)
class NamedChange:
    """One row of the log with names for its ids. `number` is its place in the changeset; `path`, `old` and `new` as in
    `ChangeRow`."""

    number: int
    kind: str
    name: Name
    path: str
    attribute: str | None
    locale: str | None
    scope: str | None
    old: Any
    new: Any


def changesets_of(wanted: Wanted, sight: Sight = EVERYTHING, before: int | None = None) -> Select[ChangesetRow]:
    """Newest first, those before a revision, in which somebody sees a change at all."""
    query = select(ChangesetRow).where(*_conditions(wanted))
    if before is not None:
        query = query.where(col(ChangesetRow.revision) < before)
    if sight != EVERYTHING:
        seen = select(col(ChangeRow.number)).where(col(ChangeRow.revision) == col(ChangesetRow.revision))
        query = query.where(seen.where(sight.of_rows()).exists())
    return query.order_by(col(ChangesetRow.revision).desc())


def extents(session: Session, revisions: Sequence[int], sight: Sight = EVERYTHING) -> dict[int, Extent]:
    """Revision → how much of it is seen; those of which nothing is are left out."""
    counts = select(
        col(ChangeRow.revision),
        func.count().label("changes"),
        func.count(col(ChangeRow.entity_id).distinct()).label("entities"),
    )
    rows = session.execute(
        counts.where(among(col(ChangeRow.revision), revisions), sight.of_rows()).group_by(col(ChangeRow.revision))
    )
    return {row.revision: Extent(row.changes, row.entities) for row in rows}


def changes_of(revision: int, sight: Sight = EVERYTHING, after: int | None = None) -> Select[ChangeRow]:
    """The rows of one changeset that are seen, in their order, those behind a number."""
    query = select(ChangeRow).where(col(ChangeRow.revision) == revision, sight.of_rows())
    if after is not None:
        query = query.where(col(ChangeRow.number) > after)
    return query.order_by(col(ChangeRow.number))


def named_changes(session: Session, rows: Sequence[ChangeRow]) -> list[NamedChange]:
    called = names.of_entities(session, {row.entity_id: row.kind for row in rows})
    codes = store.attribute_codes(session, store.current_structure(session), (row.attribute_id for row in rows))
    return [_named(row, called, codes) for row in rows]


def _named(row: ChangeRow, called: Mapping[int, Name], codes: Mapping[int, str]) -> NamedChange:
    attribute = None if row.attribute_id is None else codes[row.attribute_id]
    return NamedChange(
        row.number, row.kind, called[row.entity_id], row.path, attribute, row.locale, row.scope, row.old, row.new
    )


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.author is not None:
        found.append(col(ChangesetRow.author) == wanted.author)
    if wanted.source is not None:
        found.append(col(ChangesetRow.source) == wanted.source)
    if wanted.import_id is not None:
        found.append(col(ChangesetRow.import_id) == wanted.import_id)
    if wanted.since is not None:
        found += _since(wanted.since)
    if wanted.until is not None:
        found += _until(wanted.until)
    if wanted.entities is not None:
        touching = select(col(ChangeRow.revision)).where(among(col(ChangeRow.entity_id), wanted.entities))
        # an array is looked up by the index; what nothing tells the planner the size of, it would look for in all
        found.append(col(ChangesetRow.revision) == any_(func.array(touching.scalar_subquery())))
    return found


def _since(bound: int | datetime) -> list[ColumnElement[bool]]:
    """Of a moment also the revision near it, by which the list is read; clocks and revisions agree within a minute."""
    if isinstance(bound, int):
        return [col(ChangesetRow.revision) >= bound]
    near = aliased(ChangesetRow)
    first = select(col(near.revision)).where(col(near.committed_at) >= bound - _NEAR)
    first = first.order_by(col(near.committed_at), col(near.revision)).limit(1)
    return [col(ChangesetRow.revision) >= first.scalar_subquery(), col(ChangesetRow.committed_at) >= bound]


def _until(bound: int | datetime) -> list[ColumnElement[bool]]:
    if isinstance(bound, int):
        return [col(ChangesetRow.revision) <= bound]
    near = aliased(ChangesetRow)
    last = select(col(near.revision)).where(col(near.committed_at) <= bound + _NEAR)
    last = last.order_by(col(near.committed_at).desc(), col(near.revision).desc()).limit(1)
    return [col(ChangesetRow.revision) <= last.scalar_subquery(), col(ChangesetRow.committed_at) <= bound]
