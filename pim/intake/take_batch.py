"""One batch of entries into the catalogue: what they become, and what is to be told about them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session

from pim.base.object_storage import ObjectStorage
from pim.catalog.linked import LINKED
from pim.catalog.model import PRODUCT, PRODUCT_MODEL
from pim.intake.attach_media import MediaFolder, attach_media
from pim.intake.empty_cells import fill_empty_cells, without_idle_associations
from pim.intake.listed_changes import listed_changes
from pim.intake.match_case import match_parents
from pim.intake.model import DocumentChange, Entry, Part, Problem, Record, Rejection, Unreadable
from pim.intake.refused_lines import RefusedLines
from pim.versioning.commit import commit_changeset
from pim.versioning.model import Edit, Origin, Outcome

_LONGEST_SHOWN = 500


@dataclass(slots=True)
class Taken:
    """What became of a batch: `counts` are lines by outcome, `warnings` message → lines."""

    counts: dict[str, int] = field(default_factory=dict)
    warnings: dict[str, int] = field(default_factory=dict)
    rejections: list[Rejection] = field(default_factory=list)
    changes: list[DocumentChange] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Door:
    """Through which an import's batches go: its media, its author, and whether changes are to be listed."""

    folder: MediaFolder
    storage: ObjectStorage | None
    origin: Origin
    list_changes: bool = False


def take_batch(
    session: Session, part: Part, entries: Sequence[Entry], door: Door, refused: RefusedLines, at: datetime
) -> Taken:
    """1. Sets aside what could not be read. 2. Finds parents whose case differs. 3. Stores media. 4. Finds out what
    empty cells erase. 5. Commits the rest as one changeset. The caller commits the transaction; lines left out are
    added to `refused`."""
    taken = Taken()
    for entry in entries:
        if isinstance(entry, Unreadable):
            _reject(taken, part, entry.line, entry.subject, entry.problems)
    records = [entry for entry in entries if isinstance(entry, Record)]
    if part.second_pass:
        records = _still_wanted(session, part, records, refused)
    notes = match_parents(session, records)
    missing, warnings = attach_media(session, door.storage, door.folder, records, at)
    _warn(taken, [*notes, *warnings, *(warning for record in records for warning in record.warnings)])
    for record in records:
        if record.line in missing:
            _reject(taken, part, record.line, _subject(record.edit), missing[record.line])
    records = [record for record in records if record.line not in missing]
    for kind in (PRODUCT_MODEL, PRODUCT):
        fill_empty_cells(session, kind, [record for record in records if record.edit.kind == kind])
    if records:
        _commit(session, part, records, door, at, taken)
    for rejection in taken.rejections:
        refused.add(part.file, rejection.line)
    return taken


def _still_wanted(session: Session, part: Part, records: Iterable[Record], refused: RefusedLines) -> list[Record]:
    kept = [record for record in records if (part.file, record.line) not in refused]
    wanted = [record for record in kept if record.edit.kind in LINKED]
    for kind in (PRODUCT_MODEL, PRODUCT):
        wanted += without_idle_associations(session, kind, [r for r in kept if r.edit.kind == kind])
    return wanted


def _commit(session: Session, part: Part, records: Sequence[Record], door: Door, at: datetime, taken: Taken) -> None:
    committed = commit_changeset(session, [record.edit for record in records], door.origin, at)
    for record, outcome in zip(records, committed.outcomes, strict=True):
        _count(taken, part, record, outcome)
    if door.list_changes:
        taken.changes += listed_changes(session, part.resource, committed)


def _count(taken: Taken, part: Part, record: Record, outcome: Outcome) -> None:
    _warn(taken, outcome.warnings)
    if not outcome.refused:
        taken.counts[outcome.status] = taken.counts.get(outcome.status, 0) + 1
        return
    problems = []
    for violation in outcome.violations:
        column, value = record.origin.locate(violation)
        problems.append(Problem(column, value, violation.code, violation.message))
    _reject(taken, part, record.line, _subject(record.edit), problems)


def _warn(taken: Taken, warnings: Iterable[str]) -> None:
    for warning in warnings:
        taken.warnings[warning] = taken.warnings.get(warning, 0) + 1


def _reject(taken: Taken, part: Part, line: int, subject: str, problems: Sequence[Problem]) -> None:
    """Counts the line once, however many problems it has; a header without problems is no rejection."""
    if problems:
        taken.counts["rejected"] = taken.counts.get("rejected", 0) + 1
    for problem in problems:
        taken.rejections.append(
            Rejection(
                part.resource, part.file, line, subject, problem.column, _shown(problem.value), problem.code,
                problem.message,
            )
        )  # fmt: skip


def _subject(edit: Edit) -> str:
    code = edit.code or str(edit.uuid or "")
    return f"{edit.owner}/{code}" if edit.owner else code


def _shown(value: Any) -> Any:
    """What is long is cut."""
    text = value if isinstance(value, str) else str(value)
    return value if len(text) <= _LONGEST_SHOWN else text[: _LONGEST_SHOWN - 1] + "…"
