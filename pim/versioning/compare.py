"""What differs between two revisions: entity by entity, cell by cell, and summed up.

Only what the log names between the two is looked at, so neighbours are compared in no time. The session must be in a
REPEATABLE READ transaction.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Select, select
from sqlmodel import Session, col

from pim.catalog.model import PRODUCT, PRODUCT_MODEL, Document, Entity
from pim.catalog.store import among
from pim.catalog.structure import Structure
from pim.catalog.table_rows import RowChange, row_changes
from pim.versioning import store
from pim.versioning.diff import differences
from pim.versioning.model import VALUES, Cell, Change
from pim.versioning.sight import EVERYTHING, Sight
from pim.versioning.snapshot import current_entities, undone
from pim.versioning.tables import ChangeRow
from pim.versioning.words import Step, word_changes

_BATCH = 200

Op = Literal["created", "changed", "deleted"]
States = Mapping[int, Entity | None]
"""By id; None: not there."""


@dataclass(frozen=True, slots=True)
class CellDiff:
    """`words` of two texts, `rows` of a table's value: the same difference closer by."""

    path: str
    attribute: str | None
    locale: str | None
    scope: str | None
    old: Any
    new: Any
    words: list[tuple[Step, str]] | None = None
    rows: list[RowChange] | None = None


@dataclass(frozen=True, slots=True)
class EntityDiff:
    """Named, and with its family, as in `new` or, of what is gone, as in `old`. Its own cells only: what a product
    model says is not repeated for its variants."""

    id: int
    kind: str
    code: str
    owner: str
    uuid: UUID | None
    family: str | None
    op: Op
    cells: list[CellDiff]


@dataclass(frozen=True, slots=True)
class Between:
    """`old` and `new` are revisions, in any order. Empty is everything: `entities` are ids, `attribute` and `family`
    codes."""

    old: int
    new: int
    entities: Collection[int] | None = None
    attribute: str | None = None
    family: str | None = None
    sight: Sight = EVERYTHING


@dataclass(slots=True)
class Summary:
    """How many entities of each kind came, changed and went; values by attribute, entities by family."""

    kinds: dict[str, Counter[str]] = field(default_factory=dict)
    attributes: Counter[str] = field(default_factory=Counter)
    families: Counter[str] = field(default_factory=Counter)

    @property
    def entities(self) -> int:
        return sum(count.total() for count in self.kinds.values())

    def add(self, found: EntityDiff) -> None:
        self.kinds.setdefault(found.kind, Counter())[found.op] += 1
        self.attributes.update(cell.attribute for cell in found.cells if cell.attribute is not None)
        if found.family is not None:
            self.families[found.family] += 1


@dataclass(slots=True)
class Diff:
    """`old` and `new` are revisions."""

    old: int
    new: int
    summary: Summary = field(default_factory=Summary)
    changes: list[EntityDiff] = field(default_factory=list)


def compare(session: Session, between: Between, after: int = 0) -> Iterator[EntityDiff]:
    """What differs, in the order of ids, behind one. Raises NotFound for revisions that do not exist."""
    newest = store.newest_revision(session, max(between.old, between.new))
    structure = store.current_structure(session)
    while kinds := _touched(session, between, after):
        earlier, later = _states(session, between, newest, kinds, structure)
        old, new = (earlier, later) if between.old < between.new else (later, earlier)
        for entity_id in kinds:
            found = _difference(old[entity_id], new[entity_id], between, structure)
            if found is not None:
                yield found
        after = max(kinds)


def read_diff(session: Session, between: Between, limit: int | None = None) -> Diff:
    """All of it, summed up; with `limit` only the first so many in full."""
    diff = Diff(between.old, between.new)
    for one in compare(session, between):
        diff.summary.add(one)
        if limit is None or len(diff.changes) < limit:
            diff.changes.append(one)
    return diff


def summed_up(found: Iterable[EntityDiff]) -> Summary:
    summary = Summary()
    for one in found:
        summary.add(one)
    return summary


def _touched(session: Session, between: Between, after: int) -> dict[int, str]:
    """Id → kind of the next entities that changed between the two, as far as somebody sees that."""
    first, last = sorted((between.old, between.new))
    query: Select[int, str] = select(col(ChangeRow.entity_id), col(ChangeRow.kind)).distinct()
    query = query.where(
        col(ChangeRow.revision) > first,
        col(ChangeRow.revision) <= last,
        col(ChangeRow.entity_id) > after,
        between.sight.of_rows(),
    )
    if between.entities is not None:
        query = query.where(among(col(ChangeRow.entity_id), between.entities))
    return {row.entity_id: row.kind for row in session.execute(query.order_by(col(ChangeRow.entity_id)).limit(_BATCH))}


def _states(
    session: Session, between: Between, newest: int, kinds: Mapping[int, str], structure: Structure
) -> tuple[States, States]:
    """The entities as they were at the earlier revision and at the later one."""
    first, last = sorted((between.old, between.new))
    since = _by_entity(store.changes_after(session, last, newest, kinds.keys()))
    within = _by_entity(store.changes_after(session, first, last, kinds.keys()))
    changes = (change for some in (*since.values(), *within.values()) for change in some)
    codes = store.attribute_codes(session, structure, (change.attribute_id for change in changes))
    current = {entity.id: entity for entity in current_entities(session, kinds, structure)}
    later = {one: undone(current.get(one), since[one], codes) if one in since else current.get(one) for one in kinds}
    return {one: undone(later[one], within[one], codes) for one in kinds}, later


def _by_entity(changes: Iterable[Change]) -> dict[int, list[Change]]:
    found: dict[int, list[Change]] = {}
    for change in changes:
        found.setdefault(change.entity_id, []).append(change)
    return found


def _difference(old: Entity | None, new: Entity | None, between: Between, structure: Structure) -> EntityDiff | None:
    named = new or old
    if named is None:
        return None
    family = named.document.get("family") if named.kind != "family_variant" else None
    if between.family is not None and family != between.family:
        return None
    found = differences(_document(old), _document(new))
    cells = [
        _cell(cell, before, after, structure)
        for cell, before, after in found
        if _shows(between, named.kind, cell, structure)
    ]
    if not cells and (between.attribute is not None or (old is not None and new is not None)):
        return None
    op: Op = "changed" if old and new else "created" if new else "deleted"
    return EntityDiff(named.id, named.kind, named.code, named.owner, named.uuid, family, op, cells)


def _document(entity: Entity | None) -> Document:
    return entity.document if entity is not None else {}


def _shows(between: Between, kind: str, cell: Cell, structure: Structure) -> bool:
    if between.attribute is not None and cell.attribute != between.attribute:
        return False
    seen = between.sight
    if seen.locales is not None and cell.locale is not None and cell.locale not in seen.locales:
        return False
    if seen.attributes is None or cell.attribute is None or kind not in (PRODUCT, PRODUCT_MODEL):
        return True
    attribute = structure.entities.get(("attribute", "", cell.attribute))
    return attribute is not None and attribute.id in seen.attributes


def _cell(cell: Cell, old: Any, new: Any, structure: Structure) -> CellDiff:
    place = (cell.path, cell.attribute, cell.locale, cell.scope, old, new)
    if cell.path == VALUES and cell.attribute in structure.table_attributes and old is not None and new is not None:
        return CellDiff(*place, rows=row_changes(old, new, structure.attributes[cell.attribute or ""]))
    if isinstance(old, str) and isinstance(new, str) and any(" " in text.strip() for text in (old, new)):
        return CellDiff(*place, words=word_changes(old, new))
    return CellDiff(*place)
