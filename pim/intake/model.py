"""What readers hand to an import, and what an import tells afterwards."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pim.base.errors import Violation
from pim.catalog.model import Value
from pim.catalog.structure import Structure
from pim.catalog.table_rows import RowChange
from pim.versioning.model import Cell, Edit, Status

Place = tuple[str | None, str | None]
"""(locale, scope) of a value."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with one line; `column` is the file's own name for the place, `value` what stands there."""

    column: str
    value: Any
    code: str
    message: str


class Origin(Protocol):
    """The line of a file that an edit was made of."""

    def locate(self, violation: Violation) -> tuple[str, Any]:
        """The column that a broken rule is about, and what stands in it."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a table speaks about, so that its empty cells erase: places of each attribute, and the currencies of a price
    by attribute, locale and scope."""

    places: Mapping[str, frozenset[Place]]
    currencies: Mapping[tuple[str, str | None, str | None], frozenset[str]]


@dataclass(slots=True)
class Record:
    """One line as an edit. `media` are values of the edit whose data is a path or a media code, not told apart yet.
    `coverage` is None where what a line leaves out stays as it is. `warnings` are about what was read otherwise than
    it is written."""

    line: int
    edit: Edit
    origin: Origin
    media: Sequence[Value] = ()
    coverage: Coverage | None = None
    warnings: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A line that makes no edit. Without problems it says that a header was read and all is well."""

    line: int
    subject: str
    problems: Sequence[Problem]


Entry = Record | Unreadable
Read = Callable[[Structure], Iterator[Entry]]


@dataclass(frozen=True, slots=True)
class Part:
    """One pass over one file, in the order in which an import takes them.

    The same content and structure give the same entries in the same order: that is how a rerun finds its place.
    `resource` is the name that people read and counts go by; a `second_pass` skips lines refused in the first.
    """

    name: str
    resource: str
    file: str
    lines: int
    of_structure: bool
    read: Read
    second_pass: bool = False

    @property
    def batch(self) -> int:
        """How many lines make a changeset: as many as others can wait for, since a batch locks what it changes."""
        return 1000 if self.of_structure else 250


@dataclass(frozen=True, slots=True)
class Rejection:
    """One reason why one line was left out. A line may have several."""

    resource: str
    file: str
    line: int
    subject: str
    column: str
    value: Any
    code: str
    message: str

    def as_document(self) -> dict[str, Any]:
        reason = {"code": self.code, "message": self.message}
        return {
            "resource": self.resource, "file": self.file, "line": self.line, "subject": self.subject,
            "column": self.column, "value": self.value, "reason": reason,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class CellChange:
    """One value or field before and after; of a table that was there, also the rows that differ."""

    cell: Cell
    old: Any
    new: Any
    rows: Sequence[RowChange] | None = None


@dataclass(frozen=True, slots=True)
class DocumentChange:
    """What a dry run would do to one document; a deletion lists no cells."""

    resource: str
    code: str
    status: Status
    cells: Sequence[CellChange] = ()


Counts = dict[str, dict[str, int]]
"""resource → created, updated, unchanged, rejected → lines."""

OUTCOMES = ("created", "updated", "unchanged", "rejected")


@dataclass(slots=True)
class ImportSummary:
    """What an import did. `import_id` is None for a dry run; `first_rejections` are the first few, the rest is in
    `rejected_file`; `warnings` is message → how many lines. A dry run tells the `first_changes`, and for each attribute
    or field how many documents it would change in (`changed_attributes`)."""

    path: str
    format: str
    digest: str
    dry_run: bool = False
    resumed: bool = False
    import_id: int | None = None
    counts: Counts = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)
    revisions: Sequence[int] = ()
    first_rejections: list[Rejection] = field(default_factory=list)
    first_changes: list[DocumentChange] = field(default_factory=list)
    changed_attributes: dict[str, int] = field(default_factory=dict)
    rejected_file: str | None = None
    summary_file: str | None = None

    def total(self, outcome: str) -> int:
        return sum(counts.get(outcome, 0) for counts in self.counts.values())


Progress = Callable[[str, int, int], None]
"""(resource, lines done, lines in all)"""


def nothing_to_show(resource: str, done: int, total: int) -> None:
    """The progress of an import that nobody watches."""
