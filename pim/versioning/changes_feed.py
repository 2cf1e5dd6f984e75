"""What changed after a revision, in order: for whoever keeps a copy of the catalogue.

One entry for each entity that a changeset touched, its own document only: a product model's change shows in its
variants without an entry for them. Entries name things as they are called now, deleted ones as they were called last.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Exists, Row, exists, false, not_, or_, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from pim.base.errors import Gone, InvalidInput, Violation
from pim.versioning import names, store
from pim.versioning.names import Name
from pim.versioning.sight import EVERYTHING, Sight
from pim.versioning.tables import ChangeRow


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the feed: behind all of `revision`, or (`number` is not None) behind one of its entries."""

    revision: int
    number: int | None = None

    def __str__(self) -> str:
        return str(self.revision) if self.number is None else f"{self.revision}.{self.number}"


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """`delete` is a tombstone: at the end of this revision the entity is gone, or out of the reader's sight. A deleted
    entity may still have earlier entries; they read `upsert` and its tombstone follows. `owner` as in
    `catalog.model.Entity`; `at` is the place behind this entry."""

    at: Position
    revision: int
    kind: str
    code: str
    owner: str
    uuid: UUID | None
    op: Literal["upsert", "delete"]


@dataclass(frozen=True, slots=True)
class FeedPage:
    """`next` is where to go on; `head` the newest revision there is; `more` whether entries follow already."""

    entries: tuple[FeedEntry, ...]
    next: Position
    head: int
    more: bool


def parse_position(text: str) -> Position:
    """A revision as one writes it, or the `next` of a page. Raises InvalidInput."""
    revision, _, number = text.partition(".")
    digits = [revision, *([number] if "." in text else [])]
    if not all(part.isascii() and part.isdigit() and len(part) < 19 for part in digits):
        message = f"`{text[:40]}` is no place in the changes; give a revision, or `next` of the page before"
        raise InvalidInput([Violation("after", "wrong_type", message)])
    return Position(int(revision), int(number) if number else None)


def changes_feed(session: Session, after: Position, limit: int = 100, sight: Sight = EVERYTHING) -> FeedPage:
    """The next entries, at most `limit`. Revisions are numbered in the order in which they become visible, so nothing
    ever appears before a place that was read. Raises Gone for a place that this catalogue has never come to."""
    head = store.head_revision(session)
    if after.revision > head:
        raise Gone(
            f"the place {after} lies behind the newest revision {head}: what you read is not held here any more, as "
            "after restoring an older backup; read everything again, then follow from there"
        )
    rows = _first_rows(session, after, head, limit + 1, sight)
    shown, more = rows[:limit], len(rows) > limit
    called = names.of_entities(session, {row.entity_id: row.kind for row in shown})
    deletions = names.of_deleted(session, {row.entity_id for row in shown})
    entries = tuple(_entry(row, called, deletions) for row in shown)
    return FeedPage(entries, entries[-1].at if more else Position(head), head, more)


def _first_rows(session: Session, after: Position, head: int, limit: int, sight: Sight) -> Sequence[Row[Any]]:
    """The first seen row of each entity in each revision: (revision, number, entity_id, kind, seen). An entity that is
    not seen is there all the same when this revision took it out of sight."""
    behind = (
        col(ChangeRow.revision) > after.revision
        if after.number is None
        else tuple_(col(ChangeRow.revision), col(ChangeRow.number)) > tuple_(after.revision, after.number)
    )
    seen = sight.of_entities()
    columns = (ChangeRow.revision, ChangeRow.number, ChangeRow.entity_id, ChangeRow.kind)
    query = select(*map(col, columns), seen.label("seen")).where(
        behind,
        col(ChangeRow.revision) <= head,
        sight.of_cells(),
        not_(_repeated(sight, after)),
        or_(seen, _left(sight)),
    )
    return session.execute(query.order_by(col(ChangeRow.revision), col(ChangeRow.number)).limit(limit)).all()


def _repeated(sight: Sight, after: Position) -> ColumnElement[bool]:
    """Whether the same revision has an earlier row of the same entity. `after` only says again where revisions begin,
    lest the planner merge with the whole log."""
    earlier = aliased(ChangeRow)
    return _same(earlier, exists()).where(
        col(earlier.number) < col(ChangeRow.number),
        col(earlier.revision) >= after.revision,
        sight.of_cells(earlier),
    )


def _left(sight: Sight) -> ColumnElement[bool]:
    """Whether the entity was seen until this revision gave it other categories."""
    if sight.categories is None:
        return false()
    moved = aliased(ChangeRow)
    return _same(moved, exists()).where(col(moved.path) == "categories", sight.shows_list(col(moved.old)))


def _same(other: type[ChangeRow], found: Exists) -> Exists:
    return found.where(col(other.entity_id) == col(ChangeRow.entity_id), col(other.revision) == col(ChangeRow.revision))


def _entry(row: Row[Any], called: Mapping[int, Name], deletions: Mapping[int, Mapping[int, Name]]) -> FeedEntry:
    gone = deletions.get(row.entity_id, {})
    name = gone.get(row.revision) or called[row.entity_id]
    op: Literal["upsert", "delete"] = "delete" if row.revision in gone or not row.seen else "upsert"
    return FeedEntry(Position(row.revision, row.number), row.revision, row.kind, name.code, name.owner, name.uuid, op)
