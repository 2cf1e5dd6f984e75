"""What changed after a revision, in order: for whoever keeps a copy of the catalogue.

One entry for each entity that a changeset touched, its own document only: a product model's change shows in its
variants without an entry for them. Entries name things as they are called now, deleted ones as they were called last.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, exists, not_, select, tuple_
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from pim.base.errors import InvalidInput, Violation
from pim.catalog.model import PRODUCT, PRODUCT_MODEL
from pim.catalog.store import among
from pim.catalog.tables import ProductModelRow, ProductRow, StructureRow
from pim.versioning import store
from pim.versioning.model import DELETED
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
    """`delete` is a tombstone: the entity is gone at the end of this revision. A deleted entity may still have earlier
    entries; they read `upsert` and its tombstone follows. `owner` as in `catalog.model.Entity`."""

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


def changes_feed(session: Session, after: Position, limit: int = 100) -> FeedPage:
    """The next entries, at most `limit`. Revisions are numbered in the order in which they become visible, so nothing
    ever appears before a place that was read."""
    head = store.head_revision(session)
    rows = _first_rows(session, after, head, limit + 1)
    shown, more = rows[:limit], len(rows) > limit
    deletions = _deletions(session, {row.entity_id for row in shown})
    names = _names(session, shown)
    entries = tuple(_entry(row, names, deletions) for row in shown)
    following = Position(shown[-1].revision, shown[-1].number) if more else Position(max(head, after.revision))
    return FeedPage(entries, following, head, more)


def _first_rows(session: Session, after: Position, head: int, limit: int) -> Sequence[Row[Any]]:
    """The first row of each entity in each revision: (revision, number, entity_id, kind)."""
    earlier = aliased(ChangeRow)
    repeated = exists().where(
        col(earlier.entity_id) == col(ChangeRow.entity_id),
        col(earlier.revision) == col(ChangeRow.revision),
        col(earlier.number) < col(ChangeRow.number),
    )
    behind = (
        col(ChangeRow.revision) > after.revision
        if after.number is None
        else tuple_(col(ChangeRow.revision), col(ChangeRow.number)) > tuple_(after.revision, after.number)
    )
    query = select(col(ChangeRow.revision), col(ChangeRow.number), col(ChangeRow.entity_id), col(ChangeRow.kind)).where(
        behind, col(ChangeRow.revision) <= head, not_(repeated)
    )
    return session.execute(query.order_by(col(ChangeRow.revision), col(ChangeRow.number)).limit(limit)).all()


_Name = tuple[str, str, UUID | None]
"""(code, owner, uuid)"""


def _deletions(session: Session, ids: Iterable[int]) -> dict[int, dict[int, _Name]]:
    """Entity → revision of a deletion → what it was called. It may be deleted, brought back and deleted again."""
    query = select(col(ChangeRow.entity_id), col(ChangeRow.revision), col(ChangeRow.old))
    rows = session.execute(query.where(among(col(ChangeRow.entity_id), list(ids)), col(ChangeRow.path) == DELETED))
    deletions: dict[int, dict[int, _Name]] = {}
    for row in rows:
        uuid = UUID(row.old["uuid"]) if row.old["uuid"] else None
        deletions.setdefault(row.entity_id, {})[row.revision] = (row.old["code"], row.old["owner"], uuid)
    return deletions


def _names(session: Session, rows: Sequence[Row[Any]]) -> dict[int, _Name]:
    """Of the entities that are there now."""
    ids: dict[str, set[int]] = {PRODUCT: set(), PRODUCT_MODEL: set(), "structure": set()}
    for row in rows:
        ids[row.kind if row.kind in ids else "structure"].add(row.entity_id)
    product = select(col(ProductRow.id), col(ProductRow.code), col(ProductRow.uuid))
    model = select(col(ProductModelRow.id), col(ProductModelRow.code))
    piece = select(col(StructureRow.id), col(StructureRow.code), col(StructureRow.owner))
    found: dict[int, _Name] = {}
    for one in session.execute(product.where(among(col(ProductRow.id), ids[PRODUCT]))):
        found[one.id] = one.code, "", one.uuid
    for one in session.execute(model.where(among(col(ProductModelRow.id), ids[PRODUCT_MODEL]))):
        found[one.id] = one.code, "", None
    for one in session.execute(piece.where(among(col(StructureRow.id), ids["structure"]))):
        found[one.id] = one.code, one.owner, None
    return found


def _entry(row: Row[Any], names: Mapping[int, _Name], deletions: Mapping[int, Mapping[int, _Name]]) -> FeedEntry:
    gone = deletions.get(row.entity_id, {})
    code, owner, uuid = gone.get(row.revision) or names.get(row.entity_id) or gone[max(gone)]
    op: Literal["upsert", "delete"] = "delete" if row.revision in gone else "upsert"
    return FeedEntry(row.revision, row.kind, code, owner, uuid, op)
