"""Edits going in, changes coming out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pim.base.errors import Violation
from pim.catalog.model import Document

CREATED = "+"
DELETED = "-"
VALUES = "values"


@dataclass(frozen=True, slots=True)
class Origin:
    """Who writes, through which door (`api`, `import`, `cli`, `revert`, `rule`), and why."""

    author: str
    source: str
    reason: str | None = None
    import_id: int | None = None
    reverts: int | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """What a deleted entity gets back when its deletion is reverted."""

    id: int
    created: datetime


@dataclass(frozen=True, slots=True)
class Edit:
    """One document to create, change or delete.

    `patch` merges into what is there (`catalog/merge.py`), or is the whole document with `replace`; None deletes. A
    product is named by `code` (its identifier), by `uuid`, or by both; associations in a patch may name products by
    identifier or uuid. `owner` is the attribute of an option or the family of a family variant. `must` says whether the
    entity has to be new or to be there already. `if_revision` refuses the edit when the entity has changed since.
    `former_places` lets values stand where their locale or channel has left since, as a revert has to.
    """

    kind: str
    code: str | None = None
    patch: Document | None = None
    owner: str = ""
    uuid: UUID | None = None
    replace: bool = False
    must: Literal["", "create", "exist"] = ""
    if_revision: int | None = None
    restore: Restored | None = None
    former_places: bool = False


Status = Literal["created", "updated", "unchanged", "deleted", "rejected", "missing", "conflict"]


@dataclass(slots=True)
class Outcome:
    """What became of one edit. `rejected`, `missing` and `conflict` left the catalogue as it was."""

    status: Status
    code: str
    entity_id: int | None = None
    uuid: UUID | None = None
    violations: list[Violation] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    @property
    def refused(self) -> bool:
        return self.status in ("rejected", "missing", "conflict")


@dataclass(frozen=True, slots=True)
class Committed:
    """`revision` is None when nothing changed: equal values make no revision. `outcomes` are in the order of the edits.
    `changes` is what the log holds for this revision."""

    revision: int | None
    outcomes: Sequence[Outcome]
    changes: "Sequence[Change]" = ()


@dataclass(frozen=True, slots=True)
class Cell:
    """A place in a document that changes on its own: a value, or a field by its dotted path."""

    path: str
    attribute: str | None = None
    locale: str | None = None
    scope: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """One cell of one entity, before and after; None is absence. `attribute_id` names a value's attribute."""

    entity_id: int
    kind: str
    cell: Cell
    old: Any
    new: Any
    attribute_id: int | None = None


UsedElsewhere = Callable[[str, str, str], Sequence[str]]
"""(kind, owner, code) → what outside the catalogue still needs it, e.g. export mappings; from a floor above."""


def used_nowhere(kind: str, owner: str, code: str) -> Sequence[str]:
    return ()
